package parser

import "github.com/alecthomas/participle/v2/lexer"

// Scan is scan [options] [order by X, …] [partition by X, …] [declare (a:long=0, …)]
// with (step …; …).
type Scan struct {
	node
	Options   Options
	Order     []*SortKey
	Partition []Expr
	Declare   []*Param
	Steps     []*ScanStep
}

// ScanStep is step Name [optional] [output=all|last|none]: Cond [=> Name = X, …];
type ScanStep struct {
	node
	Name     *Name
	Optional bool
	Output   string
	Cond     Expr
	Assign   []Expr // *Named
}

// Reduce is reduce [options] by X [with threshold=N, characters=S].
type Reduce struct {
	node
	Options Options // those of with too
	By      Expr
}

// MacroExpand is macro-expand [options] Entities [as Name] (statements).
type MacroExpand struct {
	node
	Options  Options
	Entities Expr
	As       *Name
	Body     *Query
}

type scanGrammar struct {
	Options   []optionItem       `parser:"'scan' @@*"`
	Order     []*sortKeyGrammar  `parser:"('order' 'by' @@ (',' @@)*)?"`
	Partition []Expr             `parser:"('partition' 'by' @@ (',' @@)*)?"`
	Declare   paramsItem         `parser:"('declare' @@)?"`
	Steps     []*scanStepGrammar `parser:"'with' '(' @@* ')'"`
}

type scanStepGrammar struct {
	Tokens   []lexer.Token
	Name     nameItem `parser:"'step' @@"`
	Optional bool     `parser:"@'optional'?"`
	Output   string   `parser:"('output' '=' @('all' | 'last' | 'none'))?"`
	Cond     Expr     `parser:"':' @@"`
	Assign   []Expr   `parser:"('=>' @@ (',' @@)*)? ';'"`
}

type reduceGrammar struct {
	Options []optionItem `parser:"'reduce' @@*"`
	By      Expr         `parser:"'by' @@"`
	With    []optionItem `parser:"('with' @@ (',' @@)*)?"`
}

type macroExpandGrammar struct {
	Options  []optionItem `parser:"'macro-expand' @@*"`
	Entities path         `parser:"@@"`
	As       nameItem     `parser:"('as' @@)?"`
	Body     block        `parser:"@@"`
}

// block is statements in brackets.
type block interface{ query() *Query }

func (q *Query) query() *Query { return q }

func (r *reader) block(l *lexer.PeekingLexer) (block, error) {
	q := &Query{Text: r.text}
	open := l.Peek()
	if err := r.expect(l, "("); err != nil {
		return q, err
	}
	for !is(l.Peek(), ")") && !l.Peek().EOF() {
		at := l.RawCursor()
		if s := r.statement(l); s != nil {
			q.Statements = append(q.Statements, s)
		}
		if !accept(l, ";") || l.RawCursor() == at {
			break
		}
	}
	return q, r.close(l, open, ")")
}

func (g *scanGrammar) operator() Operator {
	op := &Scan{Options: optionsOf(g.Options), Order: sortKeys(g.Order), Partition: g.Partition}
	if g.Declare != nil {
		op.Declare = g.Declare.params()
	}
	for _, s := range g.Steps {
		op.Steps = append(op.Steps, &ScanStep{node{spanOf(s.Tokens)}, nameOf(s.Name), s.Optional, s.Output, s.Cond, s.Assign})
	}
	return op
}

func (g *reduceGrammar) operator() Operator {
	return &Reduce{Options: append(optionsOf(g.Options), optionsOf(g.With)...), By: g.By}
}

func (g *macroExpandGrammar) operator() Operator {
	op := &MacroExpand{Options: optionsOf(g.Options), Entities: g.Entities, As: nameOf(g.As)}
	if g.Body != nil {
		op.Body = g.Body.query()
	}
	return op
}

func (o *Scan) check(r *reader) {
	for _, step := range o.Steps {
		for _, x := range step.Assign {
			if _, ok := x.(*Named); !ok {
				r.noteAt(x.Span(), false, codeExpected, "write => Name = Value", "a step assigns values to names")
			}
		}
	}
}

// Keyword implements Operator.
func (*Scan) Keyword() string { return "scan" }

// Keyword implements Operator.
func (*Reduce) Keyword() string { return "reduce" }

// Keyword implements Operator.
func (*MacroExpand) Keyword() string { return "macro-expand" }

func init() {
	register[scanGrammar]("scan [with_match_id=Name] [order by …] [partition by …] [declare (Name:Type=Value, …)] with (step Name [optional] [output=all|last|none]: Condition [=> Name = Value, …]; …)",
		"Finds sequences of rows by a series of steps.", "scan").options("kind", "with_match_id", "with_step_name")
	register[reduceGrammar]("reduce by Expression [with threshold=Number, characters=String]",
		"Groups texts that are alike and shows the pattern of each group.", "reduce").options("kind", "threshold", "characters")
	register[macroExpandGrammar]("macro-expand Entities as Name (Query)", "Runs a query for each database of an entity group.", "macro-expand").options("force_remote", "isfuzzy", "best_effort", "kind")
}
