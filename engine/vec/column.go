// Package vec is the executor's memory: columns and batches of rows over Arrow
// arrays, and the few loops over them that everything else is made of.
//
// A column has one of three forms. Flat: an array with a value a row.
// Constant: an array with the one value that every row has. Dictionary: an
// arrow dictionary<int32, utf8>, a code a row into a shared array of values;
// only Strings come so. Arrays are immutable and garbage collected; nothing
// here retains or releases.
package vec

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"slices"

	"tidemark/table"
)

// Column is the values of one column of a batch. Arr has length 1 where Const.
type Column struct {
	Arr   arrow.Array
	Const bool
}

// Batch is a run of rows. It is read-only once passed on.
type Batch struct {
	Cols []Column
	N    int // rows; a constant column does not tell
	// Kin is about how many rows in all are still to come with the dictionaries
	// of this batch, its own included; 0 where nobody knows. It tells whether
	// work on a whole dictionary pays.
	Kin int
}

// DictType is the type of dictionary columns.
var DictType = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

// Dict returns the column's dictionary array where it has that form.
func (c Column) Dict() (*array.Dictionary, bool) {
	if c.Const {
		return nil, false
	}
	d, ok := c.Arr.(*array.Dictionary)
	return d, ok
}

// IsNull reports whether row i is null.
func (c Column) IsNull(i int) bool {
	if c.Const {
		i = 0
	}
	if c.Arr.NullN() == 0 {
		return false
	}
	return c.Arr.IsNull(i)
}

// HasNulls reports whether any row may be null.
func (c Column) HasNulls() bool { return c.Arr.NullN() > 0 }

// at maps a row to its place in the array.
func (c Column) at(i int) int {
	if c.Const {
		return 0
	}
	return i
}

// Bool returns row i of a Bools column.
func (c Column) Bool(i int) bool { return c.Arr.(*array.Boolean).Value(c.at(i)) }

// Int64 returns row i of an Int64s column.
func (c Column) Int64(i int) int64 { return c.Arr.(*array.Int64).Value(c.at(i)) }

// Float64 returns row i of a Float64s column.
func (c Column) Float64(i int) float64 { return c.Arr.(*array.Float64).Value(c.at(i)) }

// Str returns row i of a Strings column. The string shares the array's memory.
func (c Column) Str(i int) string {
	i = c.at(i)
	switch a := c.Arr.(type) {
	case *array.String:
		return a.Value(i)
	case *array.Dictionary:
		if a.IsNull(i) {
			return ""
		}
		return a.Dictionary().(*array.String).Value(a.GetValueIndex(i))
	}
	panic("BUG: not a column of strings: " + c.Arr.DataType().String())
}

// Value returns row i as bool, int64, float64 or string, or nil for null.
func (c Column) Value(i int) any {
	if c.IsNull(i) {
		return nil
	}
	switch c.Arr.(type) {
	case *array.Boolean:
		return c.Bool(i)
	case *array.Int64:
		return c.Int64(i)
	case *array.Float64:
		return c.Float64(i)
	}
	return c.Str(i)
}

// Int64s returns the values of an Int64s array, one a row (garbage where null).
func Int64s(a arrow.Array) []int64 { return a.(*array.Int64).Int64Values() }

// Float64s returns the values of a Float64s array.
func Float64s(a arrow.Array) []float64 { return a.(*array.Float64).Float64Values() }

// StringSlice returns the values of a Strings array of either form. The
// strings share the array's memory.
func StringSlice(a arrow.Array) []string { return AppendStrings(make([]string, 0, a.Len()), a) }

// AppendStrings appends the values of a Strings array to dst, as StringSlice gives them.
func AppendStrings(dst []string, a arrow.Array) []string {
	at := len(dst)
	dst = slices.Grow(dst, a.Len())[:at+a.Len()]
	out := dst[at:]
	switch a := a.(type) {
	case *array.String:
		for i := range out {
			out[i] = a.Value(i)
		}
	case *array.Dictionary:
		values := a.Dictionary().(*array.String)
		for i, code := range Codes(a) {
			out[i] = ""
			if code >= 0 && int(code) < values.Len() {
				out[i] = values.Value(int(code))
			}
		}
	default:
		panic("BUG: not an array of strings: " + a.DataType().String())
	}
	return dst
}

// Codes returns the codes of a dictionary array, one a row.
func Codes(d *array.Dictionary) []int32 { return d.Indices().(*array.Int32).Int32Values() }

// Flat returns the column as an array with a value a row that is not a
// dictionary.
func (c Column) Flat(n int) arrow.Array {
	if c.Const {
		return repeat(c.Arr, n)
	}
	if d, ok := c.Arr.(*array.Dictionary); ok {
		return NewStrings(StringSlice(d), Validity(d))
	}
	return c.Arr
}

// Expand returns the column with a value a row; a dictionary stays one.
func (c Column) Expand(n int) Column {
	if !c.Const {
		return c
	}
	if s, ok := c.Arr.(*array.String); ok && s.NullN() == 0 && n > 0 {
		return Column{Arr: NewDict(make([]int32, n), s, nil)}
	}
	return Column{Arr: repeat(c.Arr, n)}
}

