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
	if k := r.nameLen(l, 0, declared); k > 0 && (is(r.peek(l, k), "=") || is(r.peek(l, k), ":")) {
		return r.name(l, k), nil
	}
	n, err := r.needName(l, byItself, "a name")
	if n == nil {
		return nil, err
	}
	return n, nil
}

// properties reads (name=value, …).
func (r *reader) properties(l *lexer.PeekingLexer) (properties, error) {
	o, err := r.withOptions(l)
	return optionList(o), err
}

// schemaItem reads (name:type, …).
func (r *reader) schemaItem(l *lexer.PeekingLexer) (schemaItem, error) {
	d, err := r.schema(l)
	return declList(d), err
}

func (r *reader) paramsItem(l *lexer.PeekingLexer) (paramsItem, error) {
	p, err := r.params(l)
	return paramList(p), err
}

// callItem reads a call, as after evaluate and invoke.
func (r *reader) callItem(l *lexer.PeekingLexer) (callItem, error) {
	k := r.nameLen(l, 0, anyWord)
	if k == 0 {
		return nil, participle.NextMatch
	}
	if !is(r.peek(l, k), "(") {
		return nil, r.unexpected(r.peek(l, k), "", "'(' after "+l.Peek().Value)
	}
	begin := start(l.Peek())
	c := &Call{Name: r.name(l, k)}
	err := r.arguments(l, c)
	c.SetSpan(r.from(l, begin))
	for err == nil && is(l.Peek(), ".") { // invoke database("d").f()
		l.Next()
		var x Expr
		x, err = r.member(l, c, begin)
		inner, ok := x.(*Call)
		if err == nil && !ok {
			return c, r.unexpected(l.Peek(), "", "'('")
		}
		if ok {
			c = inner
		}
	}
	return c, err
}

// nameOf unwraps a name that may be absent.
func nameOf(n nameItem) *Name {
	if n == nil {
		return nil
	}
	return n.name()
}

func declsOf(s schemaItem) []*ColumnDecl {
	if s == nil {
		return nil
	}
	return s.decls()
}

func (t *Typeof) typeof() *Typeof { return t }

func (r *reader) typeofItem(l *lexer.PeekingLexer) (typeofItem, error) {
	if t := l.Peek(); !is(t, "typeof") {
		return nil, r.missing(t, "write to typeof(long)", "typeof(…)")
	}
	x, err := r.typeof(l)
	return x.(*Typeof), err
}
