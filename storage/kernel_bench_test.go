package storage

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"tidemark/table"
)

// pageSamples are pages of numbers, by the form that they get.
func pageSamples() map[string][]int64 {
	r := rand.New(rand.NewSource(11))
	of := func(f func(i int) int64) []int64 {
		vals := make([]int64, pageRows)
		for i := range vals {
			vals[i] = f(i)
		}
		return vals
	}
	return map[string][]int64{
		"constant": of(func(int) int64 { return 7 }),
		"packed12": of(func(int) int64 { return r.Int63n(4000) }),
		"times":    of(func(i int) int64 { return 638e15 + int64(i)*3_700_000 + r.Int63n(1e7) }),
		"seconds":  of(func(i int) int64 { return 638e15 + r.Int63n(86400)*10_000_000 }),
		"sparse": of(func(i int) int64 {
			if i%9 == 0 {
				return r.Int63n(60000)
			}
			return 0
		}),
		"runs": of(func(i int) int64 { return int64(i / 500) }),
	}
}

// BenchmarkPage is about a page of 65,536 numbers.
func BenchmarkPage(b *testing.B) {
	for name, vals := range pageSamples() {
		x := &pageWriter{}
		b.Run("encode/"+name, func(b *testing.B) {
			b.SetBytes(8 * pageRows)
			for b.Loop() {
				x.w.b = x.w.b[:0]
				x.page(vals, nil, 0, false)
			}
			b.ReportMetric(float64(len(x.w.b))/pageRows, "B/row")
		})
		x.w.b = x.w.b[:0]
		x.page(vals, nil, 0, false)
		stored := x.w.b
		b.Run("decode/"+name, func(b *testing.B) {
			b.SetBytes(8 * pageRows)
			dst := make([]int64, pageRows)
			for b.Loop() {
				c, err := decodeNumbers(stored, pageRows)
				if err != nil {
					b.Fatal(err)
				}
				readNumbers(c, 0, dst)
			}
		})
	}
}

// pathDict is a dictionary of so many paths.
func pathDict(n int) *dict {
	b := builders.Get().(*builder)
	for i := range n {
		b.code(fmt.Sprintf(`c:\windows\winsxs\amd64_%s_%d\%s.dll`, word(i), i%977, word(i*7)))
	}
	values, _ := b.sorted()
	d := dictOf(values...)
	b.reset()
	return d
}

// BenchmarkFilter makes the filter of 100,000 paths, and asks it for a term.
func BenchmarkFilter(b *testing.B) {
	d := pathDict(100_000)
	var stored []byte
	b.Run("build", func(b *testing.B) {
		b.SetBytes(int64(len(d.data)))
		for b.Loop() {
			stored = encodeFilter(d)
		}
		b.ReportMetric(float64(len(stored))/float64(len(d.data)), "of-strings")
	})
	per := stringsPerPage(d)
	f, err := decodeFilter(encodeFilter(d), (d.len()+per-1)/per)
	if err != nil {
		b.Fatal(err)
	}
	w := &wanted{}
	w.want("notthere", edges{true, true})
	hashes := w.hashes(f)
	b.Run("probe", func(b *testing.B) {
		hits := 0
		for b.Loop() {
			for k := range f.pages {
				if f.has(k, hashes) {
					hits++
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(f.pages)), "ns/page")
	})
}

// BenchmarkDictionary stores 100,000 checksums and 100,000 paths, and merges
// those of 64 batches.
func BenchmarkDictionary(b *testing.B) {
	r := rand.New(rand.NewSource(12))
	var sums []any
	for range 100_000 {
		sums = append(sums, fmt.Sprintf("%016x%016x%016x%016x", r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()))
	}
	paths := pathDict(100_000)
	for name, d := range map[string]*dict{"checksums": packedFrom(b, table.String, sums).dict, "paths": paths} {
		b.Run("encode/"+name, func(b *testing.B) {
			b.SetBytes(int64(d.textBytes()))
			for b.Loop() {
				if _, err := encodeTextDict(d, func([]byte) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
		var pages []byte
		head, err := encodeTextDict(d, func(page []byte) error { pages = append(pages, page...); return nil })
		if err != nil {
			b.Fatal(err)
		}
		b.Run("decode/"+name, func(b *testing.B) {
			b.SetBytes(int64(d.textBytes()))
			for b.Loop() {
				h, err := decodeTextHead(head, d.len())
				if err != nil {
					b.Fatal(err)
				}
				if _, err := joinPages(h, pages); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("merge", func(b *testing.B) {
		var dicts []*dict
		for i := range 64 {
			var part []any
			for k := i; k < len(sums); k += 64 {
				part = append(part, strings.ToLower(sums[k].(string)))
			}
			dicts = append(dicts, packedFrom(b, table.String, part).dict)
		}
		for b.Loop() {
			mergeDicts(dicts)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(sums)), "ns/string")
	})
}
