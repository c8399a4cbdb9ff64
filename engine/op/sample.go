package op

import (
	"math/rand/v2"

	"tidemark/engine/agg"
	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// sample gives rows picked at random: the first in the order of a random
// number for each.
func (b *Binder) sample(in Node, op *parser.Sample) Node {
	n, ok := b.rowCount(op.N)
	if !ok {
		return nil
	}
	cols := in.Columns()
	dice := &expr.Call{Name: "rand", T: table.Real, Kernel: randoms, Env: b.env, Volatile: true}
	with := &project{in: in, cols: append(append([]table.Column(nil), cols...), table.Column{Name: "$random", Type: table.Real, Hidden: true}),
		exprs: append(columnRefs(cols), dice)}
	need := append(everything(len(cols)), false)
	return narrow(&sorted{in: with, keys: []sortKey{{e: &expr.Column{Index: len(cols), T: table.Real, Name: "$random"}}}, limit: n}, need)
}

func randoms(a *fn.Args) vec.Column {
	out := make([]float64, a.N)
	for i := range out {
		out[i] = rand.Float64()
	}
	return vec.Column{Arr: vec.NewFloat64s(out, nil)}
}

// sampleDistinct gives some of the different values of an expression.
func (b *Binder) sampleDistinct(in Node, op *parser.SampleDistinct) Node {
	n, ok := b.rowCount(op.N)
	p := &projection{b: b, rs: &rowScope{cols: in.Columns()}, auto: columnN}
	p.add(op.Of)
	if !ok || len(p.exprs) != 1 || p.exprs[0].Type() == table.Unknown {
		return nil
	}
	return &take{in: &aggregate{in: windowed(in, p.exprs), keys: p.exprs, cols: p.cols}, limit: n}
}

// topHitters gives the most frequent values of an expression, or those with the
// largest sum of another. Kusto estimates them; here they are exact.
func (b *Binder) topHitters(in Node, op *parser.TopHitters) Node {
	n, ok := b.rowCount(op.N)
	rs := &rowScope{cols: in.Columns()}
	p := &projection{b: b, rs: rs, auto: columnN}
	p.add(op.Of)
	if !ok || len(p.exprs) != 1 || p.exprs[0].Type() == table.Unknown {
		return nil
	}
	grouped := &aggregate{in: windowed(in, p.exprs), keys: p.exprs, cols: p.cols}
	collect := &aggregates{b: b, rs: rs, nkeys: 1, keys: make([]bool, len(rs.cols))}
	call, name := &parser.Call{Name: &parser.Name{Name: "count"}}, "approximate_count_"+p.cols[0].Name
	if op.By != nil {
		tree := op.By
		weight := resultName(tree)
		if named, ok := tree.(*parser.Named); ok {
			tree, weight = named.X, named.Names[0].Name
		}
		if t := b.typeOf(tree, rs); t != table.Unknown && !t.IsNumeric() && t != table.Timespan {
			b.fail(op.By.Span(), "KS137", "", "values are weighed by a number, and this is a %s", t)
			return nil
		}
		call, name = &parser.Call{Name: &parser.Name{Name: "sum"}, Args: []parser.Expr{tree}}, "approximate_sum_"+weight
	}
	f, _ := agg.Lookup(call.Name.Name)
	if collect.call(f, call).Type() == table.Unknown {
		return nil
	}
	grouped.aggs = collect.list
	grouped.aggs[0].cols = []table.Column{{Name: name, Type: collect.last[0].Type}}
	by := &expr.Column{Index: 1, T: collect.last[0].Type, Name: name}
	return &sorted{in: grouped, keys: []sortKey{{e: by, desc: true}}, limit: n}
}

// typeOf is the type of an expression; what is wrong with it is reported by
// whoever binds it for good.
func (b *Binder) typeOf(x parser.Expr, rs *rowScope) table.Type {
	before, deferred := len(b.errs), len(b.deferred)
	t := b.scalar(x, rs).Type()
	b.errs, b.deferred = b.errs[:before], b.deferred[:deferred]
	return t
}
