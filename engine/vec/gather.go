package vec

import (
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// Gather returns the rows idx of the column; -1 gives null (for strings of
// type string the caller asks for empty ones with GatherOr).
func (c Column) Gather(idx []int32) Column {
	if c.Const {
		return c
	}
	return Column{Arr: gather(c.Arr, idx)}
}

// GatherOr is Gather for indices that may be -1. Those rows are null, or empty
// where t is string. A constant column is spread out.
func (c Column) GatherOr(t table.Type, idx []int32, rows int) Column {
	missing := false
	for _, i := range idx {
		if i < 0 {
			missing = true
			break
		}
	}
	if !missing {
		return c.Gather(idx)
	}
	if rows == 0 { // nothing to take from: all are missing
		return Column{Arr: Constant(t, nil).Arr, Const: true}
	}
	return c.gatherElse(t, idx, Constant(t, nil))
}

func gather(a arrow.Array, idx []int32) arrow.Array {
	valid := gatherValid(a, idx)
	switch a := a.(type) {
	case *array.Int64:
		return NewInt64s(take(a.Int64Values(), idx), valid)
	case *array.Float64:
		return NewFloat64s(take(a.Float64Values(), idx), valid)
	case *array.Boolean:
		out := make([]bool, len(idx))
		for i, j := range idx {
			out[i] = a.Value(int(j))
		}
		return NewBools(out, valid)
	case *array.Dictionary:
		return NewDict(take(Codes(a), idx), a.Dictionary(), valid)
	case *array.String:
		out := make([]string, len(idx))
		for i, j := range idx {
			out[i] = a.Value(int(j))
		}
		return NewStrings(out, valid)
	}
	panic("BUG: cannot gather " + a.DataType().String())
}

func take[T any](v []T, idx []int32) []T {
	out := make([]T, len(idx))
	for i, j := range idx {
		out[i] = v[j]
	}
	return out
}

func gatherValid(a arrow.Array, idx []int32) []bool {
	if a.NullN() == 0 {
		return nil
	}
	out := make([]bool, len(idx))
	for i, j := range idx {
		out[i] = a.IsValid(int(j))
	}
	return out
}

// Gather returns the rows idx of the batch.
func (b *Batch) Gather(idx []int32) *Batch {
	out := &Batch{Cols: make([]Column, len(b.Cols)), N: len(idx)}
	if b.N > 0 {
		out.Kin = b.Kin * len(idx) / b.N
	}
	for i, c := range b.Cols {
		out.Cols[i] = c.Gather(idx)
	}
	return out
}

// Slice returns rows [from, to) of the batch without copying.
func (b *Batch) Slice(from, to int) *Batch {
	out := &Batch{Cols: make([]Column, len(b.Cols)), N: to - from}
	for i, c := range b.Cols {
		if c.Const {
			out.Cols[i] = c
			continue
		}
		out.Cols[i] = Column{Arr: array.NewSlice(c.Arr, int64(from), int64(to))}
	}
	return out
}

var every = All(1 << 16)

// Every is All for those who only read it.
func Every(n int) []int32 {
	if n <= len(every) {
		return every[:n:n]
	}
	return All(n)
}

// All returns 0, 1, … n-1.
func All(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// Concat returns one batch with the rows of all of them, columns of the given
// types.
func Concat(batches []*Batch, types []table.Type) *Batch {
	n := 0
	for _, b := range batches {
		n += b.N
	}
	if len(batches) == 1 {
		return batches[0]
	}
	out := &Batch{N: n, Cols: make([]Column, len(types))}
	for i, t := range types {
		out.Cols[i] = concatColumn(batches, i, t, n)
	}
	return out
}

func concatColumn(batches []*Batch, i int, t table.Type, n int) Column {
	if c, ok := sameConstant(batches, i); ok {
		return c
	}
	if dict, ok := sharedDict(batches, i); ok {
		codes := make([]int32, 0, n)
		for _, b := range batches {
			codes = append(codes, Codes(b.Cols[i].Arr.(*array.Dictionary))...)
		}
		return Column{Arr: NewDict(codes, dict, nil)}
	}
	if t.Physical() == table.Strings {
		return concatStrings(batches, i, t, n)
	}
	b := NewBuilder(t, n)
	for _, batch := range batches {
		b.All(batch.Cols[i], batch.N)
	}
	return Column{Arr: b.Done()}
}

func sameConstant(batches []*Batch, i int) (Column, bool) {
	if len(batches) == 0 {
		return Column{}, false
	}
	first := batches[0].Cols[i]
	if !first.Const {
		return Column{}, false
	}
	for _, b := range batches[1:] {
		c := b.Cols[i]
		if !c.Const || c.Arr != first.Arr && (c.IsNull(0) != first.IsNull(0) || c.Value(0) != first.Value(0)) {
			return Column{}, false
		}
	}
	return first, true
}

// sharedDict tells whether all batches have the same dictionary and no nulls.
func sharedDict(batches []*Batch, i int) (arrow.Array, bool) {
	var dict arrow.Array
	for _, b := range batches {
		d, ok := b.Cols[i].Dict()
		if !ok || d.NullN() > 0 || dict != nil && !SameArray(d.Dictionary(), dict) {
			return nil, false
		}
		dict = d.Dictionary()
	}
	return dict, dict != nil
}

// SameArray reports whether two string arrays are the same memory. Arrow hands
// out a new wrapper for a dictionary's values each time, so wrappers cannot be
// compared.
func SameArray(a, b arrow.Array) bool {
	if a == b {
		return true
	}
	x, y := a.Data(), b.Data()
	if x == y {
		return true
	}
	if x.Len() != y.Len() || x.Offset() != y.Offset() || len(x.Buffers()) != len(y.Buffers()) {
		return false
	}
	for i, p := range x.Buffers() {
		q := y.Buffers()[i]
		if p != q && (p == nil || q == nil || p.Len() != q.Len() || unsafe.SliceData(p.Bytes()) != unsafe.SliceData(q.Bytes())) {
			return false
		}
	}
	return true
}

// concatStrings unifies dictionaries; it never uses array.Concatenate, which
// changes values silently where a dictionary holds nulls (arrow-go#871).
func concatStrings(batches []*Batch, i int, t table.Type, n int) Column {
	if c, ok := unified(batches, i, t, n); ok {
		return c
	}
	b := NewBuilder(t, n)
	for _, batch := range batches {
		b.All(batch.Cols[i], batch.N)
	}
	return Column{Arr: b.Done()}
}

// unified numbers the values of all dictionaries anew, each once per
// dictionary, and those of rows between. It declines where values are not few
// against the rows.
func unified(batches []*Batch, i int, t table.Type, n int) (Column, bool) {
	values, flat := 0, 0
	var last arrow.Array
	for _, b := range batches {
		d, ok := b.Cols[i].Dict()
		switch {
		case b.Cols[i].HasNulls():
			return Column{}, false
		case !ok && !b.Cols[i].Const:
			flat += b.N
		case ok && (last == nil || !SameArray(last, d.Dictionary())):
			last = d.Dictionary()
			values += last.Len()
		}
	}
	if values > n || flat > n/8 {
		return Column{}, false
	}
	k, codes := newKeyColumn(t), make([]int32, n)
	at := 0
	for _, b := range batches {
		k.each(b.Cols[i], b.N, codes[at:at+b.N], true)
		at += b.N
	}
	return Column{Arr: NewDict(codes, NewStrings(k.strs, nil), nil)}, true
}
