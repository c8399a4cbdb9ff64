package vec

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow/array"
)

// Packed are the rows of a column of strings without nulls as places in a
// dictionary, in the width that a source keeps them in: one of the three
// slices is set.
type Packed struct {
	B8     []uint8
	B16    []uint16
	B32    []int32
	Values *array.String // ascending by bytes
}

// Find returns the place of s in the dictionary, or -1.
func (p *Packed) Find(s string) int32 {
	lo, hi := 0, p.Values.Len()
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if p.Values.Value(mid) < s {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < p.Values.Len() && p.Values.Value(lo) == s {
		return int32(lo)
	}
	return -1
}

// Pass appends to out the rows of sel (all where nil) whose code has a 1 in
// pass, which has 0 or 1 for each value of the dictionary.
func (p *Packed) Pass(pass []uint8, sel, out []int32) []int32 {
	switch {
	case p.B8 != nil:
		return codesPass(p.B8, pass, sel, out)
	case p.B16 != nil:
		return codesPass(p.B16, pass, sel, out)
	}
	return codesPass(p.B32, pass, sel, out)
}

// codesPass writes every row and moves on only past those that pass: no
// branch depends on the data.
func codesPass[T uint8 | uint16 | int32](codes []T, pass []uint8, sel, out []int32) []int32 {
	n := len(codes)
	if sel != nil {
		n = len(sel)
	}
	k := len(out)
	out = slices.Grow(out, n+1)[:k+n+1] // one more: the last row that fails is written too
	if sel == nil {
		for i, c := range codes {
			out[k] = int32(i)
			k += int(pass[c])
		}
		return out[:k]
	}
	for _, i := range sel {
		out[k] = i
		k += int(pass[codes[i]])
	}
	return out[:k]
}

// Count adds to n, which has a place a value, the rows of sel (all where nil)
// by value.
func (p *Packed) Count(sel []int32, n []int64) {
	switch {
	case p.B8 != nil:
		codesCount(p.B8, sel, n)
	case p.B16 != nil:
		codesCount(p.B16, sel, n)
	default:
		codesCount(p.B32, sel, n)
	}
}

// codesCount counts even and odd rows apart where values are few: adding to
// the same place again and again, each addition would wait for the last.
func codesCount[T uint8 | uint16 | int32](codes []T, sel []int32, n []int64) {
	if sel != nil {
		for _, i := range sel {
			n[codes[i]]++
		}
		return
	}
	if len(n) > 256 {
		for _, c := range codes {
			n[c]++
		}
		return
	}
	var odd [256]int64
	i := 0
	for ; i+1 < len(codes); i += 2 {
		n[codes[i]]++
		odd[codes[i+1]&255]++
	}
	if i < len(codes) {
		n[codes[i]]++
	}
	for c := range n {
		n[c] += odd[c]
	}
}

// Between appends to out the rows of sel (all where nil) whose value is from
// lo to hi. values has the rows of sel, or all.
func Between(values []int64, lo, hi int64, sel, out []int32) []int32 {
	width := uint64(hi) - uint64(lo)
	if sel == nil {
		for i, v := range values {
			if uint64(v)-uint64(lo) <= width {
				out = append(out, int32(i))
			}
		}
		return out
	}
	for i, v := range values {
		if uint64(v)-uint64(lo) <= width {
			out = append(out, sel[i])
		}
	}
	return out
}

// Merge returns the rows that are in a or b, both ascending.
func Merge(a, b []int32) []int32 {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	out := make([]int32, 0, len(a)+len(b))
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] < b[j]:
			out = append(out, a[i])
			i++
		case a[i] > b[j]:
			out = append(out, b[j])
			j++
		default:
			out = append(out, a[i])
			i, j = i+1, j+1
		}
	}
	return append(append(out, a[i:]...), b[j:]...)
}

// Without returns the rows of all (of 0…n-1 where nil) that are not in some,
// both ascending.
func Without(all, some []int32, n int) []int32 {
	if len(some) == 0 && all != nil {
		return all
	}
	if all == nil {
		all = All(n)
	}
	out := make([]int32, 0, len(all)-len(some))
	j := 0
	for _, r := range all {
		if j < len(some) && some[j] == r {
			j++
			continue
		}
		out = append(out, r)
	}
	return out
}
