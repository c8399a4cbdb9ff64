package fn

import (
	"testing"

	"tidemark/table"
)

func TestSeries(t *testing.T) {
	stats := Dyn("[23,46,23,87,4,8,3,75,2,56,13,75,32,16,29]")
	gaps := Dyn("[null,111.0,null,36.0,41.0,null,null,16.0,61.0,33.0,null,null]")
	whole := Dyn("[null,111,null,36,41,null,null,16,61,33,null,null]")
	runCases(t, []scalarCase{
		{"series_abs", in(Dyn("[-6.5,0,8.2,null]")), "[6.5,0,8.2,null]", table.Dynamic},
		{"series_acos", in(Dyn("[-1,0,1]")), "[3.141592653589793,1.5707963267948966,0.0]", 0},
		{"series_log", in(Dyn(`[1,"a"]`)), "[0.0,null]", 0},
		{"series_log", in(Dyn(`[0]`)), `["-Infinity"]`, 0},
		{"series_sign", in(Dyn(`[-6,0,8.5]`)), `[-1,0,1]`, 0},
		{"series_exp", in(Dyn(`1`)), `null`, 0},
		{"series_add", in(Dyn("[1,2,4]"), Dyn("[4,2.5]")), "[5,4.5,null]", 0},
		{"series_add", in(Dyn("[1,2,null]"), 1), "[2,3,null]", 0},
		{"series_subtract", in(10, Dyn("[1,2.5]")), "[9,7.5]", 0},
		{"series_divide", in(Dyn("[1,2,4]"), Dyn("[4,2,1]")), "[0.25,1.0,4.0]", 0},
		{"series_divide", in(Dyn("[2]"), Dyn("[0]")), `["Infinity"]`, 0},
		{"series_not_equals", in(Dyn("[1,2,4]"), Dyn("[4,2,1]")), "[true,false,true]", 0},
		{"series_sum", in(Dyn("[1,2,3,4]")), "10", table.Real},
		{"series_sum", in(Dyn("[1,null]")), "null", 0},
		{"series_magnitude", in(Dyn("[1,2,3,4]")), "5.477225575051661", 0},
		{"series_dot_product", in(Dyn("[1,2,4]"), 1), "7", table.Real},
		{"series_pearson_correlation", in(Dyn("[1,2,3,4,5]"), Dyn("[2,4,6,8,10]")), "1", 0},
		{"series_pearson_correlation", in(Dyn("[1,2]"), Dyn("[2]")), "null", 0},
		{"series_cosine_similarity", in(Dyn("[0.1,0.2,0.1,0.2]"), Dyn("[1,2,3,4]")), "0.9237604307034012", 0},
		{"series_cosine_similarity", in(Dyn("[3]"), Dyn("[4]"), 3.0, 8.0), "0.5", 0},
		{"series_stats", in(stats), "[2.0,8,87.0,3,32.8,28.50363385354827,812.4571428571429]", 0},
		{"series_stats", in(Dyn("[1,null]")), "null", 0},
		{"series_stats_dynamic", in(Dyn("[1,null,3]"), true), `{"min":1.0,"min_idx":0,"max":3.0,"max_idx":2,"avg":2.0,"stdev":1.4142135623730951,"variance":2.0,"sum":4.0,"len":3}`, 0},
		{"series_fit_line", in(Dyn("[2,5,6,8]")), "[0.9626666666666667,1.9,6.25,0.23333333333333325,0.5,[2.4,4.3,6.199999999999999,8.1]]", 0},
		{"series_fit_line", in(Dyn("[2,null]")), "null", 0},
		{"series_fit_line_dynamic", in(Dyn("[2,2]")), `{"rsquare":1.0,"slope":0.0,"variance":0.0,"rvariance":0.0,"interception":2.0,"line_fit":[2.0,2.0]}`, 0},
		{"series_fill_const", in(Dyn("[111,null,36]"), 0.0), "[111,0.0,36]", 0},
		{"series_fill_const", in(Dyn("[111,-1,36]"), 5, -1), "[111,5,36]", 0},
		{"series_fill_forward", in(Dyn("[null,null,36,41,null,null,16]")), "[null,null,36,41,41,41,16]", 0},
		{"series_fill_backward", in(Dyn("[null,null,36,41,null]")), "[36,36,36,41,null]", 0},
		{"series_fill_linear", in(gaps, null(table.Real), false), "[null,111.0,73.5,36.0,41.0,32.66666666666667,24.333333333333336,16.0,61.0,33.0,null,null]", 0},
		{"series_fill_linear", in(whole), "[111,111,73,36,41,32,24,16,61,33,33,33]", 0},
		{"series_fill_linear", in(Dyn("[null,null]")), "[0,0]", 0},
		{"series_fill_linear", in(Dyn("[null,null]"), null(table.Real), true, 3.14159), "[3.14159,3.14159]", 0},
		{"series_fir", in(Dyn("[0,0,5,0,0]"), Dyn("[1,1,1,1,1]"), true, true), "[1.0,1.0,1.0,1.0,1.0]", 0},
		{"series_fir", in(Dyn("[0,2,2,3]"), Dyn("[1,-1]"), false, false), "[0.0,2.0,0.0,1.0]", 0},
		{"series_fir", in(Dyn("[0,2]"), Dyn("[1,-1]"), true), "null", 0},
		{"series_iir", in(Dyn("[0,1,2,3,4]"), Dyn("[1]"), Dyn("[1,-1]")), "[0.0,1.0,3.0,6.0,10.0]", 0},
		{"series_iir", in(Dyn("[0]"), Dyn("[1]"), Dyn("[0]")), "null", 0},
	})
	if got := Tuple("array_sort_asc", []table.Type{table.Dynamic, table.Dynamic, table.Bool}); len(got) != 2 || got[1].Arg != 1 {
		t.Errorf("array_sort_asc gives %v", got)
	}
	if len(Tuple("series_stats", []table.Type{table.Dynamic})) != 7 || Tuple("array_sort_asc", []table.Type{table.Dynamic, table.Bool}) != nil || Tuple("strlen", nil) != nil {
		t.Error("Tuple is wrong")
	}
}
