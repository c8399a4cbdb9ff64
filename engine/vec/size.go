package vec

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// Size is how many bytes of memory the rows of a column of n rows take. The
// values of a dictionary, which others may share, are not among them.
func (c Column) Size(n int) int64 {
	if c.Const {
		return 0
	}
	valid := int64(0)
	if c.HasNulls() {
		valid = int64(n+7) / 8
	}
	switch a := c.Arr.(type) {
	case *array.Boolean:
		return valid + int64(n+7)/8
	case *array.Dictionary:
		return valid + 4*int64(n)
	case *array.String:
		return valid + 4*int64(n) + stringBytes(a)
	}
	return valid + 8*int64(n)
}

// stringBytes is the length of all values together.
func stringBytes(a *array.String) int64 {
	if a.Len() == 0 {
		return 0
	}
	return int64(a.ValueOffset64(a.Len())) - int64(a.ValueOffset64(0))
}

// Size is how many bytes the rows of a batch take, without dictionaries.
func (b *Batch) Size() int64 {
	n := int64(0)
	for _, c := range b.Cols {
		n += c.Size(b.N)
	}
	return n
}

// Meter tells how many bytes of memory each of a run of batches adds: a
// dictionary counts once for the batches that have it one after the other.
type Meter struct{ dicts []arrow.Array }

// Add returns what a batch adds.
func (m *Meter) Add(b *Batch) int64 {
	for len(m.dicts) < len(b.Cols) {
		m.dicts = append(m.dicts, nil)
	}
	n := int64(256 + 128*len(b.Cols)) // headers
	for i, c := range b.Cols {
		n += c.Size(b.N)
		if d, ok := c.Dict(); ok && (m.dicts[i] == nil || !SameArray(m.dicts[i], d.Dictionary())) {
			m.dicts[i] = d.Dictionary()
			n += 4*int64(m.dicts[i].Len()) + stringBytes(m.dicts[i].(*array.String))
		}
	}
	return n
}

// Compact returns the batch without the dictionaries that are much larger than
// what rows have of them: who keeps a few rows shall not keep those of all
// extents that they came from.
func (b *Batch) Compact() *Batch {
	out := b
	for i, c := range b.Cols {
		d, ok := c.Dict()
		if !ok || d.Dictionary().Len() <= 4*max(b.N, b.Kin) {
			continue
		}
		if out == b {
			out = &Batch{Cols: append([]Column(nil), b.Cols...), N: b.N}
		}
		out.Cols[i] = Column{Arr: c.Flat(b.N)}
	}
	return out
}

// Size is how many bytes a grouper holds, its strings included.
func (g *Grouper) Size() int64 {
	n := 4 * int64(cap(g.ids[0])+cap(g.ids[1]))
	for _, k := range g.cols {
		n += 8*int64(cap(k.ints)) + 16*int64(cap(k.intTab.slots)) + 16*int64(cap(k.strs)) + 4*int64(cap(k.hashes)) +
			8*int64(cap(k.slots)) + 4*int64(cap(k.memo)+cap(k.local)+cap(k.global)) + int64(cap(k.spread)) + k.bytes
	}
	for _, p := range g.pairs {
		n += 4*int64(cap(p.left)+cap(p.right)+cap(p.direct)) + 16*int64(cap(p.tab.slots)) + int64(cap(p.spread))
	}
	return n
}

// Sparse makes a grouper that has no groups yet take little memory while they
// are few: where it is known that keys hardly repeat, or memory is short.
func (g *Grouper) Sparse() *Grouper {
	for _, p := range g.pairs {
		p.hashed = true
	}
	return g
}
