package parser

import (
	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// ParseOperator is parse [kind=simple|regex|relaxed] [flags=F] X with piece piece …; also
// parse-where, which drops the rows that do not match.
type ParseOperator struct {
	node
	Options Options
	X       Expr
	Pattern []*ParsePiece
	Where   bool // parse-where
}

// ParsePiece is a piece of parse's pattern: exactly one of a star, a text and a
// column is given.
type ParsePiece struct {
	node
	Star bool
	Text *Literal
	Name *Name
	Type string // of the column; "" means string
}

// ParseKV is parse-kv X as (a:long, …) with (pair_delimiter=…, …).
type ParseKV struct {
	node
	X       Expr
	Columns []*ColumnDecl
	Options Options
}

type parseGrammar struct {
	Where   bool         `parser:"('parse' | @'parse-where')"`
	Options []optionItem `parser:"@@*"`
	X       Expr         `parser:"@@"`
	Pattern []parsePiece `parser:"'with' @@*"`
}

type parseKVGrammar struct {
	X       Expr       `parser:"'parse-kv' @@"`
	Columns schemaItem `parser:"'as' @@"`
	With    properties `parser:"('with' @@)?"`
}

type parsePiece interface{ piece() *ParsePiece }

func (p *ParsePiece) piece() *ParsePiece { return p }

func (r *reader) parsePiece(l *lexer.PeekingLexer) (parsePiece, error) {
	t := l.Peek()
	p := &ParsePiece{}
	switch k := r.nameLen(l, 0, declared); {
	case t.Type == tString:
		p.Text = r.stringLiteral(l)
	case is(t, "*"):
		l.Next()
		p.Star = true
	case k > 0:
		p.Name = r.name(l, k)
		if accept(l, ":") {
			var err error
			if p.Type, err = r.typeName(l); err != nil {
				return p, err
			}
		}
	default:
		return nil, participle.NextMatch
	}
	p.SetSpan(r.from(l, start(t)))
	return p, nil
}

func (g *parseGrammar) operator() Operator {
	op := &ParseOperator{Options: optionsOf(g.Options), X: g.X, Where: g.Where}
	for _, p := range g.Pattern {
		op.Pattern = append(op.Pattern, p.piece())
	}
	return op
}

func (g *parseKVGrammar) operator() Operator {
	op := &ParseKV{X: g.X, Columns: declsOf(g.Columns)}
	if g.With != nil {
		op.Options = g.With.list()
	}
	return op
}

// Keyword implements Operator.
func (o *ParseOperator) Keyword() string {
	if o.Where {
		return "parse-where"
	}
	return "parse"
}

// Keyword implements Operator.
func (*ParseKV) Keyword() string { return "parse-kv" }

func init() {
	register[parseGrammar](`parse [kind=simple|regex|relaxed] Expression with * "text" Column[:Type] …`,
		"Takes columns out of a text by a pattern.", "parse").options("kind", "flags")
	register[parseGrammar](`parse-where [kind=simple|regex|relaxed] Expression with * "text" Column[:Type] …`,
		"Takes columns out of a text by a pattern and drops the rows that do not match.", "parse-where").options("kind", "flags")
	register[parseKVGrammar]("parse-kv Expression as (Column:Type, …) [with (pair_delimiter=…, kv_delimiter=…)]",
		"Takes columns out of a text of keys and values.", "parse-kv")
}
