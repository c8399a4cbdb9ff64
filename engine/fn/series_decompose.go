package fn

import (
	"math"
	"strings"

	"tidemark/table"
)

func init() {
	dyn, number, text, whole := P(table.Dynamic), P(table.Real), P(table.String), P(table.Long)
	register(Scalar{
		Name: "series_decompose", Family: "series",
		Usage:    []string{"series_decompose(dynamic, [long], [string], [long], [real]): dynamic"},
		Doc:      "Splits a series into what repeats, a trend and the rest; returns the two together, each of them and the rest, as columns.",
		Examples: []Example{{`print (baseline, seasonal, trend, residual) = series_decompose(dynamic([1, 2, 3, 1, 2, 3]), 3) | project residual`, `[0.0,0.0,0.0,0.0,0.0,0.0]`}},
		Resolve:  resolveParts([]Param{dyn, whole, text, whole, number}, 4, 2, 0, seriesDecompose),
	})
	register(Scalar{
		Name: "series_decompose_anomalies", Family: "series",
		Usage:    []string{"series_decompose_anomalies(dynamic, [real], [long], [string], [long], [string], [real]): dynamic"},
		Doc:      "Finds what is unusual in a series besides what repeats and a trend; returns for each element 1, -1 or 0 for too high, too low or neither, a score, and what was expected, as columns.",
		Examples: []Example{{`print (marks, scores, baseline) = series_decompose_anomalies(dynamic([1, 2, 1, 2, 1, 90, 1, 2]), 1.5, 0) | project marks`, `[0,0,0,0,0,1,0,0]`}},
		Resolve:  resolveParts([]Param{dyn, number, whole, text, whole, text, number}, 6, 3, 5, decomposeAnomalies),
	})
	register(Scalar{
		Name: "series_decompose_forecast", Family: "series",
		Usage:    []string{"series_decompose_forecast(dynamic, long, [long], [string], [real]): dynamic"},
		Doc:      "Foretells the last elements of a series from what repeats in those before and their trend; returns the forecast and its parts, as columns.",
		Examples: []Example{{`print (forecast, seasonal, trend, residual) = series_decompose_forecast(dynamic([2, 4, 6, 8, 0, 0]), 2) | project forecast`, `[2.0,4.0,6.0,8.0,10.0,12.0]`}},
		Resolve:  resolveParts([]Param{dyn, whole, whole, text, number}, 3, 3, 0, decomposeForecast),
	})
}

// resolveParts looks at the words for the trend and the test, at these places,
// where they are known already.
func resolveParts(params []Param, optionals, trend, test int, f func([]table.Type, []any) any) func([]Arg) (Overload, error) {
	o := optional(Rows(params, false, table.Dynamic, f), optionals)
	return func(args []Arg) (Overload, error) {
		if len(args) > trend {
			if err := checkWord(args, trend, "the trend", "avg", "linefit", "none"); err != nil {
				return o, err
			}
		}
		if test > 0 && len(args) > test {
			if err := checkWord(args, test, "the test", "ctukey", "tukey"); err != nil {
				return o, err
			}
		}
		return o, nil
	}
}

// decomposition is how a series is to be split.
type decomposition struct {
	period    int64 // -1: to be found, 0: none
	trend     string
	test      int64 // how many elements at the end are not learned from
	threshold float64
}

// parts are a series split.
type parts struct{ baseline, seasonal, trend, residual []float64 }

// split takes off what repeats first, then the trend of what is left.
func (d decomposition) split(y []float64) (p parts, ok bool) {
	learn := learned(len(y), d.test)
	p.seasonal = seasonalOf(y, learn, d.period, d.threshold)
	rest := make([]float64, len(y))
	for i, v := range y {
		rest[i] = v - p.seasonal[i]
	}
	line, found := trendOf(rest, learn)
	p.baseline, p.trend, p.residual = make([]float64, len(y)), make([]float64, len(y)), make([]float64, len(y))
	noise := 0.0 // what rounding may leave of a difference that is 0
	for _, v := range y {
		if !math.IsNaN(v) {
			noise = max(noise, 1e-12*math.Abs(v))
		}
	}
	for i, v := range y {
		switch d.trend {
		case "linefit":
			if p.trend[i] = line.mean; found {
				p.trend[i] = line.at(i)
			}
		case "avg":
			p.trend[i] = line.mean
		case "none":
		default:
			return p, false
		}
		p.baseline[i] = p.seasonal[i] + p.trend[i]
		if p.residual[i] = v - p.baseline[i]; math.Abs(p.residual[i]) <= noise { // NaN for a gap
			p.residual[i] = 0
		}
	}
	return p, true
}

