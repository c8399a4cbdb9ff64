package storage

import (
	"encoding/binary"
	"math/bits"
	"sort"

	"github.com/apache/arrow/go/v15/arrow/bitutil"
)

// gatherNumbers reads the rows of an ascending list, a page at a time: what
// the form of the page needs is looked up once, and runs and ranks are gone
// through along with the rows.
func gatherNumbers[T wholeNumber](c *numbers, rows []int32, dst []T) {
	for len(rows) > 0 {
		k, n := onePage(rows)
		gatherPage(&c.pages[k], int32(k*pageRows), rows[:n], dst[:n])
		rows, dst = rows[n:], dst[n:]
	}
}

// onePage is the page of the first row, and how many of the rows are in it.
func onePage(rows []int32) (page, n int) {
	k := int(rows[0]) / pageRows
	end := int64(k+1) * pageRows
	if int64(rows[len(rows)-1]) < end {
		return k, len(rows)
	}
	return k, sort.Search(len(rows), func(i int) bool { return int64(rows[i]) >= end })
}

func gatherPage[T wholeNumber](p *page, first int32, rows []int32, dst []T) {
	switch p.form {
	case pageConstant:
		fill(dst, T(p.common))
	case pagePacked:
		gatherPacked(&p.vals, first, rows, dst)
	case pageSparse:
		c := rankCursor{page: p, word: -1}
		if from, ok := p.exactly(first, rows); ok {
			readPacked(&p.vals, from, dst)
			return
		}
		for i, row := range rows {
			dst[i] = T(p.common)
			if at := int(row - first); bitutil.BitIsSet(p.bits, at) {
				dst[i] = T(p.vals.at(c.rank(at)))
			}
		}
	case pageRuns:
		r, end := -1, int32(0)
		var v T
		for i, row := range rows {
			if at := row - first; at >= end {
				r = p.runFrom(r+1, int(at))
				end, v = int32(p.ends.at(r)), T(p.vals.at(r))
			}
			dst[i] = v
		}
	}
}

// exactly reports that rows of a sparse page are those that differ from the
// first to the last, none left out, as those are that a condition on the column
// leaves. from is how many differ before them.
func (p *page) exactly(first int32, rows []int32) (from int, ok bool) {
	a, b := int(rows[0]-first), int(rows[len(rows)-1]-first)
	c := rankCursor{page: p, word: -1}
	if from = c.rank(a); c.rank(b)-from != len(rows)-1 {
		return 0, false
	}
	return from, p.differ(first, rows)
}

// differ reports that all of some rows of a sparse page differ.
func (p *page) differ(first int32, rows []int32) bool {
	for _, row := range rows {
		if bitutil.BitIsNotSet(p.bits, int(row-first)) {
			return false
		}
	}
	return true
}

func gatherPacked[T wholeNumber](p *packed, first int32, rows []int32, dst []T) {
	if p.width == 0 || p.width == 64 {
		for i, row := range rows {
			dst[i] = T(p.at(int(row - first)))
		}
		return
	}
	mask, data, base, scale := uint64(1)<<p.width-1, p.data, p.base, p.scale
	for i, row := range rows {
		bit := int(row-first) * p.width
		v := binary.LittleEndian.Uint64(data[bit>>3:]) >> (bit & 7) & mask
		dst[i] = T(base + int64(v)*scale)
	}
}

// runFrom is the run that row i is in, which is run r or a later one. The next
// few are tried first: rows that are asked for are often near each other.
func (p *page) runFrom(r, i int) int {
	for step := 1; ; step *= 2 {
		last := min(r+step, p.ends.n) - 1
		if int(p.ends.at(last)) > i {
			return r + sort.Search(last-r, func(k int) bool { return int(p.ends.at(r+k)) > i })
		}
		r = last + 1
	}
}

// rankCursor finds the ranks of ascending rows of a sparse page.
type rankCursor struct {
	*page
	word int // whose rank is known, -1: none
	at   int // rows that differ before it
}

func (c *rankCursor) rank(i int) int {
	w := i / 64
	if c.word < 0 || w-c.word > rankRows/64 {
		c.word = i / rankRows * (rankRows / 64)
		c.at = int(c.ranks[i/rankRows])
	}
	for ; c.word < w; c.word++ {
		c.at += bits.OnesCount64(binary.LittleEndian.Uint64(c.bits[8*c.word:]))
	}
	return c.at + bits.OnesCount64(binary.LittleEndian.Uint64(c.bits[8*w:])&(1<<(i&63)-1))
}

// validRows returns the bitmap of the rows of an ascending list, nil when none
// is null.
func (c *numbers) validRows(rows []int32) (valid []byte, nulls int) {
	if !c.null {
		return nil, 0
	}
	valid = make([]byte, bitutil.BytesForBits(int64(len(rows))))
	for at := 0; at < len(rows); {
		k, n := onePage(rows[at:])
		p := &c.pages[k]
		switch {
		case !p.nulls():
			bitutil.SetBitsTo(valid, int64(at), int64(n), true)
		case p.form == pageConstant:
			nulls += n
		case p.differ(int32(k*pageRows), rows[at:at+n]):
			bitutil.SetBitsTo(valid, int64(at), int64(n), true)
		default:
			for i, row := range rows[at : at+n] {
				if bitutil.BitIsSet(p.bits, int(row)-k*pageRows) {
					bitutil.SetBit(valid, at+i)
				} else {
					nulls++
				}
			}
		}
		at += n
	}
	if nulls == 0 {
		return nil, 0
	}
	return valid, nulls
}
