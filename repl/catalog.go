package repl

import (
	"context"
	"fmt"

	"tidemark/internal/near"
	"tidemark/output"
	"tidemark/service"
	"tidemark/table"
)

// TablesTable lists the tables of a database. For people, sizes and times are
// short.
func TablesTable(ctx context.Context, db service.Database, forPeople bool) (output.Table, error) {
	infos, err := db.Tables(ctx)
	if err != nil {
		return nil, err
	}
	cols := []table.Column{
		{Name: "Table", Type: table.String}, {Name: "Rows", Type: table.Long}, {Name: "Extents", Type: table.Long},
		{Name: "Bytes", Type: table.Long}, {Name: "First", Type: table.Datetime}, {Name: "Last", Type: table.Datetime},
	}
	if forPeople {
		cols[3] = table.Column{Name: "Size", Type: table.String}
		cols[4].Type, cols[5].Type = table.String, table.String
	}
	var rows [][]any
	for _, t := range infos {
		row := []any{t.Name, t.Rows, int64(t.Extents), t.Bytes, t.MinTime, t.MaxTime}
		if forPeople {
			row[3], row[4], row[5] = output.Bytes(t.Bytes), toMinute(t.MinTime), toMinute(t.MaxTime)
		}
		if t.MinTime == 0 && t.MaxTime == 0 { // no rows, or no times
			row[4], row[5] = nil, nil
		}
		rows = append(rows, row)
	}
	return output.Rows("PrimaryResult", cols, rows), nil
}

// toMinute is a time for a narrow column.
func toMinute(t table.Time) string { return output.ShortTime(t)[:len("2026-02-03 10:15")] }

// SchemaTable lists the columns of a table. For people, hidden ones are marked
// by the word.
func SchemaTable(ctx context.Context, db service.Database, name string, forPeople bool) (output.Table, error) {
	schema, err := db.Schema(ctx, name)
	if err != nil {
		return nil, hinted(ctx, db, name, err)
	}
	hidden := table.Column{Name: "Hidden", Type: table.Bool}
	if forPeople {
		hidden.Type = table.String
	}
	cols := []table.Column{{Name: "Column", Type: table.String}, {Name: "Type", Type: table.String}, hidden, {Name: "Doc", Type: table.String}}
	var rows [][]any
	for _, c := range schema.Columns() {
		row := []any{c.Name, c.Type.String(), c.Hidden, c.Doc}
		if forPeople {
			row[2] = ""
			if c.Hidden {
				row[2] = "hidden"
			}
		}
		rows = append(rows, row)
	}
	return output.Rows("PrimaryResult", cols, rows), nil
}

// hinted adds the table that was probably meant.
func hinted(ctx context.Context, db service.Database, name string, err error) error {
	infos, listErr := db.Tables(ctx)
	if listErr != nil {
		return err
	}
	var names []string
	for _, t := range infos {
		names = append(names, t.Name)
	}
	if n := near.Closest(name, names); n != "" {
		return fmt.Errorf("%w; did you mean %s?", err, n)
	}
	return err
}
