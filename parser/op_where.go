package parser

import "strings"

// Where is where Cond (also filter).
type Where struct {
	node
	Options Options
	Cond    Expr
}

type whereGrammar struct {
	Options []optionItem `parser:"('where' | 'filter') @@*"`
	Cond    Expr         `parser:"@@"`
}

// Keyword implements Operator.
func (*Where) Keyword() string { return "where" }

func (g *whereGrammar) operator() Operator {
	return &Where{Options: optionsOf(g.Options), Cond: g.Cond}
}

// check warns of where a = b: Kusto takes b for the condition and a for a name
// that nobody sees.
func (o *Where) check(r *reader) {
	if n, ok := o.Cond.(*Named); ok {
		r.noAssignment(n)
		r.errs[len(r.errs)-1].Severity = SeverityWarning
		o.Cond = n.X
	}
}

// noAssignment notes a = where == is meant.
func (r *reader) noAssignment(x Expr) {
	n, ok := x.(*Named)
	if !ok {
		return
	}
	at := n.Names[len(n.Names)-1].Span().End
	at += strings.IndexByte(r.text[at:], '=')
	r.noteAt(Span{at, at + 1}, false, codeLeftover, "values are compared with ==", "'=' gives a name here, it does not compare")
}

func init() {
	register[whereGrammar]("where Condition", "Keeps the rows for which the condition is true.", "where", "filter")
}
