package vec

import (
	"math/rand"
	"slices"
	"testing"
)

// TestMarks compares bitmaps with lists of rows.
func TestMarks(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	var out Marks
	for range 300 {
		a, b := make(Marks, 1+r.Intn(9)), Marks(nil)
		b = make(Marks, len(a))
		var want []int32
		for i := range 64 * len(a) {
			if r.Intn(30) > 0 || i < 64 {
				a[i/64] |= 1 << (i % 64)
			}
			if r.Intn(3) > 0 || i < 64 {
				b[i/64] |= 1 << (i % 64)
			}
			if a[i/64]&b[i/64]>>(i%64)&1 != 0 {
				want = append(want, int32(i))
			}
		}
		out = a.And(b, out)
		if got := out.Rows(nil); !slices.Equal(got, want) || out.Count() != len(want) {
			t.Fatalf("%d rows, counted %d, want %d", len(got), out.Count(), len(want))
		}
		if c := out.And(a, out); c.Count() != len(want) { // in place
			t.Fatalf("%d rows are in both and in one of them, want %d", c.Count(), len(want))
		}
	}
}

// BenchmarkMarks counts the rows of a block in which two columns have their
// values, by bitmaps and by codes of a byte.
func BenchmarkMarks(b *testing.B) {
	const n = 16384
	r := rand.New(rand.NewSource(2))
	codes := [][]uint8{make([]uint8, n), make([]uint8, n)}
	marks := []Marks{make(Marks, n/64), make(Marks, n/64)}
	for i := range n {
		for k := range codes {
			if codes[k][i] = uint8(r.Intn(4)); codes[k][i] == 1 {
				marks[k][i/64] |= 1 << (i % 64)
			}
		}
	}
	var m Marks
	var rows []int32
	perRow := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
	}
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			m = marks[0].And(marks[1], m)
			m.Count()
		}
		perRow(b)
	})
	b.Run("rows", func(b *testing.B) {
		for b.Loop() {
			m = marks[0].And(marks[1], m)
			rows = m.Rows(rows[:0])
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
