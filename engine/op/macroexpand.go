package op

import (
	"tidemark/parser"
)

// An entity group is a list of databases; macro-expand runs a query for each
// and gives the rows of all. There is one database here, by whatever name.
// See https://learn.microsoft.com/kusto/query/macro-expand-operator

// macroExpand binds macro-expand Group as Name (query).
func (b *Binder) macroExpand(op *parser.MacroExpand) Node {
	list, ok := b.entities(op.Entities)
	if !ok || op.Body == nil {
		return nil
	}
	name := ""
	if n, isName := op.Entities.(*parser.Name); isName {
		name = n.Name
	}
	if op.As != nil {
		name = op.As.Name
	}
	stmts := op.Body.Statements
	var last *parser.ExprStatement
	if len(stmts) > 0 {
		last, _ = stmts[len(stmts)-1].(*parser.ExprStatement)
	}
	if last == nil {
		b.fail(op.Span(), "KS109", "usage: macro-expand Group as DB (DB.Table | …)", "the body of macro-expand does not end with a query")
		return nil
	}
	var found []source
	for i := range list {
		var n Node
		b.within(b.scope, func() {
			if name != "" {
				b.define(name, entity{database: true})
			}
			for _, s := range stmts[:len(stmts)-1] {
				b.statement(s)
			}
			n = b.tabular(last.X)
		})
		if n == nil {
			return nil
		}
		found = append(found, source{"union_arg" + itoa(i), n})
	}
	return b.unify(found, "outer", "")
}

// entities are the databases of a group, written out or named by a let.
func (b *Binder) entities(x parser.Expr) ([]parser.Expr, bool) {
	var list []parser.Expr
	switch x := x.(type) {
	case *parser.EntityGroup:
		list = x.Entities
	case *parser.Name:
		ent, ok := b.scope.find(x.Name)
		if !ok || ent.group == nil {
			b.fail(x.Span(), "KS204", "define it: let "+x.Name+` = entity_group [database("a"), database("b")];`, "there is no entity group named %s", x.Name)
			return nil, false
		}
		list = ent.group
	}
	if len(list) == 0 {
		b.fail(x.Span(), "KS109", `usage: entity_group [database("a"), …]`, "an entity group is expected here")
		return nil, false
	}
	for _, e := range list {
		if c, ok := e.(*parser.Call); !ok || c.Name.Name != "database" || c.Receiver != nil {
			b.fail(e.Span(), "TM006", `name a database: database("a")`, "other clusters and workspaces cannot be reached from here")
			return nil, false
		}
	}
	return list, true
}

// isEntity tells a name that stands for a database within macro-expand.
func (b *Binder) isEntity(x parser.Expr) bool {
	n, ok := x.(*parser.Name)
	if !ok {
		return false
	}
	ent, ok := b.scope.find(n.Name)
	return ok && ent.database
}
