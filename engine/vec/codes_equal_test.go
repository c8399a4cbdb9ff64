package vec

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
)

func TestBytesEqual(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 300 {
		n, width := r.Intn(70), 1+r.Intn(4)
		columns, want := make([][]uint8, width), make([]uint8, width)
		for j := range columns {
			columns[j], want[j] = make([]uint8, n), uint8([]int{0, 1, 127, 128, 255}[r.Intn(5)])
			for i := range columns[j] {
				columns[j][i] = want[j] ^ uint8([]int{0, 0, 0, 1, 128, 255}[r.Intn(6)])
			}
		}
		out := []int32{-7}
		wanted := slices.Clone(out)
		for i := range n {
			if bytesAre(columns, want, i) {
				wanted = append(wanted, int32(i))
			}
		}
		if got := BytesEqual(columns, want, out); !slices.Equal(got, wanted) {
			t.Fatalf("%v = %v: %v, want %v", columns, want, got, wanted)
		}
	}
}

func BenchmarkCodes(b *testing.B) {
	const n = 65536
	r := rand.New(rand.NewSource(2))
	few := &Packed{B8: make([]uint8, n)}
	many := &Packed{B16: make([]uint16, n)}
	pass := make([]uint8, 5000)
	for i := range n {
		few.B8[i], many.B16[i] = uint8(r.Intn(16)), uint16(r.Intn(len(pass)))
	}
	for i := range pass {
		pass[i] = uint8(i & 1)
	}
	some := few.Equal(3, nil, nil)
	var out []int32
	counts := make([]int64, len(pass))
	for name, f := range map[string]func(){
		"equal/8":           func() { out = few.Equal(3, nil, out[:0]) },
		"equal/16":          func() { out = many.Equal(3, nil, out[:0]) },
		"equal/8/two":       func() { out = BytesEqual([][]uint8{few.B8, few.B8}, []uint8{3, 3}, out[:0]) },
		"equal/16/selected": func() { out = many.Equal(3, some, out[:0]) },
		"pass/16":           func() { out = many.Pass(pass, nil, out[:0]) },
		"count/8":           func() { few.Count(nil, counts) },
		"count/16":          func() { many.Count(nil, counts) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), fmt.Sprintf("ns/row-of-%d", n))
		})
	}
}
