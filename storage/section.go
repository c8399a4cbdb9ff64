package storage

import (
	"sync"
	"unsafe"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// A section is a byte string, compressed where that pays:
//
//	byte 0  0: as it is, 1: s2, 2: zstd
//	number  length
//	number  length as stored (compressed only)
//	bytes
const (
	sectionRaw  = 0
	sectionS2   = 1
	sectionZstd = 2
)

// compressor says how sections are compressed: fast for the tail, which is
// soon rewritten, well for extents, which stay.
type compressor byte

const (
	noCompression   compressor = sectionRaw
	fastCompression compressor = sectionS2
	goodCompression compressor = sectionZstd
)

const (
	leastCompressed = 64 // shorter sections are stored as they are
	// maxRatio is the most that a section may be compressed by. It bounds what
	// a damaged length can make a reader allocate.
	maxRatio = 1024
)

// The zstd coders are safe for several goroutines; making one takes
// milliseconds, hence one for all and only when needed.
var zstdEncoder = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(2))
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return e
})

var zstdDecoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(2<<30))
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return d
})

// section appends b as a section.
func (w *writer) section(b []byte, comp compressor) {
	if comp != noCompression && len(b) >= leastCompressed {
		var packed []byte
		if comp == fastCompression {
			packed = s2.Encode(nil, b)
		} else {
			packed = zstdEncoder().EncodeAll(b, make([]byte, 0, len(b)/2))
		}
		// An eighth less is worth the time it takes to unpack.
		if len(packed) < len(b)-len(b)/8 && len(b) <= len(packed)*maxRatio {
			w.byte(byte(comp))
			w.uint(uint64(len(b)))
			w.bytes(packed)
			return
		}
	}
	w.byte(sectionRaw)
	w.bytes(b)
}

// section reads a section of the given length, any up to maxStringBytes when
// it is negative. The bytes may alias the input.
func (r *reader) section(length int) []byte {
	kind, n := r.byte(), r.uint()
	if r.err == nil && (length >= 0 && n != uint64(length) || n > maxStringBytes) {
		r.fail("section")
	}
	if kind == sectionRaw || r.err != nil {
		return r.take(n)
	}
	packed := r.bytes()
	if r.err == nil && n > uint64(len(packed))*maxRatio {
		r.fail("section")
	}
	if r.err != nil {
		return nil
	}
	var out []byte
	var err error
	switch kind {
	case sectionS2:
		if m, e := s2.DecodedLen(packed); e != nil || uint64(m) != n {
			r.fail("section")
			return nil
		}
		out, err = s2.Decode(nil, packed)
	case sectionZstd:
		out, err = zstdDecoder().DecodeAll(packed, make([]byte, 0, n))
	default:
		r.fail("section")
		return nil
	}
	if err != nil || uint64(len(out)) != n {
		r.fail("compressed section")
		return nil
	}
	return out
}

// aligned returns b, copied when it does not begin at a multiple of 8, as
// numbers must.
func aligned(b []byte) []byte {
	if len(b) > 0 && uintptr(unsafe.Pointer(&b[0]))%8 != 0 {
		words := make([]uint64, (len(b)+7)/8)
		c := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(b))
		copy(c, b)
		return c
	}
	return b
}
