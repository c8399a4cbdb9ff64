package fn

import "tidemark/table"

// TupleColumn is one of the columns that a call gives. It is named Prefix,
// the name of argument Arg, Suffix.
type TupleColumn struct {
	Prefix, Suffix string
	Arg            int
	Type           table.Type
}

// Tuple returns the columns of a call that gives several: series_stats(), and
// array_sort_asc() and array_sort_desc() of several arrays; nil of any other.
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
	case "series_stats":
		for _, c := range []struct {
			name string
			t    table.Type
		}{{"min", table.Real}, {"min_idx", table.Long}, {"max", table.Real}, {"max_idx", table.Long}, {"avg", table.Real}, {"stdev", table.Real}, {"variance", table.Real}} {
			out = append(out, TupleColumn{Prefix: "series_stats_", Suffix: "_" + c.name, Type: c.t})
		}
	}
	return out
}
