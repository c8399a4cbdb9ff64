package fn

import "tidemark/table"

func init() {
	register(Scalar{
		Name: "series_fit_line", Family: "series",
		Doc:       "Fits a line to a series and returns R², slope, variance, the residuals' variance, interception and the line's points, as columns.",
		Examples:  []Example{{`print (rsquare, slope) = series_fit_line(dynamic([2, 4, 6])) | project slope`, `2`}},
		Overloads: []Overload{Rows([]Param{P(table.Dynamic)}, false, table.Dynamic, fitLine)},
	})
	register(Scalar{
		Name: "series_fit_line_dynamic", Family: "series",
		Doc:       "Fits a line to a series and returns a property bag of R², slope, variance, the residuals' variance, interception and the line's points.",
		Examples:  []Example{{`print series_fit_line_dynamic(dynamic([2, 4, 6])).interception`, `0.0`}},
		Overloads: []Overload{Rows([]Param{P(table.Dynamic)}, false, table.Dynamic, fitLineDynamic)},
	})
}

// lineFit is a line along the points (1, first), (2, second), …: as Kusto has
// it, the interception lies one before the first.
type lineFit struct {
	rsquare, slope, variance, rvariance, interception float64
	points                                            []float64
}

func fitOf(row []any) (l lineFit, ok bool) {
	text, _ := row[0].(string)
	y, ok := realSeries(text)
	if !ok || len(y) < 2 {
		return l, false
	}
	return lineOf(y), true
}

// lineOf takes least squares. The variances are of the sample.
func lineOf(y []float64) (l lineFit) {
	n := float64(len(y))
	mx, my := (n+1)/2, mean(y)
	var xx, xy, yy float64
	for i, v := range y {
		dx, dy := float64(i+1)-mx, v-my
		xx += dx * dx
		xy += dx * dy
		yy += dy * dy
	}
	l.slope = xy / xx
	l.interception = my - l.slope*mx
	l.points = make([]float64, len(y))
	rest := 0.0
	for i, v := range y {
		at := l.interception + l.slope*float64(i+1)
		rest += (v - at) * (v - at)
		l.points[i] = at
	}
	l.variance, l.rvariance = yy/(n-1), rest/(n-1)
	l.rsquare = 1
	if yy > 0 {
		l.rsquare = 1 - rest/yy
	}
	return l
}

func fitLine(_ []table.Type, row []any) any {
	l, ok := fitOf(row)
	if !ok {
		return nil
	}
	return tupleOf(l.rsquare, l.slope, l.variance, l.rvariance, l.interception, pointsOf(l.points))
}

func fitLineDynamic(_ []table.Type, row []any) any {
	l, ok := fitOf(row)
	if !ok {
		return nil
	}
	r := table.Real
	return Pack(
		[]string{"rsquare", "slope", "variance", "rvariance", "interception", "line_fit"},
		[]table.Type{r, r, r, r, r, table.Dynamic},
		[]any{l.rsquare, l.slope, l.variance, l.rvariance, l.interception, pointsOf(l.points)})
}
