package storage

import (
	"context"
	"io"
	"math/rand"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// TestBins compares the bins of blocks with their numbers.
func TestBins(t *testing.T) {
	s := newStore(t, Options{BlockRows: 3000})
	r := rand.New(rand.NewSource(10))
	var rows []map[string]any
	for i := range pageRows + 9000 {
		row := map[string]any{"TimeGenerated": int64(638e15) + int64(i)*1e6 + r.Int63n(5e7), "Size": int64(i/100) - 300}
		rows = append(rows, row)
	}
	commit(t, s, "T", rows...)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	src, _ := s.Table("T")
	binned := map[int64]int{}
	var buf []uint16 // with what the block before left there
	for _, size := range []int64{1, 7, 1e7, 36e8, 864e9, 1e18, -5, 0} {
		sc, err := src.Scan(context.Background(), table.Request{Columns: []int{0, 1, 2, 3}})
		if err != nil {
			t.Fatal(err)
		}
		for {
			next, err := sc.Next(context.Background())
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			b := next.(*block)
			for _, column := range []int{0, 3} {
				bins, lows, ok := b.Bins(column, size, buf)
				if !ok {
					continue
				}
				binned[size]++
				buf = bins
				a, err := b.Column(column, nil)
				if err != nil {
					t.Fatal(err)
				}
				for i, v := range a.(*array.Int64).Int64Values() {
					if want := v - v%size; lows[bins[i]] != want {
						t.Fatalf("column %d, bins of %d: %d is in that of %d, want %d", column, size, v, lows[bins[i]], want)
					}
				}
			}
		}
		sc.Close()
	}
	if binned[1] == 0 || binned[36e8] == 0 || binned[1e18] == 0 || binned[0] > 0 || binned[-5] > 0 {
		t.Errorf("columns of blocks that were read in bins, by size: %v", binned)
	}
}

// BenchmarkBins is about a page of times in bins of an hour.
func BenchmarkBins(b *testing.B) {
	const hour = 36e9
	x := &pageWriter{}
	x.page(pageSamples()["times"], nil, 0, false)
	nums, err := decodeNumbers(x.w.b, pageRows)
	if err != nil {
		b.Fatal(err)
	}
	first, _ := nums.pages[0].at(0)
	var lows []int64
	for k := range int64(100) {
		lows = append(lows, (int64(first)/hour-1+k)*hour)
	}
	out := make([]uint16, binBuffer)
	var vals [binBuffer]int64
	for b.Loop() {
		for a := 0; a < pageRows; a += binBuffer {
			readNumbers(nums, a, vals[:])
			if !binAll(vals[:], lows, hour, out) {
				b.Fatal("a time has no bin")
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/pageRows, "ns/row")
}
