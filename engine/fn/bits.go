package fn

import (
	"math/bits"

	"tidemark/table"
)

func init() {
	for _, f := range []struct {
		name, doc, args, want string
		f                     func(a, b int64) (int64, bool)
	}{
		{"binary_and", "Returns the bits that are set in both numbers.", "12, 10", "8", func(a, b int64) (int64, bool) { return a & b, true }},
		{"binary_or", "Returns the bits that are set in either number.", "5, 3", "7", func(a, b int64) (int64, bool) { return a | b, true }},
		{"binary_xor", "Returns the bits that are set in one of the numbers only.", "1, 3", "2", func(a, b int64) (int64, bool) { return a ^ b, true }},
		{"binary_shift_left", "Shifts a number's bits to the left; only the last six bits of the count matter.", "1, 2", "4", func(a, n int64) (int64, bool) { return a << (uint64(n) & 63), n >= 0 }},
		{"binary_shift_right", "Shifts a number's bits to the right; only the last six bits of the count matter.", "4, 1", "2", func(a, n int64) (int64, bool) { return a >> (uint64(n) & 63), n >= 0 }},
	} {
		register(Scalar{
			Name: f.name, Family: "bits", Doc: f.doc, Naming: ByFirst,
			Examples:  []Example{{"print " + f.name + "(" + f.args + ")", f.want}},
			Overloads: []Overload{Try2(f.f)},
		})
	}
	register(Scalar{
		Name: "binary_not", Family: "bits", Naming: ByFirst, Doc: "Inverts all bits of a number.",
		Examples:  []Example{{`print binary_not(1)`, `-2`}},
		Overloads: []Overload{Of1(func(v int64) int64 { return ^v })},
	})
	register(Scalar{
		Name: "bitset_count_ones", Family: "bits", Naming: ByFirst, Doc: "Counts the bits that are set in a number.",
		Examples:  []Example{{`print bitset_count_ones(42)`, `3`}},
		Overloads: []Overload{Of1(func(v int64) int64 { return int64(bits.OnesCount64(uint64(v))) })},
	})
}

// rowReals lifts a body of n reals.
func rowReals(n int, f func([]float64) (float64, bool)) Overload {
	params := make([]Param, n)
	for i := range params {
		params[i] = P(table.Real)
	}
	return Rows(params, false, table.Real, func(_ []table.Type, row []any) any {
		v := make([]float64, n)
		for i, x := range row {
			if x == nil {
				return nil
			}
			v[i] = x.(float64)
		}
		if y, ok := f(v); ok {
			return y
		}
		return nil
	})
}
