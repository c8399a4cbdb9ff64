package fn

import (
	"math"

	"tidemark/engine/vec"
)

// asks registers a question about a real; null is answered with false.
func asks(name, doc string, examples []Example, is func(float64) bool) {
	k := func(a *Args) vec.Column {
		c, r := read[float64](a.Cols[0]), newResults[bool](a)
		for i := range r.out {
			r.out[i] = c.isValid(i) && is(c.at(i))
		}
		return r.column()
	}
	o := Of1(is)
	o.Kernel = k
	register(Scalar{Name: name, Family: "math", Doc: doc, Examples: examples, Overloads: []Overload{o}})
}

func init() {
	asks("isnan", "Tells whether a number is NaN, as 0.0/0.0 is.", []Example{{`print isnan(0.0/0.0)`, "true"}}, math.IsNaN)
	asks("isinf", "Tells whether a number is positive or negative infinity.", []Example{{`print isinf(1.0/0.0)`, "true"}},
		func(f float64) bool { return math.IsInf(f, 0) })
	asks("isfinite", "Tells whether a number is neither infinite nor NaN.", []Example{{`print isfinite(1.5)`, "true"}},
		func(f float64) bool { return !math.IsInf(f, 0) && !math.IsNaN(f) })
}
