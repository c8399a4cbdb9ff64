package op

import (
	"slices"
	"strings"

	"tidemark/engine/expr"
	"tidemark/internal/near"
	"tidemark/parser"
	"tidemark/table"
)

func (b *Binder) join(in Node, op *parser.Join) Node {
	right := b.tabular(op.Right)
	kind, ok := b.joinKind(op.Options, "innerunique", joinKindNames())
	if right == nil || !ok {
		return nil
	}
	j := &joined{l: in, r: visible(right), kind: kind}
	if !b.joinKeys(j, op.On, op.Span()) {
		return nil
	}
	j.columns(nil)
	return j
}

// lookup binds lookup: a join that leaves out the right side's keys.
func (b *Binder) lookup(in Node, op *parser.Lookup) Node {
	right := b.tabular(op.Right)
	kind, ok := b.joinKind(op.Options, "leftouter", []string{"leftouter", "inner"})
	if right == nil || !ok {
		return nil
	}
	j := &joined{l: in, r: visible(right), kind: kind}
	if !b.joinKeys(j, op.On, op.Span()) {
		return nil
	}
	var keys []int
	for _, k := range j.rkeys {
		expr.Any(k, func(e expr.Expr) bool {
			if c, ok := e.(*expr.Column); ok {
				keys = append(keys, c.Index)
			}
			return false
		})
	}
	j.columns(keys)
	return j
}

func joinKindNames() []string {
	var out []string
	for name := range joinKinds {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func (b *Binder) joinKind(opts parser.Options, standard string, allowed []string) (joinKind, bool) {
	o := opts.Get("kind")
	if o == nil {
		return joinKinds[standard], true
	}
	if name := o.Word(); slices.Contains(allowed, name) {
		return joinKinds[name], true
	}
	hint := "the kinds are " + strings.Join(allowed, ", ")
	if c := near.Closest(o.Word(), allowed); c != "" {
		hint = "did you mean " + c + "?"
	}
	b.fail(o.Value.Span(), "KS005", hint, "there is no kind of join named %s", o.Word())
	return joinKind{}, false
}

// columns decides the columns given: all of the left, then those of the right
// but the ones left out; names that are taken get a number.
func (j *joined) columns(leaveOut []int) {
	rcols := j.r.Columns()
	if j.kind.left {
		for i, c := range j.l.Columns() {
			if c.Hidden && slices.ContainsFunc(rcols, func(r table.Column) bool { return r.Name == c.Name }) {
				continue
			}
			j.lout = append(j.lout, i)
			j.cols = append(j.cols, c)
		}
	}
	if !j.kind.right {
		return
	}
	for i, c := range rcols {
		if slices.Contains(leaveOut, i) {
			continue
		}
		c.Name = uniqueName(j.cols, c.Name)
		j.rout = append(j.rout, i)
		j.cols = append(j.cols, c)
	}
}

// joinKeys binds the conditions: names of columns on both sides, and
// comparisons of $left.x with $right.y.
func (b *Binder) joinKeys(j *joined, on []parser.Expr, at parser.Span) bool {
	before := len(b.errs)
	for _, x := range on {
		b.joinKey(j, x)
	}
	if len(on) == 0 {
		b.fail(at, "KS145", "add on Column, or on $left.A == $right.B", "a join needs the columns to join on")
	}
	return len(b.errs) == before
}

func (b *Binder) joinKey(j *joined, x parser.Expr) {
	switch x := x.(type) {
	case *parser.Name:
		l, okl := (&rowScope{cols: j.l.Columns()}).find(x.Name)
		r, okr := (&rowScope{cols: j.r.Columns()}).find(x.Name)
		if !okl && isOpen(j.l.Columns()) || !okr && isOpen(j.r.Columns()) {
			return
		}
		if !okl || !okr {
			side := "right"
			if !okl {
				side = "left"
			}
			b.fail(x.Span(), "KS145", "use $left.A == $right.B for columns of different names", "the column %s is not on the %s side of the join", x.Name, side)
			return
		}
		b.addKey(j, x, &expr.Column{Index: l, T: j.l.Columns()[l].Type, Name: x.Name}, &expr.Column{Index: r, T: j.r.Columns()[r].Type, Name: x.Name})
		return
	case *parser.Binary:
		switch x.Op {
		case "and":
			b.joinKey(j, x.L)
			b.joinKey(j, x.R)
			return
		case "==":
			b.joinEquality(j, x)
			return
		}
	}
	b.fail(x.Span(), "KS145", "usage: on Column, or on $left.A == $right.B", "a join condition compares a column of the left with one of the right")
}

func (b *Binder) joinEquality(j *joined, x *parser.Binary) {
	lcols, rcols := j.l.Columns(), j.r.Columns()
	rs := &rowScope{left: lcols, right: rcols}
	l, r := b.scalar(x.L, rs), b.scalar(x.R, rs)
	if l.Type() == table.Unknown || r.Type() == table.Unknown {
		return
	}
	switch lside, rside := sideOf(l, len(lcols)), sideOf(r, len(lcols)); {
	case lside == "right" && rside == "left":
		l, r = r, l
	case lside != "left" || rside != "right":
		b.fail(x.Span(), "KS145", "write $left. before a column of the left and $right. before one of the right", "one side of this comparison must come from the left and one from the right")
		return
	}
	r = expr.Replace(r, func(c *expr.Column) expr.Expr {
		return &expr.Column{Index: c.Index - len(lcols), T: c.T, Name: c.Name}
	})
	b.addKey(j, x, l, r)
}

// sideOf tells which side an expression reads; columns of the right are
// numbered after those of the left.
func sideOf(e expr.Expr, nleft int) string {
	side := ""
	expr.Any(e, func(x expr.Expr) bool {
		if c, ok := x.(*expr.Column); ok {
			s := "left"
			if c.Index >= nleft {
				s = "right"
			}
			if side != "" && side != s {
				s = "both"
			}
			side = s
		}
		return false
	})
	return side
}

// addKey adds a pair of keys, as a type that both convert to.
func (b *Binder) addKey(j *joined, at parser.Expr, l, r expr.Expr) {
	lt, rt := l.Type(), r.Type()
	t, ok := table.Widen(lt, rt)
	switch {
	case ok && t == table.Dynamic:
		t = table.String
	case !ok && (lt == table.Dynamic || rt == table.Dynamic):
		t, ok = lt, true
		if lt == table.Dynamic {
			t = rt
		}
	}
	if !ok {
		b.fail(at.Span(), "KS106", "convert one of them first", "the sides of a join cannot be compared: %s and %s", lt, rt)
		return
	}
	j.lkeys = append(j.lkeys, b.convert(l, t))
	j.rkeys = append(j.rkeys, b.convert(r, t))
}
