package storage

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow/bitutil"
)

// A page is up to pageRows numbers of a column: whole numbers, or places in a
// dictionary. Every form can be read at any row without reading those before.
//
//	byte     form
//	0        constant: byte (1: null), signed
//	1        packed: numbers
//	2        sparse: byte (1: the rest is null, 0: it is the number that
//	         follows), signed, number (rows that differ), bitmap of them
//	         (bit set: differs) to whole 8 bytes, numbers
//	3        runs: number (runs), numbers (ends), numbers (values)
//	4        sparse, with its numbers in a part of their own
//
// Numbers are: signed (least), number (scale), byte (width), packed
// (value-least)/scale, and 8 bytes of zeros, so that each is one load.
const (
	pageConstant = 0
	pagePacked   = 1
	pageSparse   = 2
	pageRuns     = 3
	pageApart    = 4
)

// pageRows is the number of rows of a page.
const pageRows = zoneRows

// rankRows is the number of rows between two known ranks of a sparse page.
const rankRows = 512

// page is a page as it is read. Its bytes alias those it was read from.
type page struct {
	n      int
	form   byte
	null   bool  // constant or sparse: the common number is null
	common int64 // constant, sparse
	bits   []byte
	ranks  []uint16 // how many rows differ before each multiple of rankRows
	vals   packed
	ends   packed // runs: the rows after them
	apart  bool   // sparse: vals is in the other part, and has no data before that is read
}

// packed is numbers of equal width.
type packed struct {
	n     int
	base  int64
	scale int64
	width int
	data  []byte
}

const packSlack = 8

func (p *packed) at(i int) int64 {
	if p.width == 64 {
		return p.base + int64(binary.LittleEndian.Uint64(p.data[8*i:]))*p.scale
	}
	bit := i * p.width
	v := binary.LittleEndian.Uint64(p.data[bit>>3:]) >> (bit & 7) & (1<<p.width - 1)
	return p.base + int64(v)*p.scale
}

// wholeNumber is what rows are read as.
type wholeNumber interface {
	uint8 | uint16 | int32 | int64
}

// readPacked reads numbers from place a on.
func readPacked[T wholeNumber](p *packed, a int, dst []T) {
	if p.width == 0 {
		for i := range dst {
			dst[i] = T(p.base)
		}
		return
	}
	if p.width == 64 {
		for i := range dst {
			dst[i] = T(p.at(a + i))
		}
		return
	}
	mask := uint64(1)<<p.width - 1
	bit, data, base, scale := a*p.width, p.data, p.base, p.scale
	if scale == 1 {
		for i := range dst {
			dst[i] = T(base + int64(binary.LittleEndian.Uint64(data[bit>>3:])>>(bit&7)&mask))
			bit += p.width
		}
		return
	}
	for i := range dst {
		dst[i] = T(base + int64(binary.LittleEndian.Uint64(data[bit>>3:])>>(bit&7)&mask)*scale)
		bit += p.width
	}
}

// rank is how many rows before row i differ from the common number.
func (p *page) rank(i int) int {
	k := int(p.ranks[i/rankRows])
	b := i / rankRows * rankRows / 8
	for ; b+8 <= i/8; b += 8 {
		k += bits.OnesCount64(binary.LittleEndian.Uint64(p.bits[b:]))
	}
	if left := i - 8*b; left > 0 {
		k += bits.OnesCount64(binary.LittleEndian.Uint64(p.bits[b:]) & (1<<left - 1))
	}
	return k
}

// at returns the number of row i; 0 and true where it is null.
func (p *page) at(i int) (v int64, null bool) {
	switch p.form {
	case pagePacked:
		return p.vals.at(i), false
	case pageSparse:
		if bitutil.BitIsSet(p.bits, i) {
			return p.vals.at(p.rank(i)), false
		}
	case pageRuns:
		return p.vals.at(p.runOf(i)), false
	}
	return p.common, p.null
}

