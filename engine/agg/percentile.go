package agg

import (
	"strconv"
	"strings"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/dec"
	"tidemark/internal/dyn"
	"tidemark/internal/wire"
	"tidemark/table"
)

// family is one of the six percentile aggregations.
type family struct {
	name, doc, page string
	example         fn.Example
	weighted        bool // has a weight after the value
	several, array  bool
}

func init() {
	const rule = " by nearest rank; exact up to 131,072 distinct values in a group, then within 0.1 percent of the rank"
	const weights = `datatable(n:long, ms:long)[8, 10, 6, 20, 3, 30, 1, 40] | summarize `
	for _, f := range []family{
		{name: "percentile", doc: "Gives a percentile" + rule + ".", page: "percentiles",
			example: fn.Example{Query: `range x from 1 to 100 step 1 | summarize percentile(x, 95)`, Want: `95`}},
		{name: "percentiles", doc: "Gives several percentiles, a column each," + rule + ".", page: "percentiles", several: true,
			example: fn.Example{Query: `range x from 1 to 100 step 1 | summarize percentiles(x, 5, 95)`, Want: `5`}},
		{name: "percentiles_array", doc: "Gives several percentiles as an array" + rule + ".", page: "percentiles", several: true, array: true,
			example: fn.Example{Query: `range x from 1 to 100 step 1 | summarize percentiles_array(x, 5, 95)`, Want: `[5,95]`}},
		{name: "percentilew", doc: "Gives a percentile of values that each count as often as their weight says" + rule + ".", page: "percentilesw", weighted: true,
			example: fn.Example{Query: weights + `percentilew(ms, n, 75)`, Want: `20`}},
		{name: "percentilesw", doc: "Gives several percentiles of weighted values, a column each," + rule + ".", page: "percentilesw", weighted: true, several: true,
			example: fn.Example{Query: weights + `percentilesw(ms, n, 99.9, 50)`, Want: `40`}},
		{name: "percentilesw_array", doc: "Gives several percentiles of weighted values as an array" + rule + ".", page: "percentilesw", weighted: true, several: true, array: true,
			example: fn.Example{Query: weights + `percentilesw_array(ms, n, dynamic([50, 75, 99.9]))`, Want: `[20,20,40]`}},
	} {
		register(f.entry())
	}
}

func (f family) entry() Func {
	e := Func{Name: f.name, Prefix: "percentiles", Doc: f.doc, Page: f.page + "-aggregation-function", Examples: []fn.Example{f.example}, Check: f.check}
	for _, t := range append(summable[:len(summable):len(summable)], table.Datetime) {
		params := []fn.Param{fn.P(t)}
		if f.weighted {
			params = append(params, fn.P(table.Long))
		}
		o := Overload{Params: append(params[:len(params):len(params)], fn.Number), Variadic: f.several, Result: percentileType(t), New: f.state}
		if !f.array {
			e.Overloads = append(e.Overloads, o)
			continue
		}
		o.Result = table.Dynamic
		e.Overloads = append(e.Overloads, o, Overload{Params: append(params[:len(params):len(params)], fn.P(table.Dynamic)), Result: table.Dynamic, New: f.state})
	}
	if !f.array {
		e.Outputs = func(o Overload, args []Arg) []table.Column {
			var out []table.Column
			for _, a := range args[f.first():] {
				text := ""
				if p, ok := number(a.Const); ok {
					text = strings.ReplaceAll(table.FormatReal(p), ".", "_")
				}
				out = append(out, table.Column{Name: "percentile_" + args[0].Name + "_" + text, Type: o.Result})
			}
			return out
		}
	}
	return e
}

// first is where the percentiles begin among the arguments.
func (f family) first() int {
	if f.weighted {
		return 2
	}
	return 1
}

// percentileType is what a percentile of values of type t has.
func percentileType(t table.Type) table.Type {
	switch t {
	case table.Int:
		return table.Long
	case table.Decimal:
		return table.Real
	}
	return t
}

func (f family) check(args []Arg) error {
	for i, a := range args[f.first():] {
		ps, ok := percents(a.Const)
		if _, isNumber := number(a.Const); !isNumber && !f.array {
			ok = false
		}
		for _, p := range ps {
			ok = ok && p >= 0 && p <= 100
		}
		if !ok {
			return &fn.MismatchError{Arg: f.first() + i, Msg: "a percentile is a constant number from 0 to 100"}
		}
	}
	return nil
}

