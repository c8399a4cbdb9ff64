package agg

import (
	"math"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

// spread is an aggregation of how far values lie from their mean.
type spread struct {
	name, doc string
	want      string
	want2     string // of the …if variant, over the rows of 1…5 above 2
	sample    bool   // divides by n-1: the rows are a sample
	root      bool
	pair      bool // of two columns
}

func init() {
	for _, f := range []spread{
		{name: "variance", doc: "Gives the variance of the values as a sample.", want: "2.5", want2: "1", sample: true},
		{name: "variancep", doc: "Gives the variance of the values as a whole population.", want: "2", want2: "0.6666666666666666"},
		{name: "stdev", doc: "Gives the standard deviation of the values as a sample.", want: "1.5811388300841898", want2: "1", sample: true, root: true},
		{name: "stdevp", doc: "Gives the standard deviation of the values as a whole population.", want: "1.4142135623730951", root: true},
		{name: "covariance", doc: "Gives the covariance of two columns as a sample.", want: "5", want2: "2", sample: true, pair: true},
		{name: "covariancep", doc: "Gives the covariance of two columns as a whole population.", want: "4", want2: "1.3333333333333333", pair: true},
	} {
		register(f.entry())
	}
}

func (f spread) entry() Func {
	args := "x"
	if f.pair {
		args = "x, x * 2"
	}
	e := Func{
		Name: f.name, Prefix: f.name, Doc: f.doc, If: f.name + "if",
		Examples:   []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize ` + f.name + `(` + args + `)`, Want: f.want}},
		IfExamples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize ` + f.name + `if(` + args + `, x > 2)`, Want: f.want2}},
		Overloads: overloads(summable, func(t table.Type) Overload {
			return Overload{Params: []fn.Param{fn.P(t)}, Result: table.Real, New: f.state}
		}),
	}
	if f.name == "stdevp" { // Kusto has no stdevpif
		e.If = ""
	}
	if !f.pair {
		return e
	}
	e.Overloads = nil
	for _, a := range []table.Type{table.Real, table.Decimal, table.Timespan} {
		for _, b := range []table.Type{table.Real, table.Decimal, table.Timespan} {
			e.Overloads = append(e.Overloads, Overload{Params: []fn.Param{fn.P(a), fn.P(b)}, Result: table.Real, New: f.state})
		}
	}
	return e
}

func (f spread) state(spec Spec) State { return &moments{how: f, types: spec.Types} }

// moments sums values and products of each group.
type moments struct {
	how   spread
	types []table.Type
	v     []sums
}

// sums are of one column and its squares, or of two and their products.
type sums struct {
	x, y, xy exact
	n        int64
}

func (s *moments) Grow(n int) { s.v = grown(s.v, n) }

func (s *moments) Add(groups []int32, cols []vec.Column, _ int) {
	x := reals(cols[0], s.types[0])
	if !s.how.pair {
		for i, g := range groups {
			if x.ok(i) {
				m, v := &s.v[g], x.at(i)
				m.x.add(v)
				m.xy.addProduct(v, v)
				m.n++
			}
		}
		return
	}
	y := reals(cols[1], s.types[1])
	for i, g := range groups {
		if x.ok(i) && y.ok(i) {
			m, v, w := &s.v[g], x.at(i), y.at(i)
			m.x.add(v)
			m.y.add(w)
			m.xy.addProduct(v, w)
			m.n++
		}
	}
}

func (s *moments) Merge(other State, to []int32) {
	for i, o := range other.(*moments).v {
		m := &s.v[to[i]]
		m.x.merge(o.x)
		m.y.merge(o.y)
		m.xy.merge(o.xy)
		m.n += o.n
	}
}

// Results: of no values a variance is 0 and a covariance null, as Kusto's
// documentation has it; of one value both are 0.
func (s *moments) Results() []vec.Column {
	out, valid := make([]float64, len(s.v)), make([]bool, len(s.v))
	for i, m := range s.v {
		valid[i] = m.n > 0 || !s.how.pair
		if m.n < 2 {
			continue
		}
		n, y := float64(m.n), m.y
		if !s.how.pair {
			y = m.x
		}
		v := moment(m.xy, m.x, y, n)
		if s.how.sample {
			v /= n - 1
		} else {
			v /= n
		}
		if !s.how.pair && v < 0 {
			v = 0
		}
		if s.how.root {
			v = math.Sqrt(v)
		}
		out[i] = v
	}
	return []vec.Column{{Arr: vec.NewFloat64s(out, valid)}}
}

func (s *moments) Size() int64 { return 56 * int64(cap(s.v)) }

func (s *moments) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		m := &s.v[g]
		b = wire.Int(m.xy.encode(m.y.encode(m.x.encode(b))), m.n)
	}
	return b
}

func (s *moments) Decode(r *wire.Reader, n int) {
	for i := range n {
		m := &s.v[i]
		m.x, m.y, m.xy = decodeExact(r), decodeExact(r), decodeExact(r)
		m.n = r.Int()
	}
}
