package agg

import (
	"math"
	"strconv"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/dec"
	"tidemark/internal/wire"
	"tidemark/table"
)

func init() {
	register(Func{
		Name: "avg", Prefix: "avg", If: "avgif",
		Doc:        "Averages the values that are not null; of no numbers the average is NaN, of no datetimes, timespans or decimals null.",
		Examples:   []fn.Example{{Query: `datatable(x:long)[1, 3, 2] | summarize avg(x)`, Want: `2`}, {Query: `datatable(t:timespan)[1h, 2h] | summarize avg(t)`, Want: `01:30:00`}},
		IfExamples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize avgif(x, x > 3)`, Want: `4.5`}},
		Overloads:  overloads(append(summable[:len(summable):len(summable)], table.Datetime), avgOf),
	})
}

func avgOf(t table.Type) Overload {
	o := Overload{Params: []fn.Param{fn.P(t)}, Result: t}
	switch t {
	case table.Decimal:
		o.New = func(Spec) State { return &avgDec{} }
	case table.Timespan, table.Datetime:
		o.New = func(Spec) State { return &avgTicks{} }
	default:
		o.Result = table.Real
		o.New = func(Spec) State { return &avgReal{t: t} }
	}
	return o
}

// avgReal averages ints, longs and reals.
type avgReal struct {
	t table.Type
	v []mean
}

type mean struct {
	sum exact
	n   int64
}

func (s *avgReal) Grow(n int) { s.v = grown(s.v, n) }

func (s *avgReal) Add(groups []int32, cols []vec.Column, _ int) {
	in := reals(cols[0], s.t)
	for i, g := range groups {
		if in.ok(i) {
			s.v[g].sum.add(in.at(i))
			s.v[g].n++
		}
	}
}

func (s *avgReal) Merge(other State, to []int32) {
	for i, v := range other.(*avgReal).v {
		s.v[to[i]].sum.merge(v.sum)
		s.v[to[i]].n += v.n
	}
}

func (s *avgReal) Results() []vec.Column {
	out := make([]float64, len(s.v))
	for i, v := range s.v {
		out[i] = math.NaN()
		if v.n > 0 {
			out[i] = v.sum.real() / float64(v.n)
		}
	}
	return []vec.Column{{Arr: vec.NewFloat64s(out, nil)}}
}

func (s *avgReal) Size() int64 { return 24 * int64(cap(s.v)) }

func (s *avgReal) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = wire.Int(s.v[g].sum.encode(b), s.v[g].n)
	}
	return b
}

func (s *avgReal) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.v[i].sum = decodeExact(r)
		s.v[i].n = r.Int()
	}
}

// avgTicks averages datetimes and timespans.
type avgTicks struct{ v []meanTicks }

type meanTicks struct {
	sum wide
	n   int64
}

func (s *avgTicks) Grow(n int) { s.v = grown(s.v, n) }

func (s *avgTicks) Add(groups []int32, cols []vec.Column, _ int) {
	in := ints(cols[0])
	for i, g := range groups {
		if in.ok(i) {
			s.v[g].sum.add(in.at(i))
			s.v[g].n++
		}
	}
}

func (s *avgTicks) Merge(other State, to []int32) {
	for i, v := range other.(*avgTicks).v {
		s.v[to[i]].sum.merge(v.sum)
		s.v[to[i]].n += v.n
	}
}

func (s *avgTicks) Results() []vec.Column {
	out, valid := make([]int64, len(s.v)), make([]bool, len(s.v))
	for i, v := range s.v {
		if v.n > 0 {
			out[i], valid[i] = v.sum.over(v.n), true
		}
	}
	return []vec.Column{{Arr: vec.NewInt64s(out, valid)}}
}

func (s *avgTicks) Size() int64 { return 24 * int64(cap(s.v)) }

func (s *avgTicks) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		v := &s.v[g]
		b = wire.Int(wire.Fixed(wire.Int(b, v.sum.hi), v.sum.lo), v.n)
	}
	return b
}

func (s *avgTicks) Decode(r *wire.Reader, n int) {
	for i := range n {
		v := &s.v[i]
		v.sum.hi = r.Int()
		v.sum.lo = r.Fixed()
		v.n = r.Int()
	}
}

type avgDec struct {
	sum sumDec
	n   []int64
}

func (s *avgDec) Grow(n int) {
	s.sum.Grow(n)
	s.n = grown(s.n, n)
}

func (s *avgDec) Add(groups []int32, cols []vec.Column, n int) {
	s.sum.Add(groups, cols, n)
	in := strs(cols[0], table.Decimal)
	for i, g := range groups {
		if in.ok(i) {
			s.n[g]++
		}
	}
}

func (s *avgDec) Merge(other State, to []int32) {
	o := other.(*avgDec)
	s.sum.Merge(&o.sum, to)
	for i, n := range o.n {
		s.n[to[i]] += n
	}
}

func (s *avgDec) Results() []vec.Column {
	valid := make([]bool, len(s.n))
	for i, n := range s.n {
		if n > 0 {
			s.sum.v[i], valid[i] = dec.Op('/', s.sum.v[i], strconv.FormatInt(n, 10))
		}
	}
	return []vec.Column{{Arr: vec.NewStrings(s.sum.v, valid)}}
}

func (s *avgDec) Size() int64 { return s.sum.Size() + 8*int64(cap(s.n)) }

func (s *avgDec) Encode(b []byte, groups []int32) []byte {
	b = s.sum.Encode(b, groups)
	for _, g := range groups {
		b = wire.Int(b, s.n[g])
	}
	return b
}

func (s *avgDec) Decode(r *wire.Reader, n int) {
	s.sum.Decode(r, n)
	for i := range n {
		s.n[i] = r.Int()
	}
}
