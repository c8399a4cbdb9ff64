package main

import (
	"context"
	"fmt"

	"tidemark"
	"tidemark/output"
	"tidemark/parser"
	"tidemark/service"
	"tidemark/table"
)

var checkCommand = &command{
	name:  "check",
	usage: "[KQL | -]",
	doc:   "Says what is wrong with a query without running it.",
	more: `The exit status is 0 where the query is valid, else 1. With --syntax the
query is only parsed: whether tables, columns and functions exist and what
types they have is not looked at.`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		c := &check{}
		c.db.addDir(f)
		f.BoolVar(&c.syntax, "syntax", false, "check the syntax only")
		f.StringVar(&c.format, "format", "text", "output `FORMAT`: text or json")
		f.StringVar(&c.file, "f", "", "read the query from `FILE`")
		c.params.add(f)
		return c.run
	},
}

type check struct {
	db     database
	syntax bool
	format string
	file   string
	params params
}

// checked is what check prints as JSON.
type checked struct {
	Valid       bool         `json:"valid"`
	Diagnostics []diagnostic `json:"diagnostics"`
	Columns     *[]columnOf  `json:"columns,omitempty"`
}

type diagnostic struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Hint     string `json:"hint"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
}

type columnOf struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

func (c *check) run(ctx context.Context, e *env, args []string) error {
	if c.format != "text" && c.format != "json" {
		return usagef("unknown format %q; check prints text or json", c.format)
	}
	text, err := queryText(e, c.file, args)
	if err != nil {
		return err
	}
	db, err := c.db.ask(e, tidemark.ReadOnly(), tidemark.Lazy())
	if err != nil {
		return err
	}
	defer db.Close()
	found, err := db.Check(ctx, service.Question{Text: text, Params: c.params}, c.syntax)
	if err != nil {
		return err
	}
	valid := !found.Diagnostics.Fatal()
	if c.format == "json" {
		printJSON(e.out, c.describe(text, valid, found.Diagnostics, found.Columns))
	} else {
		printDiagnostics(e.err, text, found.Diagnostics)
		c.explain(e, valid, found.Columns)
	}
	if !valid {
		return statusError(exitWrong)
	}
	return nil
}

func (c *check) describe(text string, valid bool, es parser.Errors, cols []table.Column) checked {
	out := checked{Valid: valid, Diagnostics: diagnostics(text, es)}
	if !c.syntax {
		columns := []columnOf{}
		for _, col := range cols {
			columns = append(columns, columnOf{col.Name, col.Type.String()})
		}
		out.Columns = &columns
	}
	return out
}

// diagnostics are errors and warnings as check and rule lint print them.
func diagnostics(text string, es parser.Errors) []diagnostic {
	out := []diagnostic{}
	for _, d := range es {
		line, column := parser.LineColumn(text, d.Span.Start)
		out = append(out, diagnostic{
			Severity: d.Severity.String(), Code: d.Code, Message: d.Msg, Hint: d.Hint,
			Start: d.Span.Start, End: d.Span.End, Line: line, Column: column,
		})
	}
	return out
}

// explain tells a person what a valid query gives.
func (c *check) explain(e *env, valid bool, cols []table.Column) {
	switch {
	case !valid:
	case c.syntax:
		fmt.Fprintln(e.out, "the syntax is valid")
	default:
		fmt.Fprintf(e.out, "the query is valid and gives %s\n", output.Plural(int64(len(cols)), "column"))
		for _, col := range cols {
			fmt.Fprintf(e.out, "  %s: %s\n", output.Clean(col.Name), col.Type)
		}
	}
}
