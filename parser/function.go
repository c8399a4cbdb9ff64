package parser

import "github.com/alecthomas/participle/v2/lexer"

// startsFunction reports whether a function's parameters stand next: (), (*…
// or (name:….
func (r *reader) startsFunction(l *lexer.PeekingLexer) bool {
	n := 0
	if is(l.Peek(), "view") {
		n = 1
	}
	if !is(r.peek(l, n), "(") {
		return false
	}
	if next := r.peek(l, n+1); is(next, ")") || is(next, "*") {
		return true
	}
	k := r.nameLen(l, n+1, declared)
	return k > 0 && is(r.peek(l, n+1+k), ":")
}

// function reads [view] (a:long, …) { … }.
func (r *reader) function(l *lexer.PeekingLexer) (Expr, error) {
	begin := start(l.Peek())
	f := &Function{View: accept(l, "view")}
	var err error
	if f.Params, err = r.params(l); err == nil {
		f.Body, err = r.body(l)
	}
	f.SetSpan(r.from(l, begin))
	return f, err
}

// body reads { let …; expression }.
func (r *reader) body(l *lexer.PeekingLexer) (*Query, error) {
	q := &Query{Text: r.text}
	open := l.Peek()
	if err := r.expect(l, "{"); err != nil {
		return q, err
	}
	for !is(l.Peek(), "}") && !l.Peek().EOF() {
		at := l.RawCursor()
		if s := r.statement(l); s != nil {
			q.Statements = append(q.Statements, s)
		}
		if t := l.Peek(); !is(t, ";") && !is(t, "}") && !t.EOF() {
			r.unexpected(t, "", "';' or '}'")
			r.synchronise(l, at)
		}
		accept(l, ";")
		if l.RawCursor() == at {
			break
		}
	}
	return q, r.close(l, open, "}")
}

// params reads (name:type [= value], …).
func (r *reader) params(l *lexer.PeekingLexer) ([]*Param, error) {
	open := l.Peek()
	if err := r.expect(l, "("); err != nil {
		return nil, err
	}
	var out []*Param
	err := r.commas(l, open, ")", false, func() error {
		p, err := r.param(l)
		out = append(out, p)
		return err
	})
	return out, err
}

func (r *reader) param(l *lexer.PeekingLexer) (*Param, error) {
	begin := start(l.Peek())
	p := &Param{}
	var err error
	if p.Name, err = r.needName(l, declared, "the name of a parameter"); err != nil {
		return p, err
	}
	if err = r.expect(l, ":"); err != nil {
		return p, err
	}
	switch {
	case is(l.Peek(), "(") && is(r.peek(l, 1), "*"):
		open := l.Next()
		l.Next()
		p.AnyColumns = true
		err = r.close(l, open, ")")
	case is(l.Peek(), "("):
		p.Columns, err = r.schema(l)
	default:
		p.Type, err = r.typeName(l)
	}
	if err == nil && accept(l, "=") {
		p.Default, err = r.defaultValue(l)
	}
	p.SetSpan(r.from(l, begin))
	return p, err
}

// defaultValue reads a literal or a word.
func (r *reader) defaultValue(l *lexer.PeekingLexer) (Expr, error) {
	if t := l.Peek(); isWord(t, reference) && !is(r.peek(l, 1), "(") {
		return r.name(l, 1), nil
	}
	return r.signed(l)
}

// typeNames are the names of KQL's types and their aliases.
var typeNames = map[string]bool{
	"bool": true, "boolean": true, "date": true, "datetime": true, "decimal": true, "double": true, "dynamic": true,
	"guid": true, "int": true, "int32": true, "int64": true, "int8": true, "long": true, "real": true, "string": true,
	"time": true, "timespan": true, "uniqueid": true, "uuid": true, "float": true, "int16": true, "uint": true,
	"uint8": true, "uint16": true, "uint32": true, "uint64": true, "ulong": true, "byte": true, "char": true,
}

func (r *reader) typeName(l *lexer.PeekingLexer) (string, error) {
	t := l.Peek()
	if t.Type != tIdent {
		return "", r.missing(t, typeHint, "a type")
	}
	if !typeNames[t.Value] {
		return "", r.note(t, codeMissing, typeHint, "%q is not a type", t.Value)
	}
	return l.Next().Value, nil
}

const typeHint = "types are bool, int, long, real, decimal, string, datetime, timespan, guid, dynamic"

// schema reads (name:type, …).
func (r *reader) schema(l *lexer.PeekingLexer) ([]*ColumnDecl, error) {
	open := l.Peek()
	if err := r.expect(l, "("); err != nil {
		return nil, err
	}
	accept(l, ",")
	var out []*ColumnDecl
	err := r.commas(l, open, ")", true, func() error {
		if t := l.Peek(); t.Type == tPunct && r.nameLen(l, 0, declared) == 0 {
			return r.unexpected(t, "", "a column name or ')'")
		}
		c, err := r.columnDecl(l)
		out = append(out, c)
		return err
	})
	return out, err
}

func (r *reader) columnDecl(l *lexer.PeekingLexer) (*ColumnDecl, error) {
	begin := start(l.Peek())
	c := &ColumnDecl{}
	var err error
	if c.Name, err = r.needName(l, declared, "a column name"); err == nil {
		if err = r.expect(l, ":"); err == nil {
			c.Type, err = r.typeName(l)
		}
	}
	c.SetSpan(r.from(l, begin))
	return c, err
}
