package agg

import (
	"math"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

func init() {
	for _, f := range []struct{ name, most, want, want2 string }{{"min", "least", "1", "4"}, {"max", "greatest", "5", "5"}} {
		register(Func{
			Name: f.name, Prefix: f.name, If: f.name + "if",
			Doc:        "Gives the " + f.most + " value; null where there is none.",
			Examples:   []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize ` + f.name + `(x)`, Want: f.want}},
			IfExamples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize ` + f.name + `if(x, x > 3)`, Want: f.want2}},
			Overloads: overloads(orderable, func(t table.Type) Overload {
				return Overload{Params: []fn.Param{fn.P(t)}, Result: t, New: func(Spec) State {
					if t.Physical() == table.Strings {
						return newMostStr(t, f.name == "min")
					}
					return &most{t: t, flip: flipFor(f.name == "min")}
				}}
			}),
		})
	}
}

// flipFor is what keys are xored with to turn the search for the least into
// one for the greatest.
func flipFor(least bool) int64 {
	if least {
		return -1
	}
	return 0
}

// most keeps the greatest key of each group.
type most struct {
	t    table.Type
	flip int64
	best []int64 // xored with flip
	has  []bool
}

func (s *most) Grow(n int) {
	s.best = grownWith(s.best, n, math.MinInt64)
	s.has = grown(s.has, n)
}

func (s *most) Add(groups []int32, cols []vec.Column, _ int) {
	in := keys(cols[0], s.t)
	if in.valid == nil {
		for i, g := range groups {
			if k := in.v[i&in.mask] ^ s.flip; k > s.best[g] {
				s.best[g] = k
			}
			s.has[g] = true
		}
		return
	}
	for i, g := range groups {
		if in.ok(i) {
			s.best[g] = max(s.best[g], in.at(i)^s.flip)
			s.has[g] = true
		}
	}
}

func (s *most) Merge(other State, to []int32) {
	o := other.(*most)
	for i, k := range o.best {
		s.best[to[i]] = max(s.best[to[i]], k)
		s.has[to[i]] = s.has[to[i]] || o.has[i]
	}
}

func (s *most) Results() []vec.Column {
	for i := range s.best {
		s.best[i] ^= s.flip
	}
	return []vec.Column{fromKeys(s.t, s.best, s.has)}
}

func (s *most) Size() int64 { return 9 * int64(cap(s.best)) }

func (s *most) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = wire.Fixed(wire.Bool(b, s.has[g]), uint64(s.best[g]))
	}
	return b
}

func (s *most) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.has[i] = r.Bool()
		s.best[i] = int64(r.Fixed())
	}
}

// mostStr keeps the greatest or least string or decimal of each group.
type mostStr struct {
	t       table.Type
	compare func(a, b string) int // positive where a is to be kept
	best    []string
	has     []bool
	bytes   int64 // of best
	flip    int64
	codes   []int32 // scratch
	top     []int32 // by group: the best code of the rows that are being added, 1 more; or 0
	touched []int32 // groups that have one
}

func newMostStr(t table.Type, least bool) *mostStr {
	return &mostStr{t: t, compare: comparing(t, least), flip: flipFor(least)}
}

// comparing compares strings or decimals, the other way around where least.
func comparing(t table.Type, least bool) func(a, b string) int {
	compare := vec.CompareStrings(t)
	if least {
		return func(a, b string) int { return compare(b, a) }
	}
	return compare
}

func (s *mostStr) Grow(n int) { s.best, s.has = grown(s.best, n), grown(s.has, n) }

func (s *mostStr) Add(groups []int32, cols []vec.Column, _ int) {
	in := strs(cols[0], s.t)
	for i, g := range groups {
		if in.ok(i) {
			s.take(g, in.at(i))
		}
	}
}

// AddCoded compares codes, for a dictionary is in ascending order, and of each
// group one value.
func (s *mostStr) AddCoded(groups []int32, c *vec.Coded) bool {
	if c.Of != nil || s.t != table.String {
		return false
	}
	s.codes = c.Codes(s.codes[:0])
	s.top = grown(s.top, len(s.best))
	flip := int32(s.flip)
	for i, code := range s.codes {
		g := groups[i]
		switch best := s.top[g]; {
		case best == 0:
			s.touched = append(s.touched, g)
			s.top[g] = code + 1
		case (code+1)^flip > best^flip:
			s.top[g] = code + 1
		}
	}
	for _, g := range s.touched {
		s.take(g, c.Values.Value(int(s.top[g]-1)))
		s.top[g] = 0
	}
	s.touched = s.touched[:0]
	return true
}

func (s *mostStr) take(g int32, v string) {
	if !s.has[g] || s.compare(v, s.best[g]) > 0 {
		s.bytes += int64(len(v) - len(s.best[g]))
		s.best[g], s.has[g] = v, true
	}
}

func (s *mostStr) Merge(other State, to []int32) {
	o := other.(*mostStr)
	for i, v := range o.best {
		if o.has[i] {
			s.take(to[i], v)
		}
	}
}

// Results: a string is never null, so the greatest of none is empty.
func (s *mostStr) Results() []vec.Column {
	if s.t == table.String {
		s.has = nil
	}
	return []vec.Column{{Arr: vec.EncodeStrings(s.best, s.has)}}
}

func (s *mostStr) Size() int64 {
	return 17*int64(cap(s.best)) + s.bytes + 4*int64(cap(s.codes)+cap(s.top)+cap(s.touched))
}

func (s *mostStr) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = wire.Bytes(wire.Bool(b, s.has[g]), s.best[g])
	}
	return b
}

func (s *mostStr) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.has[i] = r.Bool()
		s.best[i] = r.Str()
		s.bytes += int64(len(s.best[i]))
	}
}
