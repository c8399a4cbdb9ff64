package fn

import (
	"math"
	"math/rand/v2"

	"tidemark/engine/vec"
	"tidemark/internal/dec"
	"tidemark/table"
)

func init() {
	for _, f := range []struct {
		name, doc, arg, want string
		naming               Naming
		f                    func(float64) float64
	}{
		{"sqrt", "Returns the square root; null of a negative number.", "16", "4", ByFirst, math.Sqrt},
		{"exp", "Returns e to the power of a number.", "0", "1", ByFirst, math.Exp},
		{"exp2", "Returns 2 to the power of a number.", "3", "8", ByFirst, math.Exp2},
		{"exp10", "Returns 10 to the power of a number.", "3", "1000", ByFirst, func(x float64) float64 { return math.Pow(10, x) }},
		{"log", "Returns the natural logarithm; null of what is not positive.", "1", "0", ByFirst, math.Log},
		{"log2", "Returns the logarithm to base 2; null of what is not positive.", "8", "3", ByFirst, math.Log2},
		{"log10", "Returns the logarithm to base 10; null of what is not positive.", "1000", "3", ByFirst, math.Log10},
		{"sin", "Returns the sine of an angle in radians.", "0", "0", ByFirst, math.Sin},
		{"cos", "Returns the cosine of an angle in radians.", "0", "1", ByFirst, math.Cos},
		{"tan", "Returns the tangent of an angle in radians.", "0", "0", ByFirst, math.Tan},
		{"cot", "Returns the cotangent of an angle in radians.", "1", "0.6420926159343308", ByPosition, func(x float64) float64 { return math.Cos(x) / math.Sin(x) }},
		{"asin", "Returns the angle whose sine is a number; null outside -1 to 1.", "0", "0", ByFirst, math.Asin},
		{"acos", "Returns the angle whose cosine is a number; null outside -1 to 1.", "1", "0", ByFirst, math.Acos},
		{"atan", "Returns the angle whose tangent is a number.", "0", "0", ByFirst, math.Atan},
		{"degrees", "Converts radians to degrees.", "pi()", "180", ByPosition, func(x float64) float64 { return 180 / math.Pi * x }},
		{"radians", "Converts degrees to radians.", "0", "0", ByPosition, func(x float64) float64 { return math.Pi / 180 * x }},
		{"gamma", "Returns the gamma function of a number.", "5", "24", ByFirst, math.Gamma},
		{"loggamma", "Returns the logarithm of the gamma function's absolute value.", "1", "0", ByFirst, func(x float64) float64 { l, _ := math.Lgamma(x); return l }},
		{"erf", "Returns the error function of a number.", "0", "0", ByFirst, math.Erf},
		{"erfc", "Returns one minus the error function of a number.", "0", "1", ByFirst, math.Erfc},
	} {
		register(Scalar{
			Name: f.name, Family: "math", Doc: f.doc, Naming: f.naming,
			Examples:  []Example{{"print " + f.name + "(" + f.arg + ")", f.want}},
			Overloads: []Overload{Try1(finite(f.f))},
		})
	}
	register(Scalar{
		Name: "pow", Family: "math", Naming: ByFirst,
		Doc:       "Returns a number to the power of another.",
		Examples:  []Example{{`print pow(2, 3)`, `8`}},
		Overloads: []Overload{Try2(finite2(math.Pow))},
	})
	register(Scalar{
		Name: "atan2", Family: "math", Naming: ByFirst,
		Doc:       "Returns the angle between the x axis and the line to the point (x, y); y is the first argument.",
		Examples:  []Example{{`print atan2(0, 1)`, `0`}},
		Overloads: []Overload{Try2(finite2(math.Atan2))},
	})
	register(Scalar{
		Name: "pi", Family: "math", Doc: "Returns the number pi.",
		Examples:  []Example{{`print pi()`, `3.141592653589793`}},
		Overloads: []Overload{{Result: table.Real, Kernel: func(*Args) vec.Column { return vec.Constant(table.Real, math.Pi) }}},
	})
	register(Scalar{
		Name: "abs", Family: "math", Naming: ByFirst, Doc: "Returns a number or timespan without its sign.",
		Examples: []Example{{`print abs(-5)`, `5`}, {`print abs(-1h)`, `01:00:00`}},
		Overloads: []Overload{
			Try1(func(v int64) (int64, bool) { return max(v, -v), v != math.MinInt64 }),
			Of1(math.Abs),
			Try1(func(d Dec) (Dec, bool) {
				if dec.Compare(string(d), "0") >= 0 {
					return d, true
				}
				return decOf(dec.Op('-', "0", string(d)))
			}),
			Try1(func(d table.Duration) (table.Duration, bool) { return max(d, -d), d != math.MinInt64 }),
		},
	})
	register(Scalar{
		Name: "sign", Family: "math", Doc: "Returns 1, 0 or -1 by the sign of a number.",
		Examples:  []Example{{`print sign(-42)`, `-1`}},
		Overloads: []Overload{Of1(signOf)},
	})
	register(Scalar{
		Name: "round", Constant: []int{1}, Family: "rounding", Naming: ByFirst,
		Doc:      "Rounds a number to so many digits after the point, to none if they are not given; halves go away from zero.",
		Examples: []Example{{`print round(2.98765, 3)`, `2.988`}, {`print round(-2.5)`, `-3`}},
		Overloads: []Overload{
			Of1(func(v Int) Int { return v }), Of1(func(v int64) int64 { return v }), Of1(math.Round),
			Try1(func(d Dec) (Dec, bool) { return decOf(dec.Round(string(d), 0)) }),
			Of2(func(v Int, digits int64) Int { return Int(roundLong(int64(v), digits)) }), Of2(roundLong), Of2(roundReal),
			Try2(func(d Dec, digits int64) (Dec, bool) {
				return decOf(dec.Round(string(d), int32(max(-400, min(400, digits)))))
			}),
		},
	})
	register(Scalar{
		Name: "ceiling", Family: "rounding", Naming: ByFirst, Doc: "Rounds a number up to a whole one.",
		Examples: []Example{{`print ceiling(-1.1)`, `-1`}, {`print ceiling(0.9)`, `1`}},
		Overloads: []Overload{
			Of1(func(v Int) Int { return v }), Of1(func(v int64) int64 { return v }), Of1(math.Ceil),
			Try1(ceilDec),
		},
	})
	register(Scalar{
		Name: "rand", Family: "math", Naming: ByFirst, Volatile: true,
		Doc:       "Returns a random number from 0 up to but not including 1, or a whole one up to but not including the argument.",
		Examples:  []Example{{`print rand() < 1`, `true`}, {`print rand(1)`, `0`}},
		Overloads: []Overload{{Result: table.Real, Kernel: randomReals}, {Params: []Param{P(table.Long)}, Result: table.Real, Kernel: randomWholes}},
	})
}