// line is a trend; mean is that of the values.
type line struct{ mean, slope, start float64 }

func (l line) at(i int) float64 { return l.start + l.slope*float64(i) }

// trendOf is the line of least squares through the first values, gaps left
// out. It reports false where there are too few for a line.
func trendOf(y []float64, learn int) (l line, ok bool) {
	var n, mx, xx, xy float64
	for i, v := range y[:learn] {
		if math.IsNaN(v) {
			continue
		}
		n++
		dx := float64(i) - mx
		mx += dx / n
		dy := v - l.mean
		l.mean += dy / n
		xx += dx * (float64(i) - mx)
		xy += dx * (v - l.mean)
	}
	if xx == 0 {
		return l, false
	}
	l.slope = xy / xx
	l.start = l.mean - l.slope*mx
	return l, true
}

// settings reads what may be left out, beginning with argument i.
type settings struct {
	row []any
	i   int
}

func (s *settings) next() any {
	s.i++
	if s.i > len(s.row) {
		return nil
	}
	return s.row[s.i-1]
}

func (s *settings) real(otherwise float64) float64 {
	if v, ok := s.next().(float64); ok {
		return v
	}
	return otherwise
}

func (s *settings) long(otherwise int64) int64 {
	if v, ok := s.next().(int64); ok {
		return v
	}
	return otherwise
}

func (s *settings) word(otherwise string) string {
	if v, ok := s.next().(string); ok && v != "" {
		return strings.ToLower(v)
	}
	return otherwise
}

func seriesDecompose(_ []table.Type, row []any) any {
	s := settings{row, 1}
	d := decomposition{period: s.long(-1), trend: s.word("avg"), test: s.long(0), threshold: s.real(decomposeThreshold)}
	return d.columns(row)
}

// decomposeForecast takes a line for the trend unless told otherwise: the page
// says the average, but its example foretells a rise.
func decomposeForecast(_ []table.Type, row []any) any {
	s := settings{row, 1}
	test, ok := s.next().(int64)
	if !ok {
		return nil
	}
	d := decomposition{test: test, period: s.long(-1), trend: s.word("linefit"), threshold: s.real(decomposeThreshold)}
	return d.columns(row)
}

func (d decomposition) columns(row []any) any {
	y, ok := gappedSeries(textAt(row, 0))
	if !ok {
		return nil
	}
	p, ok := d.split(y)
	if !ok {
		return nil
	}
	return tupleOf(realArray(p.baseline), realArray(p.seasonal), realArray(p.trend), realArray(p.residual))
}

func decomposeAnomalies(_ []table.Type, row []any) any {
	s := settings{row, 1}
	limit := s.real(1.5)
	d := decomposition{period: s.long(-1), trend: s.word("avg"), test: s.long(0)}
	t := tukey{kind: s.word("ctukey"), low: 10, high: 90}
	d.threshold = s.real(decomposeThreshold)
	y, ok := gappedSeries(textAt(row, 0))
	if !ok {
		return nil
	}
	p, ok := d.split(y)
	if !ok {
		return nil
	}
	scores, ok := t.scores(p.residual, learned(len(y), d.test))
	if !ok {
		return nil
	}
	flags := make([]string, len(scores))
	for i, v := range scores {
		switch {
		case v > limit:
			flags[i] = "1"
		case v < -limit:
			flags[i] = "-1"
		default:
			flags[i] = "0"
		}
	}
	return tupleOf(string(joinElements(flags)), realArray(scores), realArray(p.baseline))
}
