package parser

import "github.com/alecthomas/participle/v2/lexer"

// Partition is partition [options] by X (operator | …), or { T | … } for the old
// form with a whole query; also __partitionby.
type Partition struct {
	node
	Options Options
	By      Expr
	Scope   Expr // of by X in (…); nil where absent
	Body    Expr // *Pipeline
	ID      Expr // of __partitionby X id S; nil where absent
	Legacy  bool // { … }: a whole query, not operators
}

// Fork is fork [Name =] (operator | …) …: several results of the same rows.
type Fork struct {
	node
	Branches []*ForkBranch
}

// ForkBranch is one branch of fork.
type ForkBranch struct {
	node
	Name *Name // nil where not named
	Body Expr
}

// Facet is facet by X, … [with (operator | …)].
type Facet struct {
	node
	By   []Expr
	With Expr // nil where absent
}

type partitionGrammar struct {
	Options []optionItem `parser:"'partition' @@*"`
	By      path         `parser:"'by' @@"`
	Scope   Expr         `parser:"('in' @@)?"`
	Body    subquery     `parser:"( (?= '(') @@"`
	Legacy  legacyQuery  `parser:"| @@ )"`
}

type partitionByGrammar struct {
	Options []optionItem `parser:"'__partitionby' @@*"`
	By      path         `parser:"@@"`
	ID      constant     `parser:"('id' @@)?"`
	Body    subquery     `parser:"@@"`
}

type forkGrammar struct {
	Branches []*forkBranchGrammar `parser:"'fork' @@+"`
}

type forkBranchGrammar struct {
	Tokens []lexer.Token
	Name   nameItem `parser:"((?= Ident | '[') @@ '=')?"`
	Body   subquery `parser:"(?= '(') @@"`
}

type facetGrammar struct {
	By   []path    `parser:"'facet' 'by' @@ (',' @@)*"`
	With facetBody `parser:"('with' @@)?"`
}

// path is a column, or a member of a dynamic one, that is not called.
type path interface{ Expr }

func (r *reader) path(l *lexer.PeekingLexer) (path, error) {
	begin := start(l.Peek())
	if is(l.Peek(), "entity_group") && is(r.peek(l, 1), "[") {
		return r.entityGroup(l)
	}
	n, err := r.needName(l, reference, "a column name")
	if err != nil {
		return nil, err
	}
	var x Expr = n
	for err == nil {
		switch t := l.Peek(); {
		case is(t, "."):
			l.Next()
			var m *Name
			m, err = r.needName(l, reference, "a name after '.'")
			x = &Path{node{r.from(l, begin)}, x, m}
		case is(t, "["):
			l.Next()
			i := &Index{X: x}
			if i.Index, err = r.value(l); err == nil {
				err = r.close(l, t, "]")
			}
			i.SetSpan(r.from(l, begin))
			x = i
		default:
			return x, nil
		}
	}
	return x, err
}

// legacyQuery is { T | … }.
type legacyQuery interface{ Expr }

func (r *reader) legacyQuery(l *lexer.PeekingLexer) (legacyQuery, error) {
	open := l.Peek()
	if !is(open, "{") {
		return nil, r.unexpected(open, "", "'(' and a subquery")
	}
	l.Next()
	x, err := r.tabular(l)
	if err == nil {
		err = r.close(l, open, "}")
	}
	return x, err
}

// facetBody is one operator, or several in brackets.
type facetBody interface{ Expr }

func (r *reader) facetBody(l *lexer.PeekingLexer) (facetBody, error) {
	t := l.Peek()
	if is(t, "(") {
		return r.subquery(l)
	}
	p := &Pipeline{}
	r.stage(l, p)
	p.SetSpan(r.from(l, start(t)))
	return p, nil
}

func (g *partitionGrammar) operator() Operator {
	op := &Partition{Options: optionsOf(g.Options), By: g.By, Scope: g.Scope, Body: g.Body}
	if g.Legacy != nil {
		op.Body, op.Legacy = g.Legacy, true
	}
	return op
}

func (g *partitionByGrammar) operator() Operator {
	op := &Partition{Options: optionsOf(g.Options), By: g.By, Body: g.Body}
	if g.ID != nil {
		op.ID = g.ID
	}
	return op
}

func (g *forkGrammar) operator() Operator {
	op := &Fork{}
	for _, b := range g.Branches {
		op.Branches = append(op.Branches, &ForkBranch{node{spanOf(b.Tokens)}, nameOf(b.Name), b.Body})
	}
	return op
}

func (g *facetGrammar) operator() Operator {
	op := &Facet{With: g.With}
	for _, x := range g.By {
		op.By = append(op.By, x)
	}
	return op
}

// Keyword implements Operator.
func (*Partition) Keyword() string { return "partition" }

// Keyword implements Operator.
func (*Fork) Keyword() string { return "fork" }

// Keyword implements Operator.
func (*Facet) Keyword() string { return "facet" }

func init() {
	register[partitionGrammar]("partition [hint.strategy=native] by Column (Operator | …)",
		"Runs operators on the rows of each value of a column by themselves.", "partition")
	register[partitionByGrammar]("__partitionby Column (Operator | …)", "Another name of partition by.", "__partitionby")
	register[forkGrammar]("fork [Name =] (Operator | …) [Name =] (Operator | …) …", "Gives several results of the same rows.", "fork")
	register[facetGrammar]("facet by Column, … [with (Operator | …)]", "Counts the values of each column, a table for each.", "facet")
}
