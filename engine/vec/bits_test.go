package vec

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// TestBools compares with Arrow's own reading bit by bit, also of slices that
// begin within a byte.
func TestBools(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 300 {
		n := r.IntN(300)
		whole := randomColumn(r, table.Bool, n, 2, r.IntN(2) == 0).Arr
		from := r.IntN(n + 1)
		a := array.NewSlice(whole, int64(from), int64(n)).(*array.Boolean)
		var values, valid []bool
		selected := []int32{}
		for i := range a.Len() {
			values, valid = append(values, a.Value(i)), append(valid, a.IsValid(i))
			if a.IsValid(i) && a.Value(i) {
				selected = append(selected, int32(i))
			}
		}
		if got := Bools(a); !slices.Equal(got, values) {
			t.Fatalf("%v, want %v", got, values)
		}
		if got := Validity(a); got != nil && !slices.Equal(got, valid) || got == nil && slices.Contains(valid, false) {
			t.Fatalf("valid %v, want %v", got, valid)
		}
		if got := Selected(Column{Arr: a}, a.Len()); !slices.Equal(got, selected) || got == nil {
			t.Fatalf("selected %v, want %v", got, selected)
		}
		back := NewBools(values, valid)
		for i := range values {
			if back.IsValid(i) != valid[i] || back.(*array.Boolean).Value(i) != values[i] {
				t.Fatalf("row %d of %d differs", i, len(values))
			}
		}
	}
}

func BenchmarkSelected(b *testing.B) {
	values := make([]bool, 16384)
	for i := range values {
		values[i] = i%5 == 0
	}
	for b.Loop() {
		Selected(Column{Arr: NewBools(values, nil)}, len(values))
	}
	b.ReportMetric(float64(b.N)*16384/b.Elapsed().Seconds()/1e6, "Mrows/s")
}
