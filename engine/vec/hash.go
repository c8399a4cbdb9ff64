package vec

import (
	"hash/maphash"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// Hash sets out to a hash of each row of key columns: rows that a Grouper
// takes for one group have equal hashes. The hash is of this process only.
func Hash(cols []Column, types []table.Type, n int, out []uint64) {
	clear(out[:n])
	for i, c := range cols {
		hashColumn(c, types[i], n, out)
	}
}

// hashColumn mixes a column into the hashes so far.
func hashColumn(c Column, t table.Type, n int, out []uint64) {
	if c.Const {
		h := hashRow(c, t, 0)
		for i := range out[:n] {
			out[i] = join64(out[i], h)
		}
		return
	}
	if d, ok := c.Arr.(*array.Dictionary); ok && d.Dictionary().Len() <= n {
		values := d.Dictionary().(*array.String)
		hashes := make([]uint64, values.Len())
		for i := range hashes {
			hashes[i] = maphash.String(seed, values.Value(i))
		}
		nulls := d.NullN() > 0
		for i, code := range Codes(d) {
			h := hashOfNull
			if !nulls || d.IsValid(i) {
				h = hashes[code]
			}
			out[i] = join64(out[i], h)
		}
		return
	}
	for i := range out[:n] {
		out[i] = join64(out[i], hashRow(c, t, i))
	}
}

const hashOfNull uint64 = 0x6a09e667f3bcc908

func hashRow(c Column, t table.Type, i int) uint64 {
	if c.IsNull(i) {
		return hashOfNull
	}
	switch t.Physical() {
	case table.Bools:
		if c.Bool(i) {
			return 1
		}
		return 0
	case table.Int64s:
		return uint64(c.Int64(i))
	case table.Float64s:
		return uint64(realKey(c.Float64(i)))
	}
	return maphash.String(seed, c.Str(i))
}

// join64 mixes h into a hash. See https://prng.di.unimi.it/splitmix64.c
func join64(hash, h uint64) uint64 {
	x := (hash ^ h) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
