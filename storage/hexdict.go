package storage

import (
	"encoding/binary"
	"unsafe"
)

// Half of what a change log of files holds are checksums in hex digits. On
// their way to disk dictionaries of such stay packed as they are stored, two
// digits to a byte: half as much to hash, compare and copy. Packed strings are
// in the order of their text, as digits come before letters. Scans never see
// such a dictionary; it is made by fromArrow and by decoding for a seal.

// newHexDict makes a dictionary of strings of hex digits that are packed: form
// tells of which case.
func newHexDict(offsets []int32, data []byte, form byte) *dict {
	return &dict{offsets: offsets, data: data, hex: form}
}

// like makes a dictionary of the form of d.
func (d *dict) like(offsets []int32, data []byte) *dict {
	if d.hex != dictBytes {
		return newHexDict(offsets, data, d.hex)
	}
	return newDict(offsets, data)
}

// key is string i as the dictionary holds it. Keys of dictionaries of one form
// compare as their strings do.
func (d *dict) key(i int) string {
	a, b := d.offsets[i], d.offsets[i+1]
	if a == b {
		return ""
	}
	return unsafe.String(&d.data[a], b-a)
}

// scale is how many bytes of text a byte of the dictionary stands for.
func (d *dict) scale() int {
	if d.hex != dictBytes {
		return 2
	}
	return 1
}

// textBytes is how many bytes the strings have together.
func (d *dict) textBytes() int { return len(d.data) * d.scale() }

// length is how many bytes string i has.
func (d *dict) length(i int) int { return int(d.offsets[i+1]-d.offsets[i]) * d.scale() }

// text returns the dictionary with its strings as text.
func (d *dict) text() *dict {
	if d.hex == dictBytes {
		return d
	}
	offsets := make([]int32, len(d.offsets))
	for i, o := range d.offsets {
		offsets[i] = 2 * o
	}
	return newDict(offsets, unpackHex(d.data, 2*len(d.data), d.hex))
}

// packed returns the dictionary with its strings packed, nil where they are not
// all hex digits of one case and of even length.
func (d *dict) packed() *dict {
	if d.hex != dictBytes {
		return d
	}
	form := hexForm(d.data)
	if form == dictBytes || !even(d.offsets) {
		return nil
	}
	offsets := make([]int32, len(d.offsets))
	for i, o := range d.offsets {
		offsets[i] = o / 2
	}
	return newHexDict(offsets, packHex(d.data), form)
}

func even(offsets []int32) bool {
	var all int32
	for _, o := range offsets {
		all |= o
	}
	return all&1 == 0
}

// sameForm returns dictionaries of equal form, so that their keys can be
// compared.
func sameForm(dicts []*dict) []*dict {
	form := byte(dictBytes)
	for _, d := range dicts {
		form = max(form, d.hex)
	}
	if form == dictBytes {
		return dicts
	}
	out := make([]*dict, len(dicts))
	for i, d := range dicts {
		if len(d.data) == 0 { // the empty string alone is of any form
			out[i] = newHexDict(d.offsets, nil, form)
		} else if out[i] = d.packed(); out[i] == nil || out[i].hex != form {
			for i, d := range dicts {
				out[i] = d.text()
			}
			break
		}
	}
	return out
}

// digits says of which case a byte can be a hex digit: bit 0 lower, bit 1
// upper.
var digits = func() (t [256]byte) {
	for _, c := range lowerDigits {
		t[c] |= 1
	}
	for _, c := range upperDigits {
		t[c] |= 2
	}
	return t
}()

// hexForm tells whether all of b is hex digits of one case.
func hexForm(b []byte) byte {
	if len(b) == 0 {
		return dictBytes
	}
	is := byte(3)
	for len(b) >= 8 && is != 0 {
		is &= digits[b[0]] & digits[b[1]] & digits[b[2]] & digits[b[3]] & digits[b[4]] & digits[b[5]] & digits[b[6]] & digits[b[7]]
		b = b[8:]
	}
	if is == 0 {
		return dictBytes
	}
	for _, c := range b {
		is &= digits[c]
	}
	switch {
	case is&1 != 0:
		return dictHexLower
	case is&2 != 0:
		return dictHexUpper
	}
	return dictBytes
}

func nibble(c byte) byte { return c&0xf + c>>6*9 }

// packHex packs hex digits two to a byte, an odd one at the end alone.
func packHex(b []byte) []byte {
	out := make([]byte, (len(b)+1)/2, (len(b)+1)/2+4)
	i := 0
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		x = x&0x0f0f0f0f0f0f0f0f + x>>6&0x0101010101010101*9
		x = (x<<4 | x>>8) & 0x00ff00ff00ff00ff
		x = (x | x>>8) & 0x0000ffff0000ffff
		binary.LittleEndian.PutUint32(out[i/2:], uint32(x|x>>16))
	}
	for ; i+1 < len(b); i += 2 {
		out[i/2] = nibble(b[i])<<4 | nibble(b[i+1])
	}
	if i < len(b) {
		out[i/2] = nibble(b[i]) << 4
	}
	return out
}

// digitsIn are the digits of a form, by value.
func digitsIn(form byte) string {
	if form == dictHexUpper {
		return upperDigits
	}
	return lowerDigits
}

// unpackHex returns n digits, packed two to a byte.
func unpackHex(b []byte, n int, form byte) []byte {
	out := make([]byte, 2*len(b))
	writeHex(out, b, form)
	return out[:n:n]
}

// writeHex writes the digits of b, of a form, into dst, twice as long: eight at
// once in one register.
func writeHex(dst, b []byte, form byte) {
	digits := digitsIn(form)
	letter := uint64(digits[10] - digits[9] - 1)
	for len(b) >= 4 {
		x := uint64(binary.LittleEndian.Uint32(b))
		x = (x | x<<16) & 0x0000ffff0000ffff
		x = (x | x<<8) & 0x00ff00ff00ff00ff
		x = (x>>4 | x<<8) & 0x0f0f0f0f0f0f0f0f
		x += 0x3030303030303030 + (x+0x0606060606060606)>>4&0x0101010101010101*letter
		binary.LittleEndian.PutUint64(dst, x)
		dst, b = dst[8:], b[4:]
	}
	for i, c := range b {
		dst[2*i], dst[2*i+1] = digits[c>>4], digits[c&15]
	}
}
