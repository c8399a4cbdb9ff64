package agg

import (
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/table"
)

func init() {
	register(Func{
		Name: "count", Prefix: "count", If: "countif",
		Doc:      "Counts the rows.",
		Examples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize count()`, Want: `5`}},
		Overloads: []Overload{
			{Result: table.Long, New: func(Spec) State { return &count{} }},
		},
	})
}

// count is the number of rows of each group.
type count struct{ n []int64 }

func (s *count) Grow(n int) {
	for len(s.n) < n {
		s.n = append(s.n, 0)
	}
}

func (s *count) Add(groups []int32, _ []vec.Column, _ int) {
	for _, g := range groups {
		s.n[g]++
	}
}

func (s *count) Merge(other State, to []int32) {
	for i, n := range other.(*count).n {
		s.n[to[i]] += n
	}
}

func (s *count) Results() []vec.Column { return []vec.Column{{Arr: vec.NewInt64s(s.n, nil)}} }
func (s *count) Size() int64           { return 8 * int64(cap(s.n)) }
