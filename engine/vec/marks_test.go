package vec

import (
	"math/rand"
	"slices"
	"testing"
)

// TestMarks compares bitmaps with lists of rows.
func TestMarks(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 300 {
		m := make(Marks, 1+r.Intn(9))
		var want []int32
		for i := range 64 * len(m) {
			if r.Intn(3) > 0 || i < 64 {
				m[i/64] |= 1 << (i % 64)
				want = append(want, int32(i))
			}
		}
		if got := m.Rows(nil); !slices.Equal(got, want) || m.Count() != len(want) {
			t.Fatalf("%d rows, counted %d, want %d", len(got), m.Count(), len(want))
		}
	}
}

// BenchmarkMarks lists the rows of a block in which two columns have their
// values, by bitmaps and by codes of a byte.
func BenchmarkMarks(b *testing.B) {
	const n = 16384
	r := rand.New(rand.NewSource(2))
	codes := [][]uint8{make([]uint8, n), make([]uint8, n)}
	marks := make(Marks, n/64)
	for i := range n {
		for k := range codes {
			codes[k][i] = uint8(r.Intn(4))
		}
		if codes[0][i] == 1 && codes[1][i] == 1 {
			marks[i/64] |= 1 << (i % 64)
		}
	}
	var rows []int32
	perRow := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
	}
	b.Run("rows", func(b *testing.B) {
		for b.Loop() {
			rows = marks.Rows(rows[:0])
		}
		perRow(b)
	})
	b.Run("codes", func(b *testing.B) {
		for b.Loop() {
			rows = BytesEqual(codes, []uint8{1, 1}, rows[:0])
		}
		perRow(b)
	})
}
