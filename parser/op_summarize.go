package parser

// Summarize is summarize [Name =] Aggregate, … [by [Name =] X, …].
type Summarize struct {
	node
	Options    Options
	Aggregates []Expr
	By         []Expr
	Bin        Expr // of the old form: by Timestamp bin=1h
}

type summarizeGrammar struct {
	Options    []optionItem `parser:"'summarize' @@*"`
	Aggregates []Expr       `parser:"(@@ (',' @@)*)?"`
	By         []Expr       `parser:"('by' @@ (',' @@)*"`
	Bin        Expr         `parser:"('bin' '=' @@)?)?"`
}

// Distinct is distinct X, … or distinct *.
type Distinct struct {
	node
	Options Options
	Columns []Expr
}

type distinctGrammar struct {
	Options []optionItem `parser:"'distinct' @@*"`
	Columns []Expr       `parser:"@@ (',' @@)*"`
}

// Count is count [as Name].
type Count struct {
	node
	As *Name
}

type countGrammar struct {
	Keyword string   `parser:"@'count'"`
	As      nameItem `parser:"('as' @@)?"`
}

// Keyword implements Operator.
func (*Summarize) Keyword() string { return "summarize" }

// Keyword implements Operator.
func (*Distinct) Keyword() string { return "distinct" }

// Keyword implements Operator.
func (*Count) Keyword() string { return "count" }

func (g *summarizeGrammar) operator() Operator {
	return &Summarize{Options: optionsOf(g.Options), Aggregates: g.Aggregates, By: g.By, Bin: g.Bin}
}

func (g *distinctGrammar) operator() Operator {
	return &Distinct{Options: optionsOf(g.Options), Columns: g.Columns}
}

func (g *countGrammar) operator() Operator { return &Count{As: nameOf(g.As)} }

func init() {
	register[summarizeGrammar]("summarize [Name =] Aggregate, … [by [Name =] Expression, …]",
		"Computes aggregates for each group of rows.", "summarize").options("bin_legacy")
	register[distinctGrammar]("distinct Column, … | *", "Gives each combination of values once.", "distinct")
	register[countGrammar]("count [as Name]", "Counts the rows.", "count")
}
