package parser

import "github.com/alecthomas/participle/v2/lexer"

// TopNested is top-nested [N] of X [with others=X] by Aggregate [asc|desc], …: one
// level for each top-nested.
type TopNested struct {
	node
	Levels []*TopNestedLevel
}

// TopNestedLevel is one level of top-nested.
type TopNestedLevel struct {
	node
	N      Expr // nil: all
	Of     Expr // *Named or bare
	Others Expr // nil where absent
	By     *SortKey
}

// TopHitters is top-hitters N of X [by Weight].
type TopHitters struct {
	node
	N, Of, By Expr
}

// Sample is sample N.
type Sample struct {
	node
	Options Options
	N       Expr
}

// SampleDistinct is sample-distinct N of X.
type SampleDistinct struct {
	node
	Options Options
	N, Of   Expr
}

type topNestedGrammar struct {
	Levels []*topNestedLevelGrammar `parser:"@@ (',' @@)*"`
}

type topNestedLevelGrammar struct {
	Tokens []lexer.Token
	N      Expr            `parser:"'top-nested' @@?"`
	Of     Expr            `parser:"'of' @@"`
	Others Expr            `parser:"('with' 'others' '=' @@)?"`
	By     *sortKeyGrammar `parser:"'by' @@"`
}

type topHittersGrammar struct {
	N  Expr `parser:"'top-hitters' @@"`
	Of Expr `parser:"'of' @@"`
	By Expr `parser:"('by' @@)?"`
}

type sampleGrammar struct {
	Options []optionItem `parser:"'sample' @@*"`
	N       Expr         `parser:"@@"`
}

type sampleDistinctGrammar struct {
	Options []optionItem `parser:"'sample-distinct' @@*"`
	N       Expr         `parser:"@@"`
	Of      Expr         `parser:"'of' @@"`
}

func (g *topNestedGrammar) operator() Operator {
	op := &TopNested{}
	for _, v := range g.Levels {
		op.Levels = append(op.Levels, &TopNestedLevel{node{spanOf(v.Tokens)}, v.N, v.Of, v.Others, v.By.key()})
	}
	return op
}

func (g *topHittersGrammar) operator() Operator { return &TopHitters{N: g.N, Of: g.Of, By: g.By} }

func (g *sampleGrammar) operator() Operator { return &Sample{Options: optionsOf(g.Options), N: g.N} }

func (g *sampleDistinctGrammar) operator() Operator {
	return &SampleDistinct{Options: optionsOf(g.Options), N: g.N, Of: g.Of}
}

// Keyword implements Operator.
func (*TopNested) Keyword() string { return "top-nested" }

// Keyword implements Operator.
func (*TopHitters) Keyword() string { return "top-hitters" }

// Keyword implements Operator.
func (*Sample) Keyword() string { return "sample" }

// Keyword implements Operator.
func (*SampleDistinct) Keyword() string { return "sample-distinct" }

func init() {
	register[topNestedGrammar]("top-nested [Count] of Expression [with others=Value] by Aggregate [asc | desc], top-nested …",
		"Gives the top values of a column, for each of them the top values of the next, and so on.", "top-nested")
	register[topHittersGrammar]("top-hitters Count of Expression [by Weight]", "Gives the most frequent values, approximately.", "top-hitters")
	register[sampleGrammar]("sample Count", "Gives that many rows, picked at random.", "sample")
	register[sampleDistinctGrammar]("sample-distinct Count of Expression", "Gives that many different values of an expression.", "sample-distinct")
}
