package command

import (
	"context"
	"errors"
	"io"
	"strings"

	"tidemark/engine"
	"tidemark/engine/op"
	"tidemark/parser"
	"tidemark/table"
)

func registerExplain() {
	register(&Command{
		Head: ".explain", Usage: ".explain query",
		Doc:     "Runs a query and shows its plan instead of its rows: the steps, each over its inputs, and for those that read a table what was passed over, by what told, and what was read.",
		Example: ".explain ConfigurationChange | where TimeGenerated > datetime(2026-02-03) and FileSystemPath has 'hosts' | summarize count() by Computer",
		read:    readExplain,
	})
}

func readExplain(r *reader, _ [][]name) action {
	text, _ := r.rest()
	if strings.TrimSpace(text) == "" || Is(text) {
		r.unexpected("a query")
		return nil
	}
	_, errs := parser.Parse(text)
	if r.errs = append(r.errs, errs...); errs.Fatal() {
		return nil
	}
	return func(ctx context.Context, e *Env) (*answer, error) {
		res, err := e.Query(ctx, text, e.Catalog)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(drain(ctx, res), res.Close()); err != nil {
			return nil, err
		}
		a := explained(res.Steps())
		a.warnings = res.Warnings
		return a, nil
	}
}

// drain reads all rows of a result.
func drain(ctx context.Context, res *engine.Result) error {
	for _, t := range res.Tables() {
		for {
			_, err := t.NextBatch(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// explained is the answer of .explain. Figures of steps that read no table are
// null.
func explained(steps []op.Step) *answer {
	a := &answer{cols: text("Step")}
	for _, name := range []string{"Extents", "ExtentsByRange", "ExtentsByText", "ExtentsByValue", "ExtentsByCount", "ExtentsRead", "BlocksByRange", "RowsByValue", "RowsRead", "BytesRead"} {
		a.cols = append(a.cols, table.Column{Name: name, Type: table.Long})
	}
	for _, s := range steps {
		row := make([]any, len(a.cols))
		row[0] = strings.Repeat("  ", s.Depth) + s.Text
		if r := s.Read; r != nil {
			for i, n := range []int64{r.ExtentsTotal, r.Pruned.ExtentsByRange, r.Pruned.ExtentsByText, r.Pruned.ExtentsByValue, r.Pruned.ExtentsByCount, r.ExtentsScanned, r.Pruned.BlocksByRange, r.Pruned.RowsByValue, r.RowsScanned, r.BytesRead} {
				row[i+1] = n
			}
		}
		a.rows = append(a.rows, row)
	}
	return a
}
