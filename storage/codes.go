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
// error.
func (b *block) Codes(i int) (b8 []uint8, b16 []uint16, b32 []int32, values *array.String, ok bool) {
	if i == len(b.unit.scan.src.def.Columns) {
		return nil, nil, nil, nil, false
	}
	c, err := b.unit.column(i)
	if err != nil || c.phys != table.Strings || c.constant || c.nulls > 0 {
		return nil, nil, nil, nil, false
	}
	switch {
	case c.codes.b8 != nil:
		b8 = c.codes.b8[b.a:b.b]
	case c.codes.b16 != nil:
		b16 = c.codes.b16[b.a:b.b]
	default:
		b32 = c.codes.b32[b.a:b.b]
	}
	return b8, b16, b32, c.dict.arr, true
}

// Extent is the same for all blocks of an extent in a scan.
func (b *block) Extent() any { return b.unit }

// Siblings is how many rows of the block's extent the scan hands out, in this
// block and others: what work on a dictionary is shared by.
func (b *block) Siblings() int {
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

// Bounds returns a range that holds all values of column i, of layout Int64s,
// in the block; false where there is none or a row may be null. It reads
// nothing.
func (b *block) Bounds(i int) (lo, hi int64, ok bool) {
	d := b.unit.scan.src.def
	var s span
	var nulls int
	switch {
	case i == len(d.Columns):
		s = ingestSpan(b.unit.runs)
	case d.Columns[i].typ.Physical() != table.Int64s:
		return 0, 0, false
	default:
		z := b.unit.zone(d.Columns[i].ID)
		if z == nil {
			return 0, 0, false
		}
		s, nulls = z.all, z.nulls
		if first, last := b.a/zoneRows, (b.b-1)/zoneRows; len(z.blocks) > 0 {
			s = z.blocks[first]
			for k := first + 1; k <= last; k++ {
				s = s.union(z.blocks[k])
			}
		}
	}
	return s.lo, s.hi, nulls == 0 && !s.empty
}

// zone is what is known of a column without reading it, or nil.
func (u *unit) zone(id uint32) *zone {
	if u.tail != nil {
		return u.tail.zone(id)
	}
	if c := u.extent.column(id); c != nil {
		return c.zone
	}
	return nil
}
