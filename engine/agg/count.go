package agg

import (
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

func init() {
	counting := []Overload{
		{Result: table.Long, New: func(Spec) State { return &count{} }},
		{Params: []fn.Param{fn.Any}, Result: table.Long, New: func(Spec) State { return &count{} }},
	}
	register(Func{
		Name: "count", Prefix: "count",
		Doc:       "Counts the rows, those with nulls too.",
		Examples:  []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize count()`, Want: `5`}},
		Overloads: counting,
	})
	register(Func{
		Name: "cnt", Prefix: "cnt", Page: "count-aggregation-function",
		Doc:       "Counts the rows: an older name of count().",
		Examples:  []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize cnt()`, Want: `5`}},
		Overloads: counting,
	})
	register(Func{
		Name: "countif", Prefix: "countif",
		Doc:      "Counts the rows where a predicate is true.",
		Examples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize countif(x > 3)`, Want: `2`}},
		Overloads: []Overload{{Params: []fn.Param{fn.P(table.Bool)}, Result: table.Long, New: func(Spec) State {
			return &filtered{inner: &count{}, at: 0}
		}}},
	})
}

// count is the number of rows of each group.
type count struct{ n []int64 }

func (s *count) Grow(n int) { s.n = grown(s.n, n) }

func (s *count) Add(groups []int32, _ []vec.Column, _ int) {
	// Neighbours are often of one group: each addition to the same place would
	// wait for the last.
	i := 0
	for ; i+4 <= len(groups); i += 4 {
		a, b, c, d := groups[i], groups[i+1], groups[i+2], groups[i+3]
		if a == b && b == c && c == d {
			s.n[a] += 4
			continue
		}
		s.n[a]++
		s.n[b]++
		s.n[c]++
		s.n[d]++
	}
	for _, g := range groups[i:] {
		s.n[g]++
	}
}

// AddCounts adds rows that were counted elsewhere: so many of each group.
func (s *count) AddCounts(groups []int32, counts []int64) {
	for i, g := range groups {
		s.n[g] += counts[i]
	}
}

func (s *count) Merge(other State, to []int32) {
	for i, n := range other.(*count).n {
		s.n[to[i]] += n
	}
}

func (s *count) Results() []vec.Column { return []vec.Column{{Arr: vec.NewInt64s(s.n, nil)}} }
func (s *count) Size() int64           { return 8 * int64(cap(s.n)) }

func (s *count) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = wire.Int(b, s.n[g])
	}
	return b
}

func (s *count) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.n[i] = r.Int()
	}
}
