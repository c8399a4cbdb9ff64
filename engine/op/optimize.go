package op

import (
	"tidemark/engine/expr"
)

// rules rewrite a plan into one that gives the same rows for less. Each looks
// at one node and says whether it changed it.
var rules = []func(Node) (Node, bool){pushFilter, sortThenTake, topBelowProject, aggregateThroughProject}

// Optimize applies the rules until none changes anything, then drops the
// columns that nobody reads.
func Optimize(n Node) Node {
	for range 32 { // a bound, should two rules ever undo each other
		changed := false
		n = Walk(n, func(x Node) Node {
			for _, rule := range rules {
				if y, ok := rule(x); ok {
					x, changed = y, true
				}
			}
			return x
		})
		if !changed {
			break
		}
	}
	return Prune(n)
}

// Prune drops the columns that nobody reads.
func Prune(n Node) Node { return n.Prune(everything(len(n.Columns()))) }

// pushFilter moves conditions towards the rows' source: into a scan, through a
// projection that only passes on or computes what they read, into each input
// of a union, into another filter.
//
//	where(project(scan)) → project(scan where …)
func pushFilter(n Node) (Node, bool) {
	f, ok := n.(*filter)
	if !ok {
		return n, false
	}
	for _, c := range f.conds {
		if expr.IsWindow(c) {
			return n, false
		}
	}
	switch in := f.in.(type) {
	case *scan:
		return in.filtered(f.conds), true
	case *filter:
		return &filter{in: in.in, conds: append(append([]expr.Expr(nil), in.conds...), f.conds...)}, true
	case *union:
		out := &union{cols: in.cols}
		for _, x := range in.in {
			out.in = append(out.in, &filter{in: x, conds: f.conds})
		}
		return out, true
	case *project:
		return throughProject(f, in)
	case *joined:
		return intoJoin(f, in)
	}
	return n, false
}

// intoJoin moves conditions on the left side's columns below a join that gives
// no row without its left one. With innerunique this decides which of several
// left rows is kept, as it does in Kusto, whose documentation shows it.
func intoJoin(f *filter, j *joined) (Node, bool) {
	if !j.kind.left || j.kind.keepRight {
		return f, false
	}
	var below, above []expr.Expr
	for _, c := range f.conds {
		if expr.Any(c, func(e expr.Expr) bool {
			col, ok := e.(*expr.Column)
			return ok && col.Index >= len(j.lout)
		}) {
			above = append(above, c)
		} else {
			below = append(below, expr.Remap(c, j.lout))
		}
	}
	if below == nil {
		return f, false
	}
	out := *j
	out.l = &filter{in: j.l, conds: below}
	if above == nil {
		return &out, true
	}
	return &filter{in: &out, conds: above}, true
}

// throughProject moves below a projection the conditions that read just
// columns it passes on or constants; computed ones would be computed twice.
func throughProject(f *filter, p *project) (Node, bool) {
	for _, e := range p.exprs {
		if expr.IsWindow(e) {
			return f, false
		}
	}
	var below, above []expr.Expr
	for _, c := range f.conds {
		plain := !expr.Any(c, func(e expr.Expr) bool {
			col, ok := e.(*expr.Column)
			if !ok {
				return false
			}
			switch p.exprs[col.Index].(type) {
			case *expr.Column, *expr.Const, *expr.Deferred:
				return false
			}
			return true
		})
		if !plain {
			above = append(above, c)
			continue
		}
		below = append(below, expr.Replace(c, func(col *expr.Column) expr.Expr { return p.exprs[col.Index] }))
	}
	if below == nil {
		return f, false
	}
	out := Node(&project{in: &filter{in: p.in, conds: below}, cols: p.cols, exprs: p.exprs})
	if above != nil {
		out = &filter{in: out, conds: above}
	}
	return out, true
}

// sortThenTake keeps just the rows that will be taken while sorting.
//
//	take 10(sort by x) → top 10 by x
func sortThenTake(n Node) (Node, bool) {
	t, ok := n.(*take)
	if !ok {
		return n, false
	}
	s, ok := t.in.(*sorted)
	if !ok {
		return n, false
	}
	limit := t.limit
	if s.limit >= 0 {
		limit = min(limit, s.limit)
	}
	return &sorted{in: s.in, keys: s.keys, limit: limit}, true
}
