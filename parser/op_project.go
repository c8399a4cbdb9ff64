package parser

import "github.com/alecthomas/participle/v2/lexer"

// Extend is extend [Name =] X, ….
type Extend struct {
	node
	Columns []Expr `parser:"'extend' @@ (',' @@)*"` // *Named or bare
}

// Project is project [Name =] X, ….
type Project struct {
	node
	Columns []Expr `parser:"'project' (@@ (',' @@)*)?"`
}

// ProjectAway is project-away Name|Pattern, ….
type ProjectAway struct {
	node
	Columns []Expr // *Name, *Wildcard, *Star
}

// ProjectKeep is project-keep Name|Pattern, ….
type ProjectKeep struct {
	node
	Columns []Expr
}

// ProjectRename is project-rename New = Old, ….
type ProjectRename struct {
	node
	Columns []Expr `parser:"'project-rename' @@ (',' @@)*"` // *Named with one name
}

// ProjectReorder is project-reorder Name|Pattern [asc|desc|granny-asc|granny-desc], ….
type ProjectReorder struct {
	node
	Columns []*ReorderColumn
}

// ReorderColumn is a column of project-reorder.
type ReorderColumn struct {
	node
	X     Expr   // *Name, *Wildcard, *Star
	Order string // "", asc, desc, granny-asc, granny-desc
}

// ProjectByNames is project-by-names X, …, where each X gives names of columns.
type ProjectByNames struct {
	node
	Columns []Expr `parser:"'project-by-names' (@@ (',' @@)*)?"`
}

type projectAwayGrammar struct {
	Columns []column `parser:"'project-away' @@ (',' @@)*"`
}

type projectKeepGrammar struct {
	Columns []column `parser:"'project-keep' @@ (',' @@)*"`
}

type projectReorderGrammar struct {
	Columns []*reorderGrammar `parser:"'project-reorder' @@ (',' @@)*"`
}

type reorderGrammar struct {
	Tokens []lexer.Token
	X      column `parser:"@@"`
	Order  string `parser:"@('asc' | 'desc' | 'granny-asc' | 'granny-desc')?"`
}

func (g *projectAwayGrammar) operator() Operator { return &ProjectAway{Columns: columns(g.Columns)} }
func (g *projectKeepGrammar) operator() Operator { return &ProjectKeep{Columns: columns(g.Columns)} }

func (g *projectReorderGrammar) operator() Operator {
	op := &ProjectReorder{}
	for _, c := range g.Columns {
		op.Columns = append(op.Columns, &ReorderColumn{node{spanOf(c.Tokens)}, c.X, c.Order})
	}
	return op
}

// Keyword implements Operator.
func (*Extend) Keyword() string { return "extend" }

// Keyword implements Operator.
func (*Project) Keyword() string { return "project" }

// Keyword implements Operator.
func (*ProjectAway) Keyword() string { return "project-away" }

// Keyword implements Operator.
func (*ProjectKeep) Keyword() string { return "project-keep" }

// Keyword implements Operator.
func (*ProjectRename) Keyword() string { return "project-rename" }

// Keyword implements Operator.
func (*ProjectReorder) Keyword() string { return "project-reorder" }

// Keyword implements Operator.
func (*ProjectByNames) Keyword() string { return "project-by-names" }

func init() {
	register[Extend]("extend [Name =] Expression, …", "Adds computed columns, or replaces columns of the same name.", "extend")
	register[Project]("project [Name =] Expression, …", "Chooses, computes and orders the columns of the result.", "project")
	register[projectAwayGrammar]("project-away Column | Pattern*, …", "Drops columns.", "project-away")
	register[projectKeepGrammar]("project-keep Column | Pattern*, …", "Keeps only the columns named, in the order they have.", "project-keep")
	register[ProjectRename]("project-rename NewName = Column, …", "Renames columns.", "project-rename")
	register[projectReorderGrammar]("project-reorder Column | Pattern* [asc | desc | granny-asc | granny-desc], …",
		"Moves the columns named to the front.", "project-reorder")
	register[ProjectByNames]("project-by-names Names, …", "Keeps the columns whose names are given as strings or arrays of strings.", "project-by-names")
}
