package fn

import "tidemark/table"

// TupleColumn is one of the columns that a call gives. It is named Prefix,
// the name of argument Arg, Suffix.
type TupleColumn struct {
	Prefix, Suffix string
	Arg            int
	Type           table.Type
}

// Tuple returns the columns of a call that gives several: series_stats(),
// series_fit_line() and their like, and array_sort_asc() and array_sort_desc() of several
// arrays; nil of any other.
// The value of such a call is a dynamic array with the columns' values, in
// this order; where a call is used as a single value it is the first of them.
func Tuple(name string, args []table.Type) []TupleColumn {
	var out []TupleColumn
	switch name {
	case "array_sort_asc", "array_sort_desc":
		for i, t := range args {
			if t != table.Bool {
				out = append(out, TupleColumn{Suffix: "_sorted", Arg: i, Type: table.Dynamic})
			}
		}
		if len(out) == 1 {
			return nil
		}
	default:
		for _, c := range tuples[name] {
			out = append(out, TupleColumn{Prefix: name + "_", Suffix: "_" + c.Name, Type: c.Type})
		}
	}
	return out
}

// HasTuple reports whether calls of a function may give several columns.
func HasTuple(name string) bool {
	return tuples[name] != nil || name == "array_sort_asc" || name == "array_sort_desc"
}

// tuples are the columns of the functions of one series that give several.
var tuples = map[string][]table.Column{
	"series_stats": {
		{Name: "min", Type: table.Real}, {Name: "min_idx", Type: table.Long}, {Name: "max", Type: table.Real}, {Name: "max_idx", Type: table.Long},
		{Name: "avg", Type: table.Real}, {Name: "stdev", Type: table.Real}, {Name: "variance", Type: table.Real},
	},
	"series_fit_line": {
		{Name: "rsquare", Type: table.Real}, {Name: "slope", Type: table.Real}, {Name: "variance", Type: table.Real}, {Name: "rvariance", Type: table.Real},
		{Name: "interception", Type: table.Real}, {Name: "line_fit", Type: table.Dynamic},
	},
	"series_fit_2lines": {
		{Name: "rsquare", Type: table.Real}, {Name: "split_idx", Type: table.Long}, {Name: "variance", Type: table.Real}, {Name: "rvariance", Type: table.Real},
		{Name: "line_fit", Type: table.Dynamic},
		{Name: "right_rsquare", Type: table.Real}, {Name: "right_slope", Type: table.Real}, {Name: "right_interception", Type: table.Real},
		{Name: "right_variance", Type: table.Real}, {Name: "right_rvariance", Type: table.Real},
		{Name: "left_rsquare", Type: table.Real}, {Name: "left_slope", Type: table.Real}, {Name: "left_interception", Type: table.Real},
		{Name: "left_variance", Type: table.Real}, {Name: "left_rvariance", Type: table.Real},
	},
	"series_fit_poly": {
		{Name: "rsquare", Type: table.Real}, {Name: "coefficients", Type: table.Dynamic}, {Name: "variance", Type: table.Real},
		{Name: "rvariance", Type: table.Real}, {Name: "poly_fit", Type: table.Dynamic},
	},
	"series_fft":                 dynamics("real", "imag"),
	"series_ifft":                dynamics("real", "imag"),
	"series_periods_detect":      dynamics("periods", "scores"),
	"series_periods_validate":    dynamics("periods", "scores"),
	"series_decompose":           dynamics("baseline", "seasonal", "trend", "residual"),
	"series_decompose_forecast":  dynamics("baseline", "seasonal", "trend", "residual"),
	"series_decompose_anomalies": dynamics("ad_flag", "ad_score", "baseline"),
}

func dynamics(names ...string) []table.Column {
	out := make([]table.Column, len(names))
	for i, n := range names {
		out[i] = table.Column{Name: n, Type: table.Dynamic}
	}
	return out
}
