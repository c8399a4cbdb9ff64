package agg

import (
	"math"
	"strconv"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/dec"
	"tidemark/internal/dyn"
	"tidemark/table"
)

// The types that groups of aggregations take.
var (
	summable  = []table.Type{table.Int, table.Long, table.Real, table.Decimal, table.Timespan}
	orderable = []table.Type{table.Int, table.Long, table.Real, table.Decimal, table.Datetime, table.Timespan, table.Bool, table.String}
)

// overloads makes one for each type.
func overloads(types []table.Type, f func(t table.Type) Overload) []Overload {
	out := make([]Overload, len(types))
	for i, t := range types {
		out[i] = f(t)
	}
	return out
}

// view is a column as a slice. A constant one has one value, and mask makes
// every row read it.
type view[T any] struct {
	v     []T
	mask  int
	valid []bool // nil where none is null
}

func (v *view[T]) at(i int) T    { return v.v[i&v.mask] }
func (v *view[T]) ok(i int) bool { return v.valid == nil || v.valid[i&v.mask] }

func viewOf[T any](c vec.Column, values []T) view[T] {
	mask := -1
	if c.Const {
		mask = 0
	}
	return view[T]{v: values, mask: mask, valid: vec.Validity(c.Arr)}
}

// ints views a column of layout Int64s.
func ints(c vec.Column) view[int64] { return viewOf(c, vec.Int64s(c.Arr)) }

// strs views a column of layout Strings. Only where t is string are there no
// nulls.
func strs(c vec.Column, t table.Type) view[string] {
	v := viewOf(c, vec.StringSlice(c.Arr))
	if t == table.String {
		v.valid = nil
	}
	return v
}

// reals views a column of numbers or timespans as reals.
func reals(c vec.Column, t table.Type) view[float64] {
	switch t.Physical() {
	case table.Float64s:
		return viewOf(c, vec.Float64s(c.Arr))
	case table.Int64s:
		in := vec.Int64s(c.Arr)
		out := make([]float64, len(in))
		for i, v := range in {
			out[i] = float64(v)
		}
		return viewOf(c, out)
	}
	in := strs(c, t)
	out := make([]float64, len(in.v))
	for i, s := range in.v {
		if in.valid == nil || in.valid[i] {
			out[i], _ = dec.Real(s)
		}
	}
	return viewOf(c, out)
}

// keys views a column of a layout other than Strings as integers of the same
// order: a greater value has a greater key. NaN is the least real, as in sort.
func keys(c vec.Column, t table.Type) view[int64] {
	switch t.Physical() {
	case table.Bools:
		in := vec.Bools(c.Arr)
		out := make([]int64, len(in))
		for i, b := range in {
			if b {
				out[i] = 1
			}
		}
		return viewOf(c, out)
	case table.Float64s:
		in := vec.Float64s(c.Arr)
		out := make([]int64, len(in))
		for i, f := range in {
			out[i] = realKey(f)
		}
		return viewOf(c, out)
	}
	return ints(c)
}

// realKey maps reals to integers of the same order; equal reals to one key.
func realKey(f float64) int64 {
	switch {
	case f == 0:
		return 0
	case f != f:
		return math.MinInt64
	}
	b := int64(math.Float64bits(f))
	if b < 0 { // the greater the bits of a negative real, the less it is
		b ^= math.MaxInt64
	}
	return b
}

// keyReal is the real that a key stands for.
func keyReal(k int64) float64 {
	switch {
	case k == math.MinInt64:
		return math.NaN()
	case k < 0:
		k ^= math.MaxInt64
	}
	return math.Float64frombits(uint64(k))
}

// fromKeys makes a column of type t from what keys made of one.
func fromKeys(t table.Type, keys []int64, valid []bool) vec.Column {
	switch t.Physical() {
	case table.Bools:
		out := make([]bool, len(keys))
		for i, k := range keys {
			out[i] = k == 1
		}
		return vec.Column{Arr: vec.NewBools(out, valid)}
	case table.Float64s:
		out := make([]float64, len(keys))
		for i, k := range keys {
			if valid == nil || valid[i] {
				out[i] = keyReal(k)
			}
		}
		return vec.Column{Arr: vec.NewFloat64s(out, valid)}
	}
	return vec.Column{Arr: vec.NewInt64s(keys, valid)}
}

// grown makes room for n values; new ones are zero.
func grown[T any](v []T, n int) []T {
	if n <= len(v) {
		return v
	}
	if n <= cap(v) {
		return append(v, make([]T, n-len(v))...)
	}
	out := make([]T, n, max(n, 2*cap(v)))
	copy(out, v)
	return out
}

// grownWith is grown where new values are not zero.
func grownWith[T any](v []T, n int, fresh T) []T {
	from := len(v)
	v = grown(v, n)
	for i := from; i < len(v); i++ {
		v[i] = fresh
	}
	return v
}

// absent reports whether row i counts as null: a dynamic null may also be
// written out.
func absent(c vec.Column, t table.Type, i int) bool {
	return c.IsNull(i) || t == table.Dynamic && c.Str(i) == "null"
}

// json appends row i as JSON text.
func json(b []byte, c vec.Column, t table.Type, i int) []byte {
	if c.IsNull(i) {
		return append(b, "null"...)
	}
	switch t {
	case table.String:
		return dyn.AppendString(b, c.Str(i))
	case table.Int, table.Long:
		return strconv.AppendInt(b, c.Int64(i), 10)
	}
	return append(b, fn.JSON(t, c.Value(i))...)
}
