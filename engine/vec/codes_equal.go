package vec

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Equal appends to out the rows of sel (all where nil) whose code is c.
func (p *Packed) Equal(c int32, sel, out []int32) []int32 {
	switch {
	case p.B8 != nil && sel == nil:
		return BytesEqual([][]uint8{p.B8}, []uint8{uint8(c)}, out)
	case p.B8 != nil:
		return codesEqual(p.B8, uint8(c), sel, out)
	case p.B16 != nil:
		return codesEqual(p.B16, uint16(c), sel, out)
	}
	return codesEqual(p.B32, c, sel, out)
}

// codesEqual writes every row of sel and moves on only past those that are
// equal: how many are is hard to foretell where conditions before chose them.
func codesEqual[T uint8 | uint16 | int32](codes []T, c T, sel, out []int32) []int32 {
	if sel == nil {
		for i, x := range codes {
			if x == c {
				out = append(out, int32(i))
			}
		}
		return out
	}
	k := len(out)
	out = slices.Grow(out, len(sel)+1)[:k+len(sel)+1]
	for _, i := range sel {
		out[k] = i
		equal := 0
		if codes[i] == c {
			equal = 1
		}
		k += equal
	}
	return out[:k]
}

const (
	eachByte = 0x0101010101010101
	low7     = 0x7f7f7f7f7f7f7f7f
)

// BytesEqual appends to out the rows in which every column has its value: of
// columns[i], which are equally long, want[i]. Eight rows are compared at once.
func BytesEqual(columns [][]uint8, want []uint8, out []int32) []int32 {
	if len(columns) == 0 {
		return out
	}
	n, k := len(columns[0]), len(out)
	out = slices.Grow(out, n+8)[:k+n+8] // eight more: all of a word are written
	i := 0
	switch len(columns) {
	case 1:
		a, p := columns[0], uint64(want[0])*eachByte
		for ; i+8 <= n; i += 8 {
			if m := zeroBytes(binary.LittleEndian.Uint64(a[i:]) ^ p); m != 0 {
				k = appendBytes(out, k, i, m)
			}
		}
	case 2:
		a, p := columns[0], uint64(want[0])*eachByte
		b, q := columns[1][:n], uint64(want[1])*eachByte
		for ; i+8 <= n; i += 8 {
			x := (binary.LittleEndian.Uint64(a[i:]) ^ p) | (binary.LittleEndian.Uint64(b[i:]) ^ q)
			if m := zeroBytes(x); m != 0 {
				k = appendBytes(out, k, i, m)
			}
		}
	default:
		for ; i+8 <= n; i += 8 {
			var x uint64
			for j, col := range columns {
				x |= binary.LittleEndian.Uint64(col[i:]) ^ uint64(want[j])*eachByte
			}
			if m := zeroBytes(x); m != 0 {
				k = appendBytes(out, k, i, m)
			}
		}
	}
	for ; i < n; i++ {
		if bytesAre(columns, want, i) {
			out[k] = int32(i)
			k++
		}
	}
	return out[:k]
}

// zeroBytes has the highest bit of each byte set that is zero in x.
func zeroBytes(x uint64) uint64 { return ^((x&low7 + low7) | x | low7) }

// appendBytes writes the rows from i on whose byte in m is marked: where they
// are few one by one, else all eight, each over the one before if that is not.
func appendBytes(out []int32, k, i int, m uint64) int {
	if bits.OnesCount64(m) < 3 {
		for ; m != 0; m &= m - 1 {
			out[k] = int32(i + bits.TrailingZeros64(m)>>3)
			k++
		}
		return k
	}
	for j := range 8 {
		out[k] = int32(i + j)
		k += int(m >> 7 & 1)
		m >>= 8
	}
	return k
}

func bytesAre(columns [][]uint8, want []uint8, i int) bool {
	for j, col := range columns {
		if col[i] != want[j] {
			return false
		}
	}
	return true
}