// number is the value of a constant number.
func number(c *vec.Column) (float64, bool) {
	if c == nil {
		return 0, false
	}
	switch v := c.Value(0).(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case string:
		if len(v) > 0 && v[0] != '[' {
			return dec.Real(v)
		}
	}
	return 0, false
}

// percents is the value of a constant number, or those in a constant array.
func percents(c *vec.Column) ([]float64, bool) {
	if p, ok := number(c); ok {
		return []float64{p}, true
	}
	if c == nil {
		return nil, false
	}
	text, ok := c.Value(0).(string)
	if !ok {
		return nil, false
	}
	var sp dyn.Splitter
	fields, err := sp.Array([]byte(text), nil)
	out := make([]float64, len(fields))
	ok = err == nil
	for i, f := range fields {
		var bad error
		out[i], bad = strconv.ParseFloat(string(f.Text), 64)
		ok = ok && bad == nil
	}
	return out, ok
}

func (f family) state(spec Spec) State {
	s := &percentiles{sampled: newSampled(spec.Types[0], f.weighted), array: f.array}
	for _, c := range spec.Consts[f.first():] {
		ps, _ := percents(c)
		s.ps = append(s.ps, ps...)
	}
	return s
}

// sampled gathers the samples of each group: what percentiles and tdigest
// have in common.
type sampled struct {
	in, t    table.Type // of the arguments, of the keys
	weighted bool
	v        []samples
	held     int64 // memory of v's elements
}

func newSampled(t table.Type, weighted bool) sampled {
	return sampled{in: t, t: percentileType(t), weighted: weighted}
}

func (s *sampled) Grow(n int) { s.v = grown(s.v, n) }

func (s *sampled) Add(groups []int32, cols []vec.Column, _ int) {
	in := s.keys(cols[0])
	weights := view[int64]{v: []int64{1}}
	if s.weighted {
		weights = ints(cols[1])
	}
	for i, g := range groups {
		if !in.ok(i) || !weights.ok(i) || weights.at(i) <= 0 {
			continue
		}
		group := &s.v[g]
		if group.quick(in.at(i), weights.at(i)) {
			continue
		}
		before := group.size()
		group.add(s.t, in.at(i), weights.at(i))
		s.held += group.size() - before
	}
}

func (s *sampled) keys(c vec.Column) view[int64] {
	if s.in != table.Decimal {
		return keys(c, s.in)
	}
	in := reals(c, s.in)
	out := make([]int64, len(in.v))
	for i, f := range in.v {
		out[i] = realKey(f)
	}
	return view[int64]{v: out, mask: in.mask, valid: in.valid}
}

func (s *sampled) merge(o *sampled, to []int32) {
	for i := range o.v {
		group := &s.v[to[i]]
		before := group.size()
		group.merge(s.t, &o.v[i])
		s.held += group.size() - before
	}
}

func (s *sampled) Size() int64 { return 72*int64(cap(s.v)) + s.held }

func (s *sampled) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = s.v[g].encode(b)
	}
	return b
}

func (s *sampled) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.v[i] = decodeSamples(r)
		s.held += s.v[i].size()
	}
}

type percentiles struct {
	sampled
	ps    []float64
	array bool
}

func (s *percentiles) Merge(other State, to []int32) { s.merge(&other.(*percentiles).sampled, to) }

func (s *percentiles) Results() []vec.Column {
	out := make([][]int64, len(s.ps))
	for i := range out {
		out[i] = make([]int64, len(s.v))
	}
	valid := make([]bool, len(s.v))
	for g := range s.v {
		found, ok := s.v[g].percentiles(s.t, s.ps)
		valid[g] = ok
		for i, k := range found {
			out[i][g] = k
		}
	}
	cols := make([]vec.Column, len(out))
	for i, keys := range out {
		cols[i] = fromKeys(s.t, keys, valid)
	}
	if s.array {
		return []vec.Column{arrays(cols, s.t, valid)}
	}
	return cols
}

// arrays joins columns into one of arrays.
func arrays(cols []vec.Column, t table.Type, valid []bool) vec.Column {
	out := make([]string, len(valid))
	for i := range out {
		b := []byte{'['}
		for k, c := range cols {
			if k > 0 {
				b = append(b, ',')
			}
			b = json(b, c, t, i)
		}
		out[i] = string(append(b, ']'))
	}
	return vec.Column{Arr: vec.NewStrings(out, valid)}
}
