package vec

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// Grouper numbers the distinct keys of rows, from 0 in the order in which they
// first appear. Each key column gets a number per distinct value (strings once
// per dictionary entry, not per row), and numbers of several columns are paired
// up; so keys are compared exactly, never by a hash alone. Null is a key.
type Grouper struct {
	types []table.Type
	cols  []*keyColumn
	pairs []map[uint64]int32 // pairs[i] joins the number so far with column i+1
	keys  []*Builder
	n     int32
	ids   [2][]int32 // scratch
}

// NewGrouper makes a grouper for key columns of these types. With none, all
// rows are group 0.
func NewGrouper(types []table.Type) *Grouper {
	g := &Grouper{types: types}
	for i, t := range types {
		g.cols = append(g.cols, newKeyColumn(t))
		g.keys = append(g.keys, NewBuilder(t, 64))
		if i > 0 {
			g.pairs = append(g.pairs, map[uint64]int32{})
		}
	}
	if len(types) == 0 {
		g.n = 1
	}
	return g
}

// Len is the number of groups.
func (g *Grouper) Len() int { return int(g.n) }

// Keys returns the key columns, a row a group. Call it once, at the end.
func (g *Grouper) Keys() []Column {
	out := make([]Column, len(g.keys))
	for i, b := range g.keys {
		out[i] = Column{Arr: b.Done()}
	}
	return out
}

// IDs returns the group of each of n rows. The slice is valid until the next
// call.
func (g *Grouper) IDs(cols []Column, n int) []int32 {
	ids := g.scratch(0, n)
	if len(cols) == 0 {
		clear(ids)
		return ids
	}
	g.cols[0].number(cols[0], n, ids)
	for i := 1; i < len(cols); i++ {
		right := g.scratch(1, n)
		g.cols[i].number(cols[i], n, right)
		pair(g.pairs[i-1], ids, right)
	}
	for row, id := range ids {
		if id >= g.n { // ids are dense, so a new group is always the next one
			for k, b := range g.keys {
				b.From(cols[k], row)
			}
			g.n++
		}
	}
	return ids
}

func (g *Grouper) scratch(i, n int) []int32 {
	if cap(g.ids[i]) < n {
		g.ids[i] = make([]int32, n)
	}
	return g.ids[i][:n]
}

// pair replaces each left number by the number of its pair with right.
func pair(m map[uint64]int32, left, right []int32) {
	var lastKey uint64
	lastID := int32(-1)
	for i, l := range left {
		key := uint64(uint32(l))<<32 | uint64(uint32(right[i]))
		if key == lastKey && lastID >= 0 {
			left[i] = lastID
			continue
		}
		id, ok := m[key]
		if !ok {
			id = int32(len(m))
			m[key] = id
		}
		left[i] = id
		lastKey, lastID = key, id
	}
}

// Find returns the group of each row, or -1 for keys that no group has.
func (g *Grouper) Find(cols []Column, n int) []int32 {
	out := make([]int32, n)
	right := make([]int32, n)
	if len(cols) == 0 {
		return out
	}
	g.cols[0].find(cols[0], n, out)
	for i := 1; i < len(cols); i++ {
		g.cols[i].find(cols[i], n, right)
		m := g.pairs[i-1]
		for row, l := range out {
			id, ok := m[uint64(uint32(l))<<32|uint64(uint32(right[row]))]
			if l < 0 || right[row] < 0 || !ok {
				id = -1
			}
			out[row] = id
		}
	}
	return out
}

// keyColumn numbers the distinct values of one key column.
type keyColumn struct {
	physical table.Physical
	ints     map[int64]int32
	strs     map[string]int32
	null     int32 // the number of null, or -1
	n        int32
	dict     arrow.Array // the dictionary that memo is of
	memo     []int32     // number by code, or -1
}

func newKeyColumn(t table.Type) *keyColumn {
	k := &keyColumn{physical: t.Physical(), null: -1}
	if k.physical == table.Strings {
		k.strs = map[string]int32{}
	} else {
		k.ints = map[int64]int32{}
	}
	return k
}

func (k *keyColumn) next() int32 {
	k.n++
	return k.n - 1
}

func (k *keyColumn) ofNull(add bool) int32 {
	if k.null < 0 && add {
		k.null = k.next()
	}
	return k.null
}

func (k *keyColumn) ofInt(v int64, add bool) int32 {
	id, ok := k.ints[v]
	if !ok {
		if !add {
			return -1
		}
		id = k.next()
		k.ints[v] = id
	}
	return id
}

func (k *keyColumn) ofStr(v string, add bool) int32 {
	id, ok := k.strs[v]
	if !ok {
		if !add {
			return -1
		}
		id = k.next()
		k.strs[v] = id // v shares the batch's memory; arrays are never reused
	}
	return id
}

// of returns the number of row i of any form.
func (k *keyColumn) of(c Column, i int, add bool) int32 {
	if c.IsNull(i) {
		return k.ofNull(add)
	}
	switch k.physical {
	case table.Bools:
		if c.Bool(i) {
			return k.ofInt(1, add)
		}
		return k.ofInt(0, add)
	case table.Int64s:
		return k.ofInt(c.Int64(i), add)
	case table.Float64s:
		return k.ofInt(realKey(c.Float64(i)), add)
	}
	return k.ofStr(c.Str(i), add)
}

// realKey makes equal reals one key: -0 is 0, and NaN is NaN.
func realKey(f float64) int64 {
	switch {
	case f == 0:
		return 0
	case f != f:
		return int64(math.Float64bits(math.NaN()))
	}
	return int64(math.Float64bits(f))
}

func (k *keyColumn) number(c Column, n int, out []int32) { k.each(c, n, out, true) }
func (k *keyColumn) find(c Column, n int, out []int32)   { k.each(c, n, out, false) }

func (k *keyColumn) each(c Column, n int, out []int32, add bool) {
	if n == 0 {
		return
	}
	if c.Const {
		id := k.of(c, 0, add)
		for i := range out[:n] {
			out[i] = id
		}
		return
	}
	switch a := c.Arr.(type) {
	case *array.Dictionary:
		k.eachCode(a, out, add)
		return
	case *array.Int64:
		if a.NullN() == 0 {
			k.eachInt(a.Int64Values(), out, add)
			return
		}
	}
	for i := 0; i < n; i++ {
		out[i] = k.of(c, i, add)
	}
}

func (k *keyColumn) eachInt(values []int64, out []int32, add bool) {
	last, lastID := int64(0), int32(-1)
	for i, v := range values {
		if v == last && lastID >= 0 {
			out[i] = lastID
			continue
		}
		id := k.ofInt(v, add)
		out[i] = id
		last, lastID = v, id
	}
}

func (k *keyColumn) eachCode(d *array.Dictionary, out []int32, add bool) {
	values := d.Dictionary().(*array.String)
	if k.dict == nil || !SameArray(k.dict, values) {
		k.dict = values
		k.memo = fill(int32(-1), values.Len())
	}
	nulls := d.NullN() > 0
	for i, code := range Codes(d) {
		if nulls && d.IsNull(i) {
			out[i] = k.ofNull(add)
			continue
		}
		id := k.memo[code]
		if id < 0 {
			id = k.ofStr(values.Value(int(code)), add)
			k.memo[code] = id
		}
		out[i] = id
	}
}
