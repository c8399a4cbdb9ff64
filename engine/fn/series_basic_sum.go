package fn

import (
	"math"

	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "series_sum", Family: "series", Doc: "Adds up a series; null where it holds anything but numbers.",
		Examples:  []Example{{`print series_sum(dynamic([1, 2, 3, 4]))`, `10`}},
		Overloads: []Overload{fold(0, func(acc, v float64) float64 { return acc + v }, func(acc float64) float64 { return acc })},
	})
	register(Scalar{
		Name: "series_product", Family: "series", Doc: "Multiplies a series' elements; null where it holds anything but numbers.",
		Examples:  []Example{{`print series_product(dynamic([1, 2, 3, 4]))`, `24`}},
		Overloads: []Overload{fold(1, func(acc, v float64) float64 { return acc * v }, func(acc float64) float64 { return acc })},
	})
	register(Scalar{
		Name: "series_magnitude", Family: "series", Doc: "Returns the length of a series as a vector.",
		Examples:  []Example{{`print series_magnitude(dynamic([3, 4]))`, `5`}},
		Overloads: []Overload{fold(0, func(acc, v float64) float64 { return acc + v*v }, math.Sqrt)},
	})
	register(Scalar{
		Name: "series_dot_product", Family: "series", Doc: "Adds up the products of two series' elements.",
		Examples: []Example{{`print series_dot_product(dynamic([1, 2, 4]), dynamic([4, 2, 1]))`, `12`}},
		Overloads: []Overload{
			dotProduct(P(table.Dynamic), P(table.Dynamic)), dotProduct(P(table.Dynamic), Number), dotProduct(Number, P(table.Dynamic)),
		},
	})
	register(Scalar{
		Name: "series_pearson_correlation", Family: "series", Doc: "Returns Pearson's correlation coefficient of two series.",
		Examples:  []Example{{`print series_pearson_correlation(dynamic([1, 2, 3]), dynamic([2, 4, 6]))`, `1`}},
		Overloads: []Overload{Try2(pearson)},
	})
	register(Scalar{
		Name: "series_cosine_similarity", Family: "series", Doc: "Returns the cosine of the angle between two series as vectors, whose magnitudes may be given.",
		Examples:  []Example{{`print series_cosine_similarity(dynamic([1, 0]), dynamic([1, 0]))`, `1`}},
		Overloads: []Overload{optional(Rows([]Param{P(table.Dynamic), P(table.Dynamic), P(table.Real), P(table.Real)}, false, table.Real, cosine), 2)},
	})
	stats := []Param{P(table.Dynamic), P(table.Bool)}
	register(Scalar{
		Name: "series_stats", Family: "series",
		Doc:       "Returns minimum, its index, maximum, its index, average, standard deviation and variance of a series, as columns.",
		Examples:  []Example{{`print (least, at) = series_stats(dynamic([3, 1, 2])) | project at`, `1`}},
		Overloads: []Overload{optional(Rows(stats, false, table.Dynamic, seriesStats), 1)},
	})
	register(Scalar{
		Name: "series_stats_dynamic", Family: "series",
		Doc:       "Returns a property bag of a series' minimum, maximum, average, variance, sum and the like.",
		Examples:  []Example{{`print series_stats_dynamic(dynamic([1, 2, 3])).avg`, `2.0`}},
		Overloads: []Overload{optional(Rows(stats, false, table.Dynamic, seriesStatsDynamic), 1)},
	})
}

// fold lifts a sum of sorts over the numbers of a series.
func fold(start float64, add func(acc, v float64) float64, end func(acc float64) float64) Overload {
	return Try1(func(a Dyn) (float64, bool) {
		values, ok := realSeries(string(a))
		acc := start
		for _, v := range values {
			acc = add(acc, v)
		}
		return end(acc), ok
	})
}

