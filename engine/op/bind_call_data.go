package op

import (
	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/parser"
	"tidemark/table"
)

// binAuto binds bin_auto(x): bin() or bin_at() with what was set before the
// query.
func (b *Binder) binAuto(c *parser.Call, rs *rowScope) expr.Expr {
	if !b.arity(c, 1, 1, "bin_auto(value)") {
		return unknown()
	}
	args := []expr.Expr{b.scalar(c.Args[0], rs)}
	size, ok := b.options["query_bin_auto_size"]
	if !ok {
		b.fail(c.Name.Span(), "TM017", "such as set query_bin_auto_size=1h;", "bin_auto() needs query_bin_auto_size to be set before the query")
		return unknown()
	}
	args, name := append(args, size), "bin"
	if at, ok := b.options["query_bin_auto_at"]; ok {
		args, name = append(args, at), "bin_at"
	}
	s, _ := fn.Lookup(name)
	return b.apply(s, args, c.Args, c.Name.Span())
}

// isColumnExists binds iscolumnexists("name").
func (b *Binder) isColumnExists(c *parser.Call, rs *rowScope) expr.Expr {
	if !b.arity(c, 1, 1, `iscolumnexists("Name")`) {
		return unknown()
	}
	k, ok := b.scalar(c.Args[0], &rowScope{}).(*expr.Const)
	if !ok || k.T != table.String {
		b.fail(c.Args[0].Span(), "KS141", "", "the name of the column must be a text known before the query runs")
		return unknown()
	}
	_, found := rs.find(k.Value().(string))
	return expr.NewConst(table.Bool, found)
}

// estimateDataSize binds estimate_data_size(*) and estimate_data_size(a, b).
func (b *Binder) estimateDataSize(c *parser.Call, rs *rowScope) expr.Expr {
	var args []expr.Expr
	for _, a := range c.Args {
		if _, ok := a.(*parser.Star); ok {
			for i, col := range rs.cols {
				if !col.Hidden {
					args = append(args, &expr.Column{Index: i, T: col.Type, Name: col.Name})
				}
			}
			continue
		}
		e := b.scalar(a, rs)
		if _, ok := e.(*expr.Column); !ok && e.Type() != table.Unknown {
			b.fail(a.Span(), "KS109", "extend a column with it first", "estimate_data_size() takes columns, and this is another expression")
			return unknown()
		}
		args = append(args, e)
	}
	s, _ := fn.Lookup("estimate_data_size")
	return b.apply(s, args, c.Args, c.Name.Span())
}

// cursor binds cursor_after(text) and cursor_before_or_at(text).
func (b *Binder) cursor(c *parser.Call, rs *rowScope) expr.Expr {
	name := c.Name.Name
	if !b.arity(c, 0, 1, name+"(cursor)") {
		return unknown()
	}
	if b.isSet("query_cursor_disabled") {
		b.fail(c.Name.Span(), "TM018", "", "set query_cursor_disabled forbids %s()", name)
		return unknown()
	}
	text, given := b.options["query_"+name+"_default"]
	switch {
	case len(c.Args) == 1:
		text = b.scalar(c.Args[0], rs)
	case !given:
		b.fail(c.Name.Span(), "KS119", "cursor_current() gives one, as in "+name+`("…")`, "%s() needs a cursor", name)
		return unknown()
	}
	if text.Type() != table.String {
		if text.Type() != table.Unknown {
			b.fail(c.Span(), "KS141", "cursor_current() gives one", "%s() takes a text here, not a %s", name, text.Type())
		}
		return unknown()
	}
	if k, ok := text.(*expr.Const); ok && k.Value() != "" {
		if _, ok := table.ParseTime(k.Value().(string)); !ok {
			b.fail(c.Span(), "KS141", "cursor_current() gives one", "this text is not a cursor")
			return unknown()
		}
	}
	when := b.ingestionTime(&parser.Call{}, rs)
	return b.fold(&expr.Call{Name: name, Args: []expr.Expr{when, text}, T: table.Bool, Kernel: fn.Cursor(name == "cursor_after").Kernel, Env: b.env})
}
