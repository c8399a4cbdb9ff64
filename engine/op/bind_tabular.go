package op

import (
	"slices"

	"tidemark/engine/expr"
	"tidemark/parser"
	"tidemark/table"
)

// isTabular reports whether an expression stands for rows rather than a value.
func (b *Binder) isTabular(e parser.Expr) bool {
	switch e := e.(type) {
	case *parser.Pipeline, *parser.Datatable, *parser.Externaldata:
		return true
	case *parser.Name:
		if ent, ok := b.scope.find(e.Name); ok {
			return ent.node != nil || ent.fun != nil && len(ent.fun.decl.Params) == 0 && b.isTabularFunction(ent.fun) || ent.broken && ent.scalar == nil
		}
		_, ok := b.table(e.Name)
		return ok
	case *parser.Call:
		if c := b.patternCall(e); c != nil {
			return b.isTabularPattern(c)
		}
		switch e.Name.Name {
		case "materialize", "table", "view":
			return true
		}
		if ent, ok := b.scope.find(e.Name.Name); ok && ent.fun != nil {
			return b.isTabularFunction(ent.fun)
		}
	case *parser.Path:
		if c := b.patternCall(e); c != nil {
			return b.isTabularPattern(c)
		}
		return isDatabase(e.X) || b.isEntity(e.X)
	case *parser.Index:
		if c := b.patternCall(e); c != nil {
			return b.isTabularPattern(c)
		}
	}
	return false
}

// isTabularFunction looks at the last statement of a function's body.
func (b *Binder) isTabularFunction(f *function) bool {
	stmts := f.decl.Body.Statements
	if len(stmts) == 0 || !f.stored.look() {
		return false
	}
	defer f.stored.looked()
	last, ok := stmts[len(stmts)-1].(*parser.ExprStatement)
	if !ok {
		return false
	}
	if n, ok := last.X.(*parser.Name); ok {
		for _, p := range f.decl.Params {
			if p.Name.Name == n.Name {
				return p.Type == ""
			}
		}
		for _, s := range stmts {
			if l, ok := s.(*parser.Let); ok && l.Name.Name == n.Name {
				return b.isTabular(l.X)
			}
		}
	}
	tabular := false
	b.within(f.scope, func() { tabular = b.isTabular(last.X) })
	return tabular
}

// isDatabase recognises database("x") and cluster("y").database("x").
func isDatabase(e parser.Expr) bool {
	switch e := e.(type) {
	case *parser.Call:
		return slices.Contains([]string{"database", "cluster", "workspace", "app", "resource"}, e.Name.Name)
	case *parser.Path:
		return isDatabase(e.X)
	}
	return false
}

const maxDepth = 64

// tabular binds an expression that stands for rows; nil where it is wrong.
func (b *Binder) tabular(e parser.Expr) Node {
	if b.depth++; b.depth > maxDepth {
		b.depth--
		b.fail(e.Span(), "TM004", "break it up with let statements", "queries are nested more than %d levels deep here", maxDepth)
		return nil
	}
	defer func() { b.depth-- }()
	if c := b.patternCall(e); c != nil {
		var out Node
		b.invokePattern(c, e.Span(), func(last parser.Expr) { out = b.tabular(last) })
		return out
	}
	switch e := e.(type) {
	case *parser.Pipeline:
		return b.pipeline(e)
	case *parser.Name:
		return b.tableNamed(e.Name, e.Span())
	case *parser.Datatable:
		return b.datatable(e)
	case *parser.Call:
		return b.tabularCall(e)
	case *parser.Path:
		return b.databaseTable(e)
	case *parser.Externaldata:
		return b.externaldata(e)
	}
	x := b.scalar(e, &rowScope{})
	if x.Type() != table.Unknown {
		b.fail(e.Span(), "KS109", "", "a table is expected here, and this is a value of type %s", x.Type())
	}
	return nil
}

func (b *Binder) databaseTable(e *parser.Path) Node {
	if !b.ofDatabase(e.X) {
		return nil
	}
	name, at := e.Member.Name, e.Member.Span()
	if src, ok := b.table(name); ok {
		return b.read(src)
	}
	if b.isStored(name) {
		return b.tableNamed(name, at)
	}
	b.fail(at, "KS204", didYouMean(name, b.tables(), b.tableHint()), "the database has no table or view named %s", name)
	return nil
}

