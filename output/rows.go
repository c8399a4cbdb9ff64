package output

import (
	"context"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"tidemark/table"
)

// Rows makes a table of values: bool, int64, float64, string, table.Time,
// table.Duration, or nil for null, by the layout of their columns.
func Rows(name string, cols []table.Column, rows [][]any) Table {
	return &rowTable{name: name, cols: cols, rows: rows}
}

type rowTable struct {
	name string
	cols []table.Column
	rows [][]any
	done bool
}

func (t *rowTable) Name() string            { return t.name }
func (t *rowTable) Columns() []table.Column { return t.cols }

func (t *rowTable) Next(context.Context) (arrow.Record, error) {
	if t.done {
		return nil, io.EOF
	}
	t.done = true
	schema := table.MustSchema(t.cols...).Arrow()
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for _, row := range t.rows {
		for i, v := range row {
			if err := appendValue(b.Field(i), v); err != nil {
				return nil, fmt.Errorf("column %s: %w", t.cols[i].Name, err)
			}
		}
	}
	return b.NewRecord(), nil
}

func appendValue(b array.Builder, v any) error {
	if v == nil {
		b.AppendNull()
		return nil
	}
	switch b := b.(type) {
	case *array.BooleanBuilder:
		if x, ok := v.(bool); ok {
			b.Append(x)
			return nil
		}
	case *array.Int64Builder:
		switch x := v.(type) {
		case int64:
			b.Append(x)
			return nil
		case table.Time:
			b.Append(int64(x))
			return nil
		case table.Duration:
			b.Append(int64(x))
			return nil
		}
	case *array.Float64Builder:
		if x, ok := v.(float64); ok {
			b.Append(x)
			return nil
		}
	case *array.StringBuilder:
		if x, ok := v.(string); ok {
			b.Append(x)
			return nil
		}
	}
	return fmt.Errorf("a %T where %s goes", v, b.Type())
}
