package parser

import "github.com/alecthomas/participle/v2/lexer"

// Sort is sort by X [asc|desc] [nulls first|last], … (also order by).
type Sort struct {
	node
	Options Options
	Keys    []*SortKey
}

// SortKey is a key of sort or top.
type SortKey struct {
	node
	X     Expr
	Order string // "", asc, desc, granny-asc, granny-desc
	Nulls string // "", first, last
}

// Top is top N by X [asc|desc] [nulls first|last].
type Top struct {
	node
	Options Options
	N       Expr
	Keys    []*SortKey
}

// Take is take N (also limit).
type Take struct {
	node
	Options Options
	N       Expr
}

type sortGrammar struct {
	Options []optionItem      `parser:"('sort' | 'order') @@*"`
	Keys    []*sortKeyGrammar `parser:"'by' @@ (',' @@)*"`
}

type sortKeyGrammar struct {
	Tokens []lexer.Token
	X      Expr   `parser:"@@"`
	Order  string `parser:"@('asc' | 'desc' | 'granny-asc' | 'granny-desc')?"`
	Nulls  string `parser:"('nulls' @('first' | 'last'))?"`
}

type topGrammar struct {
	Options []optionItem    `parser:"'top' @@*"`
	N       Expr            `parser:"@@"`
	Key     *sortKeyGrammar `parser:"'by' @@"`
}

type takeGrammar struct {
	Options []optionItem `parser:"('take' | 'limit') @@*"`
	N       Expr         `parser:"@@"`
}

func (g *sortKeyGrammar) key() *SortKey {
	if g == nil {
		return nil
	}
	return &SortKey{node{spanOf(g.Tokens)}, g.X, g.Order, g.Nulls}
}

func sortKeys(gs []*sortKeyGrammar) []*SortKey {
	var out []*SortKey
	for _, g := range gs {
		if g != nil {
			out = append(out, g.key())
		}
	}
	return out
}

func (g *sortGrammar) operator() Operator {
	return &Sort{Options: optionsOf(g.Options), Keys: sortKeys(g.Keys)}
}

func (g *topGrammar) operator() Operator {
	return &Top{Options: optionsOf(g.Options), N: g.N, Keys: sortKeys([]*sortKeyGrammar{g.Key})}
}

func (g *takeGrammar) operator() Operator { return &Take{Options: optionsOf(g.Options), N: g.N} }

// Keyword implements Operator.
func (*Sort) Keyword() string { return "sort" }

// Keyword implements Operator.
func (*Top) Keyword() string { return "top" }

// Keyword implements Operator.
func (*Take) Keyword() string { return "take" }

func init() {
	register[sortGrammar]("sort by Expression [asc | desc] [nulls first | nulls last], …",
		"Sorts the rows; descending unless asc is given.", "sort", "order")
	register[topGrammar]("top Count by Expression [asc | desc] [nulls first | nulls last]",
		"Gives the first rows in an order.", "top")
	register[takeGrammar]("take Count", "Gives up to that many rows, whichever come first.", "take", "limit")
}
