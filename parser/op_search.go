package parser

import "github.com/alecthomas/participle/v2/lexer"

// Search is search [options] [in (T, …)] Predicate. A bare string in the
// predicate means "* has string".
type Search struct {
	node
	Options Options
	Tables  []Expr
	Cond    Expr
}

// Find is find [options] [in (T, …)] where Predicate [project X, …].
type Find struct {
	node
	Options Options
	Tables  []Expr
	Cond    Expr
	// Project is what follows project; nil where absent. Smart is
	// project-smart, and Away what follows project-away.
	Project []*FindColumn
	Smart   bool
	Away    []*FindColumn
}

// FindColumn is a column of find: a name with or without a type, * or pack(*).
type FindColumn struct {
	node
	Name *Name // nil for * and pack(*)
	Type string
	Pack bool
}

type searchGrammar struct {
	Options []optionItem `parser:"'search' @@*"`
	Tables  []table      `parser:"('in' '(' @@ (',' @@)* ')')?"`
	Cond    Expr         `parser:"@@"`
}

type findGrammar struct {
	Options []optionItem      `parser:"'find' @@*"`
	Tables  []findTable       `parser:"('in' '(' @@ (',' @@)* ')')?"`
	Where   bool              `parser:"@'where'?"`
	Cond    Expr              `parser:"@@"`
	Project []*findColumnItem `parser:"('project' @@ (',' @@)*"`
	Smart   bool              `parser:"| @'project-smart')?"`
	Away    []*findColumnItem `parser:"('project-away' @@ (',' @@)*)?"`
}

type findTable struct {
	Table table    `parser:"@@"`
	As    nameItem `parser:"('|' 'as' @@)?"`
}

type findColumnItem struct {
	Tokens []lexer.Token
	Pack   bool     `parser:"(@'pack' '(' '*' ')' | @'pack_all' '(' ')')"`
	Star   bool     `parser:"| @'*'"`
	Name   nameItem `parser:"| @@"`
	Type   string   `parser:"  (':' @Ident)?"`
}

func tables(ts []table) []Expr {
	var out []Expr
	for _, t := range ts {
		out = append(out, t)
	}
	return out
}

func (g *searchGrammar) operator() Operator {
	return &Search{Options: optionsOf(g.Options), Tables: tables(g.Tables), Cond: g.Cond}
}

func (g *findGrammar) operator() Operator {
	op := &Find{Options: optionsOf(g.Options), Cond: g.Cond, Project: findColumns(g.Project), Smart: g.Smart, Away: findColumns(g.Away)}
	for _, t := range g.Tables {
		x := Expr(t.Table)
		if t.As != nil {
			p := &Pipeline{Source: x, Ops: []Operator{&As{node: node{t.As.name().Span()}, Name: t.As.name()}}}
			p.SetSpan(x.Span().Join(t.As.name().Span()))
			x = p
		}
		op.Tables = append(op.Tables, x)
	}
	return op
}

func findColumns(items []*findColumnItem) []*FindColumn {
	var out []*FindColumn
	for _, i := range items {
		out = append(out, &FindColumn{node{spanOf(i.Tokens)}, nameOf(i.Name), i.Type, i.Pack})
	}
	return out
}

func (o *Search) check(r *reader) { r.noAssignment(o.Cond) }

func (o *Find) check(r *reader) { r.noAssignment(o.Cond) }

// Keyword implements Operator.
func (*Search) Keyword() string { return "search" }

// Keyword implements Operator.
func (*Find) Keyword() string { return "find" }

func init() {
	register[searchGrammar]("search [kind=case_sensitive] [in (Table, …)] Predicate",
		"Finds rows of one or many tables by a text in any column.", "search").options("kind", "datascope")
	register[findGrammar]("find [withsource=Column] [in (Table, …)] where Predicate [project Column[:Type], …]",
		"Finds the rows of many tables that satisfy a predicate.", "find").options("withsource", "with_source", "datascope")
}
