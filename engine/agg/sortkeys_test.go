package agg

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

func TestSortKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, radixKeys - 1, radixKeys, 5000} {
		for _, f := range []func() int64{
			func() int64 { return r.Int64() },
			func() int64 { return -r.Int64() },
			func() int64 { return r.Int64N(3) - 1 },
			func() int64 { return math.MaxInt64 - r.Int64N(1<<40) },
			func() int64 { return math.MinInt64 + r.Int64N(1<<12) },
			func() int64 { return int64(r.Uint64()) },
			func() int64 { return 7 },
		} {
			keys := make([]int64, n)
			for i := range keys {
				keys[i] = f()
			}
			want := slices.Clone(keys)
			slices.Sort(want)
			if sortKeys(keys); !slices.Equal(keys, want) {
				t.Fatalf("%d keys are not sorted", n)
			}
		}
	}
}

func BenchmarkSortKeys(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1000, 100000} {
		keys, work := make([]int64, n), make([]int64, n)
		for i := range keys {
			keys[i] = r.Int64N(3e6)
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				copy(work, keys)
				sortKeys(work)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/key")
		})
	}
}
