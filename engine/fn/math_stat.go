package fn

import "math"

func init() {
	register(Scalar{
		Name: "beta_cdf", Family: "math",
		Doc:       "Returns the cumulative beta distribution at a number, NaN outside its domain.",
		Examples:  []Example{{`print round(beta_cdf(0.2, 10.0, 50.0), 9)`, `0.76842047`}},
		Overloads: []Overload{Of3(betaCDF)},
	})
	register(Scalar{
		Name: "beta_pdf", Family: "math",
		Doc:       "Returns the density of the beta distribution at a number, NaN outside its domain.",
		Examples:  []Example{{`print round(beta_pdf(0.5, 10.0, 20.0), 9)`, `0.746176019`}},
		Overloads: []Overload{Of3(betaPDF)},
	})
	register(Scalar{
		Name: "beta_inv", Family: "math",
		Doc:       "Returns the number at which the cumulative beta distribution reaches a probability.",
		Examples:  []Example{{`print round(beta_inv(0.1, 10.0, 20.0), 9)`, `0.226415022`}},
		Overloads: []Overload{Try3(betaInv)},
	})
	register(Scalar{
		Name: "welch_test", Family: "math",
		Doc:       "Returns the probability that two samples, each given by mean, variance and count, have the same mean.",
		Examples:  []Example{{`print round(welch_test(10.0, 2.0, 30, 10.0, 3.0, 40), 6)`, `1`}},
		Overloads: []Overload{rowReals(6, welchTest)},
	})
}

// betaCDF is the regularised incomplete beta function.
func betaCDF(x, a, b float64) float64 {
	if !(x >= 0 && x <= 1) || !(a > 0) || !(b > 0) {
		return math.NaN()
	}
	if x == 0 || x == 1 {
		return x
	}
	front := math.Exp(a*math.Log(x) + b*math.Log1p(-x) - logBeta(a, b))
	if x < (a+1)/(a+b+2) {
		return front * betaFraction(x, a, b) / a
	}
	return 1 - front*betaFraction(1-x, b, a)/b
}

func logBeta(a, b float64) float64 {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return la + lb - lab
}

// betaFraction evaluates the continued fraction of the incomplete beta
// function by Lentz's method (https://dlmf.nist.gov/8.17#v).
func betaFraction(x, a, b float64) float64 {
	const tiny = 1e-300
	away := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/away(1-(a+b)*x/(a+1))
	h := d
	for m := 1.0; m <= 10000; m++ {
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d = 1 / away(1+even*d)
		c = away(1 + even/c)
		h *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d = 1 / away(1+odd*d)
		c = away(1 + odd/c)
		h *= d * c
		if math.Abs(d*c-1) < 1e-16 {
			break
		}
	}
	return h
}

func betaPDF(x, a, b float64) float64 {
	if !(x >= 0 && x <= 1) || !(a > 0) || !(b > 0) {
		return math.NaN()
	}
	return math.Exp((a-1)*math.Log(x) + (b-1)*math.Log1p(-x) - logBeta(a, b))
}

// betaInv bisects: the distribution only grows.
func betaInv(p, a, b float64) (float64, bool) {
	if !(a > 0) || !(b > 0) {
		return math.NaN(), true
	}
	if !(p >= 0 && p <= 1) {
		return 0, false
	}
	low, high := 0.0, 1.0
	for range 200 {
		mid := (low + high) / 2
		if mid == low || mid == high {
			break
		}
		if betaCDF(mid, a, b) < p {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2, true
}

// welchTest is the two-sided p-value of Welch's t-test.
func welchTest(v []float64) (float64, bool) {
	mean1, s1, mean2, s2 := v[0], v[1]/v[2], v[3], v[4]/v[5]
	se := s1 + s2
	if !(se > 0) || v[2] < 2 || v[5] < 2 {
		return 0, false
	}
	t := (mean1 - mean2) / math.Sqrt(se)
	freedom := se * se / (s1*s1/(v[2]-1) + s2*s2/(v[5]-1))
	return betaCDF(freedom/(freedom+t*t), freedom/2, 0.5), true
}
