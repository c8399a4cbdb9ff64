package fn

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"tidemark/engine/agg/sketch"
	"tidemark/table"
)

// traffic is a month of traffic of an application, twice a day, from the page
// of series_periods_detect().
const traffic = "[80,139,87,110,68,54,50,51,53,133,86,141,97,156,94,149,95,140,77,61,50,54,47,133,72,152,94,148,105,162,101,160,87,63,53,55,54,151,103,189,108,183,113,175,113,178,90,71,62,62,65,165,109,181,115,182,121,178,114,170]"

func TestSeriesSplit(t *testing.T) {
	week := Dyn("[1,2,4,9,5,1,2,4,9,5,1,2,4,9,5,1,2,4,9,5]")
	runCases(t, []scalarCase{
		{"series_fit_2lines_dynamic", in(Dyn("[1,2,3]")), "null", 0},
		{"series_fit_2lines", in(Dyn("[1,2,3,30,20,10]")), "[1.0,3,137.6,0.0,[1.0,2.0,3.0,30.0,20.0,10.0],1.0,-10.0,40.0,100.0,0.0,1.0,1.0,0.0,1.0,0.0]", table.Dynamic},
		{"series_fit_poly", in(Dyn("[5,5]"), Dyn("[1,1]")), "null", 0},
		{"series_fit_poly", in(Dyn("[1,2]"), Dyn("[1,2]"), 2), "null", 0},
		{"series_fft", in(Dyn("[1,null]")), "null", 0},
		{"series_fft", in(Dyn("[]")), "null", 0},
		{"series_fft", in(Dyn("[1,2]"), Dyn("[1]")), "null", 0},
		{"series_fft", in(Dyn("[7]")), "[[7.0],[0.0]]", 0},
		{"series_fft", in(Dyn("[1,0,0,0]"), Dyn("[0,0,0,0]")), "[[1.0,1.0,1.0,1.0],[0.0,0.0,0.0,0.0]]", 0},
		{"series_periods_detect", in(Dyn(traffic), 15.0, 20.0, 1), "[[0.0],[0.0]]", 0},
		{"series_periods_detect", in(Dyn("[1,2,3,4,5,6,7,8,9,10,11,12]"), 4.0, 6.0, 1), "[[0.0],[0.0]]", 0},
		{"series_periods_detect", in(Dyn("[3,3,3,3,3,3,3,3,3]"), 4.0, 9.0, 1), "[[0.0],[0.0]]", 0},
		{"series_periods_detect", in(week, 4.0, 9.0, 0), "null", 0},
		{"series_seasonal", in(Dyn("[2,5,3,4,3,2,1,2,3,4,3,2,1,2,3,4,3,2,1,2,3,4,3,2,1]")), "[1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0]", 0},
		{"series_seasonal", in(Dyn("[8,12,14,12,10,10,12,14,12,10,10,12,14,12,10,10,12,14,12,10]")), "[10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0]", 0},
		{"series_seasonal", in(Dyn("[1,3,5,2,4,6,1,3,5,2,4,6]")), "[0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0]", 0},
		{"series_seasonal", in(Dyn("[1,3,null,3,3,9]"), 2, 1), "[2.0,3.0,2.0,3.0,2.0,3.0]", 0},
		{"series_outliers", in(Dyn("[1,2,3,4,5,null]"), "tukey"), "[-0.5,0.0,0.0,0.0,0.5,0.0]", 0},
		{"series_outliers", in(Dyn("[1,2,3,4,5,-1]"), "tukey", -1.0), "[-0.5,0.0,0.0,0.0,0.5,0.0]", 0},
		{"series_outliers", in(Dyn("[1]"), "ctukey", null(table.Real), 1.0), "null", 0},
		{"series_outliers", in(Dyn("{}")), "null", 0},
		{"series_decompose", in(Dyn("[1,null,3,1,2,3]"), 3), "[[1.0,2.0,3.0,1.0,2.0,3.0],[1.0,2.0,3.0,1.0,2.0,3.0],[0.0,0.0,0.0,0.0,0.0,0.0],[0.0,null,0.0,0.0,0.0,0.0]]", 0},
		{"series_decompose", in(Dyn("[1,2]"), 0, "none"), "[[0.0,0.0],[0.0,0.0],[0.0,0.0],[1.0,2.0]]", 0},
		{"series_decompose", in(Dyn("[1,3,5,0]"), 0, "linefit", 1), "[[1.0,3.0,5.0,7.0],[0.0,0.0,0.0,0.0],[1.0,3.0,5.0,7.0],[0.0,0.0,0.0,-7.0]]", 0},
		{"series_decompose", in(Dyn("[]")), "[[],[],[],[]]", 0},
		{"series_decompose", in(Dyn("7")), "null", 0},
	})
}

