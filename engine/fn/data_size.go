package fn

import (
	"tidemark/engine/vec"
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "estimate_data_size", Family: "columns",
		Doc:       "Estimates how many bytes values take; * stands for all columns.",
		Examples:  []Example{{`print x = 1, s = "1234567890" | project estimate_data_size(*)`, `18`}},
		Overloads: []Overload{{Params: []Param{Any}, Variadic: true, Result: table.Long, Kernel: dataSize}},
	})
}

// dynamicOverhead is what a dynamic takes more than a string of the same text.
const dynamicOverhead = 4

func dataSize(a *Args) vec.Column {
	r := newResults[int64](a)
	fixed := int64(0)
	for j, c := range a.Cols {
		switch t := a.Types[j]; t {
		case table.Bool:
			fixed++
		case table.Int:
			fixed += 4
		case table.Guid, table.Decimal:
			fixed += 16
		case table.String, table.Dynamic:
			if t == table.Dynamic {
				fixed += dynamicOverhead
			}
			texts := read[string](c)
			for i := range r.out {
				r.out[i] += int64(len(texts.at(i)))
			}
		default:
			fixed += 8
		}
	}
	for i := range r.out {
		r.out[i] += fixed
	}
	return r.column()
}
