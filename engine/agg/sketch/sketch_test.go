package sketch

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// TestError: estimates stay within three standard errors, of ints as of
// strings, and counts are exact while few.
func TestError(t *testing.T) {
	errors := []float64{0.016, 0.008, 0.004, 0.0028, 0.002}
	for accuracy, sigma := range errors {
		byInt, byString := NewHLL(int64(accuracy)), NewHLL(int64(accuracy))
		next := 100
		for n := 1; n <= 1_000_000; n++ {
			byInt.Add(HashInt(int64(n)))
			byString.Add(HashString("host-" + strconv.Itoa(n)))
			byInt.Add(HashInt(int64(n/2 + 1)))
			if n != next {
				continue
			}
			next += next / 3
			for _, h := range []*HLL{&byInt, &byString} {
				off := math.Abs(float64(h.Count())-float64(n)) / float64(n)
				if off > 3*sigma || n <= h.Exact() && off != 0 {
					t.Errorf("accuracy %d, %d values: %d, off by %.4f", accuracy, n, h.Count(), off)
				}
			}
		}
	}
}

// TestSplit: parts merged in any order are the whole, and both can be written
// and read back.
func TestSplit(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 100, 1000, 3000, 50_000} {
		whole, parts := NewHLL(1), []HLL{NewHLL(1), NewHLL(1), NewHLL(1)}
		for k := range n {
			hash := HashInt(int64(k))
			whole.Add(hash)
			parts[rnd.IntN(3)].Add(hash)
			parts[rnd.IntN(3)].Add(hash)
		}
		parts[2].Merge(&parts[0])
		parts[2].Merge(&parts[1])
		if parts[2].JSON() != whole.JSON() {
			t.Errorf("%d values: %d merged, %d whole", n, parts[2].Count(), whole.Count())
		}
		if read, ok := ParseHLL(whole.JSON()); !ok || read.Count() != whole.Count() || read.JSON() != whole.JSON() {
			t.Errorf("%d values: not read back", n)
		}
	}
}

// TestLower: merging two accuracies is as if all had the lower.
func TestLower(t *testing.T) {
	for _, n := range []int64{300, 5000, 100_000} {
		high, low, want := NewHLL(3), NewHLL(1), NewHLL(1)
		for k := range n {
			high.Add(HashInt(k))
			low.Add(HashInt(k + n/2))
			want.Add(HashInt(k))
			want.Add(HashInt(k + n/2))
		}
		high.Merge(&low)
		if high.JSON() != want.JSON() {
			t.Errorf("%d: %d, want %d", n, high.Count(), want.Count())
		}
	}
}

func TestDigest(t *testing.T) {
	var d Digest
	for k := 1000; k > 0; k-- {
		d.Merge([]float64{float64(k)}, []float64{1})
	}
	read, ok := ParseDigest(d.JSON())
	if p, _ := read.Percentile(68.5); !ok || p != 685 || read.Total() != 1000 {
		t.Errorf("%v %v %v", ok, p, read.Total())
	}
	if p, ok := ParseDigest("[[7],[7,1],[1,2]]"); !ok || p.Means[0] != 1 || p.Weights[0] != 2 {
		t.Error("digests of Kusto are not sorted")
	}
	for _, bad := range []string{"", "7", "[]", "[[7],[],[]]", "[[7],[1],[0]]", "[[7],[1],[1,2]]", "[[8],[1],[1]]"} {
		if _, ok := ParseDigest(bad); ok {
			t.Errorf("%q is taken", bad)
		}
		if _, ok := ParseHLL(bad); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("[[7],[1],[1]]")
	f.Add("[[2048,14],[\"5\"],[]]")
	f.Add("[[2048,14],[],[\"AA==\"]]")
	f.Fuzz(func(t *testing.T, text string) {
		if h, ok := ParseHLL(text); ok {
			h.Count()
		}
		if d, ok := ParseDigest(text); ok {
			d.Percentile(50)
		}
	})
}

// TestRanks: what is asked many times answers as the digest does.
func TestRanks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 2, 100, 5000} {
		var d Digest
		for range n {
			d.Merge([]float64{float64(rnd.IntN(n)) / 4}, []float64{float64(1 + rnd.IntN(3))})
		}
		r, ok := ParseRanks(d.JSON())
		if !ok || r.Total() != d.Total() {
			t.Fatalf("%d values: %t, a total of %v, want %v", n, ok, r.Total(), d.Total())
		}
		for k := range 200 {
			p := float64(k)/2 - 1
			if want, _ := d.Percentile(p); r.Percentile(p) != want {
				t.Errorf("%d values: percentile %v is %v, want %v", n, p, r.Percentile(p), want)
			}
			v, want := float64(k*n)/800, 0.0
			for i, m := range d.Means {
				if m <= v {
					want += d.Weights[i]
				}
			}
			if r.Of(v) != want {
				t.Errorf("%d values: %v up to %v, want %v", n, r.Of(v), v, want)
			}
		}
	}
	for _, text := range []string{`[[7],["-Infinity",1.5e3],["1",2]]`, `[[7],[-1],[3]]`} {
		if _, ok := ParseDigest(text); !ok {
			t.Errorf("%s is not taken", text)
		}
	}
	for _, bad := range []string{`[[7],[1,],[1,1]]`, `[[7],[1],[1]],`, `[[7],[1],[1]`, `[[7],[1],[1]]]`, `[[7],["1],[1]]`, `[[7],[1]]`, `[[7],[a],[1]]`} {
		if _, ok := ParseDigest(bad); ok {
			t.Errorf("%s is taken", bad)
		}
	}
	for _, bad := range []string{`[[512,12],["5",],[]]`, `[[512,12],["5"],[]`, `[[512,12],["x"],[]]`, `[[512,13],[],[]]`, `[[512,268],[],[]]`, `[[512,12],[]]`, `[[512,12],["5"],["AA=="]]`} {
		if _, ok := ParseHLL(bad); ok {
			t.Errorf("%s is taken", bad)
		}
	}
}
