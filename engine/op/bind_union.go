package op

import (
	"slices"
	"strings"

	"tidemark/engine/expr"
	"tidemark/parser"
	"tidemark/table"
)

// source is an input of a union with the name that withsource shows.
type source struct {
	name string
	node Node
}

// union binds union as a source (in is nil) or after a pipe.
func (b *Binder) union(in Node, op *parser.Union) Node {
	fuzzy := op.Options.Get("isfuzzy")
	skip := fuzzy != nil && fuzzy.Word() == "true" || b.isSet("best_effort")
	var list []source
	if in != nil {
		name := "union_arg0"
		if m, ok := in.(*shared); ok && m.name != "" {
			name = m.name
		}
		list = append(list, source{name, in})
	}
	for _, x := range op.Tables {
		found, ok := b.sources(x, len(list), skip)
		if !ok {
			return nil
		}
		list = append(list, found...)
	}
	if len(list) == 0 {
		b.fail(op.Span(), "KS204", b.tableHint(), "this union has no table")
		return nil
	}
	if most, ok := b.optionValue("query_max_entities_in_union").(int64); ok && int64(len(list)) > most {
		b.fail(op.Span(), "TM018", "name fewer of them", "the union has %d tables, and set query_max_entities_in_union allows %d", len(list), most)
		return nil
	}
	kind := "outer"
	if o := op.Options.Get("kind"); o != nil {
		kind = o.Word()
		if kind != "outer" && kind != "inner" {
			b.fail(o.Value.Span(), "KS005", "the kinds are outer and inner", "there is no kind of union named %s", kind)
			return nil
		}
	}
	from := ""
	for _, name := range []string{"withsource", "with_source"} {
		if o := op.Options.Get(name); o != nil {
			from = o.Word()
		}
	}
	return b.unify(list, kind, from)
}

// sources resolves one item of a union's list; a pattern may mean several.
func (b *Binder) sources(x parser.Expr, place int, skip bool) ([]source, bool) {
	switch x := x.(type) {
	case *parser.Wildcard:
		return b.tablesLike(x.Pattern), true
	case *parser.Star:
		return b.tablesLike("*"), true
	case *parser.TablePattern:
		if !b.ofDatabase(x.X) {
			return nil, false
		}
		if w, ok := x.Pattern.(*parser.Wildcard); ok {
			return b.tablesLike(w.Pattern), true
		}
		return b.tablesLike("*"), true
	case *parser.Name:
		if skip && !b.isTabular(x) {
			return nil, true
		}
		n := b.tabular(x)
		return []source{{x.Name, n}}, n != nil
	}
	name := sourceName(x, place)
	if skip {
		before := len(b.errs)
		if n := b.tabular(x); n != nil {
			return []source{{name, n}}, true
		}
		b.errs = b.errs[:before] // isfuzzy: what cannot be resolved is left out
		return nil, true
	}
	n := b.tabular(x)
	return []source{{name, n}}, n != nil
}

// sourceName is what withsource shows for a query in a union's list: the name
// that as gives it, or one by its place.
func sourceName(x parser.Expr, place int) string {
	if p, ok := x.(*parser.Pipeline); ok && len(p.Ops) > 0 {
		if as, ok := p.Ops[len(p.Ops)-1].(*parser.As); ok {
			return as.Name.Name
		}
	}
	return "union_arg" + itoa(place)
}

// tablesLike reads the tables and views that a pattern names. Tables about the
// database must be meant: union * is about what is in it.
func (b *Binder) tablesLike(pattern string) []source {
	var out []source
	for _, name := range b.tables() {
		if glob(pattern, name) && (!table.Internal(name) || strings.HasPrefix(pattern, "_")) {
			src, _ := b.table(name)
			out = append(out, source{name, b.read(src)})
		}
	}
	return append(out, b.viewsLike(pattern)...)
}

// unify gives all inputs the same columns: of the same name and type once;
// of the same name and other types once a type, as name_type.
func (b *Binder) unify(list []source, kind, from string) Node {
	cols := unionColumns(list, kind)
	out := &union{}
	if from != "" {
		out.cols = append(out.cols, table.Column{Name: from, Type: table.String})
	}
	for _, u := range cols {
		out.cols = append(out.cols, table.Column{Name: uniqueName(out.cols, u.label()), Type: u.col.Type, Hidden: u.hidden})
	}
	for _, s := range list {
		p := &project{in: s.node, cols: out.cols}
		if from != "" {
			p.exprs = append(p.exprs, expr.NewConst(table.String, s.name))
		}
		in := s.node.Columns()
		for _, u := range cols {
			i := slices.IndexFunc(in, func(c table.Column) bool { return c.Name == u.col.Name && c.Type == u.col.Type })
			if i < 0 {
				p.exprs = append(p.exprs, expr.NewConst(u.col.Type, nil))
			} else {
				p.exprs = append(p.exprs, &expr.Column{Index: i, T: u.col.Type, Name: u.col.Name})
			}
		}
		out.in = append(out.in, p.simplified())
	}
	return out
}

// unionColumn is a column of a union. split is set where its name comes with
// several types.
type unionColumn struct {
	col           table.Column
	hidden, split bool
	count         int
}

func (u unionColumn) label() string {
	if u.split {
		return u.col.Name + "_" + u.col.Type.String()
	}
	return u.col.Name
}

func unionColumns(list []source, kind string) []unionColumn {
	var cols []unionColumn
	for _, s := range list {
		for _, c := range s.node.Columns() {
			i := slices.IndexFunc(cols, func(u unionColumn) bool { return u.col.Name == c.Name && u.col.Type == c.Type })
			if i >= 0 {
				cols[i].count++
				cols[i].hidden = cols[i].hidden && c.Hidden
				continue
			}
			cols = insertColumn(cols, unionColumn{col: c, hidden: c.Hidden, count: 1})
		}
	}
	if kind == "inner" {
		cols = slices.DeleteFunc(cols, func(u unionColumn) bool { return u.count < len(list) })
	}
	return cols
}

// insertColumn puts a column whose name is there with another type beside it.
func insertColumn(cols []unionColumn, c unionColumn) []unionColumn {
	last := -1
	for i, u := range cols {
		if u.col.Name == c.col.Name {
			cols[i].split, c.split = true, true
			last = i
		}
	}
	if last < 0 {
		return append(cols, c)
	}
	return slices.Insert(cols, last+1, c)
}
