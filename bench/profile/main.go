//go:build unix

// Command profile runs questions over a database again and again and prints
// the least time and processor time of each, to see what a change did; with
// -cpuprofile it writes where the time goes.
//
//	profile -db DIR -queries queries.json -only q01,q02 -n 7
//	profile -db DIR -n 20 -cpuprofile cpu.out 'ConfigurationChange | count'
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
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
	threads := flag.Int("threads", 0, "goroutines of a query; 0: as many as cores")
	flag.Parse()
	questions, err := wanted(*file, *only, flag.Args())
	if err != nil {
		return err
	}
	start := time.Now()
	db, err := tidemark.Open(*dir, tidemark.ReadOnly(), tidemark.Threads(*threads))
	if err != nil {
		return err
	}
	defer db.Close()
	fmt.Printf("open %.2f ms\n", float64(time.Since(start).Microseconds())/1000)
	for _, q := range questions {
		if err := measure(db, q, *n, *cpu); err != nil {
			return fmt.Errorf("%s: %w", q.ID, err)
		}
	}
	return nil
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
func measure(db *tidemark.DB, q question, n int, profile string) error {
	var first, least, leastCPU time.Duration
	var rows int64
	var alloc uint64
	for i := range n {
		if i == 1 && profile != "" {
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
		start, cpu := time.Now(), cpuTime()
		var err error
		if rows, err = answer(db, q.KQL); err != nil {
			return err
		}
		took, used := time.Since(start), cpuTime()-cpu
		runtime.ReadMemStats(&m1)
		alloc = m1.TotalAlloc - m0.TotalAlloc
		if i == 0 {
			first = took
		}
		if i == 1 || i > 1 && took < least {
			least = took
		}
		if i == 1 || i > 1 && used < leastCPU {
			leastCPU = used
		}
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("%-28s first %8.2f  least %8.2f  cpu %8.2f ms  %6.1f MB  %7d rows\n", q.ID, ms(first), ms(least), ms(leastCPU), float64(alloc)/1e6, rows)
	return nil
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

func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
