package fn

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	hexes "encoding/hex"
	"math"
	"math/bits"

	"github.com/cespare/xxhash/v2"

	"tidemark/table"
)

func init() {
	for _, name := range []string{"hash", "hash_xxhash64"} {
		register(Scalar{Name: name, Family: "hash", NoDynamic: true, Doc: "Computes the 64-bit xxHash of a value; with a second argument, what is left of it divided by that.",
			Examples: []Example{{`print ` + name + `("World")`, "1846988464401551951"}, {`print ` + name + `("World", 100)`, "51"}},
			Overloads: []Overload{
				Rows([]Param{Any}, false, table.Long, func(types []table.Type, row []any) any {
					h, ok := hashValue(types[0], row[0])
					return longOrNull(int64(h), ok)
				}),
				Rows([]Param{Any, P(table.Long)}, false, table.Long, func(types []table.Type, row []any) any {
					h, ok := hashValue(types[0], row[0])
					mod, given := row[1].(int64)
					if !ok || !given || mod <= 0 {
						return nil
					}
					return int64(h % uint64(mod))
				}),
			}})
	}
	digest("hash_md5", "MD5", "f5a7924e621e84c9280a9a27e1bcb7f6", func(s string) string { d := md5.Sum([]byte(s)); return hexes.EncodeToString(d[:]) })
	digest("hash_sha1", "SHA-1", "70c07ec18ef89c5309bbb0937f3a6342411e1fdd", func(s string) string { d := sha1.Sum([]byte(s)); return hexes.EncodeToString(d[:]) })
	digest("hash_sha256", "SHA-256", "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524", func(s string) string { d := sha256.Sum256([]byte(s)); return hexes.EncodeToString(d[:]) })
	register(Scalar{Name: "hash_combine", Family: "hash", Doc: "Combines hashes to one.",
		Examples: []Example{{`print hash_combine(1, 2) == hash_combine(2, 1)`, "false"}},
		Overloads: []Overload{Rows([]Param{P(table.Long), P(table.Long)}, true, table.Long, func(_ []table.Type, row []any) any {
			var h uint64
			for _, v := range row {
				n, ok := v.(int64)
				if !ok {
					return nil
				}
				h = combine(h, uint64(n))
			}
			return int64(h)
		})}})
	register(Scalar{Name: "hash_many", Family: "hash", NoDynamic: true, Doc: "Combines the hashes of several values to one.",
		Examples: []Example{{`print hash_many("a", "b") == hash_combine(hash("a"), hash("b"))`, "true"}},
		Overloads: []Overload{Rows([]Param{Any}, true, table.Long, func(types []table.Type, row []any) any {
			var h uint64
			for i, v := range row {
				n, ok := hashValue(types[i], v)
				if !ok {
					return nil
				}
				h = combine(h, n)
			}
			return int64(h)
		})}})
}

// digest registers a cryptographic hash of a value's text.
func digest(name, algorithm, world string, sum func(string) string) {
	register(Scalar{Name: name, Family: "hash", NoDynamic: true, Doc: "Computes the " + algorithm + " hash of a value's text, in hexadecimal.",
		Examples: []Example{{`print ` + name + `("World")`, world}}, Overloads: []Overload{Of1(func(s Text) string { return sum(string(s)) })}})
}

func longOrNull(v int64, ok bool) any {
	if !ok {
		return nil
	}
	return v
}

// hashValue hashes the bytes that a value has in memory; null has no hash, but
// a null string is an empty one.
func hashValue(t table.Type, v any) (uint64, bool) {
	var b [8]byte
	switch v := v.(type) {
	case nil:
		return xxhash.Sum64(nil), t == table.String
	case bool:
		return xxhash.Sum64([]byte{byte(bit(v))}), true
	case int64:
		if t == table.Int {
			binary.LittleEndian.PutUint32(b[:], uint32(v))
			return xxhash.Sum64(b[:4]), true
		}
		binary.LittleEndian.PutUint64(b[:], uint64(v))
	case float64:
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(v))
	case string:
		if t == table.Guid {
			if g, ok := guidBytes(v); ok {
				return xxhash.Sum64(g), true
			}
		}
		return xxhash.Sum64String(v), true
	}
	return xxhash.Sum64(b[:]), true
}

// combine mixes a hash into another, so that order counts.
func combine(h, next uint64) uint64 {
	const k = 0x9e3779b97f4a7c15
	return bits.RotateLeft64(h^next*k, 27)*k + next
}
