package vec

import (
	"slices"

	"tidemark/table"
)

// Shift returns for row i of n row i+by of the column, of type t; where there
// is no such row, the one value of other. A dictionary stays one.
func (c Column) Shift(t table.Type, by, n int, other Column) Column {
	idx, missing := make([]int32, n), false
	for i := range idx {
		if j := i + by; j >= 0 && j < n {
			idx[i] = int32(j)
		} else {
			idx[i], missing = -1, true
		}
	}
	if c.Const {
		c = c.Expand(n)
	}
	if !missing {
		return c.Gather(idx)
	}
	return c.gatherElse(t, idx, other)
}

// gatherElse gives rows, and the value of other for -1.
func (c Column) gatherElse(t table.Type, idx []int32, other Column) Column {
	if out, ok := c.gatherCodes(idx, other); ok {
		return out
	}
	b := NewBuilder(t, len(idx))
	for _, j := range idx {
		if j < 0 {
			b.From(other, 0)
		} else {
			b.From(c, int(j))
		}
	}
	return Column{Arr: b.Done()}
}

// gatherCodes gives rows of a dictionary, and the value of other for -1. It
// declines where there are nulls, or more values than rows.
func (c Column) gatherCodes(idx []int32, other Column) (Column, bool) {
	d, ok := c.Dict()
	if !ok || d.NullN() > 0 || other.IsNull(0) || d.Dictionary().Len() > len(idx) {
		return Column{}, false
	}
	values := StringSlice(d.Dictionary())
	code := slices.Index(values, other.Str(0))
	dict := d.Dictionary()
	if code < 0 {
		code = len(values)
		dict = NewStrings(append(values, other.Str(0)), nil)
	}
	codes, out := Codes(d), make([]int32, len(idx))
	for i, j := range idx {
		if j < 0 {
			out[i] = int32(code)
		} else {
			out[i] = codes[j]
		}
	}
	return Column{Arr: NewDict(out, dict, nil)}, true
}

// SameNumbers numbers the values of two columns of n rows, so that rows have
// the same number where they have the same text. It declines where they are
// not dictionaries, have nulls, or many values against the rows.
func SameNumbers(a, b Column, n int) (x, y []int32, ok bool) {
	da, ok := a.Dict()
	if !ok || da.NullN() > 0 {
		return nil, nil, false
	}
	db, ok := b.Dict()
	if !ok || db.NullN() > 0 {
		return nil, nil, false
	}
	if 2*(da.Dictionary().Len()+db.Dictionary().Len()) > n {
		return nil, nil, false
	}
	k := newKeyColumn(table.String)
	x, y = make([]int32, n), make([]int32, n)
	k.each(a, n, x, true)
	k.each(b, n, y, true)
	return x, y, true
}
