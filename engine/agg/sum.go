package agg

import (
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/dec"
	"tidemark/internal/wire"
	"tidemark/table"
)

func init() {
	register(Func{
		Name: "sum", Prefix: "sum", If: "sumif",
		Doc:        "Adds up the values; 0 where there are none.",
		Examples:   []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize sum(x)`, Want: `15`}, {Query: `datatable(t:timespan)[1h, 30m] | summarize sum(t)`, Want: `01:30:00`}},
		IfExamples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize sumif(x, x > 3)`, Want: `9`}},
		Overloads:  overloads(summable, sumOf),
	})
}

func sumOf(t table.Type) Overload {
	o := Overload{Params: []fn.Param{fn.P(t)}, Result: t}
	switch t {
	case table.Real:
		o.New = func(Spec) State { return &sumReal{} }
	case table.Decimal:
		o.New = func(Spec) State { return &sumDec{} }
	case table.Int:
		o.Result = table.Long
		fallthrough
	default:
		o.New = func(Spec) State { return &sumInt{} }
	}
	return o
}

// sumInt sums ints, longs and timespans; what is too large wraps around.
type sumInt struct{ v []int64 }

func (s *sumInt) Grow(n int) { s.v = grown(s.v, n) }

func (s *sumInt) Add(groups []int32, cols []vec.Column, _ int) {
	in := ints(cols[0])
	if in.valid == nil {
		for i, g := range groups {
			s.v[g] += in.v[i&in.mask]
		}
		return
	}
	if in.mask == 0 {
		return // a constant null
	}
	for i, g := range groups {
		keep := int64(0)
		if in.valid[i] {
			keep = -1
		}
		s.v[g] += in.v[i] & keep
	}
}

func (s *sumInt) Merge(other State, to []int32) {
	for i, v := range other.(*sumInt).v {
		s.v[to[i]] += v
	}
}

func (s *sumInt) Results() []vec.Column { return []vec.Column{{Arr: vec.NewInt64s(s.v, nil)}} }
func (s *sumInt) Size() int64           { return 8 * int64(cap(s.v)) }

func (s *sumInt) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = wire.Int(b, s.v[g])
	}
	return b
}

func (s *sumInt) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.v[i] = r.Int()
	}
}

type sumReal struct{ v []exact }

func (s *sumReal) Grow(n int) { s.v = grown(s.v, n) }

func (s *sumReal) Add(groups []int32, cols []vec.Column, _ int) {
	in := reals(cols[0], table.Real)
	for i, g := range groups {
		if in.ok(i) {
			s.v[g].add(in.at(i))
		}
	}
}

func (s *sumReal) Merge(other State, to []int32) {
	for i, v := range other.(*sumReal).v {
		s.v[to[i]].merge(v)
	}
}

func (s *sumReal) Results() []vec.Column {
	out := make([]float64, len(s.v))
	for i, v := range s.v {
		out[i] = v.real()
	}
	return []vec.Column{{Arr: vec.NewFloat64s(out, nil)}}
}

func (s *sumReal) Size() int64 { return 16 * int64(cap(s.v)) }

func (s *sumReal) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = s.v[g].encode(b)
	}
	return b
}

func (s *sumReal) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.v[i] = decodeExact(r)
	}
}

// sumDec sums decimals, kept as text; "" is a sum of none.
type sumDec struct{ v []string }

func (s *sumDec) Grow(n int) { s.v = grown(s.v, n) }

func (s *sumDec) Add(groups []int32, cols []vec.Column, _ int) {
	in := strs(cols[0], table.Decimal)
	for i, g := range groups {
		if in.ok(i) {
			addDec(&s.v[g], in.at(i))
		}
	}
}

// addDec adds v to sum. Beyond the range of a decimal the sum stays as it is.
func addDec(sum *string, v string) {
	switch {
	case v == "":
	case *sum == "":
		*sum = v
	default:
		if r, ok := dec.Op('+', *sum, v); ok {
			*sum = r
		}
	}
}

func (s *sumDec) Merge(other State, to []int32) {
	for i, v := range other.(*sumDec).v {
		addDec(&s.v[to[i]], v)
	}
}

func (s *sumDec) Results() []vec.Column {
	for i, v := range s.v {
		if v == "" {
			s.v[i] = "0"
		}
	}
	return []vec.Column{{Arr: vec.NewStrings(s.v, nil)}}
}

func (s *sumDec) Size() int64 { return 56 * int64(cap(s.v)) }

func (s *sumDec) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = wire.Bytes(b, s.v[g])
	}
	return b
}

func (s *sumDec) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.v[i] = r.Str()
	}
}
