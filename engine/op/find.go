package op

import (
	"slices"

	"tidemark/engine/expr"
	"tidemark/internal/near"
	"tidemark/parser"
	"tidemark/table"
)

// found is a table that find looks in, filtered.
type found struct {
	source
	cols []table.Column
}

// find binds find: the rows of many tables that satisfy a predicate, with the
// columns that matter, and the others packed into one.
// See https://learn.microsoft.com/kusto/query/find-operator
func (b *Binder) find(op *parser.Find) Node {
	list := b.tablesLike("*")
	if len(op.Tables) > 0 {
		list = nil
		for _, x := range op.Tables {
			more, ok := b.sources(x, len(list), false)
			if !ok {
				return nil
			}
			list = append(list, more...)
		}
	}
	tables, ok := b.findTables(op, list)
	if !ok {
		return nil
	}
	from := "source_"
	for _, name := range []string{"withsource", "with_source"} {
		if o := op.Options.Get(name); o != nil {
			from = o.Word()
		}
	}
	if op.Project != nil {
		return b.findProject(op, tables, from)
	}
	return b.findSmart(op, tables, from)
}

// findTables filters the tables. One that has none of the columns that the
// predicate reads, or has them with types that it cannot compare, is left out.
func (b *Binder) findTables(op *parser.Find, list []source) ([]found, bool) {
	names := findNames(op.Cond)
	for _, n := range names {
		if _, bound := b.scope.find(n.Name); !bound && !slices.ContainsFunc(list, func(s source) bool { return (&rowScope{cols: s.node.Columns()}).has(n.Name) }) {
			b.findUnknown(n, list)
			return nil, false
		}
	}
	var out []found
	var wrong parser.Errors
	for _, s := range list {
		n := visible(s.node)
		rs := &rowScope{cols: n.Columns()}
		if len(names) > 0 && !slices.ContainsFunc(names, func(x *parser.Name) bool { return rs.has(x.Name) }) {
			continue
		}
		before := len(b.errs)
		cond := b.searchCondition(op.Cond, n.Columns(), false)
		if fails := slices.Clone(b.errs[before:]); fails.Fatal() {
			b.errs = b.errs[:before]
			wrong = append(wrong, fails...)
			continue
		}
		if cond == nil {
			continue
		}
		out = append(out, found{source{s.name, &filter{in: n, conds: expr.Conjuncts(cond)}}, n.Columns()})
	}
	if len(out) == 0 && wrong != nil {
		b.errs = append(b.errs, wrong[0])
		return nil, false
	}
	return out, true
}

func (b *Binder) findUnknown(n *parser.Name, list []source) {
	var names []string
	for _, s := range list {
		names = append(names, (&rowScope{cols: s.node.Columns()}).names()...)
	}
	hint := ""
	if c := near.Closest(n.Name, names); c != "" {
		hint = "did you mean " + c + "?"
	}
	b.fail(n.Span(), "KS142", hint, "none of the tables has a column named %s", n.Name)
}

// findNames are the names in a predicate that may be columns.
func findNames(x parser.Expr) []*parser.Name {
	switch x := x.(type) {
	case *parser.Name:
		return []*parser.Name{x}
	case *parser.Path:
		return findNames(x.X)
	case *parser.Index:
		return append(findNames(x.X), findNames(x.Index)...)
	case *parser.Unary:
		return findNames(x.X)
	case *parser.Binary:
		return append(findNames(x.L), findNames(x.R)...)
	case *parser.Between:
		return append(append(findNames(x.X), findNames(x.Low)...), findNames(x.High)...)
	case *parser.In:
		return findNames(x.X)
	case *parser.Call:
		var out []*parser.Name
		for _, a := range x.Args {
			out = append(out, findNames(a)...)
		}
		return out
	}
	return nil
}

// findProject gives the columns that the query names.
func (b *Binder) findProject(op *parser.Find, tables []found, from string) Node {
	out := &union{cols: []table.Column{{Name: from, Type: table.String}}}
	pack := false
	for _, c := range op.Project {
		switch {
		case c.Pack:
			pack = true
			continue
		case c.Name == nil:
			b.fail(c.Span(), "KS109", "pack(*) gives all of them in one", "the name of a column is expected here")
			return nil
		}
		t, ok := b.findType(c, tables)
		if !ok {
			return nil
		}
		out.cols = append(out.cols, table.Column{Name: c.Name.Name, Type: t})
	}
	named := len(out.cols)
	if pack {
		out.cols = append(out.cols, table.Column{Name: uniqueName(out.cols, "pack_"), Type: table.Dynamic})
	}
	for _, t := range tables {
		p := &project{in: t.node, cols: out.cols, exprs: []expr.Expr{expr.NewConst(table.String, t.name)}}
		for _, c := range out.cols[1:named] {
			p.exprs = append(p.exprs, b.findColumn(t, c))
		}
		if pack {
			p.exprs = append(p.exprs, b.findRest(t, out.cols[1:named]))
		}
		out.in = append(out.in, p)
	}
	return out
}

