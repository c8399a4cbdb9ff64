package storage

import "tidemark/table"

// fineRows is the number of rows that share a range in the finest ranges that are
// kept of a column of numbers. They are made when rows in a range are first asked
// for, and not stored.
const fineRows = 1024

// fineSpans are the least and the greatest number of each fineRows rows of a page.
type fineSpans struct{ lo, hi []int64 }

func (f *fineSpans) size() int64 { return int64(16*len(f.lo)) + 64 }

func newFineSpans(p *page) *fineSpans {
	f := &fineSpans{}
	var buf [fineRows]int64
	for a := 0; a < p.n; a += fineRows {
		vals := buf[:min(fineRows, p.n-a)]
		readPage(p, a, vals)
		lo, hi := vals[0], vals[0]
		for _, v := range vals {
			lo, hi = min(lo, v), max(hi, v)
		}
		f.lo, f.hi = append(f.lo, lo), append(f.hi, hi)
	}
	return f
}

// Between appends to out the rows, counted from the first of the block, in which
// column i is at least lo and at most hi. It reads numbers only where neighbours
// may be within and without. It declines where rows are chosen, or may be null.
func (b *block) Between(i int, lo, hi int64, out []int32) ([]int32, bool) {
	if b.rows != nil || i == len(b.unit.scan.src.def.Columns) {
		return nil, false
	}
	c, ok := b.unit.inParts(i)
	if !ok || c.m.phys != table.Int64s || c.m.zone.nulls > 0 {
		return nil, false
	}
	nums, err := c.numbers()
	if err != nil {
		return nil, false // Column gives the error
	}
	for a := b.a; a < b.b; {
		k := a / pageRows
		z := min(b.b, (k+1)*pageRows)
		f, err := get1(c, cachedFine, k, func() (*fineSpans, error) { return newFineSpans(&nums.pages[k]), nil })
		if err != nil {
			return nil, false
		}
		out = f.between(&nums.pages[k], a-k*pageRows, z-k*pageRows, lo, hi, int32(k*pageRows-b.a), out)
		a = z
	}
	return out, true
}

// between appends the rows of [a,b) of the page that are within; first is the
// number of the page's first.
func (f *fineSpans) between(p *page, a, b int, lo, hi int64, first int32, out []int32) []int32 {
	var buf [fineRows]int64
	width := uint64(hi) - uint64(lo)
	for a < b {
		g := a / fineRows
		z := min(b, (g+1)*fineRows)
		switch {
		case f.hi[g] < lo || f.lo[g] > hi:
		case f.lo[g] >= lo && f.hi[g] <= hi:
			for ; a < z; a++ {
				out = append(out, first+int32(a))
			}
		default:
			vals := buf[:z-a]
			readPage(p, a, vals)
			for j, v := range vals {
				if uint64(v)-uint64(lo) <= width {
					out = append(out, first+int32(a+j))
				}
			}
		}
		a = z
	}
	return out
}
