package agg

import (
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

func init() {
	for _, f := range []struct{ op, doc, want string }{
		{"and", "Combines the bits of all values by AND.", "8"},
		{"or", "Combines the bits of all values by OR.", "14"},
		{"xor", "Combines the bits of all values by XOR.", "6"},
	} {
		name := "binary_all_" + f.op
		register(Func{
			Name: name, Doc: f.doc,
			Examples: []fn.Example{{Query: `datatable(x:long)[12, 10] | summarize ` + name + `(x)`, Want: f.want}},
			Overloads: overloads([]table.Type{table.Int, table.Long}, func(t table.Type) Overload {
				return Overload{Params: []fn.Param{fn.P(t)}, Result: t, New: func(Spec) State { return &bitwise{op: f.op} }}
			}),
		})
	}
}

// bitwise combines the bits of each group.
type bitwise struct {
	op  string
	v   []int64
	has []bool
}

func (s *bitwise) Grow(n int) {
	none := int64(0)
	if s.op == "and" {
		none = -1
	}
	s.v, s.has = grownWith(s.v, n, none), grown(s.has, n)
}

func (s *bitwise) Add(groups []int32, cols []vec.Column, _ int) {
	in := ints(cols[0])
	for i, g := range groups {
		if in.ok(i) {
			s.take(g, in.at(i))
		}
	}
}

func (s *bitwise) take(g int32, v int64) {
	s.has[g] = true
	switch s.op {
	case "and":
		s.v[g] &= v
	case "or":
		s.v[g] |= v
	default:
		s.v[g] ^= v
	}
}

func (s *bitwise) Merge(other State, to []int32) {
	o := other.(*bitwise)
	for i, v := range o.v {
		if o.has[i] {
			s.take(to[i], v)
		}
	}
}

func (s *bitwise) Results() []vec.Column { return []vec.Column{{Arr: vec.NewInt64s(s.v, s.has)}} }
func (s *bitwise) Size() int64           { return 9 * int64(cap(s.v)) }

func (s *bitwise) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = wire.Fixed(wire.Bool(b, s.has[g]), uint64(s.v[g]))
	}
	return b
}

func (s *bitwise) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.has[i] = r.Bool()
		s.v[i] = int64(r.Fixed())
	}
}