// A transform against the sum that defines it, and back.
func TestTransform(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 3, 5, 8, 12, 31, 64, 100} {
		x := make([]complex128, n)
		for i := range x {
			x[i] = complex(rnd.Float64(), rnd.Float64())
		}
		got := transform(x)
		for k := range n {
			want := complex(0, 0)
			for i, v := range x {
				want += v * cmplx.Rect(1, -2*math.Pi*float64(i*k%n)/float64(n))
			}
			if cmplx.Abs(got[k]-want) > 1e-10 {
				t.Errorf("%d elements: %d is %v, want %v", n, k, got[k], want)
			}
		}
	}
}

// Weeks by the hour, with noise, a trend and six values out of the ordinary, as
// on the page of series_decompose_anomalies().
func TestAnomalies(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	odd := map[int]float64{150: -8, 200: -8, 780: -8, 300: 8, 400: 8, 600: 8}
	y := make([]float64, 24*7*5)
	for i := range y {
		day, hour := (i+1)/24%7, (i+1)%24/10
		y[i] = 2*rnd.Float64() + 15 - float64(hour*hour) + float64(i)/72 + odd[i]
		if day >= 5 {
			y[i] -= 10
		}
	}
	month, _ := realSeries(traffic)
	if p := correlate(month).periods(0, 50); len(p) != 1 || p[0].period != 14 || math.Abs(p[0].score-0.84105) > 1e-5 {
		t.Errorf("periods are %v", p)
	}
	if p := correlate(y).periods(leastPeriod, 400); len(p) == 0 || p[0].period != 168 {
		t.Errorf("periods are %v", p)
	}
	text := Dyn(realArray(y))
	got, _ := apply(t, "series_decompose_anomalies", text, 2.5, -1, "linefit")
	flags, _ := realSeries(elements(got)[0])
	for i, f := range flags {
		if f != float64(signOf(odd[i])) {
			t.Errorf("flag %d is %v", i, f)
		}
	}
	got, _ = apply(t, "series_decompose_forecast", text, 168)
	baseline, _ := realSeries(elements(got)[0])
	for i := len(y) - 168; i < len(y); i++ {
		if odd[i] == 0 && math.Abs(baseline[i]-y[i]) > 4 {
			t.Errorf("forecast %d is %v, and it is %v", i, baseline[i], y[i])
		}
	}
}

// A polynomial is found again, also where x is far from 0.
func TestPolynomial(t *testing.T) {
	for _, at := range []float64{0, 1000} {
		var x, y []float64
		for i := range 30 {
			v := at + float64(i)
			x, y = append(x, v), append(y, 3*v*v-2*v+7)
		}
		c, ok := polynomial(x, y, 2)
		if !ok || math.Abs(c[0]-3) > 1e-6 || math.Abs(c[1]+2) > 1e-3 {
			t.Errorf("at %v: %v", at, c)
		}
	}
}

