package fn

import (
	"math"
	"testing"

	"tidemark/table"
)

func TestMath(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	runCases(t, []scalarCase{
		{"abs", in(Int(-5)), "5", table.Long},
		{"abs", in(-5.5), "5.5", table.Real},
		{"abs", in(Dec("-5.5")), "5.5", table.Decimal},
		{"abs", in(span("-1h")), "01:00:00", table.Timespan},
		{"abs", in(math.MinInt64), "null", 0},
		{"abs", in("a"), "error: abs() takes a long or real or decimal or timespan here, not a string", 0},
		{"sign", in(Int(-42)), "-1", table.Real},
		{"sign", in(0), "0", 0},
		{"sqrt", in(16), "4", table.Real},
		{"sqrt", in(-1), "null", 0},
		{"sqrt", in(nan), "NaN", 0},
		{"sqrt", in(inf), "Infinity", 0},
		{"pow", in(2, 3), "8", 0},
		{"pow", in(-8, 0.5), "null", 0},
		{"log", in(5), "1.6094379124341003", 0},
		{"log10", in(1000), "3", 0},
		{"log2", in(5), "2.321928094887362", 0},
		{"log", in(-1), "null", 0},
		{"exp2", in(3), "8", 0},
		{"asin", in(2), "null", 0},
		{"sin", in(1), "0.8414709848078965", 0},
		{"gamma", in(5), "24", 0},
		{"erfc", in(0), "1", 0},
		{"round", in(1), "1", table.Long},
		{"round", in(Int(1)), "1", table.Int},
		{"round", in(2.5), "3", table.Real},
		{"round", in(-2.5), "-3", 0},
		{"round", in(2.98765, 3), "2.988", 0},
		{"round", in(1234.5, -2), "1200", 0},
		{"round", in(1250, -2), "1300", table.Long},
		{"round", in(-1250, -2), "-1300", 0},
		{"round", in(-1249, -2), "-1200", 0},
		{"round", in(Dec("2.345"), 2), "2.35", table.Decimal},
		{"round", in(1e300, 10), "1E+300", 0},
		{"round", in(nan, 1), "NaN", 0},
		{"ceiling", in(-1.1), "-1", table.Real},
		{"ceiling", in(0), "0", table.Long},
		{"ceiling", in(Dec("1.2")), "2", table.Decimal},
		{"ceiling", in(Dec("-1.2")), "-1", 0},
		{"pi", nil, "3.141592653589793", table.Real},
		{"rand", in(1), "0", table.Real},
		{"beta_cdf", in(1.5, 10.0, 20.0), "NaN", 0},
		{"beta_inv", in(1.5, 10.0, 20.0), "null", 0},
		{"beta_inv", in(0.1, -1.0, 20.0), "NaN", 0},
		{"welch_test", in(1.0, 0.0, 5, 1.0, 0.0, 5), "null", table.Real},
		{"binary_and", in(Int(12), Int(10)), "8", table.Long},
		{"binary_shift_left", in(1, 62), "4611686018427387904", 0},
		{"binary_shift_left", in(1, 64), "1", 0},
		{"binary_shift_right", in(-8, 1), "-4", 0},
		{"binary_shift_right", in(1, -1), "null", 0},
		{"binary_not", in(0), "-1", 0},
		{"bitset_count_ones", in(-1), "64", 0},
		{"bitset_count_ones", in(null(table.Long)), "null", 0},
	})
}

func TestBeta(t *testing.T) {
	for _, c := range []struct{ got, want float64 }{
		{betaCDF(0.9, 10, 20), 0.999999999999959},
		{betaPDF(0.5, 10, 20), 0.746176019310951},
		{betaCDF(0.2, 10, 50), 0.7684204704210587},
	} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
	if x, _ := betaInv(0.1, 10, 20); math.Abs(x-0.226415022388749) > 1e-12 {
		t.Errorf("beta_inv is %v", x)
	}
	// By numeric integration of Student's distribution.
	if p, _ := welchTest([]float64{10, 4, 25, 11, 9, 16}); math.Abs(p-0.251159432540) > 1e-9 {
		t.Errorf("welch_test is %v", p)
	}
}
