package tidemark

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/engine"
	"tidemark/engine/vec"
	"tidemark/table"
)

// Checked is what is known about a query without running it.
type Checked = engine.Checked

// Stats are figures of a query.
type Stats = engine.Stats

// Render is the chart that a query asks for.
type Render = engine.Render

// Result is a running query. Its tables are read in order, by one goroutine.
type Result struct {
	*engine.Result
	read []string
}

// TablesRead are the names of the stored tables that a query AsOf a moment
// looked up.
func (r *Result) TablesRead() []string { return r.read }

// Tables returns the result's tables: one for each statement that makes rows.
func (r *Result) Tables() []*ResultTable {
	var out []*ResultTable
	for _, t := range r.Result.Tables() {
		out = append(out, &ResultTable{Table: t})
	}
	return out
}

// Rows iterates over the rows of the first table.
func (r *Result) Rows(ctx context.Context) iter.Seq2[Row, error] {
	tables := r.Tables()
	if len(tables) == 0 {
		return func(func(Row, error) bool) {}
	}
	return tables[0].Rows(ctx)
}

// ResultTable is one table of a result.
type ResultTable struct{ *engine.Table }

// Records iterates over the rows as records of standard Arrow types: see
// table.Export for how KQL's types map to them.
func (t *ResultTable) Records(ctx context.Context) iter.Seq2[arrow.Record, error] {
	return func(yield func(arrow.Record, error) bool) {
		for {
			rec, err := t.Next(ctx)
			if err == io.EOF {
				return
			}
			if err == nil {
				rec, err = table.Export(rec, t.Columns())
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// Rows iterates over the rows.
func (t *ResultTable) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for {
			b, err := t.NextBatch(ctx)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			for i := range b.N {
				if !yield(Row{cols: t.Columns(), batch: b, row: i}, nil) {
					return
				}
			}
		}
	}
}

// Row is one row of a result.
type Row struct {
	cols  []table.Column
	batch *vec.Batch
	row   int
}

// Columns are the row's columns.
func (r Row) Columns() []table.Column { return r.cols }

// Value returns the value in column i: nil, bool, int64, float64, string (also
// for guid, decimal and dynamic, as their text), time.Time or time.Duration. A
// time or duration beyond Go's range is cut to its nearest end.
func (r Row) Value(i int) any {
	v := r.batch.Cols[i].Value(r.row)
	n, ok := v.(int64)
	if !ok {
		return v
	}
	switch r.cols[i].Type {
	case table.Datetime:
		return table.Time(n).Go()
	case table.Timespan:
		return table.Duration(n).Go()
	}
	return v
}

// Get returns the value of the column with a name, or nil where there is none.
func (r Row) Get(name string) any {
	for i, c := range r.cols {
		if c.Name == name {
			return r.Value(i)
		}
	}
	return nil
}

// String returns the text in the column with a name, or "".
func (r Row) String(name string) string {
	s, _ := r.Get(name).(string)
	return s
}

// Time returns the time in the column with a name, or the zero time.
func (r Row) Time(name string) time.Time {
	t, _ := r.Get(name).(time.Time)
	return t
}

// Int returns the number in the column with a name, or 0.
func (r Row) Int(name string) int64 {
	n, _ := r.Get(name).(int64)
	return n
}
