package wire

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

func written() []byte {
	b := Uint(nil, math.MaxUint64)
	b = Int(b, math.MinInt64)
	b = Bool(b, true)
	b = Real(b, math.Inf(-1))
	b = Bytes(b, "text")
	b = Fixeds(b, []int64{-1, 1 << 40})
	return Reals(b, []float64{0.5})
}

func TestBack(t *testing.T) {
	r := NewReader(written())
	if r.Uint() != math.MaxUint64 || r.Int() != math.MinInt64 || !r.Bool() || !math.IsInf(r.Real(), -1) || r.Str() != "text" ||
		!slices.Equal(r.Int64s(), []int64{-1, 1 << 40}) || !slices.Equal(r.Reals(), []float64{0.5}) {
		t.Error("not what was written")
	}
	if r.Left() != 0 || r.Err() != nil {
		t.Errorf("%d bytes left, %v", r.Left(), r.Err())
	}
	if r.Fixed() != 0 || r.Err() != ErrShort {
		t.Error("reading beyond the end is no error")
	}
}

// FuzzReader: whatever the bytes, reading ends, and takes no more memory than
// they are.
func FuzzReader(f *testing.F) {
	f.Add(written())
	f.Add(bytes.Repeat([]byte{0xff}, 30))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader(b)
		r.Uint()
		r.Int()
		r.Bool()
		r.Real()
		if n := len(r.Str()) + 8*len(r.Int64s()) + 8*len(r.Reals()) + 8*len(r.Uint64s()); n > len(b) {
			t.Errorf("%d bytes made of %d", n, len(b))
		}
	})
}
