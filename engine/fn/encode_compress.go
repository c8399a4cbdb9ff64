package fn

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
	"io"
	"sync"
	"unicode/utf8"
)

// maxInflated bounds what a compressed text may unpack to.
const maxInflated = 64 << 20

func init() {
	encodeFn(Scalar{Name: "gzip_compress_to_base64_string", Page: "gzip-base64-compress", Doc: "Compresses a string with gzip and encodes that in base64.",
		Examples: []Example{{`print gzip_compress_to_base64_string("1234567890qwertyuiop")`, "H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA=="}}},
		Of1(func(s string) string {
			b := append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}, deflate(s)...)
			b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(s)))
			b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
			return base64.StdEncoding.EncodeToString(b)
		}))
	encodeFn(Scalar{Name: "gzip_decompress_from_base64_string", Page: "gzip-base64-decompress", Doc: "Decodes base64 and unpacks what was compressed with gzip; empty where it was not.",
		Examples: []Example{{`print gzip_decompress_from_base64_string("H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA==")`, "1234567890qwertyuiop"}}},
		Try1(func(s string) (string, bool) {
			return inflate(s, &gunzips, func(r io.Reader, old any) (io.Reader, error) {
				if z, ok := old.(*gzip.Reader); ok {
					return z, z.Reset(r)
				}
				return gzip.NewReader(r)
			})
		}))
	encodeFn(Scalar{Name: "zlib_compress_to_base64_string", Page: "zlib-base64-compress-function", Doc: "Compresses a string with zlib and encodes that in base64.",
		Examples: []Example{{`print zlib_compress_to_base64_string("1234567890qwertyuiop")`, "eAEBFADr/zEyMzQ1Njc4OTBxd2VydHl1aW9wOAkGdw=="}}},
		Of1(func(s string) string {
			b := append([]byte{0x78, 0x01}, deflate(s)...)
			return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(b, adler32.Checksum([]byte(s))))
		}))
	encodeFn(Scalar{Name: "zlib_decompress_from_base64_string", Page: "zlib-base64-decompress-function", Doc: "Decodes base64 and unpacks what was compressed with zlib; empty where it was not.",
		Examples: []Example{{`print zlib_decompress_from_base64_string("eJwLSS0uUSguKcrMS1cwNDIGACxqBQ4=")`, "Test string 123"}}},
		Try1(func(s string) (string, bool) {
			return inflate(s, &unzlibs, func(r io.Reader, old any) (io.Reader, error) {
				if z, ok := old.(zlib.Resetter); ok {
					return old.(io.Reader), z.Reset(r, nil)
				}
				return zlib.NewReader(r)
			})
		}))
}

// What packs and unpacks takes a megabyte and 40 kilobytes; it is used again.
var (
	deflates = sync.Pool{New: func() any {
		w, err := flate.NewWriter(nil, flate.BestSpeed)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		return w
	}}
	gunzips, unzlibs sync.Pool
)

// deflate writes one block as it is where compressing does not make it shorter.
func deflate(s string) []byte {
	var b bytes.Buffer
	w := deflates.Get().(*flate.Writer)
	defer deflates.Put(w)
	w.Reset(&b)
	io.WriteString(w, s) // a bytes.Buffer takes everything
	w.Close()
	const header = 5
	if n := len(s); n <= 1<<16-1 && n+header <= b.Len() {
		out := binary.LittleEndian.AppendUint16([]byte{1}, uint16(n))
		out = binary.LittleEndian.AppendUint16(out, ^uint16(n))
		return append(out, s...)
	}
	return b.Bytes()
}

// inflate reads with what open makes, of one from the pool where there is one.
func inflate(s string, pool *sync.Pool, open func(r io.Reader, old any) (io.Reader, error)) (string, bool) {
	packed, ok := fromBase64(s)
	if !ok {
		return "", false
	}
	r, err := open(bytes.NewReader(packed), pool.Get())
	if err != nil {
		return "", false
	}
	defer pool.Put(r)
	b, err := io.ReadAll(io.LimitReader(r, maxInflated+1))
	return string(b), err == nil && len(b) <= maxInflated && utf8.Valid(b)
}
