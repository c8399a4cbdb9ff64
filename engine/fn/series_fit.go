package fn

import (
	"math"
	"slices"

	"tidemark/table"
)

func init() {
	params := []Param{P(table.Dynamic)}
	register(Scalar{
		Name: "series_fit_2lines", Family: "series",
		Doc:       "Fits two lines to a series, one up to the place where its trend changes most and one from there; returns R², the place, variance, the residuals' variance, the lines' points, and what series_fit_line() tells of the right and the left line, as columns.",
		Examples:  []Example{{`print (rsquare, split) = series_fit_2lines(dynamic([1, 2, 3, 30, 20, 10])) | project split`, `3`}},
		Overloads: []Overload{Rows(params, false, table.Dynamic, fit2Lines)},
	})
	register(Scalar{
		Name: "series_fit_2lines_dynamic", Family: "series",
		Doc:       "Fits two lines to a series, as series_fit_2lines() does, and returns a property bag.",
		Examples:  []Example{{`print series_fit_2lines_dynamic(dynamic([1, 2, 3, 30, 20, 10])).right.slope`, `-10.0`}},
		Overloads: []Overload{Rows(params, false, table.Dynamic, fit2LinesDynamic)},
	})
	register(Scalar{
		Name: "series_fit_poly", Family: "series",
		Doc:       "Fits a polynomial of a degree, 1 if left out, to a series over another one, 1, 2, … if left out; returns R², the coefficients from the highest power down, variance, the residuals' variance and the polynomial's points, as columns.",
		Examples:  []Example{{`print (rsquare, c) = series_fit_poly(dynamic([1, 4, 9, 16]), dynamic([1, 2, 3, 4]), 2) | project toint(round(todouble(c[0]), 6))`, `1`}},
		Overloads: []Overload{optional(Rows([]Param{P(table.Dynamic), P(table.Dynamic), P(table.Int)}, false, table.Dynamic, fitPoly), 2)},
	})
}

// twoLines is a series in two parts, and what the best split is measured by.
type twoLines struct {
	rsquare, variance, rvariance float64
	split                        int // the first point of the right line
	left, right                  lineFit
}

// fit2Of tries all splits that leave two points on each side. Running sums
// make each a matter of a few operations.
func fit2Of(text string) (l twoLines, ok bool) {
	y, ok := realSeries(text)
	n := len(y)
	if !ok || n < 4 {
		return l, false
	}
	left, right := residuals(y), residuals(reversed(y))
	best := math.Inf(1)
	for split := 2; split <= n-2; split++ {
		if rest := left[split] + right[n-split]; rest < best {
			best, l.split = rest, split
		}
	}
	if l.split == 0 { // numbers too large to square
		return l, false
	}
	l.left, l.right = lineOf(y[:l.split]), lineOf(y[l.split:])
	m, total := mean(y), 0.0
	for _, v := range y {
		total += (v - m) * (v - m)
	}
	rest := l.left.rvariance*float64(l.split-1) + l.right.rvariance*float64(n-l.split-1)
	l.rsquare = 1
	if total > 0 {
		l.rsquare = 1 - rest/total
	}
	l.variance, l.rvariance = total/float64(n-1), rest/float64(n-1)
	return l, true
}

// residuals returns for each k the sum of squares that a line through the first
// k points leaves. The mean is taken off first: without it the sums of squares
// of large values would leave no digits for their differences.
func residuals(y []float64) []float64 {
	m := mean(y)
	out := make([]float64, len(y)+1)
	var sx, sy, sxx, sxy, syy float64
	for i, v := range y {
		x, v := float64(i), v-m
		sx, sy, sxx, sxy, syy = sx+x, sy+v, sxx+x*x, sxy+x*v, syy+v*v
		n := x + 1
		dxx, dxy, dyy := sxx-sx*sx/n, sxy-sx*sy/n, syy-sy*sy/n
		if dxx > 0 {
			dyy -= dxy * dxy / dxx
		}
		out[i+1] = max(dyy, 0)
	}
	return out
}

func reversed(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[len(v)-1-i] = x
	}
	return out
}

func (l *twoLines) points() string {
	return pointsOf(slices.Concat(l.left.points, l.right.points))
}

