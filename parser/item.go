package parser

import (
	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Productions that grammars use besides Expr. Participle wants an interface
// for each; the operator's conversion unwraps them.
type (
	nameItem   interface{ name() *Name }
	properties interface{ list() Options }
	schemaItem interface{ decls() []*ColumnDecl }
	paramsItem interface{ params() []*Param }
	callItem   interface{ call() *Call }
	typeofItem interface{ typeof() *Typeof }
)

type (
	optionList []*Option
	declList   []*ColumnDecl
	paramList  []*Param
)

func (n *Name) name() *Name             { return n }
func (c *Call) call() *Call             { return c }
func (o optionList) list() Options      { return Options(o) }
func (d declList) decls() []*ColumnDecl { return d }
func (p paramList) params() []*Param    { return p }
func (r *reader) nameItem(l *lexer.PeekingLexer) (nameItem, error) {
	k := r.nameLen(l, 0)
	if k == 0 || reserved[l.Peek().Value] && !is(r.peek(l, k), "=") {
		return nil, r.unexpected(l.Peek(), "", "a name")
	}
	return r.name(l, k), nil
}

// properties reads (name=value, …).
func (r *reader) properties(l *lexer.PeekingLexer) (properties, error) {
	o, err := r.withOptions(l)
	return optionList(o), err
}

