package op

import (
	"tidemark/engine/expr"
	"tidemark/parser"
	"tidemark/table"
)

// forks binds a query that ends in fork or facet, which give a table for each
// of their branches; ok is false for other queries. The rows before it are
// computed once.
func (b *Binder) forks(x parser.Expr) (results []Result, ok bool) {
	p, isPipeline := x.(*parser.Pipeline)
	if !isPipeline || len(p.Ops) == 0 {
		return nil, false
	}
	last := p.Ops[len(p.Ops)-1]
	switch last.(type) {
	case *parser.Fork, *parser.Facet:
	default:
		return nil, false
	}
	before := *p
	before.Ops = p.Ops[:len(p.Ops)-1]
	in := b.pipeline(&before)
	if in == nil {
		return nil, true
	}
	in = &shared{in: in, cell: &sharedRows{}}
	switch op := last.(type) {
	case *parser.Fork:
		for _, branch := range op.Branches {
			results = b.branch(results, in, branch.Body, branch.Name)
		}
	case *parser.Facet:
		if op.With != nil {
			results = b.branch(results, in, op.With, nil)
		}
		for _, x := range op.By {
			if n := b.facetBy(in, x); n != nil {
				if n = b.limited(n, x.Span()); n != nil {
					results = append(results, Result{Node: n})
				}
			}
		}
	}
	return results, true
}

// branch adds the table of a branch, named by fork or by an as at its end.
func (b *Binder) branch(results []Result, in Node, body parser.Expr, name *parser.Name) []Result {
	p, ok := body.(*parser.Pipeline)
	if !ok || p.Source != nil {
		b.fail(body.Span(), "KS109", "", "a branch begins with an operator")
		return results
	}
	var n Node
	b.within(b.scope, func() { n = b.over(in, p.Ops) })
	if n == nil {
		return results
	}
	r := Result{Node: b.limited(closed(visible(n)), body.Span())}
	if r.Node == nil {
		return results
	}
	if len(p.Ops) > 0 {
		switch op := p.Ops[len(p.Ops)-1].(type) {
		case *parser.As:
			r.Name = op.Name.Name
		case *parser.Render:
			r.Render = op
		}
	}
	if name != nil {
		r.Name = name.Name
	}
	return append(results, r)
}

// facetBy counts the rows of each value of a column.
func (b *Binder) facetBy(in Node, x parser.Expr) Node {
	e := b.scalar(x, &rowScope{cols: in.Columns()})
	if e.Type() == table.Unknown {
		return nil
	}
	name := resultName(x)
	n := countRows(in, "count_"+name).(*aggregate)
	n.keys, n.cols = []expr.Expr{e}, []table.Column{{Name: name, Type: e.Type()}}
	return n
}

// notLast reports a fork or facet within a query.
func (b *Binder) notLast(op parser.Operator) Node {
	b.fail(keywordSpan(op), "TM009", "make it the last step of a query by itself", "%s gives several tables, which no other step can read", op.Keyword())
	return nil
}
