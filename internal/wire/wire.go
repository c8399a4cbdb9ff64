// Package wire writes numbers, byte strings and slices of them as bytes, and
// reads them again: what temporary files are made of. It is no format to keep;
// reader and writer are always of one build of the program.
package wire

import (
	"encoding/binary"
	"errors"
	"math"
)

// Uint appends a number in as few bytes as it needs.
func Uint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }

// Int appends a number in as few bytes as its distance from 0 needs.
func Int(b []byte, v int64) []byte { return binary.AppendVarint(b, v) }

// Bool appends a byte.
func Bool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// Fixed appends a number in eight bytes.
func Fixed(b []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(b, v) }

// Real appends a float in eight bytes, with all of its bits.
func Real(b []byte, v float64) []byte { return Fixed(b, math.Float64bits(v)) }

// Bytes appends a byte string with its length.
func Bytes[T ~string | ~[]byte](b []byte, v T) []byte {
	return append(Uint(b, uint64(len(v))), v...)
}

// Fixeds appends a slice of numbers, eight bytes each, with its length.
func Fixeds[T ~int64 | ~uint64](b []byte, v []T) []byte {
	b = Uint(b, uint64(len(v)))
	for _, x := range v {
		b = Fixed(b, uint64(x))
	}
	return b
}

// Reals appends a slice of floats with its length.
func Reals(b []byte, v []float64) []byte {
	b = Uint(b, uint64(len(v)))
	for _, x := range v {
		b = Real(b, x)
	}
	return b
}

// ErrShort says that bytes are not what was written.
var ErrShort = errors.New("the data of a temporary file is damaged")

// Reader reads what the functions of this package have written, in the same
// order. After an error, which Err tells, everything reads as zero.
type Reader struct {
	b   []byte
	err error
}

// NewReader reads from b, which must not change while what was read is in use.
func NewReader(b []byte) *Reader { return &Reader{b: b} }

// Err is ErrShort once more was asked for than was there.
func (r *Reader) Err() error { return r.err }

// Left is how many bytes were not read yet.
func (r *Reader) Left() int { return len(r.b) }

func (r *Reader) fail() { r.b, r.err = nil, ErrShort }

// Uint reads what Uint wrote.
func (r *Reader) Uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// Int reads what Int wrote.
func (r *Reader) Int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// Raw reads n bytes. They share the reader's memory.
func (r *Reader) Raw(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.fail()
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

// Bool reads a byte.
func (r *Reader) Bool() bool {
	b := r.Raw(1)
	return len(b) == 1 && b[0] == 1
}

// Fixed reads eight bytes.
func (r *Reader) Fixed() uint64 {
	b := r.Raw(8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

// Real reads a float.
func (r *Reader) Real() float64 { return math.Float64frombits(r.Fixed()) }

// Len reads the length of something whose elements take at least least bytes
// each, so that damage cannot ask for more memory than there is data.
func (r *Reader) Len(least int) int {
	n := r.Uint()
	if n > uint64(len(r.b))/uint64(max(least, 1)) {
		r.fail()
		return 0
	}
	return int(n)
}

// Bytes reads what Bytes wrote. The result shares the reader's memory.
func (r *Reader) Bytes() []byte { return r.Raw(r.Len(1)) }

// Str reads what Bytes wrote, as a string of its own.
func (r *Reader) Str() string { return string(r.Bytes()) }

// Int64s reads what Fixeds wrote.
func (r *Reader) Int64s() []int64 {
	out := make([]int64, r.Len(8))
	for i := range out {
		out[i] = int64(r.Fixed())
	}
	return out
}

// Uint64s reads what Fixeds wrote.
func (r *Reader) Uint64s() []uint64 {
	out := make([]uint64, r.Len(8))
	for i := range out {
		out[i] = r.Fixed()
	}
	return out
}

// Reals reads what Reals wrote.
func (r *Reader) Reals() []float64 {
	out := make([]float64, r.Len(8))
	for i := range out {
		out[i] = r.Real()
	}
	return out
}
