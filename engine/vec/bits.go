package vec

import (
	"encoding/binary"
	"math/bits"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
)

// Bools go between a byte each, which loops work on, and Arrow's bits, eight
// at a time.

// asBytes is the memory of bools: bytes that are 0 or 1.
func asBytes(v []bool) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v))
}

// packBools packs values into bits and counts those that are false.
func packBools(v []bool, n int) (packed []byte, zeros int) {
	packed = make([]byte, bitutil.BytesForBits(int64(n)))
	in := asBytes(v[:n])
	ones, i := 0, 0
	for ; i+8 <= n; i += 8 {
		// The product moves bit 0 of byte k to bit 56+k; no two summands meet.
		b := byte(binary.LittleEndian.Uint64(in[i:]) * 0x0102040810204080 >> 56)
		packed[i>>3] = b
		ones += bits.OnesCount8(b)
	}
	for ; i < n; i++ {
		packed[i>>3] |= in[i] << (i & 7)
		ones += int(in[i])
	}
	return packed, n - ones
}

// spread has for each byte its bits as eight bytes.
var spread = func() (t [256]uint64) {
	for b := range t {
		for k := range 8 {
			t[b] |= uint64(b>>k&1) << (8 * k)
		}
	}
	return t
}()

// unpackBits gives n bits, from bit off on, as bools.
func unpackBits(packed []byte, off, n int) []bool {
	out := make([]bool, n)
	bytes := asBytes(out)
	i := 0
	if off&7 == 0 {
		for ; i+8 <= n; i += 8 {
			binary.LittleEndian.PutUint64(bytes[i:], spread[packed[(off+i)>>3]])
		}
	}
	for ; i < n; i++ {
		out[i] = bitutil.BitIsSet(packed, off+i)
	}
	return out
}

// Bools returns the values of a Bools array.
func Bools(a arrow.Array) []bool {
	d := a.Data()
	if d.Len() == 0 || d.Buffers()[1] == nil {
		return make([]bool, d.Len())
	}
	return unpackBits(d.Buffers()[1].Bytes(), d.Offset(), d.Len())
}

// Validity returns which rows are valid, or nil where all are.
func Validity(a arrow.Array) []bool {
	if a.NullN() == 0 {
		return nil
	}
	if d, ok := a.(*array.Dictionary); ok {
		a = d.Indices()
	}
	return unpackBits(a.NullBitmapBytes(), a.Data().Offset(), a.Len())
}

// Selected returns the rows where a Bools column is true: null is not. It is
// never nil: where selections pass on, nil stands for all rows.
func Selected(c Column, n int) []int32 {
	if c.Const {
		if c.IsNull(0) || !c.Bool(0) {
			return []int32{}
		}
		return All(n)
	}
	a := c.Arr.(*array.Boolean)
	off := a.Data().Offset()
	if n == 0 {
		return []int32{}
	}
	if off&7 != 0 {
		return selectedSlowly(a, n)
	}
	values := a.Data().Buffers()[1].Bytes()[off>>3:]
	var valid []byte
	if a.NullN() > 0 {
		valid = a.NullBitmapBytes()[off>>3:]
	}
	word := func(i int) uint64 {
		w := load(values, i)
		if valid != nil {
			w &= load(valid, i)
		}
		if left := n - 64*i; left < 64 {
			w &= 1<<left - 1
		}
		return w
	}
	count, words := 0, (n+63)/64
	for i := range words {
		count += bits.OnesCount64(word(i))
	}
	out := make([]int32, 0, count)
	for i := range words {
		for w := word(i); w != 0; w &= w - 1 {
			out = append(out, int32(64*i+bits.TrailingZeros64(w)))
		}
	}
	return out
}

// Present appends to out the rows of an array that are not null.
func Present(a arrow.Array, out []int32) []int32 {
	off, n := a.Data().Offset(), a.Len()
	if a.NullN() == 0 || off&7 != 0 {
		for i := range n {
			if a.IsValid(i) {
				out = append(out, int32(i))
			}
		}
		return out
	}
	return Set(a.NullBitmapBytes()[off>>3:], n, out)
}

// Set appends to out which of the first n bits of a bitmap are set.
func Set(bitmap []byte, n int, out []int32) []int32 {
	for i := range (n + 63) / 64 {
		w := load(bitmap, i)
		if left := n - 64*i; left < 64 {
			w &= 1<<left - 1
		}
		for ; w != 0; w &= w - 1 {
			out = append(out, int32(64*i+bits.TrailingZeros64(w)))
		}
	}
	return out
}

// load is the i-th word of 64 bits; those beyond the end are 0.
func load(b []byte, i int) uint64 {
	if 8*i+8 <= len(b) {
		return binary.LittleEndian.Uint64(b[8*i:])
	}
	var w uint64
	for k := 8 * i; k < len(b); k++ {
		w |= uint64(b[k]) << (8 * (k & 7))
	}
	return w
}

func selectedSlowly(a *array.Boolean, n int) []int32 {
	out := make([]int32, 0, n)
	for i := range n {
		if a.IsValid(i) && a.Value(i) {
			out = append(out, int32(i))
		}
	}
	return out
}
