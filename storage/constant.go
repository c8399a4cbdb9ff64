package storage

import "github.com/apache/arrow/go/v15/arrow"

// Constant returns column i as an array of length 1 where all rows of the
// block's extent have the same value; the executor then works on one value
// instead of one a row. Where the column cannot be read it reports false, and
// Column gives the error.
func (b *block) Constant(i int) (arrow.Array, bool) {
	if i == len(b.unit.scan.src.def.Columns) || b.Rows() == 0 {
		return nil, false
	}
	c, err := b.unit.column(i)
	if err != nil || !c.constant {
		return nil, false
	}
	return c.gather(b.a, []int32{0}), true
}
