package op

import (
	"slices"

	"tidemark/engine/expr"
)

// topBelowProject takes the first rows before it computes columns that the
// order does not depend on.
//
//	top 10 by x(project x, y = f(z)) → project x, y = f(z)(top 10 by x)
func topBelowProject(n Node) (Node, bool) {
	s, ok := n.(*sorted)
	if !ok || s.limit < 0 {
		return n, false
	}
	p, ok := s.in.(*project)
	if !ok || slices.ContainsFunc(p.exprs, anyVolatile) {
		return n, false
	}
	out := &sorted{in: p.in, limit: s.limit}
	for _, k := range s.keys {
		computed := expr.Any(k.e, func(e expr.Expr) bool {
			c, ok := e.(*expr.Column)
			if !ok {
				return false
			}
			_, plain := p.exprs[c.Index].(*expr.Column)
			return !plain
		})
		if computed {
			return n, false
		}
		k.e = expr.Replace(k.e, func(c *expr.Column) expr.Expr { return p.exprs[c.Index] })
		out.keys = append(out.keys, k)
	}
	return &project{in: out, cols: p.cols, exprs: p.exprs}, true
}
