package storage

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow/bitutil"
)

// numbers is a column of whole numbers, or of places in a dictionary, as
// pages: packed as on disk, and readable at any row.
type numbers struct {
	n     int
	pages []page
	bytes int
	null  bool // rows may be null
	lacks bool // what is apart has not been read
}

func (c *numbers) size() int64 { return int64(c.bytes + 200*len(c.pages) + 64) }

// encodeNumbers returns the pages of n numbers, which at appends to a buffer.
// What of them is set apart is appended to apart.
func encodeNumbers(n int, valid []byte, codes bool, apart *writer, at func(a, b int, buf []int64) []int64) []byte {
	x := &pageWriter{apart: apart}
	var buf []int64
	for a := 0; a < n; a += pageRows {
		b := min(a+pageRows, n)
		buf = at(a, b, buf[:0])
		x.page(buf, valid, a, codes)
	}
	return x.w.b
}

// encodeCodes returns the pages of a column's places in its dictionary.
func encodeCodes(c *column, apart *writer) []byte {
	return encodeNumbers(c.n, c.valid, true, apart, func(a, b int, buf []int64) []int64 {
		switch {
		case c.codes.b8 != nil:
			return widened(buf, c.codes.b8[a:b])
		case c.codes.b16 != nil:
			return widened(buf, c.codes.b16[a:b])
		}
		return widened(buf, c.codes.b32[a:b])
	})
}

func widened[T wholeNumber](buf []int64, vals []T) []int64 {
	for _, v := range vals {
		buf = append(buf, int64(v))
	}
	return buf
}

func encodeInts(c *column, apart *writer) []byte {
	return encodeNumbers(c.n, c.valid, false, apart, func(a, b int, buf []int64) []int64 { return append(buf, c.ints[a:b]...) })
}

// decodeNumbers reads the pages of n numbers, but for what of them is apart.
// What it returns aliases b.
func decodeNumbers(b []byte, n int) (*numbers, error) {
	r := &reader{b: b}
	c := &numbers{n: n, bytes: len(b), pages: make([]page, 0, (n+pageRows-1)/pageRows)}
	for a := 0; a < n && r.err == nil; a += pageRows {
		p := r.page(min(pageRows, n-a))
		c.null = c.null || p.nulls()
		c.lacks = c.lacks || p.apart
		c.pages = append(c.pages, p)
	}
	return c, r.done()
}

// decodeAllNumbers reads the pages of n numbers, whole.
func decodeAllNumbers(b, apart []byte, n int) (*numbers, error) {
	c, err := decodeNumbers(b, n)
	if err != nil {
		return nil, err
	}
	return c.with(apart)
}

// with returns the numbers with what is apart.
func (c *numbers) with(apart []byte) (*numbers, error) {
	r := &reader{b: apart}
	if !c.lacks {
		return c, r.done()
	}
	whole := *c
	whole.lacks, whole.bytes, whole.pages = false, c.bytes+len(apart), slices.Clone(c.pages)
	for i := range whole.pages {
		if p := &whole.pages[i]; p.apart {
			p.vals = r.packed(p.vals.n)
		}
	}
	return &whole, r.done()
}

// tells reports whether what has been read has the numbers of the rows of an
// ascending list.
func (c *numbers) tells(rows []int32) bool {
	for c.lacks && len(rows) > 0 {
		k, n := onePage(rows)
		if p := &c.pages[k]; p.apart {
			for _, row := range rows[:n] {
				if bitutil.BitIsSet(p.bits, int(row)-k*pageRows) {
					return false
				}
			}
		}
		rows = rows[n:]
	}
	return true
}

// readNumbers reads rows from row a on.
func readNumbers[T wholeNumber](c *numbers, a int, dst []T) {
	for len(dst) > 0 {
		k, off := a/pageRows, a%pageRows
		n := min(len(dst), pageRows-off)
		readPage(&c.pages[k], off, dst[:n])
		a, dst = a+n, dst[n:]
	}
}

// validity returns the bitmap of rows [a,b), nil when none is null.
func (c *numbers) validity(a, b int) (valid []byte, nulls int) {
	if !c.null {
		return nil, 0
	}
	valid = make([]byte, bitutil.BytesForBits(int64(b-a)))
	for at := a; at < b; {
		p := &c.pages[at/pageRows]
		off := at % pageRows
		n := min(b-at, p.n-off)
		switch {
		case !p.nulls():
			bitutil.SetBitsTo(valid, int64(at-a), int64(n), true)
		case p.form == pageSparse:
			bitutil.CopyBitmap(p.bits, off, n, valid, at-a)
		}
		at += n
	}
	nulls = b - a - bitutil.CountSetBits(valid, 0, b-a)
	if nulls == 0 {
		return nil, 0
	}
	return valid, nulls
}

// most is the greatest of some codes, which must be in the dictionary; those
// that are less than 0 are greater than all others.
func most[T wholeNumber](vals []T) int {
	var m uint64
	for _, v := range vals {
		m = max(m, uint64(v))
	}
	return int(min(m, math.MaxInt))
}
