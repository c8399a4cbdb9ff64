package vec

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// Builder collects the values of a column. A null of type string is empty.
type Builder struct {
	t     table.Type
	n     int
	valid []bool // nil while none is null
	bools []bool
	ints  []int64
	reals []float64
	strs  []string
}

// NewBuilder makes a builder for about n values of type t.
func NewBuilder(t table.Type, n int) *Builder {
	b := &Builder{t: t}
	switch t.Physical() {
	case table.Bools:
		b.bools = make([]bool, 0, n)
	case table.Int64s:
		b.ints = make([]int64, 0, n)
	case table.Float64s:
		b.reals = make([]float64, 0, n)
	default:
		b.strs = make([]string, 0, n)
	}
	return b
}

// Len is the number of values so far.
func (b *Builder) Len() int { return b.n }

func (b *Builder) added(valid bool) {
	if !valid && b.valid == nil {
		b.valid = make([]bool, b.n, max(16, b.n*2))
		for i := range b.valid {
			b.valid[i] = true
		}
	}
	if b.valid != nil {
		b.valid = append(b.valid, valid)
	}
	b.n++
}

// Null appends a null; an empty string where the type is string.
func (b *Builder) Null() {
	switch b.t.Physical() {
	case table.Bools:
		b.bools = append(b.bools, false)
	case table.Int64s:
		b.ints = append(b.ints, 0)
	case table.Float64s:
		b.reals = append(b.reals, 0)
	default:
		b.strs = append(b.strs, "")
	}
	b.added(b.t == table.String)
}

// Bool, Int64, Float64 and Str append a value of the builder's layout.
func (b *Builder) Bool(v bool) { b.bools = append(b.bools, v); b.added(true) }

// Int64 appends to an Int64s column.
func (b *Builder) Int64(v int64) { b.ints = append(b.ints, v); b.added(true) }

// Float64 appends to a Float64s column.
func (b *Builder) Float64(v float64) { b.reals = append(b.reals, v); b.added(true) }

// Str appends to a Strings column.
func (b *Builder) Str(v string) { b.strs = append(b.strs, v); b.added(true) }

// Value appends nil, bool, int64, float64 or string.
func (b *Builder) Value(v any) {
	switch v := v.(type) {
	case nil:
		b.Null()
	case bool:
		b.Bool(v)
	case int64:
		b.Int64(v)
	case float64:
		b.Float64(v)
	case string:
		b.Str(v)
	default:
		panic("BUG: no column holds this Go type")
	}
}

// From appends row i of a column of the same layout.
func (b *Builder) From(c Column, i int) {
	if c.IsNull(i) {
		b.Null()
		return
	}
	switch b.t.Physical() {
	case table.Bools:
		b.Bool(c.Bool(i))
	case table.Int64s:
		b.Int64(c.Int64(i))
	case table.Float64s:
		b.Float64(c.Float64(i))
	default:
		b.Str(c.Str(i))
	}
}

// All appends all n rows of a column of the same layout.
func (b *Builder) All(c Column, n int) {
	if c.Const || c.HasNulls() {
		for i := 0; i < n; i++ {
			b.From(c, i)
		}
		return
	}
	switch a := c.Arr.(type) {
	case *array.Int64:
		b.ints = append(b.ints, a.Int64Values()...)
	case *array.Float64:
		b.reals = append(b.reals, a.Float64Values()...)
	case *array.Boolean:
		b.bools = append(b.bools, Bools(a)...)
	default:
		b.strs = append(b.strs, StringSlice(a)...)
	}
	if b.valid != nil {
		for i := 0; i < n; i++ {
			b.valid = append(b.valid, true)
		}
	}
	b.n += n
}

// Done returns the array. Strings that repeat much come as a dictionary. The
// builder must not be used afterwards.
func (b *Builder) Done() arrow.Array {
	switch b.t.Physical() {
	case table.Bools:
		return NewBools(b.bools, b.valid)
	case table.Int64s:
		return NewInt64s(b.ints, b.valid)
	case table.Float64s:
		return NewFloat64s(b.reals, b.valid)
	}
	return EncodeStrings(b.strs, b.valid)
}

// EncodeStrings makes an array of strings: a dictionary where a first look
// says that values repeat at least four times each, flat otherwise.
func EncodeStrings(values []string, valid []bool) arrow.Array {
	if valid == nil {
		if d := encode(len(values), func(i int) string { return values[i] }); d != nil {
			return d
		}
	}
	return NewStrings(values, valid)
}

// EncodeArray is EncodeStrings for an array, which it returns where it does not pay.
func EncodeArray(a *array.String) arrow.Array {
	if a.NullN() == 0 {
		if d := encode(a.Len(), a.Value); d != nil {
			return d
		}
	}
	return a
}

// encode makes a dictionary array of n strings; nil where they are few, or
// most of them differ.
func encode(n int, at func(i int) string) arrow.Array {
	const sample = 1024
	if n < 64 {
		return nil
	}
	dict := make(map[string]int32, sample/4)
	codes := make([]int32, n)
	var distinct []string
	for i := range codes {
		s := at(i)
		code, ok := dict[s]
		if !ok {
			code = int32(len(distinct))
			dict[s] = code
			distinct = append(distinct, s)
			if i >= 64 && len(distinct) > (i+1)/4+16 {
				return nil
			}
		}
		codes[i] = code
	}
	return NewDict(codes, NewStrings(distinct, nil), nil)
}
