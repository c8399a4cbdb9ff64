package storage

import (
	"encoding/binary"
	"math/bits"
)

// rowsOf appends the rows of [a,b), all of the page that begins at first, that
// pass. Codes that are not in the dictionary pass no test; that there are none
// is checked where strings are looked up for them, and by Verify.
func (t *codeTest) rowsOf(p *page, first, a, b int, out []int32) []int32 {
	switch p.form {
	case pageConstant:
		if t.has(p.common) {
			out = appendRange(out, a, b)
		}
	case pagePacked:
		out = t.packed(&p.vals, a-first, b-first, int32(first), out)
	case pageRuns:
		for r := p.runOf(a - first); a < b; r++ {
			end := min(first+int(p.ends.at(r)), b)
			if t.has(p.vals.at(r)) {
				out = appendRange(out, a, end)
			}
			a = end
		}
	case pageSparse:
		if t.has(p.common) {
			return t.commonRows(p, first, a, b, out)
		}
		return t.others(p, first, a, b, out)
	}
	return out
}

func appendRange(out []int32, a, b int) []int32 {
	for ; a < b; a++ {
		out = append(out, int32(a))
	}
	return out
}

// packed appends first+i for the numbers i of [a,b) that pass.
func (t *codeTest) packed(p *packed, a, b int, first int32, out []int32) []int32 {
	switch {
	case p.width == 0 || p.width > 32 || p.scale != 1:
		for ; a < b; a++ {
			if t.has(p.at(a)) {
				out = append(out, first+int32(a))
			}
		}
		return out
	case t.one >= 0:
		want := uint64(int64(t.one) - p.base)
		if want >= 1<<p.width {
			return out
		}
		return findPacked(p, want, a, b, first, out)
	}
	mask, data, base, set := uint64(1)<<p.width-1, p.data, p.base, t.set
	bit := a * p.width
	for ; a < b; a++ {
		v := uint64(base + int64(binary.LittleEndian.Uint64(data[bit>>3:])>>(bit&7)&mask))
		if w := v >> 6; w < uint64(len(set)) && set[w]>>(v&63)&1 != 0 {
			out = append(out, first+int32(a))
		}
		bit += p.width
	}
	return out
}

// findPacked appends first+i for the numbers i of [a,b) whose bits are want.
// As many as one load has whole, at whatever bit they begin, are compared at
// once: where one of them is zero after xor with what is wanted, subtracting 1
// from each borrows from the bit above a field that was not set.
func findPacked(p *packed, want uint64, a, b int, first int32, out []int32) []int32 {
	k := 57 / p.width
	var ones, pattern uint64
	for j := range k {
		ones |= 1 << (j * p.width)
		pattern |= want << (j * p.width)
	}
	highs, all := ones<<(p.width-1), uint64(1)<<(k*p.width)-1
	data, bit, step := p.data, a*p.width, k*p.width
	for ; a+k <= b; a += k {
		x := binary.LittleEndian.Uint64(data[bit>>3:])>>(bit&7)&all ^ pattern
		bit += step
		if (x-ones)&^x&highs == 0 {
			continue
		}
		for j := range k {
			if x>>(j*p.width)&(1<<p.width-1) == 0 {
				out = append(out, first+int32(a+j))
			}
		}
	}
	for ; a < b; a++ {
		if uint64(p.at(a)-p.base) == want {
			out = append(out, first+int32(a))
		}
	}
	return out
}

// others appends the rows of [a,b) that pass, of a sparse page whose common
// number does not.
func (t *codeTest) others(p *page, first, a, b int, out []int32) []int32 {
	from, to := p.rank(a-first), p.vals.n
	if b-first < p.n {
		to = p.rank(b - first)
	}
	// Places among those that differ become rows.
	k, word := 0, 0
	for _, h := range t.packed(&p.vals, from, to, 0, nil) {
		w := binary.LittleEndian.Uint64(p.bits[8*word:])
		for k+bits.OnesCount64(w) <= int(h) {
			k += bits.OnesCount64(w)
			word++
			w = binary.LittleEndian.Uint64(p.bits[8*word:])
		}
		for range int(h) - k {
			w &= w - 1
		}
		out = append(out, int32(first+64*word+bits.TrailingZeros64(w)))
	}
	return out
}

// commonRows appends the rows of [a,b) that pass, of a sparse page whose
// common number does.
func (t *codeTest) commonRows(p *page, first, a, b int, out []int32) []int32 {
	c := rankCursor{page: p, word: -1}
	for ; a < b; a++ {
		at := a - first
		if p.bits[at>>3]>>(at&7)&1 == 0 || t.has(p.vals.at(c.rank(at))) {
			out = append(out, int32(a))
		}
	}
	return out
}
