package fn

import (
	"math"
	"slices"

	"tidemark/table"
)

func init() {
	dyn := P(table.Dynamic)
	register(Scalar{
		Name: "series_periods_detect", Family: "series",
		Doc:       "Finds the periods of a series within bounds, at most so many, and how pronounced each is, from 0 to 1; returns both as columns.",
		Examples:  []Example{{`print (periods, scores) = series_periods_detect(dynamic([1, 2, 4, 9, 5, 1, 2, 4, 9, 5, 1, 2, 4, 9, 5, 1, 2, 4, 9, 5]), 4, 10, 1) | project periods`, `[5.0]`}},
		Overloads: []Overload{Rows([]Param{dyn, P(table.Real), P(table.Real), P(table.Long)}, false, table.Dynamic, periodsDetect)},
	})
	register(Scalar{
		Name: "series_periods_validate", Family: "series",
		Doc:       "Tells for each of the periods given how pronounced it is in a series, from 0 to 1; returns periods and scores, as columns.",
		Examples:  []Example{{`print (periods, scores) = series_periods_validate(dynamic([1, 2, 4, 9, 5, 1, 2, 4, 9, 5, 1, 2, 4, 9, 5, 1, 2, 4, 9, 5]), 5, 8) | project toint(scores[1])`, `0`}},
		Overloads: []Overload{Rows([]Param{dyn, P(table.Real)}, true, table.Dynamic, periodsValidate)},
	})
	register(Scalar{
		Name: "series_seasonal", Family: "series",
		Doc:       "Returns the seasonal part of a series: for each place within a period, the median of the values there; zeros where no period is found or given.",
		Examples:  []Example{{`print series_seasonal(dynamic([1, 3, 5, 1, 3, 5, 2, 4, 6]), 3)`, `[1.0,3.0,5.0,1.0,3.0,5.0,1.0,3.0,5.0]`}},
		Overloads: []Overload{optional(Rows([]Param{dyn, P(table.Long), P(table.Long)}, false, table.Dynamic, seriesSeasonal), 2)},
	})
}

const (
	leastPeriod = 4
	// seasonalThreshold and decomposeThreshold are the scores from which on
	// series_seasonal() and series_decompose() believe in a period.
	seasonalThreshold  = 0.7
	decomposeThreshold = 0.6
)

// correlogram has for each lag how well a series agrees with itself so much
// later, from -1 to 1.
type correlogram struct {
	at    []float64
	n     int
	least float64 // what lags of a series without any order often reach
}

// correlate computes the correlogram through the Fourier transform. The sums
// of a lag have fewer terms than those of lag 0; scaling by the root of their
// numbers makes up for half of that, so that of a period and its multiples the
// period itself wins. Gaps count as the mean.
func correlate(y []float64) correlogram {
	n := len(y)
	c := correlogram{n: n, least: 2 / math.Sqrt(float64(n)), at: make([]float64, n)}
	z := level(y)
	clip(z)
	size := 1
	for size < 2*n {
		size *= 2
	}
	x := make([]complex128, size)
	energy := 0.0
	for i, v := range z {
		x[i] = complex(v, 0)
		energy += v * v
	}
	if energy == 0 || math.IsInf(energy, 0) {
		return c
	}
	x = transform2(x)
	for i, v := range x {
		x[i] = complex(real(v)*real(v)+imag(v)*imag(v), 0)
	}
	x = transform2(x)
	for k := range c.at {
		c.at[k] = real(x[k]) / float64(size) / energy * math.Sqrt(float64(n)/float64(n-k))
	}
	return c
}

// steepTrend is the R² from which on a trend would hide what repeats.
const steepTrend = 0.5

// level takes off the mean, or the trend where it explains most of the series.
func level(y []float64) []float64 {
	l, ok := trendOf(y, len(y))
	m, total, rest := l.mean, 0.0, 0.0
	for i, v := range y {
		if !math.IsNaN(v) {
			total += (v - m) * (v - m)
			rest += (v - l.at(i)) * (v - l.at(i))
		}
	}
	out := make([]float64, len(y))
	for i, v := range y {
		switch {
		case math.IsNaN(v):
		case ok && rest < (1-steepTrend)*total:
			out[i] = v - l.at(i)
		default:
			out[i] = v - m
		}
	}
	// What is left of a straight line is rounding, and no series to look into.
	if total > 0 && rest < 1e-20*total {
		clear(out)
	}
	return out
}

