package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"tidemark"
	"tidemark/output"
	"tidemark/parser"
	"tidemark/service"
)

var queryCommand = &command{
	name:  "query",
	usage: "[KQL | -]",
	doc:   "Runs a query and prints its result.",
	more: `The query is the argument, the text of -f FILE, or standard input where the
argument is "-". A database that does not exist has the built-in tables, empty.
While a service has the database open, it is asked: docs/service.md.

  tidemark query 'ConfigurationChange | where TimeGenerated > ago(1d) | count'
  tidemark query '.show tables'
  tidemark query -f report.kql --format csv --param host=web-01 > report.csv`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		q := &query{}
		q.db.add(f)
		q.display.add(f, "json")
		f.StringVar(&q.file, "f", "", "read the query from `FILE`")
		f.BoolVar(&q.stats, "stats", false, "print a line of JSON with time, rows and bytes on standard error")
		f.IntVar(&q.repeat, "repeat", 1, "run the query `N` times and print the result once")
		q.params.add(f)
		return q.run
	},
}

// query is what the flags of the query command ask for.
type query struct {
	db      database
	display display
	params  params
	file    string
	stats   bool
	repeat  int
}

// params are values of query parameters.
type params map[string]string

func (p *params) add(f *flags) {
	f.Func("param", "value of a query parameter: `NAME=VALUE`; may be given several times", func(s string) error {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return fmt.Errorf("%q is not NAME=VALUE", s)
		}
		if *p == nil {
			*p = params{}
		}
		(*p)[name] = value
		return nil
	})
}

func (q *query) run(ctx context.Context, e *env, args []string) error {
	if q.repeat < 1 {
		return usagef("--repeat must be at least 1")
	}
	text, err := queryText(e, q.file, args)
	if err != nil {
		return err
	}
	w, _, err := q.display.writer(e)
	if err != nil {
		return err
	}
	mode := []tidemark.Option{tidemark.ReadOnly(), tidemark.Lazy()}
	if tidemark.Writes(text) {
		mode = nil
	}
	db, err := q.db.ask(e, mode...)
	if err != nil {
		return err
	}
	defer db.Close()
	question := service.Question{Text: text, Params: q.params}
	for range q.repeat {
		stats, err := runQuery(ctx, e, db, question, w)
		if err != nil {
			return err
		}
		if q.stats {
			printJSON(e.err, stats)
		}
		w = nil
	}
	return nil
}

// runQuery runs a query and writes its warnings and result; where w is nil, it
// only runs.
func runQuery(ctx context.Context, e *env, db service.Database, q service.Question, w output.Writer) (tidemark.Stats, error) {
	var none tidemark.Stats
	res, err := db.Query(ctx, q)
	if err != nil {
		return none, withText(q.Text, err)
	}
	defer res.Close()
	if w != nil {
		printDiagnostics(e.err, q.Text, res.Warnings())
		err := copyResult(ctx, w, q.Text, res)
		return res.Stats(), err
	}
	for _, t := range res.Tables() {
		if err := drain(ctx, t); err != nil {
			return none, withText(q.Text, err)
		}
	}
	return res.Stats(), nil
}

// copyResult writes the result of a query.
func copyResult(ctx context.Context, w output.Writer, text string, res service.Result) error {
	for _, t := range res.Tables() {
		if _, err := output.Copy(ctx, w, t); err != nil {
			return withText(text, err)
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

func drain(ctx context.Context, t output.Table) error {
	for {
		if _, err := t.Next(ctx); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// withText keeps the query with the errors that point into it.
func withText(text string, err error) error {
	var es parser.Errors
	if errors.As(err, &es) {
		return &queryError{text, es}
	}
	return err
}

// queryText is the query that a command line names.
func queryText(e *env, file string, args []string) (string, error) {
	var text []byte
	var err error
	switch {
	case len(args) > 1:
		return "", usagef("more than one query; put quotes around the query")
	case file != "" && len(args) == 1:
		return "", usagef("both -f and a query")
	case file == "-" || len(args) == 1 && args[0] == "-":
		text, err = io.ReadAll(e.in)
	case file != "":
		text, err = os.ReadFile(file)
	case len(args) == 1:
		return args[0], nil
	default:
		return "", usagef(`no query; give it as the argument, with -f FILE, or "-" for standard input`)
	}
	if err != nil {
		return "", fmt.Errorf("read the query: %w", fileError(err))
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil
}

// printJSON writes v as one line of JSON.
func printJSON(w io.Writer, v any) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil && errors.As(err, new(*json.UnsupportedTypeError)) {
		panic("BUG: " + err.Error())
	}
}
