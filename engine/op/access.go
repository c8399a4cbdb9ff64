package op

import (
	"slices"
	"strings"

	"tidemark/parser"
	"tidemark/table"
)

// access is what restrict access leaves to the statements after it: the tables,
// views and patterns that it names. Other names that stand for tables are as if
// they were not there; values keep theirs.
// See https://learn.microsoft.com/kusto/query/restrict-statement
//
// It hangs on the scope that the statements after it are bound in. What was
// defined before has an outer scope, and still sees what it saw then.
type access struct {
	rules   []accessRule
	tabular func(entity) bool
}

// accessRule lets the names through that fit a pattern: those of the query, or
// those of the database.
type accessRule struct {
	pattern         string
	query, database bool
}

func (a *access) allows(name string, database bool) bool {
	return slices.ContainsFunc(a.rules, func(r accessRule) bool {
		return (database && r.database || !database && r.query) && glob(r.pattern, name)
	})
}

// hides reports whether an entity that was found outside of the restriction is
// not to be seen.
func (a *access) hides(name string, e entity, database bool) bool {
	return !a.allows(name, database) && a.tabular(e)
}

// restrict binds restrict access to (…).
func (b *Binder) restrict(s *parser.Restrict) {
	a := &access{tabular: func(e entity) bool {
		return e.node != nil || e.pattern != nil || e.fun != nil && b.isTabularFunction(e.fun)
	}}
	for _, x := range s.Entities {
		r, ok := b.accessRule(x)
		if !ok {
			continue
		}
		a.rules = append(a.rules, r)
	}
	for _, o := range s.Options {
		b.warn(o.Span(), "TM109", "leave it out", "restrict access has no property %s here", o.Name)
	}
	b.scope = &scope{outer: b.scope, names: map[string]entity{}, access: a}
}

func (b *Binder) accessRule(x parser.Expr) (r accessRule, ok bool) {
	switch x := x.(type) {
	case *parser.Star:
		return accessRule{pattern: "*", query: true}, true
	case *parser.Wildcard:
		return accessRule{pattern: x.Pattern, query: true}, true
	case *parser.Name:
		if e, ok := b.scope.find(x.Name); ok && e.isOfQuery() {
			return accessRule{pattern: x.Name, query: true}, true
		}
		if !b.isTabular(x) {
			b.tableNamed(x.Name, x.Span()) // which says what is wrong
			return r, false
		}
		return accessRule{pattern: x.Name, database: true}, true
	case *parser.TablePattern:
		if !b.ofDatabase(x.X) {
			return r, false
		}
		if w, ok := x.Pattern.(*parser.Wildcard); ok {
			return accessRule{pattern: w.Pattern, database: true}, true
		}
		return accessRule{pattern: "*", database: true}, true
	case *parser.Path:
		if !b.ofDatabase(x.X) {
			return r, false
		}
		return accessRule{pattern: x.Member.Name, database: true}, true
	}
	b.fail(x.Span(), "KS111", "a view of this query, a table, or database().*", "the name of a table or view is expected here")
	return r, false
}

// ofDatabase checks that an expression names this database.
func (b *Binder) ofDatabase(x parser.Expr) bool {
	if b.isEntity(x) {
		return true
	}
	if c, ok := x.(*parser.Call); ok && c.Name.Name == "database" && c.Receiver == nil {
		return true
	}
	if isDatabase(x) {
		b.fail(x.Span(), "TM006", `name a database: database("a")`, "other clusters and workspaces cannot be reached from here")
		return false
	}
	b.fail(x.Span(), "KS114", `name one: database("a")`, "a database is expected here")
	return false
}

// isOfQuery tells what the query itself defines from the functions of the
// database.
func (e entity) isOfQuery() bool { return e.fun == nil || e.fun.stored == nil }

// table is a table of the database by its name, where the query may read it.
func (b *Binder) table(name string) (table.Source, bool) {
	for s := b.scope; s != nil; s = s.outer {
		if s.access != nil && !s.access.allows(name, true) {
			return nil, false
		}
	}
	return b.catalog.Table(name)
}

// tables are the names of the tables that the query may read.
func (b *Binder) tables() []string {
	return slices.DeleteFunc(slices.Clone(b.catalog.Tables()), func(name string) bool {
		for s := b.scope; s != nil; s = s.outer {
			if s.access != nil && !s.access.allows(name, true) {
				return true
			}
		}
		return false
	})
}

// tableHint says which tables there are.
func (b *Binder) tableHint() string {
	names := b.tables()
	restricted := false
	for s := b.scope; s != nil; s = s.outer {
		restricted = restricted || s.access != nil
	}
	if restricted {
		for _, name := range b.scope.all() {
			if e, ok := b.scope.find(name); ok && (e.node != nil || e.fun != nil || e.pattern != nil) {
				names = append(names, name)
			}
		}
		return "restrict access lets the query read " + strings.Join(names, ", ")
	}
	return "the tables are " + strings.Join(names, ", ")
}
