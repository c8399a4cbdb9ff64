package output

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// cells reads the values of one column of a record, whatever its layout.
type cells struct {
	t      table.Type
	arr    arrow.Array
	bools  *array.Boolean
	ints   *array.Int64
	floats *array.Float64
	strs   *array.String     // the values, or the dictionary's
	dict   *array.Dictionary // where strings come as a dictionary
}

// columnsOf returns the readers of a record's columns.
func columnsOf(rec arrow.Record, cols []table.Column) ([]cells, error) {
	if int(rec.NumCols()) != len(cols) {
		return nil, fmt.Errorf("a record of %d columns in a table of %d", rec.NumCols(), len(cols))
	}
	out := make([]cells, len(cols))
	for i, col := range cols {
		c := cells{t: col.Type, arr: rec.Column(i)}
		ok := false
		switch a := c.arr.(type) {
		case *array.Boolean:
			c.bools, ok = a, col.Type.Physical() == table.Bools
		case *array.Int64:
			c.ints, ok = a, col.Type.Physical() == table.Int64s
		case *array.Float64:
			c.floats, ok = a, col.Type.Physical() == table.Float64s
		case *array.String:
			c.strs, ok = a, col.Type.Physical() == table.Strings
		case *array.Dictionary:
			c.dict = a
			c.strs, ok = a.Dictionary().(*array.String)
			ok = ok && col.Type.Physical() == table.Strings
		}
		if !ok {
			return nil, fmt.Errorf("column %s: a %s cannot lie in an arrow %s", col.Name, col.Type, c.arr.DataType())
		}
		out[i] = c
	}
	return out, nil
}

// null reports whether row i is null. Strings never are: null reads as "".
func (c *cells) null(i int) bool {
	if c.t == table.String {
		return false
	}
	return c.absent(i)
}

func (c *cells) absent(i int) bool {
	if c.arr.IsNull(i) {
		return true
	}
	return c.dict != nil && c.strs.IsNull(c.dict.GetValueIndex(i))
}

// str is the text of a string, guid, decimal or dynamic.
func (c *cells) str(i int) string {
	switch {
	case c.absent(i):
		return ""
	case c.dict != nil:
		return c.strs.Value(c.dict.GetValueIndex(i))
	}
	return c.strs.Value(i)
}

// appendText appends row i as tostring() writes it; null is nothing.
func (c *cells) appendText(b []byte, i int) []byte {
	if c.null(i) {
		return b
	}
	switch c.t.Physical() {
	case table.Bools:
		return appendBool(b, c.bools.Value(i))
	case table.Int64s:
		return appendInt(b, c.t, c.ints.Value(i))
	case table.Float64s:
		return table.AppendReal(b, c.floats.Value(i))
	}
	return append(b, c.str(i)...)
}
