package storage

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// Codes returns column i as places in its dictionary, in the width that they
// have in memory: one of the three slices is set. So conditions on strings are
// decided once a distinct value and looked up by the narrowest loads. The
// values are in ascending order of bytes, and their Data is the same object in
// all blocks of an extent. Columns that are not of strings, are constant or
// have nulls report false, as do those that cannot be read: Column gives the
// error. Blocks of chosen rows report false where their dictionary is larger
// than they are.
func (b *block) Codes(i int) (b8 []uint8, b16 []uint16, b32 []int32, values *array.String, ok bool) {
	if i == len(b.unit.scan.src.def.Columns) {
		return nil, nil, nil, nil, false
	}
	if c, ok := b.unit.inParts(i); ok {
		return b.partCodes(c)
	}
	c, err := b.unit.column(i)
	if err != nil || c.phys != table.Strings || c.constant || c.nulls > 0 {
		return nil, nil, nil, nil, false
	}
	x := c.codes.slice(b.a, b.b)
	if b.rows != nil {
		x = codes{b32: c.codes.gather(0, b.rows)}
	}
	return x.b8, x.b16, x.b32, c.dict.arr, true
}

func (b *block) partCodes(c storedColumn) (b8 []uint8, b16 []uint16, b32 []int32, values *array.String, ok bool) {
	if c.m.phys != table.Strings || c.m.zone.nulls > 0 {
		return nil, nil, nil, nil, false
	}
	if b.rows != nil && c.m.zone.distinct > max(fewStrings, len(b.rows)) && c.haveDict() == nil {
		return nil, nil, nil, nil, false
	}
	d, err := c.dict()
	if err != nil {
		return nil, nil, nil, nil, false
	}
	if b.rows != nil {
		b32, _, _, err := c.codesOf(b.rows)
		return nil, nil, b32, d.arr, err == nil
	}
	x, err := c.codes(b.a, b.b)
	if err != nil {
		return nil, nil, nil, nil, false
	}
	return x.b8, x.b16, x.b32, d.arr, true
}

// Extent is the same for all blocks of an extent in a scan.
func (b *block) Extent() any { return b.unit }

// Siblings is how many rows of the block's extent the scan hands out, in this
// block and others: what work on a dictionary is shared by.
func (b *block) Siblings() int {
	if b.rows != nil {
		return b.Rows()
	}
	u := b.unit
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.wanted == 0 {
		step := u.scan.src.t.store.opts.BlockRows
		for a := 0; a < u.rows; a += step {
			if z := min(a+step, u.rows); !u.pruned(a, z) {
				u.wanted += z - a
			}
		}
	}
	return max(u.wanted, b.Rows())
}
