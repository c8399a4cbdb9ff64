// Command compare times several engines on the same questions, in one run and
// in turn, and prints their times and ratios as Markdown. An engine is a process
// that speaks the protocol of ../README.md:
//
//	compare -changes c.csv -inventory inv.csv -db DIR -queries queries.json \
//	    'tidemark=kql:./worker.bin' 'duckdb=duckdb:node duckdb.mjs' 'clickhouse=chdb:node chdb.mjs'
//
// Before the colon stands the dialect whose text of a question the engine gets;
// the ratios are the others' times over those of the first engine. Engines load
// the file first, unless -loaded says that they have; then all answers are
// compared, and only then is anything timed.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

type options struct {
	changes, inventory, db, queries, only string
	threads, reps                         int
	loaded                                bool
}

func main() {
	var o options
	flag.StringVar(&o.changes, "changes", "", "CSV of the changes")
	flag.StringVar(&o.inventory, "inventory", "", "CSV of the inventory")
	flag.StringVar(&o.db, "db", "", "directory for the databases, one for each engine")
	flag.StringVar(&o.queries, "queries", "", "JSON file of questions")
	flag.StringVar(&o.only, "only", "", "beginnings of the ids wanted, with commas between")
	flag.IntVar(&o.threads, "threads", 2, "threads of a query")
	flag.IntVar(&o.reps, "reps", 3, "timed runs of each question, whose median counts")
	flag.BoolVar(&o.loaded, "loaded", false, "the databases are there already")
	flag.Parse()
	if err := run(o, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// question is one of the file: in KQL, and in other dialects.
type question struct {
	ID      string            `json:"id"`
	KQL     string            `json:"kql"`
	SQL     map[string]string `json:"sql"`
	Ordered bool              `json:"ordered"`
	Drop    []string          `json:"drop"`
	Approx  float64           `json:"approx"` // the share by which totals may differ; 0: answers are equal

	warm map[string]float64 // ms by engine
	same bool
}

func (q *question) text(dialect string) string {
	if dialect == "kql" {
		return q.KQL
	}
	return q.SQL[dialect]
}

func run(o options, args []string) error {
	if len(args) == 0 || o.db == "" || o.queries == "" {
		return fmt.Errorf("name -db, -queries and engines: NAME=DIALECT:COMMAND")
	}
	questions, err := readQuestions(o.queries, o.only)
	if err != nil {
		return err
	}
	var engines []*engine
	for _, a := range args {
		e, err := newEngine(a, o.db)
		if err != nil {
			return err
		}
		engines = append(engines, e)
	}
	if !o.loaded {
		if err := loadAll(engines, o); err != nil {
			return err
		}
	}
	for _, e := range engines {
		if err := e.start(); err != nil {
			return err
		}
		defer e.stop()
		if _, err := e.call("open", map[string]any{"db": e.db, "threads": o.threads}); err != nil {
			return err
		}
	}
	for _, q := range questions {
		if q.same, err = compareAnswers(engines, q); err == nil {
			err = timeAll(engines, q, o.reps)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", q.ID, err)
		}
		fmt.Fprintln(os.Stderr, q.ID)
	}
	report(os.Stdout, engines, questions)
	return nil
}

func readQuestions(path, only string) ([]*question, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list struct{ Queries []*question }
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var out []*question
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

// loadAll lets one engine after the other load the file.
func loadAll(engines []*engine, o options) error {
	changes, err := filepath.Abs(o.changes)
	if err != nil {
		return err
	}
	inventory, err := filepath.Abs(o.inventory)
	if err != nil {
		return err
	}
	for _, e := range engines {
		if err := e.start(); err != nil {
			return err
		}
		e.load, err = e.call("load", map[string]any{"db": e.db, "changes": changes, "inventory": inventory, "threads": o.threads})
		e.stop()
		if err != nil {
			return err
		}
	}
	return nil
}
