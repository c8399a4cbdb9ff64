package fn

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "series_outliers", Family: "series", Naming: ByFirst,
		Usage:    []string{"series_outliers(dynamic, [string], [real], [real], [real], [long]): dynamic"},
		Doc:      "Scores each element of a series by Tukey's test: above 1.5 it is unusually high, below -1.5 unusually low.",
		Examples: []Example{{`print series_outliers(dynamic([1, 2, 3, 4, 5, 6, 7, 8, 9, 60]), "tukey")[9] > 1.5`, `true`}},
		Resolve:  resolveOutliers,
	})
}

func resolveOutliers(args []Arg) (Overload, error) {
	o := optional(Rows([]Param{P(table.Dynamic), P(table.String), P(table.Real), P(table.Real), P(table.Real), P(table.Long)}, false, table.Dynamic, seriesOutliers), 5)
	if len(args) > 1 {
		if err := checkWord(args, 1, "the kind of test", "ctukey", "tukey"); err != nil {
			return o, err
		}
	}
	return o, nil
}

// checkWord refuses a constant argument that is none of the words.
func checkWord(args []Arg, i int, what string, words ...string) error {
	s, ok := args[i].Str()
	if !ok || s == "" || slices.Contains(words, strings.ToLower(s)) {
		return nil
	}
	return &MismatchError{Arg: i, Msg: fmt.Sprintf("%s cannot be %q", what, s), Hint: "it is one of " + strings.Join(words, ", ")}
}

func seriesOutliers(_ []table.Type, row []any) any {
	y, ok := gappedSeries(textAt(row, 0))
	if !ok {
		return nil
	}
	t := tukey{kind: "ctukey", low: 10, high: 90}
	if len(row) > 1 && textAt(row, 1) != "" {
		t.kind = strings.ToLower(textAt(row, 1))
	}
	if len(row) > 2 && row[2] != nil {
		for i, v := range y {
			if v == row[2].(float64) {
				y[i] = math.NaN()
			}
		}
	}
	for i, p := range []*float64{&t.low, &t.high} {
		if len(row) > 3+i && row[3+i] != nil {
			*p = row[3+i].(float64)
		}
	}
	test := int64(0)
	if len(row) > 5 && row[5] != nil {
		test = row[5].(int64)
	}
	scores, ok := t.scores(y, learned(len(y), test))
	if !ok {
		return nil
	}
	return realArray(scores)
}

// gappedSeries reads an array; what is no number is NaN.
func gappedSeries(text string) ([]float64, bool) {
	values, ok := series(text)
	out := make([]float64, len(values))
	for i, v := range values {
		if out[i] = math.NaN(); v.ok && !math.IsInf(v.f, 0) {
			out[i] = v.f
		}
	}
	return out, ok
}

// learned is how many of n elements are left where the last ones are only to
// be judged or foretold.
func learned(n int, test int64) int { return int(max(int64(n)-max(test, 0), 0)) }

// tukey is a test by how far a value lies outside a range of percentiles.
type tukey struct {
	kind      string
	low, high float64 // percentiles, for ctukey
}

// scores measures in units of the range between the quartiles. For ctukey that
// range is what the one between its own percentiles would be for values that
// are normally distributed, so that 1.5 means about the same for both kinds.
// The percentiles are of the first values, gaps left out; gaps score 0.
func (t tukey) scores(y []float64, learn int) ([]float64, bool) {
	p1, p2 := t.low, t.high
	if t.kind == "tukey" {
		p1, p2 = 25, 75
	} else if t.kind != "ctukey" || !(p1 >= 2 && p2 <= 98 && p1 < p2) {
		return nil, false
	}
	var sorted []float64
	for _, v := range y[:learn] {
		if !math.IsNaN(v) {
			sorted = append(sorted, v)
		}
	}
	out := make([]float64, len(y))
	if len(sorted) == 0 {
		return out, true
	}
	slices.Sort(sorted)
	low, high := quantile(sorted, p1/100), quantile(sorted, p2/100)
	unit := (high - low) * (probit(0.75) - probit(0.25)) / (probit(p2/100) - probit(p1/100))
	// What rounding has left of differences that should be 0 counts as 0.
	noise := 1e-10 * max(math.Abs(sorted[0]), math.Abs(sorted[len(sorted)-1]))
	for i, v := range y {
		d := 0.0
		switch {
		case v > high+noise:
			d = v - high
		case v < low-noise:
			d = v - low
		}
		if d != 0 {
			out[i] = d / max(unit, noise)
		}
	}
	return out, true
}

// quantile takes the value at a rank between 0 and 1, between two values in
// proportion.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// probit is the value that a standard normal variable stays below with
// probability p.
func probit(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
