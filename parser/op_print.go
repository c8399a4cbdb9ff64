package parser

// Print is print [Name =] X, ….
type Print struct {
	node
	Columns []Expr `parser:"'print' @@ (',' @@)*"`
}

// Range is range Name from X to X step X.
type Range struct {
	node
	Name           *Name
	From, To, Step Expr
}

type rangeGrammar struct {
	Name nameItem `parser:"'range' @@"`
	From Expr     `parser:"'from' @@"`
	To   Expr     `parser:"'to' @@"`
	Step Expr     `parser:"'step' @@"`
}

func (g *rangeGrammar) operator() Operator {
	return &Range{Name: nameOf(g.Name), From: g.From, To: g.To, Step: g.Step}
}

func (o *Range) check(r *reader) {
	r.noAssignment(o.From)
	r.noAssignment(o.To)
	r.noAssignment(o.Step)
}

// Keyword implements Operator.
func (*Print) Keyword() string { return "print" }

// Keyword implements Operator.
func (*Range) Keyword() string { return "range" }

func init() {
	register[Print]("print [Name =] Expression, …", "Gives one row of computed values.", "print")
	register[rangeGrammar]("range Name from Start to Stop step Step", "Gives a table of one column with evenly spaced values.", "range")
}
