package storage

import (
	"github.com/apache/arrow/go/v15/arrow/bitutil"

	"tidemark/table"
)

// cut returns rows [a,b) as a column of its own, with a dictionary of only
// the strings that occur in them.
func (c *column) cut(a, b int) *column {
	n := &column{n: b - a, phys: c.phys}
	if c.constant {
		*n = *c
		n.n = b - a
		if n.nulls > 0 {
			n.nulls = n.n
		}
		return n
	}
	n.valid, n.nulls = c.validity(a, b)
	switch c.phys {
	case table.Bools:
		n.bits = make([]byte, bitutil.BytesForBits(int64(n.n)))
		bitutil.CopyBitmap(c.bits, a, n.n, n.bits, 0)
	case table.Int64s:
		n.ints = c.ints[a:b:b]
	case table.Float64s:
		n.floats = c.floats[a:b:b]
	default:
		n.cutStrings(c, a)
	}
	n.settle()
	return n
}

func (n *column) cutStrings(c *column, a int) {
	place := make([]int32, c.dict.len()) // 1 where used, then the new code
	for i := 0; i < n.n; i++ {
		if !n.isNull(i) {
			place[c.codes.at(a+i)] = 1
		}
	}
	offsets, data := []int32{0}, []byte(nil)
	for v := range place {
		if place[v] != 0 {
			data = append(data, c.dict.key(v)...)
			offsets = append(offsets, int32(len(data)))
			place[v] = int32(len(offsets) - 2)
		}
	}
	if len(offsets) == 1 {
		n.dict, n.codes = emptyDict, newCodes(n.n, 1)
		return
	}
	n.dict = c.dict.like(offsets, data)
	n.codes = newCodes(n.n, n.dict.len())
	for i := 0; i < n.n; i++ {
		if !n.isNull(i) {
			n.codes.set(i, place[c.codes.at(a+i)])
		}
	}
}
