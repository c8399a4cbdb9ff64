package storage

import (
	"context"
	"math"
	"math/rand"
	"slices"
	"testing"

	"tidemark/table"
)

// TestBetween: rows in a range are those that a comparison of all values finds,
// whatever the form of pages, at the edges too.
func TestBetween(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{BlockRows: 5000})
	r := rand.New(rand.NewSource(41))
	n := pageRows + 9000
	times, sizes := make([]int64, n), make([]int64, n)
	var rows []map[string]any
	for i := range n {
		times[i] = int64(i)*1_000 - int64(r.Intn(300_000)) + 1_000_000_000
		switch {
		case i < 20_000:
			sizes[i] = int64(i / 7000) // runs
		case r.Intn(100) == 0:
			sizes[i] = r.Int63() - r.Int63()
		}
		row := map[string]any{"TimeGenerated": times[i], "Size": sizes[i]}
		rows = append(rows, row)
	}
	sizes[3], rows[3]["Size"] = math.MinInt64, int64(math.MinInt64)
	sizes[n-1], rows[n-1]["Size"] = math.MaxInt64, int64(math.MaxInt64)
	commit(t, s, "T", rows...)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		column int
		vals   []int64
		lo, hi int64
	}{
		{0, times, times[100], times[60_000]},
		{0, times, times[n-500], math.MaxInt64},
		{0, times, math.MinInt64, math.MaxInt64},
		{0, times, times[7], times[7]},
		{0, times, 0, 999},
		{3, sizes, 1, 1},
		{3, sizes, math.MinInt64, -1},
		{3, sizes, math.MaxInt64, math.MaxInt64},
		{3, sizes, math.MinInt64, math.MinInt64},
		{3, sizes, 0, 0},
	} {
		var want []int32
		for i, v := range c.vals {
			if v >= c.lo && v <= c.hi {
				want = append(want, int32(i))
			}
		}
		if got := rowsBetween(t, s, c.column, c.lo, c.hi); !slices.Equal(got, want) {
			t.Errorf("column %d in [%d,%d]: %d rows, want %d", c.column, c.lo, c.hi, len(got), len(want))
		}
	}
}

// rowsBetween is what the blocks of all rows give.
func rowsBetween(t *testing.T, s *Store, column int, lo, hi int64) (out []int32) {
	t.Helper()
	src, _ := s.Table("T")
	sc, err := src.Scan(context.Background(), table.Request{Columns: []int{0, 1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	defer sc.Close()
	for first := int32(0); ; {
		b, err := sc.Next(context.Background())
		if err != nil {
			return out
		}
		found, ok := b.(*block).Between(column, lo, hi, nil)
		if !ok {
			t.Fatal("a block without nulls declines")
		}
		for _, row := range found {
			out = append(out, first+row)
		}
		first += int32(b.Rows())
	}
}

// TestBetweenDeclines: nulls, strings and the time of ingestion are left to
// the executor.
func TestBetweenDeclines(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{})
	var rows []map[string]any
	for i := range 3000 {
		row := map[string]any{"TimeGenerated": int64(i), "Computer": "abc"[i%3 : i%3+1]}
		if i%2 == 0 {
			row["Size"] = int64(i)
		}
		rows = append(rows, row)
	}
	commit(t, s, "T", rows...)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	b := firstBlock(t, s)
	for i := range testSchema.Len() + 1 { // and the time of ingestion
		if _, ok := b.Between(i, 0, 5, nil); ok != (i == 0) {
			t.Errorf("column %d: %v", i, ok)
		}
	}
}

// BenchmarkBetween looks for the last tenth of times that come nearly in order.
func BenchmarkBetween(b *testing.B) {
	r := rand.New(rand.NewSource(42))
	vals := make([]int64, pageRows)
	for i := range vals {
		vals[i] = int64(i)*600_000 - int64(r.Intn(1_200_000_000))
	}
	nums, err := decodeAllNumbers(encodeNumbers(len(vals), nil, false, nil, func(a, b int, buf []int64) []int64 { return append(buf, vals[a:b]...) }), nil, len(vals))
	if err != nil {
		b.Fatal(err)
	}
	p := &nums.pages[0]
	f := newFineSpans(p)
	out := make([]int32, 0, len(vals))
	perRow := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(vals)), "ns/row")
	}
	b.Run("ranges", func(b *testing.B) {
		for range b.N {
			newFineSpans(p)
		}
		perRow(b)
	})
	b.Run("rows", func(b *testing.B) {
		for range b.N {
			out = f.between(p, 0, len(vals), vals[len(vals)*9/10], math.MaxInt64, 0, out[:0])
		}
		perRow(b)
	})
}
