package fn

import (
	"slices"

	"tidemark/table"
)

func init() {
	one := []Param{P(table.Dynamic), Number}
	fill := func(name, doc, call, want string, o Overload) {
		register(Scalar{
			Name: name, Family: "series", Naming: ByFirst, Doc: doc,
			Examples:  []Example{{"print " + name + call, want}},
			Overloads: []Overload{o},
		})
	}
	fill("series_fill_const", "Replaces the missing elements of a series, null unless said otherwise, by a value.",
		"(dynamic([1, null, 3]), 0)", "[1,0,3]",
		optional(Rows([]Param{P(table.Dynamic), Number, Number}, false, table.Dynamic, fillConst), 2))
	fill("series_fill_forward", "Replaces the missing elements of a series, null unless said otherwise, by the one before.",
		"(dynamic([null, 1, null, 3]))", "[null,1,1,3]",
		optional(Rows(one, false, table.Dynamic, func(types []table.Type, row []any) any { return fillNear(types, row, false) }), 1))
	fill("series_fill_backward", "Replaces the missing elements of a series, null unless said otherwise, by the one after.",
		"(dynamic([1, null, 3, null]))", "[1,3,3,null]",
		optional(Rows(one, false, table.Dynamic, func(types []table.Type, row []any) any { return fillNear(types, row, true) }), 1))
	fill("series_fill_linear", "Replaces the missing elements of a series, null unless said otherwise, by those on the line between their neighbours.",
		"(dynamic([1.0, null, 3.0, null]))", "[1.0,2.0,3.0,3.0]",
		optional(Rows([]Param{P(table.Dynamic), Number, P(table.Bool), Number}, false, table.Dynamic, fillLinear), 3))
	fill("series_fir", "Filters a series: each element becomes the sum of it and those before, times the filter's.",
		"(dynamic([0, 0, 3, 0, 0]), dynamic([1, 1, 1]))", "[0.0,0.0,1.0,1.0,1.0]",
		optional(Rows([]Param{P(table.Dynamic), P(table.Dynamic), P(table.Bool), P(table.Bool)}, false, table.Dynamic, seriesFIR), 2))
	fill("series_iir", "Filters a series by a recursion, given its numerators and denominators.",
		"(dynamic([1, 2, 3]), dynamic([1]), dynamic([1, -1]))", "[1.0,3.0,6.0]",
		dynRows(3, false, seriesIIR))
}

// missing finds the elements that are to be filled: those equal to the
// argument at place i, or null where there is none.
func missing(types []table.Type, row []any, i int) (values []string, gap []bool, ok bool) {
	text, _ := row[0].(string)
	if !isArray(text) {
		return nil, nil, false
	}
	placeholder := "null"
	if i < len(row) {
		placeholder = JSON(types[i], row[i])
	}
	values = elements(text)
	gap = make([]bool, len(values))
	for k, v := range values {
		gap[k] = sameValue(v, placeholder)
	}
	return values, gap, true
}

func fillConst(types []table.Type, row []any) any {
	values, gap, ok := missing(types, row, 2)
	if !ok {
		return nil
	}
	with := "0"
	if len(row) > 1 {
		with = JSON(types[1], row[1])
	}
	for i := range values {
		if gap[i] {
			values[i] = with
		}
	}
	return string(joinElements(values))
}

func fillNear(types []table.Type, row []any, backward bool) any {
	values, gap, ok := missing(types, row, 1)
	if !ok {
		return nil
	}
	if backward {
		slices.Reverse(values)
		slices.Reverse(gap)
	}
	for i := 1; i < len(values); i++ {
		if gap[i] && !gap[i-1] {
			values[i], gap[i] = values[i-1], false
		}
	}
	if backward {
		slices.Reverse(values)
	}
	return string(joinElements(values))
}

// fillLinear gets series[, placeholder[, fill edges[, constant]]].
func fillLinear(types []table.Type, row []any) any {
	values, gap, ok := missing(types, row, 1)
	if !ok {
		return nil
	}
	edges, constant := true, "0"
	if len(row) > 2 && row[2] != nil {
		edges = row[2].(bool)
	}
	if len(row) > 3 {
		constant = JSON(types[3], row[3])
	}
	whole := true // results are cut to whole numbers where all others are
	for i, v := range values {
		whole = whole && (gap[i] || readNum(v).whole)
	}
	last := -1
	for i := 0; i <= len(values); i++ {
		if i < len(values) && gap[i] {
			continue
		}
		for k := last + 1; k < i; k++ {
			switch {
			case last >= 0 && i < len(values):
				values[k] = between(readNum(values[last]), readNum(values[i]), float64(k-last)/float64(i-last), whole)
			case last < 0 && i == len(values):
				values[k] = constant
			case !edges:
			case last >= 0:
				values[k] = values[last]
			default:
				values[k] = values[i]
			}
		}
		last = i
	}
	return string(joinElements(values))
}

func between(a, b num, part float64, whole bool) string {
	if !a.ok || !b.ok {
		return "null"
	}
	v := a.f + (b.f-a.f)*part
	if whole {
		return wholeNum(int64(v)).String()
	}
	return realNum(v).String()
}

// seriesFIR gets series, filter[, normalize[, center]].
func seriesFIR(_ []table.Type, row []any) any {
	text, _ := row[0].(string)
	coefficients, _ := row[1].(string)
	x, okx := realSeries(text)
	filter, okf := realSeries(coefficients)
	if !okx || !okf {
		return nil
	}
	sum, negative := 0.0, false
	for _, c := range filter {
		sum += c
		negative = negative || c < 0
	}
	normalize, center := !negative, false
	if len(row) > 2 && row[2] != nil {
		if normalize = row[2].(bool); normalize && negative {
			return nil
		}
	}
	if len(row) > 3 && row[3] != nil {
		center = row[3].(bool)
	}
	if !normalize || sum == 0 {
		sum = 1
	}
	shift := 0
	if center {
		shift = (len(filter) - 1) / 2
	}
	out := make([]float64, len(x))
	for i := range x {
		acc := 0.0
		for k, c := range filter {
			if at := i + shift - k; at >= 0 && at < len(x) {
				acc += c * x[at]
			}
		}
		out[i] = acc / sum
	}
	return pointsOf(out)
}

func seriesIIR(args []string) (Dyn, bool) {
	x, okx := realSeries(args[0])
	b, okb := realSeries(args[1])
	a, oka := realSeries(args[2])
	if !okx || !okb || !oka || len(a) == 0 || a[0] == 0 {
		return "", false
	}
	y := make([]float64, len(x))
	for i := range x {
		for k, c := range b {
			if i >= k {
				y[i] += c * x[i-k]
			}
		}
		for k := 1; k < len(a) && k <= i; k++ {
			y[i] -= a[k] * y[i-k]
		}
		y[i] /= a[0]
	}
	return Dyn(pointsOf(y)), true
}
