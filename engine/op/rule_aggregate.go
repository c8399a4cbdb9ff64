package op

import (
	"slices"

	"tidemark/engine/expr"
)

// aggregateThroughProject computes keys and arguments from the columns below a
// projection, so that an aggregation over a table reads them by code. What the
// projection computes must not be computed more often for it.
//
//	summarize f(y) by x(project x = g(a), y = b) → summarize f(b) by g(a)
func aggregateThroughProject(n Node) (Node, bool) {
	a, ok := n.(*aggregate)
	if !ok {
		return n, false
	}
	p, ok := a.in.(*project)
	if !ok || slices.ContainsFunc(p.exprs, anyVolatile) {
		return n, false
	}
	if !p.computesOnce(a.reads()) {
		return n, false
	}
	return a.through(p), true
}

// reads are the expressions over the input.
func (a *aggregate) reads() []expr.Expr {
	out := slices.Clone(a.keys)
	for _, x := range a.aggs {
		out = append(out, x.args...)
	}
	return out
}

// computesOnce reports whether what expressions over a projection read of it
// would be computed no more often from the columns below it.
func (p *project) computesOnce(reads []expr.Expr) bool {
	uses := make([]int, len(p.exprs))
	for _, e := range reads {
		expr.Any(e, func(x expr.Expr) bool {
			if c, ok := x.(*expr.Column); ok {
				uses[c.Index]++
			}
			return false
		})
	}
	for i, e := range p.exprs {
		if _, plain := e.(*expr.Column); !plain && uses[i] > 1 {
			return false
		}
	}
	return true
}

// through is the aggregation over what a projection reads.
func (a *aggregate) through(p *project) *aggregate {
	below := func(e expr.Expr) expr.Expr {
		return expr.Replace(e, func(c *expr.Column) expr.Expr { return p.exprs[c.Index] })
	}
	out := &aggregate{in: p.in, cols: a.cols, blank: a.blank}
	for _, k := range a.keys {
		out.keys = append(out.keys, below(k))
	}
	for _, x := range a.aggs {
		args := make([]expr.Expr, len(x.args))
		for i, e := range x.args {
			args[i] = below(e)
		}
		x.args = args
		out.aggs = append(out.aggs, x)
	}
	return out
}
