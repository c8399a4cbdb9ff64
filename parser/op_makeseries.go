package parser

import "github.com/alecthomas/participle/v2/lexer"

// MakeSeries is make-series [Name =] Aggregate [default=X], … on Axis from X to X
// step X [by [Name =] X, …]. The old form in range(from, to, step) fills the same
// fields.
type MakeSeries struct {
	node
	Options        Options
	Aggregates     []*SeriesColumn
	On             Expr
	From, To, Step Expr // From and To may be nil
	// InRange tells the old form, in which To belongs to the series.
	InRange bool
	By      []Expr
}

// SeriesColumn is an aggregate of make-series.
type SeriesColumn struct {
	node
	X       Expr // *Named or bare
	Default Expr
}

type makeSeriesGrammar struct {
	Options    []optionItem     `parser:"'make-series' @@*"`
	Aggregates []*seriesGrammar `parser:"@@ (',' @@)*"`
	On         Expr             `parser:"'on' @@"`
	Range      []Expr           `parser:"( 'in' 'range' '(' @@ (',' @@)* ')'"`
	From       Expr             `parser:"| ('from' @@)?"`
	To         Expr             `parser:"  ('to' @@)?"`
	Step       Expr             `parser:"  'step' @@ )"`
	By         []Expr           `parser:"('by' @@ (',' @@)*)?"`
}

type seriesGrammar struct {
	Tokens  []lexer.Token
	X       Expr `parser:"@@"`
	Default Expr `parser:"('default' '=' @@)?"`
}

func (g *makeSeriesGrammar) operator() Operator {
	op := &MakeSeries{Options: optionsOf(g.Options), On: g.On, From: g.From, To: g.To, Step: g.Step, By: g.By}
	for _, a := range g.Aggregates {
		op.Aggregates = append(op.Aggregates, &SeriesColumn{node{spanOf(a.Tokens)}, a.X, a.Default})
	}
	if len(g.Range) > 0 {
		op.InRange = true
		for i, to := range []*Expr{&op.From, &op.To, &op.Step} {
			if i < len(g.Range) {
				*to = g.Range[i]
			}
		}
	}
	return op
}

// Keyword implements Operator.
func (*MakeSeries) Keyword() string { return "make-series" }

func init() {
	register[makeSeriesGrammar]("make-series [Name =] Aggregate [default=Value], … on Axis [from Start] [to End] step Step [by Expression, …]",
		"Gives series of aggregates over an axis of evenly spaced values.", "make-series").options("kind")
}
