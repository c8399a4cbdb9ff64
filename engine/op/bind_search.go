package op

import (
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/parser"
	"tidemark/table"
)

// search binds search: rows of all tables, or of those named, or of the input,
// that fit a predicate in which a bare text means any column has it.
func (b *Binder) search(in Node, op *parser.Search) Node {
	var list []source
	switch {
	case in != nil:
		list = append(list, source{"", visible(in)})
	case len(op.Tables) > 0:
		for _, x := range op.Tables {
			found, ok := b.sources(x, len(list), false)
			if !ok {
				return nil
			}
			list = append(list, found...)
		}
	default:
		list = b.tablesLike("*")
	}
	cs := false
	if o := op.Options.Get("kind"); o != nil {
		cs = o.Word() == "case_sensitive"
	}
	var out []source
	for _, s := range list {
		n := visible(s.node)
		cond := b.searchCondition(op.Cond, n.Columns(), cs)
		if cond == nil {
			return nil
		}
		out = append(out, source{s.name, &filter{in: n, conds: expr.Conjuncts(cond)}})
	}
	return b.unify(out, "outer", "$table")
}

// searchCondition binds the predicate of a search over the columns of one
// table. A column that the table lacks makes its comparison false.
func (b *Binder) searchCondition(x parser.Expr, cols []table.Column, cs bool) expr.Expr {
	rs := &rowScope{cols: cols}
	switch x := x.(type) {
	case *parser.Star:
		return expr.NewConst(table.Bool, true)
	case *parser.Literal:
		op := "has"
		if cs {
			op = "has_cs"
		}
		return b.anyColumn(op, x, cols)
	case *parser.Binary:
		if x.Op == "and" || x.Op == "or" {
			l, r := b.searchCondition(x.L, cols, cs), b.searchCondition(x.R, cols, cs)
			if l == nil || r == nil {
				return nil
			}
			return &expr.Logic{And: x.Op == "and", L: l, R: r}
		}
		if _, ok := x.L.(*parser.Star); ok {
			k, isLit := x.R.(*parser.Literal)
			if isLit {
				return b.anyColumn(x.Op, k, cols)
			}
		}
	case *parser.Call:
		if x.Name.Name == "not" && len(x.Args) == 1 {
			inner := b.searchCondition(x.Args[0], cols, cs)
			if inner == nil {
				return nil
			}
			return b.negate(inner, x)
		}
	}
	if b.lacksColumn(x, rs) {
		return expr.NewConst(table.Bool, false)
	}
	return b.condition(x, rs)
}

// anyColumn is an or over all text columns.
func (b *Binder) anyColumn(op string, k *parser.Literal, cols []table.Column) expr.Expr {
	text := k.Text
	prefix, suffix := strings.HasSuffix(text, "*"), strings.HasPrefix(text, "*")
	text = strings.Trim(text, "*")
	cs := strings.HasSuffix(op, "_cs")
	switch {
	case op != "has" && op != "has_cs":
	case prefix && suffix:
		op = "contains"
	case prefix:
		op = "hasprefix"
	case suffix:
		op = "hassuffix"
	}
	if cs && !strings.HasSuffix(op, "_cs") {
		op += "_cs"
	}
	var out expr.Expr
	for i, c := range cols {
		one := b.searchColumn(op, &expr.Column{Index: i, T: c.Type, Name: c.Name}, text, k)
		switch {
		case one == nil:
		case out == nil:
			out = one
		default:
			out = &expr.Logic{L: out, R: one}
		}
	}
	if out == nil {
		return expr.NewConst(table.Bool, false)
	}
	return out
}

// inAnyColumn binds * has "x" and the like in where: true where it holds for
// any column that is seen.
func (b *Binder) inAnyColumn(e *parser.Binary, rs *rowScope) expr.Expr {
	if isOpen(rs.cols) {
		return unknown()
	}
	k := b.constant(e.R)
	if k == nil {
		return unknown()
	}
	text, ok := b.convert(k, table.String).(*expr.Const)
	if !ok || text.Value() == nil {
		b.fail(e.R.Span(), "KS141", "", "a text is expected here")
		return unknown()
	}
	at := &parser.Literal{Kind: parser.StringLit, Text: text.Value().(string)}
	var out expr.Expr = expr.NewConst(table.Bool, false)
	for i, c := range rs.cols {
		if c.Hidden {
			continue
		}
		one := b.searchColumn(e.Op, &expr.Column{Index: i, T: c.Type, Name: c.Name}, at.Text, at)
		if one != nil {
			out = &expr.Logic{L: out, R: one}
		}
	}
	return out
}

// findsText are the operators that are true of what holds their right side only.
var findsText = map[string]bool{"has": true, "hasprefix": true, "hassuffix": true, "contains": true, "startswith": true, "endswith": true, "==": true, "=~": true}

// searchColumn tests one column; columns that hold no text are compared by
// what they print as, and left out where that cannot match.
func (b *Binder) searchColumn(op string, c *expr.Column, text string, k *parser.Literal) expr.Expr {
	if c.T == table.Bool || c.T == table.Real || c.T == table.Datetime || c.T == table.Timespan {
		return nil
	}
	if (c.T == table.Int || c.T == table.Long) && findsText[strings.TrimSuffix(op, "_cs")] && strings.Trim(text, "-0123456789") != "" {
		return nil
	}
	s, ok := fn.Operator(op)
	if !ok {
		b.fail(k.Span(), "TM007", "", "the operator %s is not supported in search", op)
		return nil
	}
	return b.apply(s, []expr.Expr{b.convert(c, table.String), expr.NewConst(table.String, text)}, []parser.Expr{k, k}, k.Span())
}

func (b *Binder) negate(e expr.Expr, at parser.Expr) expr.Expr {
	not, _ := fn.Lookup("not")
	return b.apply(not, []expr.Expr{e}, []parser.Expr{at}, at.Span())
}

// lacksColumn reports whether a comparison reads a column that is not there.
func (b *Binder) lacksColumn(x parser.Expr, rs *rowScope) bool {
	name := func(e parser.Expr) bool {
		n, ok := e.(*parser.Name)
		if !ok || rs.has(n.Name) {
			return false
		}
		_, bound := b.scope.find(n.Name)
		return !bound
	}
	switch x := x.(type) {
	case *parser.Binary:
		return name(x.L) || name(x.R)
	case *parser.In:
		return name(x.X)
	case *parser.Between:
		return name(x.X)
	}
	return false
}
