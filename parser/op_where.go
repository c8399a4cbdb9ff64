package parser

// Where is where Cond (also filter).
type Where struct {
	node
	Options Options
	Cond    Expr
}

type whereGrammar struct {
	Options []hintItem `parser:"('where' | 'filter') @@*"`
	Cond    Expr       `parser:"@@"`
}

// Keyword implements Operator.
func (*Where) Keyword() string { return "where" }

func (g *whereGrammar) operator() Operator { return &Where{Options: hintsOf(g.Options), Cond: g.Cond} }

func (o *Where) check(r *reader) { r.noAssignment(o.Cond) }

// noAssignment notes a = where == is meant.
func (r *reader) noAssignment(x Expr) {
	n, ok := x.(*Named)
	if !ok || len(n.Names) == 0 {
		return
	}
	at := Span{n.Names[len(n.Names)-1].Span().End, n.Span().End}
	for i := at.Start; i < at.End; i++ {
		if r.text[i] == '=' {
			at = Span{i, i + 1}
			break
		}
	}
	r.noteAt(at, false, "values are compared with ==", "'=' names a value; it does not compare")
}

func init() {
	register[whereGrammar]("where Condition", "Keeps the rows for which the condition is true.", "where", "filter")
}