func TestSketches(t *testing.T) {
	a, b := sketch.NewHLL(1), sketch.NewHLL(1)
	for i := range int64(10) {
		a.Add(sketch.HashInt(i))
		b.Add(sketch.HashInt(i + 5))
	}
	merged, _ := apply(t, "hll_merge", Dyn(a.JSON()), Dyn(b.JSON()), Dyn("7"))
	digest := Dyn("[[7],[1,2,3,4.5],[1,1,1,1]]")
	runCases(t, []scalarCase{
		{"dcount_hll", in(Dyn(merged)), "15", table.Long},
		{"dcount_hll", in(Dyn("[[2048,14],[],[\"/////w==\"]]")), "null", 0},
		{"hll_merge", in(Dyn("1"), Dyn("2")), "null", 0},
		{"tdigest_merge", in(digest, Dyn("[[7],[2],[3]]")), "[[7],[1,2,3,4.5],[1,4,1,1]]", 0},
		{"merge_tdigest", in(Dyn("1"), Dyn("2")), "null", 0},
		{"rank_tdigest", in(digest, 3), "3", table.Real},
		{"rank_tdigest", in(digest, 0.5), "0", 0},
		{"percentrank_tdigest", in(digest, 2), "50", 0},
		{"percentrank_tdigest", in(Dyn("[]"), 2), "null", 0},
		{"percentile_tdigest", in(digest, 100.0), "4.5", table.Dynamic},
		{"percentile_tdigest", in(digest, 50), "2", table.Dynamic},
		{"percentile_tdigest", in(Dyn("x"), 50), "null", 0},
		{"percentiles_array_tdigest", in(digest, 25, 100), "[1,4.5]", 0},
		{"percentiles_array_tdigest", in(digest, Dyn("[25,100]")), "[1,4.5]", 0},
	})
	for _, c := range []struct {
		name, want string
		args       []Arg
		typ        table.Type
	}{
		{"percentile_tdigest", "long", []Arg{{Type: table.Dynamic}, {Type: table.Real}, {Type: table.String, Typeof: table.Long}}, table.Long},
		{"percentiles_array_tdigest", "one", []Arg{{Type: table.Dynamic}, {Type: table.Real}, {Type: table.String, Typeof: table.Datetime}}, table.Datetime},
		{"percentiles_array_tdigest", "many", []Arg{{Type: table.Dynamic}, {Type: table.Dynamic}, {Type: table.String, Typeof: table.Int}}, table.Dynamic},
	} {
		s, _ := Lookup(c.name)
		if o, _, err := s.Choose(c.args); err != nil || o.Result != c.typ {
			t.Errorf("%s, %s: %v %v", c.name, c.want, o.Result, err)
		}
	}
	s, _ := Lookup("percentile_tdigest")
	if _, _, err := s.Choose([]Arg{{Type: table.Dynamic}, {Type: table.Real}, {Type: table.String, Typeof: table.Bool}}); err == nil {
		t.Error("a percentile that is a bool is taken")
	}
}

func TestSmall(t *testing.T) {
	runCases(t, []scalarCase{
		{"format_bytes", in(564), "564 Bytes", table.String},
		{"format_bytes", in(10332, 1), "10.1 KB", 0},
		{"format_bytes", in(20010332), "19 MB", 0},
		{"format_bytes", in(20010332, 2), "19.08 MB", 0},
		{"format_bytes", in(20010332, 0, "kb"), "19541 KB", 0},
		{"format_bytes", in(-2048.0), "-2 KB", 0},
		{"format_bytes", in(1e30, 1), "867361737988.4 EB", 0},
		{"format_bytes", in(1, 0, "furlongs"), "", 0},
		{"estimate_data_size", in(1, "abc", true, null(table.Guid)), "28", table.Long},
	})
	s, _ := Lookup("assert")
	if _, _, err := s.Choose([]Arg{{Type: table.Bool}, {Type: table.String}}); err == nil {
		t.Error("assert takes what is not known yet")
	}
}
