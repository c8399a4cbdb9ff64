package parser

import "github.com/alecthomas/participle/v2/lexer"

// MvExpand is mv-expand [options] [Name =] X [to typeof(T)], … [limit N].
type MvExpand struct {
	node
	Options Options
	Columns []*MvColumn
	Limit   Expr
}

// MvColumn is a column of mv-expand or mv-apply.
type MvColumn struct {
	node
	Name *Name // nil where not named
	X    Expr
	Type string // of to typeof(…), or ""
}

// MvApply is mv-apply [options] [Name =] X [to typeof(T)], … [limit N] [id X] on
// ( operator | … ).
type MvApply struct {
	node
	Options Options
	Columns []*MvColumn
	Limit   Expr
	ID      Expr
	Body    Expr // *Pipeline without source: its input is the elements
}

type mvExpandGrammar struct {
	Options []optionItem `parser:"('mv-expand' | 'mvexpand') @@*"`
	Columns []*mvGrammar `parser:"@@ (',' @@)*"`
	Limit   Expr         `parser:"('limit' @@)?"`
}

type mvApplyGrammar struct {
	Options []optionItem `parser:"('mv-apply' | 'mvapply') @@*"`
	Columns []*mvGrammar `parser:"@@ (',' @@)*"`
	Limit   Expr         `parser:"('limit' @@)?"`
	ID      Expr         `parser:"('id' @@)?"`
	Body    subquery     `parser:"'on' @@"`
}

type mvGrammar struct {
	Tokens []lexer.Token
	X      Expr       `parser:"@@"`
	Type   typeofItem `parser:"('to' @@)?"`
}

func mvColumns(gs []*mvGrammar) []*MvColumn {
	var out []*MvColumn
	for _, g := range gs {
		c := &MvColumn{node: node{spanOf(g.Tokens)}, X: g.X}
		if n, ok := g.X.(*Named); ok && len(n.Names) == 1 {
			c.Name, c.X = n.Names[0], n.X
		}
		if g.Type != nil {
			c.Type = g.Type.typeof().Type
		}
		out = append(out, c)
	}
	return out
}

func (g *mvExpandGrammar) operator() Operator {
	return &MvExpand{Options: optionsOf(g.Options), Columns: mvColumns(g.Columns), Limit: g.Limit}
}

func (g *mvApplyGrammar) operator() Operator {
	return &MvApply{Options: optionsOf(g.Options), Columns: mvColumns(g.Columns), Limit: g.Limit, ID: g.ID, Body: g.Body}
}

// Keyword implements Operator.
func (*MvExpand) Keyword() string { return "mv-expand" }

// Keyword implements Operator.
func (*MvApply) Keyword() string { return "mv-apply" }

func init() {
	register[mvExpandGrammar]("mv-expand [bagexpansion=array] [with_itemindex=Name] [Name =] Array [to typeof(Type)], … [limit Count]",
		"Gives a row for each element of an array or property bag.", "mv-expand", "mvexpand").options("kind", "bagexpansion", "with_itemindex")
	register[mvApplyGrammar]("mv-apply [with_itemindex=Name] [Name =] Array [to typeof(Type)], … [limit Count] on (Operator | …)",
		"Applies operators to the elements of each row's array.", "mv-apply", "mvapply").options("with_itemindex")
}
