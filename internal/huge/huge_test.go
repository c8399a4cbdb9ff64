package huge

import (
	"math"
	"testing"
)

func TestGrowth(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		what                 string
		objects, left, limit uint64
		want                 bool
	}{
		{"a small heap", mb, 3 * mb, math.MaxInt64, true},
		{"room enough", 100 * mb, 60 * mb, math.MaxInt64, false},
		{"no bound", 100 * mb, 10 * mb, math.MaxInt64, true},
		{"far from the bound", 400 * mb, 10 * mb, 1200 * mb, true},
		{"near the bound", 700 * mb, 10 * mb, 1200 * mb, false},
		{"a bound below what it would grow by", 20 * mb, 10 * mb, 200 * mb, false},
	} {
		if got := growth(c.objects, c.left, c.limit); got != c.want {
			t.Errorf("%s: %t", c.what, got)
		}
	}
}

// TestGrownHeap grows a heap ahead of what fills it: what it holds stays.
func TestGrownHeap(t *testing.T) {
	const size = 4 << 20
	var kept [][]byte
	for i := range 40 {
		b := make([]byte, size)
		for k := 0; k < size; k += 4096 {
			b[k] = byte(i + 1)
		}
		kept = append(kept, b)
		mu.Lock()
		looked = looked.Add(-pause) // as if a while had passed
		mu.Unlock()
		Heap()
	}
	if advises && !off && known < ahead {
		t.Errorf("the heap has %d bytes that were advised, and was to be grown by %d", known, ahead)
	}
	for i, b := range kept {
		for k := 0; k < size; k += 4096 {
			if b[k] != byte(i+1) || b[k+1] != 0 {
				t.Fatalf("block %d has %d and %d at %d", i, b[k], b[k+1], k)
			}
		}
	}
}
