package storage

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
)

// codePages makes pages of every form, of codes below 1<<bits: the form that
// the writer chooses for them.
func codePages(r *rand.Rand, bits int) map[string][]int64 {
	const n = pageRows - 77
	out := map[string][]int64{}
	for _, form := range []string{"constant", "packed", "sparse", "runs", "short"} {
		vals := make([]int64, n)
		if form == "short" {
			vals = vals[:5]
		}
		v := int64(r.Intn(1 << bits))
		common := v
		for i := range vals {
			switch form {
			case "packed", "short":
				v = int64(r.Intn(1 << bits))
			case "sparse":
				if v = common; r.Intn(30) == 0 {
					v = int64(r.Intn(1 << bits))
				}
			case "runs":
				if r.Intn(3000) == 0 {
					v = int64(r.Intn(1 << bits))
				}
			}
			vals[i] = v
		}
		out[form] = vals
	}
	return out
}

func decodedPage(t testing.TB, vals []int64, valid []byte) *page {
	x := &pageWriter{}
	x.page(vals, valid, 0, true)
	rd := &reader{b: x.w.b}
	p := rd.page(len(vals))
	if err := rd.done(); err != nil {
		t.Fatal(err)
	}
	return &p
}

// TestRowsOf compares the search of pages, in each of their forms, with a loop
// over the numbers that they were made of.
func TestRowsOf(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for _, bits := range []int{1, 2, 5, 8, 13, 17, 19, 20, 23, 28, 29, 30} {
		for form, vals := range codePages(r, bits) {
			p := decodedPage(t, vals, nil)
			for _, test := range codeTests(r, vals, bits) {
				a, b := r.Intn(len(vals)), len(vals)
				b = a + r.Intn(b-a) + 1
				const first = 3 * pageRows
				var want []int32
				for i := a; i < b; i++ {
					if test.has(vals[i]) {
						want = append(want, int32(first+i))
					}
				}
				if got := test.rowsOf(p, first, first+a, first+b, nil); !slices.Equal(got, want) {
					t.Fatalf("%d bits, %s, rows %d to %d: %d rows, want %d", bits, form, a, b, len(got), len(want))
				}
			}
		}
	}
}

// codeTests are for one code that is there, one that may not be, and a set.
func codeTests(r *rand.Rand, vals []int64, bits int) []*codeTest {
	set := &codeTest{one: -1, set: make([]uint64, (1<<bits+63)/64)}
	for range 20 {
		v := vals[r.Intn(len(vals))]
		set.set[v>>6] |= 1 << (v & 63)
	}
	return []*codeTest{{one: int32(vals[r.Intn(len(vals))])}, {one: int32(r.Intn(1 << bits))}, set, {one: 1 << bits}}
}

// TestGatherPage compares rows that are read by themselves with the numbers
// that the page was made of.
func TestGatherPage(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	for _, bits := range []int{1, 7, 20, 30} {
		for form, vals := range codePages(r, bits) {
			for _, every := range []int{1, 3, 50, 900, 20000} {
				c := &numbers{n: pageRows + len(vals), pages: []page{{n: pageRows}, *decodedPage(t, vals, nil)}}
				rows, want := []int32{5, 70}, []int64{0, 0}
				for i := r.Intn(every); i < len(vals); i += 1 + r.Intn(every) {
					rows, want = append(rows, int32(pageRows+i)), append(want, vals[i])
				}
				got := make([]int64, len(rows))
				gatherNumbers(c, rows, got)
				if !slices.Equal(got, want) {
					t.Fatalf("%d bits, %s, one of %d: %v, want %v", bits, form, every, got, want)
				}
			}
		}
	}
}

func BenchmarkRowsOf(b *testing.B) {
	r := rand.New(rand.NewSource(3))
	for _, bits := range []int{5, 13, 19} {
		for form, vals := range codePages(r, bits) {
			p := decodedPage(b, vals, nil)
			for i, test := range codeTests(r, vals, bits) {
				if i == 1 || i == 3 || form == "short" || form == "constant" {
					continue
				}
				b.Run(fmt.Sprintf("%s/bits=%d/set=%t", form, bits, test.one < 0), func(b *testing.B) {
					var out []int32
					for b.Loop() {
						out = test.rowsOf(p, 0, 0, len(vals), out[:0])
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(vals)), "ns/row")
				})
			}
		}
	}
}

func BenchmarkGatherPage(b *testing.B) {
	r := rand.New(rand.NewSource(4))
	for form, vals := range codePages(r, 17) {
		p := decodedPage(b, vals, nil)
		for _, every := range []int{2, 1000} {
			var rows []int32
			for i := 0; i < len(vals); i += every {
				rows = append(rows, int32(i))
			}
			dst := make([]int32, len(rows))
			b.Run(fmt.Sprintf("%s/every=%d", form, every), func(b *testing.B) {
				for b.Loop() {
					gatherPage(p, 0, rows, dst)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(rows)), "ns/row")
			})
		}
	}
}

// TestGatherPresent reads the rows in which a column is not null, all of them,
// some of them, and some with others: values, and which are null.
func TestGatherPresent(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	for _, nulls := range []int{2, 9, 400} {
		n := pageRows + 1000
		vals, valid := make([]int64, n), make([]byte, (n+7)/8)
		var present []int32
		for i := range vals {
			if r.Intn(nulls) == 0 {
				vals[i] = r.Int63n(1 << 40)
				valid[i>>3] |= 1 << (i & 7)
				present = append(present, int32(i))
			}
		}
		c, err := decodeNumbers(encodeNumbers(n, valid, false, nil, func(a, b int, buf []int64) []int64 { return append(buf, vals[a:b]...) }), n)
		if err != nil {
			t.Fatal(err)
		}
		from := r.Intn(len(present) / 2)
		for name, rows := range map[string][]int32{
			"all present":  present,
			"neighbours":   present[from : from+20],
			"one left out": append(slices.Clone(present[from:from+9]), present[from+10]),
			"any":          {3, 4, 5, 6, 90, 91, 92, 4000, pageRows - 1, pageRows},
			"one":          present[from : from+1],
		} {
			got := make([]int64, len(rows))
			gatherNumbers(c, rows, got)
			bits, lacking := c.validRows(rows)
			for i, row := range rows {
				is := valid[row>>3]>>(row&7)&1 != 0
				if says := bits == nil || bits[i>>3]>>(i&7)&1 != 0; says != is || is && got[i] != vals[row] {
					t.Fatalf("one of %d present, %s: row %d is %d, present %t; want %d, %t", nulls, name, row, got[i], says, vals[row], is)
				}
				if !is {
					lacking--
				}
			}
			if lacking != 0 {
				t.Errorf("%s: %d nulls too many", name, lacking)
			}
		}
	}
}