// alias binds alias database: its name stands for this database, as any does
// that database() is given.
// See https://learn.microsoft.com/kusto/query/alias-statement
func (b *Binder) alias(s *parser.Alias) { b.ofDatabase(s.X) }

// tableNamed resolves a name to a let binding or a table.
func (b *Binder) tableNamed(name string, at parser.Span) Node {
	if ent, ok := b.scope.find(name); ok {
		switch {
		case ent.broken:
			return nil
		case ent.node != nil:
			return ent.node
		case ent.fun != nil && len(ent.fun.decl.Params) == 0:
			return b.invokeTabular(ent.fun, nil, nil, at)
		case ent.fun != nil:
			b.fail(at, "KS109", "call it: "+ent.fun.call(name), "%s is a function, and a table is expected here", name)
			return nil
		}
		b.fail(at, "KS109", "", "%s is a single value, and a table is expected here", name)
		return nil
	}
	if src, ok := b.table(name); ok {
		return b.read(src)
	}
	b.fail(at, "KS204", didYouMean(name, append(b.scope.all(), b.tables()...), b.tableHint()),
		"there is no table, view or tabular variable named %s", name)
	return nil
}

// pipeline binds a source and the operators after it.
func (b *Binder) pipeline(p *parser.Pipeline) Node {
	var n Node
	ops := p.Ops
	if p.Source != nil {
		n = b.tabular(p.Source)
	} else if len(ops) > 0 {
		n = b.operator(nil, ops[0])
		ops = ops[1:]
	}
	return b.over(n, ops)
}

// over binds operators over an input; nil where something is wrong.
func (b *Binder) over(n Node, ops []parser.Operator) Node {
	for _, op := range ops {
		if n == nil {
			return nil
		}
		n = b.operator(n, op)
	}
	return n
}

func (b *Binder) unsupported(op parser.Operator) {
	b.fail(keywordSpan(op), "TM007", "see docs/language.md for what is", "the operator %s is not supported yet", op.Keyword())
}

func keywordSpan(op parser.Operator) parser.Span {
	s := op.Span()
	return parser.Span{Start: s.Start, End: min(s.End, s.Start+len(op.Keyword()))}
}

// as names the rows so far; they are kept, so that they are computed once.
func (b *Binder) as(in Node, op *parser.As) Node {
	n := &shared{in: in, name: op.Name.Name, cell: &sharedRows{}}
	b.define(op.Name.Name, entity{node: n})
	return n
}

// tabularCall binds a call that gives rows.
func (b *Binder) tabularCall(c *parser.Call) Node {
	name := c.Name.Name
	if ent, ok := b.scope.find(name); ok && ent.fun != nil {
		return b.invokeTabular(ent.fun, nil, c.Args, c.Span())
	}
	switch name {
	case "materialize", "view":
		if len(c.Args) == 1 {
			if n := b.tabular(c.Args[0]); n != nil {
				return materialized(n)
			}
			return nil
		}
		b.fail(c.Span(), "KS119", "usage: "+name+"(T | …)", "%s() takes one query", name)
		return nil
	case "table":
		if len(c.Args) > 0 {
			if k, ok := b.scalar(c.Args[0], &rowScope{}).(*expr.Const); ok && k.T == table.String {
				if src, ok := b.table(k.Value().(string)); ok && b.isStored(k.Value().(string)) {
					return b.read(src) // a function of the same name is not meant
				}
				return b.tableNamed(k.Value().(string), c.Args[0].Span())
			}
		}
		b.fail(c.Span(), "KS119", `usage: table("Name")`, "table() takes the name of a table as text")
		return nil
	}
	if isDatabase(c) {
		b.fail(c.Span(), "TM006", "add the table's name: "+name+"(…).Table", "a table is expected here")
		return nil
	}
	e := b.scalar(c, &rowScope{})
	if e.Type() != table.Unknown {
		b.fail(c.Span(), "KS109", "", "a table is expected here, and %s() gives a value of type %s", name, e.Type())
	}
	return nil
}
