package storage

import (
	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/table"
)

// block is rows [a,b) of a unit, or of these those listed.
type block struct {
	unit *unit
	a, b int
	rows []int32 // ascending; nil: all
}

// Rows is the number of rows.
func (b *block) Rows() int {
	if b.rows != nil {
		return len(b.rows)
	}
	return b.b - b.a
}

// chosen are the rows of the unit that sel chooses of the block; nil where it
// is all rows [a,b).
func (b *block) chosen(sel []int32) []int32 {
	if sel == nil {
		return b.rows
	}
	out := make([]int32, len(sel))
	for i, s := range sel {
		if b.rows != nil {
			out[i] = b.rows[s]
		} else {
			out[i] = int32(b.a) + s
		}
	}
	return out
}

// Column returns column i. Strings are a dictionary array; the Data of the
// dictionary is the same object in all blocks of an extent, but where few rows
// are asked for: these may have a dictionary of their own.
func (b *block) Column(i int, sel []int32) (arrow.Array, error) {
	rows := b.chosen(sel)
	if i == len(b.unit.scan.src.def.Columns) {
		return b.ingestion(rows), nil
	}
	if c, ok := b.unit.inParts(i); ok {
		if rows != nil {
			return c.rows(rows)
		}
		return c.slice(b.a, b.b)
	}
	c, err := b.unit.column(i)
	if err != nil {
		return nil, err
	}
	if rows != nil {
		return c.gather(0, rows), nil
	}
	return c.slice(b.a, b.b), nil
}

func (b *block) ingestion(rows []int32) arrow.Array {
	times := ingestTimes(b.unit.runs, b.a, b.b)
	c := &column{n: len(times), phys: table.Int64s, ints: times}
	if rows != nil {
		return c.gather(-b.a, rows)
	}
	return c.slice(0, c.n)
}

// First tells where the first row is, in which extent of the scan and where in
// it, so that rows have an order whoever reads which blocks first.
func (b *block) First() (extent, row int) { return b.unit.at, b.a }

// Rest lets go of what the block's extent holds on to, for a time in which no
// block of it is read: the cache alone decides then what of it stays.
func (b *block) Rest() {
	u := b.unit
	u.mu.Lock()
	defer u.mu.Unlock()
	u.cols, u.held = nil, nil
}

// Constant returns column i as an array of length 1 where all rows of the
// block's extent have the same value; the executor then works on one value
// instead of one a row. Where the column cannot be read it reports false, and
// Column gives the error.
func (b *block) Constant(i int) (arrow.Array, bool) {
	if i == len(b.unit.scan.src.def.Columns) || b.Rows() == 0 {
		return nil, false
	}
	if _, ok := b.unit.inParts(i); ok {
		return nil, false // it has several values
	}
	c, err := b.unit.column(i)
	if err != nil || !c.constant {
		return nil, false
	}
	return c.gather(b.a, []int32{0}), true
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

// Present returns a bitmap of the rows of the block in which column i is not
// null; nil where it is null in none. It reads no values. It declines where the
// rows are not neighbours, or it is not known.
func (b *block) Present(i int) (valid []byte, ok bool) {
	if b.rows != nil || i == len(b.unit.scan.src.def.Columns) {
		return nil, false
	}
	c, ok := b.unit.inParts(i)
	if !ok {
		return nil, false
	}
	nums, err := c.numbers()
	if err != nil {
		return nil, false // Column gives the error
	}
	valid, _ = nums.validity(b.a, b.b)
	return valid, true
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