// findType is the type of a column of project: the one given, or that which
// all tables have, or dynamic.
func (b *Binder) findType(c *parser.FindColumn, tables []found) (table.Type, bool) {
	if c.Type != "" {
		t, ok := table.TypeNamed(c.Type)
		if !ok {
			b.fail(c.Span(), "KS003", "the types are "+table.TypeNameList(), "%s is not a type", c.Type)
		}
		return t, ok
	}
	t := table.Unknown
	for _, f := range tables {
		if i, ok := (&rowScope{cols: f.cols}).find(c.Name.Name); ok {
			if t != table.Unknown && t != f.cols[i].Type {
				t = table.Dynamic
				break
			}
			t = f.cols[i].Type
		}
	}
	if t == table.Unknown {
		var list []source
		for _, f := range tables {
			list = append(list, f.source)
		}
		b.findUnknown(c.Name, list)
	}
	return t, t != table.Unknown
}

// findColumn is a table's column by name, as the type of c; null where the
// table has none.
func (b *Binder) findColumn(t found, c table.Column) expr.Expr {
	i, ok := (&rowScope{cols: t.cols}).find(c.Name)
	if !ok {
		return expr.NewConst(c.Type, nil)
	}
	return b.convert(&expr.Column{Index: i, T: t.cols[i].Type, Name: c.Name}, c.Type)
}

// findRest packs the columns of a table that are not among those given.
func (b *Binder) findRest(t found, given []table.Column) expr.Expr {
	var rest []expr.Expr
	for i, c := range t.cols {
		if !slices.ContainsFunc(given, func(g table.Column) bool { return g.Name == c.Name }) {
			rest = append(rest, &expr.Column{Index: i, T: c.Type, Name: c.Name})
		}
	}
	if rest == nil {
		return expr.NewConst(table.Dynamic, "{}")
	}
	return b.pack("pack", rest, false)
}

// findSmart gives the columns that the predicate names and those that all
// tables have; one of several types comes once for each.
func (b *Binder) findSmart(op *parser.Find, tables []found, from string) Node {
	names := findNames(op.Cond)
	var keep []table.Column // by name and type
	rest := false
	for _, t := range tables {
		for _, c := range t.cols {
			switch wanted := slices.ContainsFunc(names, func(n *parser.Name) bool { return n.Name == c.Name }); {
			case !wanted && !inAll(tables, c):
				rest = true
			case !slices.ContainsFunc(keep, func(k table.Column) bool { return k.Name == c.Name && k.Type == c.Type }):
				keep = append(keep, table.Column{Name: c.Name, Type: c.Type})
			}
		}
	}
	rest = rest || len(tables) == 0
	out := &union{cols: []table.Column{{Name: from, Type: table.String}}}
	for _, k := range keep {
		c := k
		if slices.ContainsFunc(keep, func(o table.Column) bool { return o.Name == k.Name && o.Type != k.Type }) {
			c.Name += "_" + c.Type.String()
		}
		out.cols = append(out.cols, table.Column{Name: uniqueName(out.cols, c.Name), Type: c.Type})
	}
	if rest {
		out.cols = append(out.cols, table.Column{Name: uniqueName(out.cols, "pack_"), Type: table.Dynamic})
	}
	for _, t := range tables {
		p := &project{in: t.node, cols: out.cols, exprs: []expr.Expr{expr.NewConst(table.String, t.name)}}
		for _, k := range keep {
			i := slices.IndexFunc(t.cols, func(c table.Column) bool { return c.Name == k.Name && c.Type == k.Type })
			if i < 0 {
				p.exprs = append(p.exprs, expr.NewConst(k.Type, nil))
			} else {
				p.exprs = append(p.exprs, &expr.Column{Index: i, T: k.Type, Name: k.Name})
			}
		}
		if rest {
			p.exprs = append(p.exprs, b.findRest(t, keep))
		}
		out.in = append(out.in, p)
	}
	return b.findAway(op, out)
}

// findAway drops what project-away names.
func (b *Binder) findAway(op *parser.Find, n Node) Node {
	if op.Away == nil {
		return n
	}
	keep := everything(len(n.Columns()))
	for i, c := range n.Columns() {
		for _, a := range op.Away {
			switch {
			case a.Pack:
				keep[i] = keep[i] && c.Name != "pack_"
			case a.Name == nil:
				keep[i] = keep[i] && i == 0
			default:
				keep[i] = keep[i] && c.Name != a.Name.Name
			}
		}
	}
	return narrow(n, keep)
}

func inAll(tables []found, c table.Column) bool {
	for _, t := range tables {
		if !slices.ContainsFunc(t.cols, func(x table.Column) bool { return x.Name == c.Name && x.Type == c.Type }) {
			return false
		}
	}
	return true
}
