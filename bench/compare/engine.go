package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// engine is a worker process, and what is known of it.
type engine struct {
	name, dialect, db string
	command           []string
	load              *reply // nil where it had loaded before

	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
	next    int
}

// reply is what a worker answers.
type reply struct {
	ID         int     `json:"id"`
	OK         bool    `json:"ok"`
	Error      string  `json:"error"`
	MS         float64 `json:"ms"`
	OptimizeMS float64 `json:"optimize_ms"`
	Bytes      int64   `json:"bytes"`
	Rows       int64   `json:"rows"`
	Checksum   string  `json:"checksum"`
	Total      float64 `json:"total"`
}

// newEngine reads NAME=DIALECT:COMMAND.
func newEngine(arg, dir string) (*engine, error) {
	name, rest, ok := strings.Cut(arg, "=")
	dialect, command, ok2 := strings.Cut(rest, ":")
	words := strings.Fields(command)
	if !ok || !ok2 || name == "" || len(words) == 0 {
		return nil, fmt.Errorf("%q is not NAME=DIALECT:COMMAND", arg)
	}
	db, err := filepath.Abs(filepath.Join(dir, name))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(db), 0o777)
	}
	return &engine{name: name, dialect: dialect, db: db, command: words}, err
}

func (e *engine) start() error {
	e.process = exec.Command(e.command[0], e.command[1:]...)
	e.process.Stderr = os.Stderr
	out, err := e.process.StdoutPipe()
	if err != nil {
		return err
	}
	if e.in, err = e.process.StdinPipe(); err != nil {
		return err
	}
	e.out = bufio.NewScanner(out)
	e.out.Buffer(nil, 1<<26)
	return e.process.Start()
}

func (e *engine) stop() {
	e.call("close", nil) // it ends, or has ended
	e.in.Close()
	e.process.Wait()
}

// call sends a request and waits for its reply.
func (e *engine) call(op string, with map[string]any) (*reply, error) {
	e.next++
	request := map[string]any{"id": e.next, "op": op}
	for k, v := range with {
		request[k] = v
	}
	b, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	if _, err := e.in.Write(append(b, '\n')); err != nil {
		return nil, fmt.Errorf("%s: %w", e.name, err)
	}
	for e.out.Scan() {
		var r reply
		if json.Unmarshal(e.out.Bytes(), &r) != nil || r.ID != e.next {
			continue // what it says besides
		}
		if !r.OK {
			return nil, fmt.Errorf("%s: %s", e.name, r.Error)
		}
		return &r, nil
	}
	return nil, fmt.Errorf("%s has ended", e.name)
}

// compareAnswers reports whether all engines give the answer of the first.
func compareAnswers(engines []*engine, q *question) (bool, error) {
	var first *reply
	for _, e := range engines {
		drop := q.Drop
		if drop == nil {
			drop = []string{}
		}
		r, err := e.call("answer", map[string]any{"text": q.text(e.dialect), "ordered": q.Ordered, "drop": drop})
		switch {
		case err != nil:
			return false, err
		case first == nil:
			first = r
		case r.Rows != first.Rows, q.Approx == 0 && r.Checksum != first.Checksum, math.Abs(r.Total-first.Total) > q.Approx*math.Abs(first.Total) && q.Approx > 0:
			return false, nil
		}
	}
	return true, nil
}

// timeAll runs a question once to warm up, and then so many times, the engines
// in turn, each time another one first.
func timeAll(engines []*engine, q *question, reps int) error {
	times := map[string][]float64{}
	for rep := range reps + 1 {
		for i := range engines {
			e := engines[(i+rep)%len(engines)]
			r, err := e.call("query", map[string]any{"text": q.text(e.dialect)})
			if err != nil {
				return err
			}
			if rep > 0 {
				times[e.name] = append(times[e.name], r.MS)
			}
		}
	}
	q.warm = map[string]float64{}
	for name, t := range times {
		slices.Sort(t)
		q.warm[name] = t[len(t)/2]
	}
	return nil
}