// finite gives null for what has no result. Kusto does so for functions of
// finite numbers; NaN and the infinities go through as they are.
func finite(f func(float64) float64) func(float64) (float64, bool) {
	return func(x float64) (float64, bool) {
		y := f(x)
		return y, !math.IsNaN(y) || math.IsNaN(x) || math.IsInf(x, 0)
	}
}

func finite2(f func(a, b float64) float64) func(a, b float64) (float64, bool) {
	return func(a, b float64) (float64, bool) {
		y := f(a, b)
		return y, !math.IsNaN(y) || math.IsNaN(a) || math.IsNaN(b)
	}
}

func decOf(s string, ok bool) (Dec, bool) { return Dec(s), ok }

func signOf(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// roundReal leaves alone what has no digits there to round.
func roundReal(v float64, digits int64) float64 {
	if digits > 15 || math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	if digits < -308 {
		return 0
	}
	if digits < 0 {
		p := math.Pow(10, float64(-digits))
		return math.Round(v/p) * p
	}
	p := math.Pow(10, float64(digits))
	if math.Abs(v) > 1e15 {
		return v
	}
	return math.Round(v*p) / p
}

func roundLong(v, digits int64) int64 {
	if digits >= 0 {
		return v
	}
	if digits < -18 {
		return 0
	}
	p := int64(1)
	for ; digits < 0; digits++ {
		p *= 10
	}
	r := v % p
	switch {
	case r >= p-r && r > 0:
		return v - r + p
	case -r >= p+r && r < 0:
		return v - r - p
	}
	return v - r
}

func ceilDec(d Dec) (Dec, bool) {
	down, ok := binDec(d, "1")
	if !ok || dec.Compare(string(down), string(d)) == 0 {
		return decWhole(down, ok)
	}
	up, ok := dec.Op('+', string(down), "1")
	return decWhole(Dec(up), ok)
}

// decWhole writes a whole decimal without digits after the point.
func decWhole(d Dec, ok bool) (Dec, bool) {
	if !ok {
		return "", false
	}
	return decOf(dec.Round(string(d), 0))
}

func randomReals(a *Args) vec.Column {
	out := make([]float64, max(a.N, 1))
	for i := range out {
		out[i] = rand.Float64()
	}
	return vec.Column{Arr: vec.NewFloat64s(out, nil)}
}

// randomWholes treats a bound that is not positive as rand() without one.
func randomWholes(a *Args) vec.Column {
	bounds := read[int64](a.Cols[0])
	out := make([]float64, max(a.N, 1))
	for i := range out {
		if b := bounds.at(i); bounds.isValid(i) && b > 0 {
			out[i] = float64(rand.Int64N(b))
		} else {
			out[i] = rand.Float64()
		}
	}
	return vec.Column{Arr: vec.NewFloat64s(out, nil)}
}