// clip cuts off what lies beyond Tukey's fences, so that a few outliers do not
// hide the rest, and takes off the mean again.
func clip(z []float64) {
	if len(z) == 0 {
		return
	}
	sorted := slices.Clone(z)
	slices.Sort(sorted)
	q1, q3 := quantile(sorted, 0.25), quantile(sorted, 0.75)
	if q1 == q3 { // what is rare may well be what repeats
		return
	}
	reach := 1.5 * (q3 - q1)
	for i, v := range z {
		z[i] = min(max(v, q1-reach), q3+reach)
	}
	m := mean(z)
	for i := range z {
		z[i] -= m
	}
}

// score is that of a lag where nothing lies higher within reach of it.
func (c correlogram) score(k, reach int) (float64, bool) {
	if k < leastPeriod || k >= (c.n+1)/2 {
		return 0, false
	}
	v := c.at[k]
	if v <= c.least {
		return 0, false
	}
	for j := max(k-reach, 1); j <= min(k+reach, c.n-1); j++ {
		if c.at[j] > v {
			return 0, false
		}
	}
	return min(v, 1), true
}

// scored is a period with its score.
type scored struct {
	period int
	score  float64
}

// periods are those from least to most that stand out from all lags between
// half of them and one and a half of them, best first. That passes over their
// multiples, and over their parts where those only repeat roughly.
func (c correlogram) periods(least, most float64) []scored {
	var out []scored
	for k := max(leastPeriod, int(math.Ceil(least))); k < (c.n+1)/2 && float64(k) <= most; k++ {
		if s, ok := c.score(k, k/2); ok {
			out = append(out, scored{k, s})
		}
	}
	slices.SortStableFunc(out, func(a, b scored) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	return out
}

// maxPeriods is how many periods a call may ask for.
const maxPeriods = 1 << 16

func periodsDetect(_ []table.Type, row []any) any {
	y, ok := gappedSeries(textAt(row, 0))
	least, ok1 := row[1].(float64)
	most, ok2 := row[2].(float64)
	n, ok3 := row[3].(int64)
	if !ok || !ok1 || !ok2 || !ok3 || n < 1 || n > maxPeriods {
		return nil
	}
	periods, scores := make([]float64, n), make([]float64, n)
	for i, s := range correlate(y).periods(least, most) {
		if int64(i) == n {
			break
		}
		periods[i], scores[i] = float64(s.period), s.score
	}
	return tupleOf(realArray(periods), realArray(scores))
}

func periodsValidate(_ []table.Type, row []any) any {
	y, ok := gappedSeries(textAt(row, 0))
	if !ok {
		return nil
	}
	c := correlate(y)
	periods, scores := make([]float64, len(row)-1), make([]float64, len(row)-1)
	for i, v := range row[1:] {
		p, ok := v.(float64)
		if periods[i] = p; !ok {
			periods[i] = math.NaN()
		}
		if !ok || !(p >= leastPeriod && p <= float64(len(y))/2) {
			continue
		}
		// Long periods are not met to the very element.
		k := int(math.Round(p))
		for near := max(k-k/32, leastPeriod); near <= k+k/32; near++ {
			if _, ok := c.score(near, max(1, k/32)); ok {
				scores[i] = min(max(c.at[k], 0), 1)
			}
		}
	}
	return tupleOf(realArray(periods), realArray(scores))
}

func seriesSeasonal(_ []table.Type, row []any) any {
	y, ok := gappedSeries(textAt(row, 0))
	if !ok {
		return nil
	}
	period, test := int64(-1), int64(0)
	if len(row) > 1 && row[1] != nil {
		period = row[1].(int64)
	}
	if len(row) > 2 && row[2] != nil {
		test = row[2].(int64)
	}
	return realArray(seasonalOf(y, learned(len(y), test), period, seasonalThreshold))
}

// seasonalOf is the median of what lies at the same place of each period within
// the part that is learned from. A period of -1 is to be found.
func seasonalOf(y []float64, learn int, period int64, threshold float64) []float64 {
	out := make([]float64, len(y))
	if period == -1 {
		found := correlate(y[:learn]).periods(leastPeriod, float64(learn))
		if len(found) > 0 && found[0].score >= threshold {
			period = int64(found[0].period)
		}
	}
	if period <= 0 || period > int64(learn) {
		return out
	}
	var same []float64
	for phase := range int(period) {
		same = same[:0]
		for i := phase; i < learn; i += int(period) {
			if !math.IsNaN(y[i]) {
				same = append(same, y[i])
			}
		}
		if len(same) == 0 {
			continue
		}
		slices.Sort(same)
		m := quantile(same, 0.5)
		for i := phase; i < len(y); i += int(period) {
			out[i] = m
		}
	}
	return out
}
