package storage

import (
	"encoding/binary"
	"math"

	"github.com/cespare/xxhash/v2"
)

// formatVersion is the version of everything inside a store. It is written to
// TIDEMARK.json. Stores of version oldestVersion and later are read; opened for
// writing they become stores of this one, which older programs refuse.
//
//	1  a column of an extent is one chunk
//	2  columns of numbers and strings of extents are in parts
//	3  rows of large tail entries have files of their own
//	4  numbers of sparse pages are apart from where they are
//	5  columns of an extent may follow others
const (
	formatVersion = 5
	oldestVersion = 1
)

// envelopeVersion is the first byte of every value.
const envelopeVersion = 1

// envelope is what precedes the payload of every value:
//
//	byte 0     version of the envelope
//	bytes 1-8  xxhash64 of key, version and payload, little-endian
//
// The key is part of the hash: a value that turns up under another key is
// damage too. Badger itself does not tell of damaged blocks.
const envelope = 9

func checksum(k key, payload []byte) uint64 {
	var d xxhash.Digest
	d.Reset()
	d.Write(k)
	d.Write([]byte{envelopeVersion})
	d.Write(payload)
	return d.Sum64()
}

// wrap returns the value to store for a payload under a key.
func wrap(k key, payload []byte) []byte {
	v := make([]byte, envelope, envelope+len(payload))
	v[0] = envelopeVersion
	binary.LittleEndian.PutUint64(v[1:], checksum(k, payload))
	return append(v, payload...)
}

// unwrap checks a stored value and returns its payload, which aliases it.
func unwrap(k key, v []byte) ([]byte, error) {
	if len(v) < envelope {
		return nil, corrupt("value of %d bytes is too short", len(v))
	}
	sum := binary.LittleEndian.Uint64(v[1:])
	payload := v[envelope:]
	if v[0] != envelopeVersion || checksum(k, payload) != sum {
		return nil, corrupt("checksum does not match (%d bytes)", len(v))
	}
	return payload, nil
}

// valueSum is the checksum that the envelope of v states.
func valueSum(v []byte) uint64 { return binary.LittleEndian.Uint64(v[1:]) }

// writer appends numbers and byte strings.
type writer struct{ b []byte }

func (w *writer) byte(v byte)      { w.b = append(w.b, v) }
func (w *writer) uint(v uint64)    { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) int(v int64)      { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) u64(v uint64)     { w.b = binary.LittleEndian.AppendUint64(w.b, v) }
func (w *writer) float(v float64)  { w.u64(math.Float64bits(v)) }
func (w *writer) bytes(v []byte)   { w.uint(uint64(len(v))); w.b = append(w.b, v...) }
func (w *writer) string(v string)  { w.uint(uint64(len(v))); w.b = append(w.b, v...) }
func (w *writer) optional(ok bool) { w.byte(map[bool]byte{true: 1}[ok]) }

// reader reads what writer wrote. After the first thing that is not there it
// has err set and returns zeros. It never panics, whatever the bytes.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = corrupt("%s is cut short or wrong", what)
	}
	r.b = nil
}

func (r *reader) byte() byte {
	if len(r.b) < 1 {
		r.fail("byte")
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail("number")
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads a number that must not exceed limit.
func (r *reader) count(limit int) int {
	v := r.uint()
	if v > uint64(limit) {
		r.fail("count")
		return 0
	}
	return int(v)
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail("number")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) u64() uint64 {
	if len(r.b) < 8 {
		r.fail("number")
		return 0
	}
	v := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return v
}

func (r *reader) float() float64 { return math.Float64frombits(r.u64()) }

// take returns the next n bytes; they alias the input.
func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail("byte string")
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes() []byte  { return r.take(r.uint()) }
func (r *reader) string() string { return string(r.bytes()) }

// done returns the error, or one when bytes are left over.
func (r *reader) done() error {
	if r.err == nil && len(r.b) > 0 {
		r.fail("end")
	}
	return r.err
}