func fit2Lines(_ []table.Type, row []any) any {
	l, ok := fit2Of(textAt(row, 0))
	if !ok {
		return nil
	}
	out := []any{l.rsquare, l.split, l.variance, l.rvariance, l.points()}
	for _, p := range []lineFit{l.right, l.left} {
		out = append(out, p.rsquare, p.slope, p.interception, p.variance, p.rvariance)
	}
	return tupleOf(out...)
}

func fit2LinesDynamic(_ []table.Type, row []any) any {
	l, ok := fit2Of(textAt(row, 0))
	if !ok {
		return nil
	}
	r, d := table.Real, table.Dynamic
	bag := func(p lineFit) string {
		return Pack([]string{"rsquare", "slope", "interception", "variance", "rvariance"}, []table.Type{r, r, r, r, r},
			[]any{p.rsquare, p.slope, p.interception, p.variance, p.rvariance})
	}
	return Pack([]string{"rsquare", "split_idx", "variance", "rvariance", "line_fit", "right", "left"},
		[]table.Type{r, table.Long, r, r, d, d, d},
		[]any{l.rsquare, int64(l.split), l.variance, l.rvariance, l.points(), bag(l.right), bag(l.left)})
}

// maxDegree is where powers of x leave no digits of a real.
const maxDegree = 50

func fitPoly(_ []table.Type, row []any) any {
	y, ok := realSeries(textAt(row, 0))
	x := make([]float64, len(y))
	for i := range x {
		x[i] = float64(i + 1)
	}
	if len(row) > 1 && row[1] != nil {
		given, valid := realSeries(textAt(row, 1))
		x, ok = given, ok && valid
	}
	degree := int64(1)
	if len(row) > 2 && row[2] != nil {
		degree = row[2].(int64)
	}
	if !ok || len(x) != len(y) || degree < 0 || degree > maxDegree || int64(len(y)) <= degree || len(y) < 2 {
		return nil
	}
	c, ok := polynomial(x, y, int(degree))
	if !ok {
		return nil
	}
	points := make([]float64, len(x))
	m, total, rest := mean(y), 0.0, 0.0
	for i, v := range x {
		for _, a := range c {
			points[i] = points[i]*v + a
		}
		total += (y[i] - m) * (y[i] - m)
		rest += (y[i] - points[i]) * (y[i] - points[i])
	}
	rsquare, n := 1.0, float64(len(y)-1)
	if total > 0 {
		rsquare = 1 - rest/total
	}
	return tupleOf(rsquare, realArray(c), total/n, rest/n, realArray(points))
}

// polynomial returns the coefficients of least squares, highest power first, by
// Householder's reflections: the normal equations would lose half the digits.
// It reports false where x has too few different values.
func polynomial(x, y []float64, degree int) ([]float64, bool) {
	n, m := len(x), degree+1
	scale := 0.0 // powers of x/scale are within [-1, 1]
	for _, v := range x {
		scale = max(scale, math.Abs(v))
	}
	if scale == 0 {
		scale = 1
	}
	a, b := make([][]float64, m), append([]float64(nil), y...) // a by columns, power 0 first
	for j := range a {
		a[j] = make([]float64, n)
		for i, v := range x {
			a[j][i] = math.Pow(v/scale, float64(j))
		}
	}
	for k := range m {
		norm := 0.0
		for i := k; i < n; i++ {
			norm = math.Hypot(norm, a[k][i])
		}
		if norm < 1e-13*math.Sqrt(float64(n)) {
			return nil, false
		}
		if a[k][k] > 0 {
			norm = -norm
		}
		v := append([]float64(nil), a[k][k:]...)
		v[0] -= norm
		for j := k; j < m; j++ {
			reflect(v, a[j][k:])
		}
		reflect(v, b[k:])
	}
	c := make([]float64, m)
	for k := m - 1; k >= 0; k-- {
		s := b[k]
		for j := k + 1; j < m; j++ {
			s -= a[j][k] * c[m-1-j]
		}
		c[m-1-k] = s / a[k][k]
	}
	for k := range m {
		c[m-1-k] /= math.Pow(scale, float64(k))
	}
	return c, true
}

// reflect mirrors x at the plane that v stands on.
func reflect(v, x []float64) {
	var vv, vx float64
	for i, a := range v {
		vv += a * a
		vx += a * x[i]
	}
	if vv == 0 {
		return
	}
	f := 2 * vx / vv
	for i, a := range v {
		x[i] -= f * a
	}
}