// runOf is the run that row i is in.
func (p *page) runOf(i int) int {
	lo, hi := 0, p.ends.n-1
	for lo < hi {
		if m := (lo + hi) / 2; int(p.ends.at(m)) > i {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo
}

// read reads the rows from row a on; null ones are the common number, 0.
func readPage[T wholeNumber](p *page, a int, dst []T) {
	switch p.form {
	case pagePacked:
		readPacked(&p.vals, a, dst)
	case pageConstant:
		fill(dst, T(p.common))
	case pageSparse:
		fill(dst, T(p.common))
		k := p.rank(a)
		for i := 0; i < len(dst); {
			at := a + i
			w := binary.LittleEndian.Uint64(p.bits[at/64*8:]) >> (at & 63)
			span := min(64-at&63, len(dst)-i)
			if span < 64 {
				w &= 1<<span - 1
			}
			for ; w != 0; w &= w - 1 {
				dst[i+bits.TrailingZeros64(w)] = T(p.vals.at(k))
				k++
			}
			i += span
		}
	case pageRuns:
		r := p.runOf(a)
		for i := 0; i < len(dst); r++ {
			z := min(int(p.ends.at(r))-a, len(dst))
			fill(dst[i:z], T(p.vals.at(r)))
			i = z
		}
	}
}

func fill[T wholeNumber](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}

// nulls reports whether rows of the page may be null.
func (p *page) nulls() bool { return p.null && (p.form == pageConstant || p.form == pageSparse) }

// pageWriter encodes pages; its buffers are used again.
type pageWriter struct {
	w      writer
	apart  *writer // what numbers of sparse pages may be set apart in
	others []int64
	ends   []int64
	values []int64
}

// page appends the page of some numbers. valid is a bitmap that begins at row
// at; nil where no row is null. With codes, a scale is not looked for.
func (x *pageWriter) page(vals []int64, valid []byte, at int, codes bool) {
	isNull := func(i int) bool { return valid != nil && !bitutil.BitIsSet(valid, at+i) }
	common, times, runs, nulls := tallyPage(vals, isNull)
	switch {
	case nulls == len(vals) || nulls == 0 && runs <= 1:
		x.w.byte(pageConstant)
		x.w.optional(nulls > 0)
		x.w.int(common)
		return
	case nulls > 0:
		x.sparse(vals, isNull, true, 0, codes)
		return
	}
	width := packWidth(rangeOf(vals))
	plain := packedSize(len(vals), width)
	sparse := len(vals)/8 + packedSize(len(vals)-times, width)
	switch inRuns := packedSize(runs, width+17); {
	case inRuns < plain/2 && inRuns < sparse: // rows are found sooner in sparse pages
		x.runs(vals, codes)
	case sparse < plain-plain/8:
		x.sparse(vals, func(i int) bool { return vals[i] == common }, false, common, codes)
	default:
		x.w.byte(pagePacked)
		x.numbers(vals, codes)
	}
}

// tallyPage returns a number that many rows of a page have, and how many, and
// counts runs and nulls.
func tallyPage(vals []int64, isNull func(int) bool) (common int64, times, runs, nulls int) {
	votes, zeros := 0, 0
	for i, v := range vals {
		if isNull(i) {
			nulls++
			continue
		}
		if i == 0 || v != vals[i-1] {
			runs++
		}
		if v == 0 {
			zeros++
		}
		// Whatever more than half of the rows are comes out of this vote.
		switch {
		case votes == 0:
			common, votes = v, 1
		case v == common:
			votes++
		default:
			votes--
		}
	}
	if nulls > 0 || runs <= 1 {
		return common, len(vals) - nulls, runs, nulls
	}
	for _, v := range vals {
		if v == common {
			times++
		}
	}
	if zeros > times { // as a code, this is most often the empty string
		return 0, zeros, runs, 0
	}
	return common, times, runs, 0
}

func (x *pageWriter) sparse(vals []int64, isCommon func(int) bool, null bool, common int64, codes bool) {
	bitmap := make([]byte, (len(vals)+63)/64*8)
	x.others = x.others[:0]
	for i, v := range vals {
		if !isCommon(i) {
			bitutil.SetBit(bitmap, i)
			x.others = append(x.others, v)
		}
	}
	apart := x.apart != nil && packedSize(len(x.others), packWidth(rangeOf(x.others))) > len(bitmap)
	x.w.byte(map[bool]byte{false: pageSparse, true: pageApart}[apart])
	x.w.optional(null)
	x.w.int(common)
	x.w.uint(uint64(len(x.others)))
	x.w.b = append(x.w.b, bitmap...)
	if apart {
		x.w, *x.apart = *x.apart, x.w
	}
	x.numbers(x.others, codes)
	if apart {
		x.w, *x.apart = *x.apart, x.w
	}
}

func (x *pageWriter) runs(vals []int64, codes bool) {
	x.ends, x.values = x.ends[:0], x.values[:0]
	for i, v := range vals {
		if i == 0 || v != vals[i-1] {
			if i > 0 {
				x.ends = append(x.ends, int64(i))
			}
			x.values = append(x.values, v)
		}
	}
	x.ends = append(x.ends, int64(len(vals)))
	x.w.byte(pageRuns)
	x.w.uint(uint64(len(x.values)))
	x.numbers(x.ends, true)
	x.numbers(x.values, codes)
}

// rangeOf is the distance of the least and the greatest.
func rangeOf(vals []int64) uint64 {
	lo, hi := int64(math.MaxInt64), int64(math.MinInt64)
	for _, v := range vals {
		lo, hi = min(lo, v), max(hi, v)
	}
	return uint64(hi) - uint64(lo)
}

// numbers appends numbers as distances from the least in steps of their common
// divisor: ticks of whole seconds need 23 bits less than ticks.
func (x *pageWriter) numbers(vals []int64, codes bool) {
	lo, hi := int64(math.MaxInt64), int64(math.MinInt64)
	for _, v := range vals {
		lo, hi = min(lo, v), max(hi, v)
	}
	if len(vals) == 0 {
		lo, hi = 0, 0
	}
	scale := uint64(0)
	if codes {
		scale = 1
	}
	for _, v := range vals {
		if scale == 1 {
			break
		}
		scale = gcd(uint64(v)-uint64(lo), scale)
	}
	scale = max(scale, 1)
	width := packWidth((uint64(hi) - uint64(lo)) / scale)
	x.w.int(lo)
	x.w.uint(scale)
	x.w.byte(byte(width))
	if scale == 1 {
		x.w.b = pack(x.w.b, len(vals), width, func(i int) uint64 { return uint64(vals[i]) - uint64(lo) })
	} else {
		x.w.b = pack(x.w.b, len(vals), width, func(i int) uint64 { return (uint64(vals[i]) - uint64(lo)) / scale })
	}
	x.w.b = append(x.w.b, 0, 0, 0, 0, 0, 0, 0, 0)
}

func (r *reader) packed(n int) packed {
	p := packed{n: n, base: r.int(), scale: int64(r.uint())}
	p.width = r.width()
	p.data = r.take(uint64(packedSize(n, p.width) + packSlack))
	return p
}

// page reads a page of n rows.
func (r *reader) page(n int) page {
	p := page{n: n, form: r.byte()}
	switch p.form {
	case pageConstant:
		p.null, p.common = r.byte() == 1, r.int()
	case pagePacked:
		p.vals = r.packed(n)
	case pageSparse, pageApart:
		p.apart, p.form = p.form == pageApart, pageSparse
		p.null, p.common = r.byte() == 1, r.int()
		p.vals.n = r.count(n)
		p.bits = r.take(uint64((n + 63) / 64 * 8))
		if !p.apart {
			p.vals = r.packed(p.vals.n)
		}
		if r.err == nil && !p.rankAll() {
			r.fail("page")
		}
	case pageRuns:
		runs := r.count(n)
		p.ends, p.vals = r.packed(runs), r.packed(runs)
		last := int64(0)
		for i := 0; i < runs && r.err == nil; i++ {
			end := p.ends.at(i)
			if end <= last || end > int64(n) {
				r.fail("page")
			}
			last = end
		}
		if last != int64(n) {
			r.fail("page")
		}
	default:
		r.fail("page")
	}
	return p
}

// rankAll counts the rows that differ, and reports whether they are as many as
// there are numbers for.
func (p *page) rankAll() bool {
	p.ranks = make([]uint16, (p.n+rankRows-1)/rankRows)
	k := 0
	for b := 0; b < len(p.bits); b += 8 {
		if b*8%rankRows == 0 {
			p.ranks[b*8/rankRows] = uint16(k)
		}
		w := binary.LittleEndian.Uint64(p.bits[b:])
		if left := p.n - 8*b; left < 64 && w>>left != 0 {
			return false
		}
		k += bits.OnesCount64(w)
	}
	return k == p.vals.n
}