func dotProduct(params ...Param) Overload {
	return perBatch(func() Overload {
		var o operands
		return Rows(params, false, table.Real, func(types []table.Type, row []any) any {
			n, ok := o.read(types, row)
			if !ok {
				return nil
			}
			sum := 0.0
			for i := range n {
				a, b := o.a.at(i), o.b.at(i)
				if !a.ok || !b.ok {
					return nil
				}
				sum += a.f * b.f
			}
			return sum
		})
	})
}

func pearson(a, b Dyn) (float64, bool) {
	x, okx := realSeries(string(a))
	y, oky := realSeries(string(b))
	if !okx || !oky || len(x) != len(y) || len(x) == 0 {
		return 0, false
	}
	mx, my := mean(x), mean(y)
	var xy, xx, yy float64
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xy += dx * dy
		xx += dx * dx
		yy += dy * dy
	}
	r := xy / math.Sqrt(xx*yy)
	return r, !math.IsNaN(r)
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// cosine cuts the longer series and passes over what is no number.
func cosine(_ []table.Type, row []any) any {
	s1, _ := row[0].(string)
	s2, _ := row[1].(string)
	a, oka := series(s1)
	b, okb := series(s2)
	n := min(len(a), len(b))
	if !oka || !okb || n == 0 {
		return nil
	}
	var ab, aa, bb float64
	for i := range n {
		if a[i].ok && b[i].ok {
			ab += a[i].f * b[i].f
			aa += a[i].f * a[i].f
			bb += b[i].f * b[i].f
		}
	}
	m1, m2 := math.Sqrt(aa), math.Sqrt(bb)
	if len(row) > 2 && row[2] != nil {
		m1 = row[2].(float64)
	}
	if len(row) > 3 && row[3] != nil {
		m2 = row[3].(float64)
	}
	c := ab / (m1 * m2)
	if math.IsNaN(c) {
		return nil
	}
	return c
}

// statistics are what series_stats() tells.
type statistics struct {
	least, most, average, deviation, variance, sum float64
	leastAt, mostAt, n                             int
}

func statsOf(row []any) (s statistics, ok bool) {
	text, _ := row[0].(string)
	values, ok := series(text)
	skip := false
	if len(row) > 1 {
		skip, _ = row[1].(bool)
	}
	if !ok || len(values) == 0 {
		return s, false
	}
	kept, running := 0, 0.0 // the mean and variance by Welford's method
	for i, v := range values {
		if !v.ok || math.IsNaN(v.f) || math.IsInf(v.f, 0) {
			if !skip {
				return s, false
			}
			continue
		}
		if kept == 0 || v.f < s.least {
			s.least, s.leastAt = v.f, i
		}
		if kept == 0 || v.f > s.most {
			s.most, s.mostAt = v.f, i
		}
		s.sum += v.f
		kept++
		d := v.f - running
		running += d / float64(kept)
		s.variance += d * (v.f - running)
	}
	if kept == 0 {
		return s, false
	}
	s.n = len(values)
	s.average = s.sum / float64(kept)
	if kept > 1 {
		s.variance /= float64(kept - 1)
	}
	s.deviation = math.Sqrt(s.variance)
	return s, true
}

func seriesStats(_ []table.Type, row []any) any {
	s, ok := statsOf(row)
	if !ok {
		return nil
	}
	return tupleOf(s.least, s.leastAt, s.most, s.mostAt, s.average, s.deviation, s.variance)
}

func seriesStatsDynamic(_ []table.Type, row []any) any {
	s, ok := statsOf(row)
	if !ok {
		return nil
	}
	r, l := table.Real, table.Long
	return Pack(
		[]string{"min", "min_idx", "max", "max_idx", "avg", "stdev", "variance", "sum", "len"},
		[]table.Type{r, l, r, l, r, r, r, r, l},
		[]any{s.least, int64(s.leastAt), s.most, int64(s.mostAt), s.average, s.deviation, s.variance, s.sum, int64(s.n)})
}