func repeat(a arrow.Array, n int) arrow.Array {
	if a.NullN() > 0 {
		return Nulls(a.DataType(), n)
	}
	switch a := a.(type) {
	case *array.Int64:
		return NewInt64s(fill(a.Value(0), n), nil)
	case *array.Float64:
		return NewFloat64s(fill(a.Value(0), n), nil)
	case *array.Boolean:
		return NewBools(fill(a.Value(0), n), nil)
	case *array.String:
		return NewStrings(fill(a.Value(0), n), nil)
	}
	panic("BUG: constant of type " + a.DataType().String())
}

func fill[T any](v T, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// Nulls returns n nulls of an Arrow type of ours.
func Nulls(t arrow.DataType, n int) arrow.Array {
	valid := make([]bool, n)
	switch t.ID() {
	case arrow.INT64:
		return NewInt64s(make([]int64, n), valid)
	case arrow.FLOAT64:
		return NewFloat64s(make([]float64, n), valid)
	case arrow.BOOL:
		return NewBools(make([]bool, n), valid)
	}
	return NewStrings(make([]string, n), valid)
}

// Constant returns a constant column of type t. v is nil for null, or bool,
// int64, float64 or string by t's layout. A null string is empty.
func Constant(t table.Type, v any) Column {
	if v == nil {
		if t == table.String {
			return Column{Arr: NewStrings([]string{""}, nil), Const: true}
		}
		return Column{Arr: Nulls(t.Arrow(), 1), Const: true}
	}
	switch v := v.(type) {
	case bool:
		return Column{Arr: NewBools([]bool{v}, nil), Const: true}
	case int64:
		return Column{Arr: NewInt64s([]int64{v}, nil), Const: true}
	case float64:
		return Column{Arr: NewFloat64s([]float64{v}, nil), Const: true}
	case string:
		return Column{Arr: NewStrings([]string{v}, nil), Const: true}
	}
	panic("BUG: no constant of this Go type")
}

func validityBuffer(valid []bool, n int) (*memory.Buffer, int) {
	if valid == nil {
		return nil, 0
	}
	bits, nulls := packBools(valid, n)
	if nulls == 0 {
		return nil, 0
	}
	return memory.NewBufferBytes(bits), nulls
}

// NewInt64s makes an array that takes over values. valid may be nil.
func NewInt64s(values []int64, valid []bool) arrow.Array {
	nb, nulls := validityBuffer(valid, len(values))
	return array.NewInt64Data(array.NewData(arrow.PrimitiveTypes.Int64, len(values),
		[]*memory.Buffer{nb, memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(values))}, nil, nulls, 0))
}

// NewFloat64s makes an array that takes over values. valid may be nil.
func NewFloat64s(values []float64, valid []bool) arrow.Array {
	nb, nulls := validityBuffer(valid, len(values))
	return array.NewFloat64Data(array.NewData(arrow.PrimitiveTypes.Float64, len(values),
		[]*memory.Buffer{nb, memory.NewBufferBytes(arrow.Float64Traits.CastToBytes(values))}, nil, nulls, 0))
}

// NewBools makes an array of values. valid may be nil.
func NewBools(values []bool, valid []bool) arrow.Array {
	nb, nulls := validityBuffer(valid, len(values))
	bits, _ := packBools(values, len(values))
	return array.NewBooleanData(array.NewData(arrow.FixedWidthTypes.Boolean, len(values),
		[]*memory.Buffer{nb, memory.NewBufferBytes(bits)}, nil, nulls, 0))
}

// NewStrings makes an array of copies of values. valid may be nil.
func NewStrings(values []string, valid []bool) arrow.Array {
	nb, nulls := validityBuffer(valid, len(values))
	offsets := make([]int32, len(values)+1)
	total := 0
	for i, s := range values {
		total += len(s)
		offsets[i+1] = int32(total)
	}
	if total > 1<<31-1 {
		panic(TooBig{Bytes: total})
	}
	data := make([]byte, 0, total)
	for _, s := range values {
		data = append(data, s...)
	}
	return array.NewStringData(array.NewData(arrow.BinaryTypes.String, len(values),
		[]*memory.Buffer{nb, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(data)}, nil, nulls, 0))
}

// NewDict makes a dictionary array. Rows that are not valid are null.
func NewDict(codes []int32, values arrow.Array, valid []bool) arrow.Array {
	nb, nulls := validityBuffer(valid, len(codes))
	indices := array.NewInt32Data(array.NewData(arrow.PrimitiveTypes.Int32, len(codes),
		[]*memory.Buffer{nb, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(codes))}, nil, nulls, 0))
	return array.NewDictionaryArray(DictType, indices, values)
}

// TooBig is the panic of a batch whose strings exceed what 32-bit offsets
// reach; the guard around a query turns it into an error.
type TooBig struct{ Bytes int }

func (e TooBig) Error() string { return "the strings of one batch exceed 2 GiB" }
