package op_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"tidemark/engine"
	"tidemark/engine/fn"
	"tidemark/parser"
	"tidemark/table"
)

var options = engine.Options{Threads: 1}

type noTables struct{}

func (noTables) Table(string) (table.Source, bool) { return nil, false }
func (noTables) Tables() []string                  { return nil }

// runQuery gives the first result of a query as text: a line of names, then a
// line a row, values parted by blanks.
func runQuery(t *testing.T, query string, o engine.Options) string {
	t.Helper()
	r, err := engine.Run(context.Background(), query, noTables{}, o)
	if err != nil {
		return "error: " + err.Error()
	}
	defer r.Close()
	var b strings.Builder
	first := r.Tables()[0]
	for i, c := range first.Columns() {
		fmt.Fprint(&b, strings.Repeat(" ", min(i, 1)), c.Name)
	}
	b.WriteByte('\n')
	for {
		batch, err := first.NextBatch(context.Background())
		if err == io.EOF {
			return b.String()
		}
		if err != nil {
			return "error: " + err.Error()
		}
		for row := range batch.N {
			for i, c := range batch.Cols {
				fmt.Fprint(&b, strings.Repeat(" ", min(i, 1)), fn.TextOf(first.Columns()[i].Type, c.Value(row)))
			}
			b.WriteByte('\n')
		}
	}
}

func firstCell(t *testing.T, query string) string {
	t.Helper()
	lines := strings.Split(runQuery(t, query, engine.Options{Threads: 1}), "\n")
	if len(lines) < 2 {
		return lines[0]
	}
	cell, _, _ := strings.Cut(lines[1], " ")
	return cell
}

// queryError is the first thing wrong with a query.
func queryError(t *testing.T, query string) string {
	t.Helper()
	r, err := engine.Run(context.Background(), query, noTables{}, engine.Options{})
	if err == nil {
		r.Close()
		return ""
	}
	if list, ok := err.(parser.Errors); ok {
		for _, e := range list {
			if e.Severity != parser.SeverityWarning {
				return e.Msg
			}
		}
	}
	return err.Error()
}
