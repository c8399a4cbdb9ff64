package storage

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// maxPacked is the widest number that is bit-packed: a number and the bits
// before it in its first byte must fit in one load of 64 bits. Wider ones
// take 64.
const maxPacked = 57

// packWidth is the number of bits used for numbers up to most.
func packWidth(most uint64) int {
	if w := bits.Len64(most); w <= maxPacked {
		return w
	}
	return 64
}

// packedSize is the size in bytes of n packed numbers.
func packedSize(n, width int) int { return (n*width + 7) / 8 }

// pack appends n numbers of the given width, lowest bits first.
func pack(dst []byte, n, width int, at func(int) uint64) []byte {
	if width == 64 {
		for i := 0; i < n; i++ {
			dst = binary.LittleEndian.AppendUint64(dst, at(i))
		}
		return dst
	}
	dst = slices.Grow(dst, packedSize(n, width)+8)
	var acc uint64
	have := 0 // bits in acc
	for i := 0; i < n; i++ {
		if have+width > 64 { // whole bytes go out; what is left and a number fit
			whole := have &^ 7
			dst = binary.LittleEndian.AppendUint64(dst, acc)[:len(dst)+whole/8]
			acc >>= whole
			have -= whole
		}
		acc |= at(i) << have
		have += width
	}
	for ; have >= 8; have -= 8 {
		dst = append(dst, byte(acc))
		acc >>= 8
	}
	if have > 0 {
		dst = append(dst, byte(acc))
	}
	return dst
}

// unpack reads len(dst) packed numbers v as base + v*scale. src holds
// packedSize bytes.
func unpack[T uint8 | uint16 | int32 | int64](dst []T, src []byte, width int, base, scale int64) {
	mask := uint64(1)<<width - 1
	if width == 64 {
		for i := range dst {
			dst[i] = T(base + int64(binary.LittleEndian.Uint64(src[8*i:]))*scale)
		}
		return
	}
	// Whole loads as far as eight bytes are there, then a padded copy.
	n := len(dst)
	fast := 0
	if width > 0 && len(src) >= 8 {
		fast = min(n, ((len(src)-8)*8)/width+1)
		for fast > 0 && (fast-1)*width/8+8 > len(src) {
			fast--
		}
	}
	bit := 0
	for i := range dst[:fast] {
		v := binary.LittleEndian.Uint64(src[bit>>3:]) >> (bit & 7) & mask
		dst[i] = T(base + int64(v)*scale)
		bit += width
	}
	var pad [8]byte
	for i := fast; i < n; i++ {
		pad = [8]byte{}
		copy(pad[:], src[min(bit>>3, len(src)):])
		v := binary.LittleEndian.Uint64(pad[:]) >> (bit & 7) & mask
		dst[i] = T(base + int64(v)*scale)
		bit += width
	}
}
