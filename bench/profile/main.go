//go:build unix

// Command profile runs questions over a database again and again and prints
// times, processor time, memory and page faults of each, to see what a change did; with
// -cpuprofile it writes where the time of all runs but the first goes, or of one,
// and with -memprofile where memory was allocated. The peak is the most memory
// that the process has had so far.
//
//	profile -db DIR -queries queries.json -only q01,q02 -n 7
//	profile -db DIR -n 20 -cpuprofile cpu.out 'ConfigurationChange | count'
//
// With -pause there is a pause before each run, as when several engines are
// timed in turn: the caches of the processor are cold then, and memory that was
// given back has to be had again.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"tidemark"
)

type question struct {
	ID  string `json:"id"`
	KQL string `json:"kql"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "profile:", err)
		os.Exit(1)
	}
}

func run() error {
	dir := flag.String("db", "", "the database")
	file := flag.String("queries", "", "a file of questions, as bench/README.md describes")
	only := flag.String("only", "", "beginnings of the ids wanted, with commas between")
	n := flag.Int("n", 7, "runs of each")
	cpu := flag.String("cpuprofile", "", "where to write a profile of the runs after the first")
	pause := flag.Duration("pause", 0, "before each run")
	heap := flag.String("memprofile", "", "where to write a profile of what was allocated")
	threads := flag.Int("threads", 0, "goroutines of a query; 0: as many as cores")
	flag.Parse()
	questions, err := wanted(*file, *only, flag.Args())
	if err != nil {
		return err
	}
	start := time.Now()
	db, err := tidemark.Open(*dir, tidemark.ReadOnly(), tidemark.SoftMemory(tidemark.DefaultSoftMemory), tidemark.Threads(*threads))
	if err != nil {
		return err
	}
	defer db.Close()
	fmt.Printf("open %.2f ms\n", float64(time.Since(start).Microseconds())/1000)
	for _, q := range questions {
		if err := measure(db, q, *n, *pause, *cpu); err != nil {
			return fmt.Errorf("%s: %w", q.ID, err)
		}
	}
	if *heap == "" {
		return nil
	}
	f, err := os.Create(*heap)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(f, 0), f.Close())
}

// peak is the most memory that the process has had so far, in bytes.
func peak() int64 {
	n := usage().Maxrss
	if runtime.GOOS != "darwin" { // which gives bytes
		n <<= 10
	}
	return n
}

func wanted(file, only string, texts []string) ([]question, error) {
	var out []question
	for i, t := range texts {
		out = append(out, question{fmt.Sprint("text ", i+1), t})
	}
	if file == "" {
		return out, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list struct{ Queries []question }
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, q := range list.Queries {
		for _, p := range strings.Split(only, ",") {
			if strings.HasPrefix(q.ID, p) {
				out = append(out, q)
				break
			}
		}
	}
	return out, nil
}

// measure runs a question n times.
func measure(db *tidemark.DB, q question, n int, pause time.Duration, profile string) error {
	var wall, cpu []time.Duration
	var faults []int64
	var rows int64
	var alloc uint64
	for i := range n {
		if i == min(1, n-1) && profile != "" {
			f, err := os.Create(profile)
			if err != nil {
				return err
			}
			defer f.Close()
			if err := pprof.StartCPUProfile(f); err != nil {
				return err
			}
			defer pprof.StopCPUProfile()
		}
		var m0, m1 runtime.MemStats
		runtime.ReadMemStats(&m0)
		time.Sleep(pause)
		start, before := time.Now(), usage()
		var err error
		if rows, err = answer(db, q.KQL); err != nil {
			return err
		}
		took, after := time.Since(start), usage()
		runtime.ReadMemStats(&m1)
		alloc = m1.TotalAlloc - m0.TotalAlloc
		wall = append(wall, took)
		cpu = append(cpu, cpuTime(after)-cpuTime(before))
		faults = append(faults, after.Minflt-before.Minflt)
	}
	first := wall[0]
	if n > 1 {
		wall, cpu, faults = wall[1:], cpu[1:], faults[1:]
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("%-28s first %8.2f  least %8.2f  median %8.2f  cpu %8.2f ms  %6.1f MB  %6d faults  %7d rows  peak %4d MB\n",
		q.ID, ms(first), ms(slices.Min(wall)), ms(median(wall)), ms(slices.Min(cpu)), float64(alloc)/1e6, median(faults), rows, peak()>>20)
	return nil
}

func median[T cmp.Ordered](x []T) T {
	slices.Sort(x)
	return x[len(x)/2]
}

func answer(db *tidemark.DB, text string) (rows int64, err error) {
	ctx := context.Background()
	result, err := db.Query(ctx, text)
	if err != nil {
		return 0, err
	}
	defer result.Close()
	for _, t := range result.Tables() {
		for {
			rec, err := t.Next(ctx)
			if err == io.EOF {
				break
			}
			if err != nil {
				return 0, err
			}
			rows += rec.NumRows()
		}
	}
	return rows, nil
}

func usage() (u syscall.Rusage) {
	syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it cannot fail with these arguments
	return u
}

func cpuTime(u syscall.Rusage) time.Duration { return time.Duration(u.Utime.Nano() + u.Stime.Nano()) }
