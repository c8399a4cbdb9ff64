package script

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"tidemark/output"
	"tidemark/table"
)

// source is a table of a file.
type source struct {
	name   string
	schema *table.Schema
	record arrow.Record
}

// parseTable reads CSV whose header has names and types.
func parseTable(name string, data []byte) (*source, error) {
	r := csv.NewReader(bytes.NewReader(data))
	lines, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	cols := make([]table.Column, len(lines[0]))
	for i, cell := range lines[0] {
		column, typ, _ := strings.Cut(cell, ":")
		t, ok := table.TypeNamed(typ)
		if !ok {
			return nil, fmt.Errorf("column %q has no type", cell)
		}
		cols[i] = table.Column{Name: column, Type: t}
	}
	schema, err := table.NewSchema(cols...)
	if err != nil {
		return nil, err
	}
	rows := make([][]any, len(lines)-1)
	for i, line := range lines[1:] {
		rows[i] = make([]any, len(cols))
		for k, cell := range line {
			if rows[i][k], err = value(cols[k].Type, cell); err != nil {
				return nil, fmt.Errorf("row %d, column %s: %w", i+1, cols[k].Name, err)
			}
		}
	}
	record, err := output.Rows(name, cols, rows).Next(context.Background())
	return &source{name, schema, record}, err
}

// value reads a cell. An empty one is null, but for strings.
func value(t table.Type, cell string) (v any, err error) {
	if cell == "" && t != table.String {
		return nil, nil
	}
	ok := true
	switch t {
	case table.Int, table.Long:
		v, ok = table.ParseLong(cell)
	case table.Real:
		v, ok = table.ParseReal(cell)
	case table.Bool:
		v, ok = table.ParseBool(cell)
	case table.Datetime:
		v, ok = table.ParseTime(cell)
	case table.Timespan:
		v, ok = table.ParseDuration(cell)
	default:
		v = cell
	}
	if !ok {
		return nil, fmt.Errorf("%q is not a %s", cell, t)
	}
	return v, nil
}

// catalog has the tables of a query in the form that a mode asks for.
type catalog struct {
	tables []*source
	mode   mode
}

func (c catalog) Table(name string) (table.Source, bool) {
	for _, s := range slices.Backward(c.tables) {
		if s.name == name {
			return table.NewMemory(name, s.schema, s.cut(c.mode)...), true
		}
	}
	return nil, false
}

func (c catalog) Tables() []string {
	var names []string
	for _, s := range c.tables {
		names = append(names, s.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// cut makes records of as many rows as the mode's batches have.
func (s *source) cut(m mode) []arrow.Record {
	cols := slices.Clone(s.record.Columns())
	for i, c := range cols {
		if text, ok := c.(*array.String); ok && m.dictionary {
			cols[i] = dictionary(text)
		}
	}
	fields := slices.Clone(s.record.Schema().Fields())
	for i := range fields {
		fields[i].Type = cols[i].DataType()
	}
	record := array.NewRecord(arrow.NewSchema(fields, nil), cols, s.record.NumRows())
	var out []arrow.Record
	n := int64(m.rows)
	if n == 0 {
		n = 5 // smaller than the tables, so that there is more than one batch
	}
	for from := int64(0); from < record.NumRows(); from += n {
		out = append(out, record.NewSlice(from, min(from+n, record.NumRows())))
	}
	return out
}

// dictionary encodes strings. A value that does not occur is in the
// dictionary, as happens when rows have been filtered away.
func dictionary(a *array.String) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.Append("\x00not there")
	codes := array.NewInt32Builder(memory.DefaultAllocator)
	place := map[string]int32{}
	for i := range a.Len() {
		if a.IsNull(i) {
			codes.AppendNull()
			continue
		}
		code, ok := place[a.Value(i)]
		if !ok {
			code = int32(b.Len())
			place[a.Value(i)] = code
			b.Append(a.Value(i))
		}
		codes.Append(code)
	}
	t := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	return array.NewDictionaryArray(t, codes.NewArray(), b.NewArray())
}

// typed is a table whose column names tell their types.
type typed struct{ output.Table }

func (t typed) Columns() []table.Column {
	cols := slices.Clone(t.Table.Columns())
	for i := range cols {
		cols[i].Name += ":" + cols[i].Type.String()
	}
	return cols
}
