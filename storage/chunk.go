package storage

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"tidemark/table"
)

// A chunk is one column of a tail entry or an extent as bytes:
//
//	byte 0   encoding
//	byte 1   bit 0: a null bitmap follows
//	number   rows
//	section  null bitmap, if any (bit set: not null)
//	...      by encoding
//
// Numbers are LEB128. A section is described in section.go.
const (
	encNull     = 0 // all rows null: nothing follows
	encConstant = 1 // the value: 1 byte, 8 bytes, or length and bytes
	encDict     = 2 // dictionary, then codes packed to the least width
	encFrame    = 3 // base, scale, width, then (value-base)/scale packed
	encFloats   = 4 // section of 8 bytes a row
	encBits     = 5 // section of a bit a row
)

// encodeChunk returns the column as a chunk.
func encodeChunk(c *column, comp compressor) []byte {
	w := &writer{b: make([]byte, 0, 256)}
	if c.constant {
		encodeConstant(w, c)
		return w.b
	}
	enc := [...]byte{table.Bools: encBits, table.Int64s: encFrame, table.Float64s: encFloats, table.Strings: encDict}[c.phys]
	w.byte(enc)
	w.optional(c.nulls > 0)
	w.uint(uint64(c.n))
	if c.nulls > 0 {
		w.section(c.valid, comp)
	}
	switch enc {
	case encBits:
		w.section(c.bits, comp)
	case encFloats:
		w.section(arrow.Float64Traits.CastToBytes(c.floats), comp)
	case encFrame:
		encodeFrame(w, c)
	default:
		encodeDict(w, c.dict, comp)
		width := packWidth(uint64(c.dict.len() - 1))
		w.byte(byte(width))
		packed := pack(make([]byte, 0, packedSize(c.n, width)), c.n, width, func(i int) uint64 { return uint64(c.codes.at(i)) })
		w.section(packed, comp)
	}
	return w.b
}

func encodeConstant(w *writer, c *column) {
	if c.nulls > 0 || c.n == 0 {
		w.byte(encNull)
		w.byte(0)
		w.uint(uint64(c.n))
		return
	}
	w.byte(encConstant)
	w.byte(0)
	w.uint(uint64(c.n))
	switch c.phys {
	case table.Bools:
		w.optional(c.boolAt(0))
	case table.Int64s:
		w.u64(uint64(c.ints[0]))
	case table.Float64s:
		w.float(c.floats[0])
	default:
		w.string(c.dict.at(0))
	}
}

// encodeFrame writes whole numbers as distances from the least in steps of
// their common divisor: ticks of whole seconds need 23 bits less than ticks.
func encodeFrame(w *writer, c *column) {
	base, top := int64(math.MaxInt64), int64(math.MinInt64)
	for i, v := range c.ints {
		if !c.isNull(i) {
			base, top = min(base, v), max(top, v)
		}
	}
	scale := uint64(0)
	for i, v := range c.ints {
		if scale == 1 {
			break
		}
		if !c.isNull(i) {
			scale = gcd(uint64(v)-uint64(base), scale)
		}
	}
	scale = max(scale, 1)
	width := packWidth((uint64(top) - uint64(base)) / scale)
	w.int(base)
	w.uint(scale)
	w.byte(byte(width))
	packed := pack(make([]byte, 0, packedSize(c.n, width)), c.n, width, func(i int) uint64 {
		if c.nulls > 0 && c.isNull(i) {
			return 0
		}
		return (uint64(c.ints[i]) - uint64(base)) / scale
	})
	w.section(packed, noCompression)
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// decodeChunk reads a chunk of n rows. It checks every length and code, so
// that bytes that are not a chunk give an error and nothing worse.
func decodeChunk(b []byte, p table.Physical, n int) (*column, error) {
	return decodeChunkAs(b, p, n, false)
}

// decodeChunkAs is decodeChunk; with packed, strings of hex digits may be left
// packed, for who stores them again.
func decodeChunkAs(b []byte, p table.Physical, n int, packed bool) (*column, error) {
	r := &reader{b: b}
	c := &column{n: n, phys: p}
	enc, nulls := r.byte(), r.byte()
	if rows := r.uint(); r.err == nil && rows != uint64(n) {
		return nil, corrupt("chunk of %d rows where %d are expected", rows, n)
	}
	if nulls > 1 {
		r.fail("chunk")
	}
	if nulls == 1 {
		c.valid = r.section((n + 7) / 8)
		if r.err != nil {
			return nil, r.err
		}
		c.nulls = n - bitutil.CountSetBits(c.valid, 0, n)
	}
	c.decodeBody(r, enc, packed)
	if err := r.done(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *column) decodeBody(r *reader, enc byte, packed bool) {
	want := [...]byte{table.Bools: encBits, table.Int64s: encFrame, table.Float64s: encFloats, table.Strings: encDict}[c.phys]
	switch {
	case enc == encNull:
		*c = *nullColumn(c.phys, c.n)
	case enc == encConstant:
		c.decodeConstant(r)
	case enc != want:
		r.fail("encoding")
	case enc == encBits:
		c.bits = r.section((c.n + 7) / 8)
	case enc == encFloats:
		c.floats = arrow.Float64Traits.CastFromBytes(aligned(r.section(8 * c.n)))
	case enc == encFrame:
		c.decodeFrame(r)
	default:
		c.decodeStrings(r, packed)
	}
}

func (c *column) decodeConstant(r *reader) {
	c.constant = true
	switch c.phys {
	case table.Bools:
		c.bits = []byte{r.byte()}
	case table.Int64s:
		c.ints = []int64{int64(r.u64())}
	case table.Float64s:
		c.floats = []float64{r.float()}
	default:
		c.dict = dictOf(r.string())
	}
}

func (c *column) decodeFrame(r *reader) {
	base, scale := r.int(), r.uint()
	width := r.width()
	packed := r.section(packedSize(c.n, width))
	if r.err != nil {
		return
	}
	c.ints = make([]int64, c.n)
	unpack(c.ints, packed, width, base, int64(scale))
	if c.nulls > 0 { // rows without a value were packed as 0, which is base here
		for i := range c.ints {
			if !bitutil.BitIsSet(c.valid, i) {
				c.ints[i] = 0
			}
		}
	}
}

func (c *column) decodeStrings(r *reader, hex bool) {
	c.dict = decodeDict(r, c.n, hex)
	width := r.width()
	packed := r.section(packedSize(c.n, width))
	if r.err != nil {
		return
	}
	if width > 31 {
		r.fail("code width")
		return
	}
	c.codes = newCodes(c.n, 1<<width)
	top := int32(c.dict.len())
	ok := true
	switch {
	case c.codes.b8 != nil:
		unpack(c.codes.b8, packed, width, 0, 1)
		ok = below(c.codes.b8, int(top))
	case c.codes.b16 != nil:
		unpack(c.codes.b16, packed, width, 0, 1)
		ok = below(c.codes.b16, int(top))
	default:
		unpack(c.codes.b32, packed, width, 0, 1)
		ok = below(c.codes.b32, int(top))
	}
	if !ok {
		r.fail("code")
	}
}

func below[T uint8 | uint16 | int32](s []T, limit int) bool {
	var most T
	for _, v := range s {
		most = max(most, v)
	}
	return int(most) < limit
}

func (r *reader) width() int {
	w := int(r.byte())
	if w > maxPacked && w != 64 {
		r.fail("width")
		return 0
	}
	return w
}
