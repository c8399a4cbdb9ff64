package parser

import (
	"github.com/alecthomas/participle/v2/lexer"
)

// operand reads an operand with its sign, if it has one.
func (r *reader) operand(l *lexer.PeekingLexer) (Expr, error) {
	t := l.Peek()
	switch {
	case is(t, "-") || is(t, "+"):
		l.Next()
		x, err := r.postfix(l)
		u := &Unary{Op: t.Value, X: x}
		u.SetSpan(r.from(l, start(t)))
		return u, err
	case is(t, "*"):
		return r.star(l)
	}
	return r.postfix(l)
}

// starIsOperand reports whether the * that stands next means any column, as in
// * has "x" and * == "x".
func (r *reader) starIsOperand(l *lexer.PeekingLexer) bool {
	op, k := r.operatorAt(l, 1)
	return k > 0 && op.level == stringLevel || is(r.peek(l, 1), "==")
}

// star reads * as an operand, alone in distinct * and search *.
func (r *reader) star(l *lexer.PeekingLexer) (Expr, error) {
	t := l.Peek()
	op, k := r.operatorAt(l, 1)
	alone := k == 0 || op.level <= andLevel
	if !r.starIsOperand(l) && !(alone && (r.keyword == "distinct" || r.keyword == "search")) {
		return nil, r.missing(t, "", "an expression")
	}
	l.Next()
	s := &Star{}
	s.SetSpan(span(t))
	return s, nil
}

// postfix reads a primary and the members and elements taken from it.
func (r *reader) postfix(l *lexer.PeekingLexer) (Expr, error) {
	begin := start(l.Peek())
	x, err := r.primary(l)
	for err == nil {
		switch t := l.Peek(); {
		case is(t, "."):
			l.Next()
			x, err = r.member(l, x, begin)
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

// member reads what follows a dot: a name, a name in brackets, or a call as in
// cluster("c").database("d").
func (r *reader) member(l *lexer.PeekingLexer, x Expr, begin int) (Expr, error) {
	k := r.nameLen(l, 0, reference)
	if k == 0 && is(l.Peek(), "[") {
		open := l.Next()
		i := &Index{X: x}
		var err error
		if i.Index, err = r.value(l); err == nil {
			err = r.close(l, open, "]")
		}
		i.SetSpan(r.from(l, begin))
		return i, err
	}
	if k == 0 {
		return x, r.missing(l.Peek(), wordHint(l.Peek()), "a name after '.'")
	}
	name := r.name(l, k)
	if is(l.Peek(), "(") {
		c := &Call{Receiver: x, Name: name}
		err := r.arguments(l, c)
		c.SetSpan(r.from(l, begin))
		return c, err
	}
	p := &Path{X: x, Member: name}
	p.SetSpan(r.from(l, begin))
	return p, nil
}

func (r *reader) primary(l *lexer.PeekingLexer) (Expr, error) {
	t := l.Peek()
	if lit := r.literal(l); lit != nil {
		return lit, nil
	}
	switch {
	case t.Type == tInvalid:
		return nil, r.invalid(t)
	case is(t, "("):
		l.Next()
		x, err := r.tabular(l)
		if err == nil {
			err = r.close(l, t, ")")
		}
		return x, err
	case is(t, "@"):
		l.Next()
		n := &Name{Name: "@"}
		n.SetSpan(span(t))
		return n, nil
	}
	k := r.nameLen(l, 0, anyWord)
	if is(t, "[") && k == 0 {
		if n := r.wildcardLen(l, 1); n > 0 && is(r.peek(l, 1+n), "]") {
			l.Next()
			x := r.wildcard(l, n)
			l.Next()
			return x, nil
		}
		return r.computedName(l)
	}
	if t.Type == tIdent {
		if special := r.special(l, t); special != nil {
			return special(l)
		}
	}
	if k == 0 || k == 1 && !isWord(t, reference) && !r.isTypedCall(l) {
		return nil, r.missing(t, wordHint(t), "an expression")
	}
	name := r.name(l, k)
	if !is(l.Peek(), "(") {
		return name, nil
	}
	c := &Call{Name: name}
	err := r.arguments(l, c)
	c.SetSpan(r.from(l, name.Span().Start))
	return c, err
}

// computedName reads [X], where X is more than a text. It is no name, but that
// is for the binder to say.
func (r *reader) computedName(l *lexer.PeekingLexer) (Expr, error) {
	open := l.Next()
	if !r.startsValue(l) {
		return nil, r.missing(l.Peek(), listHint, "a name in quotes after '['")
	}
	n := &ComputedName{}
	var err error
	if n.X, err = r.value(l); err == nil && !accept(l, "]") {
		err = r.unexpected(l.Peek(), listHint, "']'")
	}
	n.SetSpan(r.from(l, start(open)))
	return n, err
}

const listHint = "a list of values is written dynamic([…])"

// isTypedCall reports whether a call of a function that is called as a type
// stands next: int("1"), where what is in the brackets is no literal.
func (r *reader) isTypedCall(l *lexer.PeekingLexer) bool {
	_, ok := typedLiterals[l.Peek().Value]
	return ok && is(r.peek(l, 1), "(")
}

// wordHint explains why a word such as has is not taken as a column.
func wordHint(t *lexer.Token) string {
	if t.Type == tIdent && isKeyword(t.Value) {
		return "a column of that name is written ['" + t.Value + "']"
	}
	return ""
}

// special is the reader of the words that begin something other than a name or
// a call.
func (r *reader) special(l *lexer.PeekingLexer, t *lexer.Token) func(*lexer.PeekingLexer) (Expr, error) {
	next := r.peek(l, 1)
	open := is(next, "(")
	switch t.Value {
	case "dynamic":
		if open {
			return r.dynamic
		}
	case "typeof":
		if open {
			return r.typeof
		}
	case "datatable":
		if open || is(next, "hint") {
			return r.datatable
		}
	case "externaldata", "external_data":
		if open {
			return r.externaldata
		}
	case "toscalar", "totable", "materialize":
		if open || is(next, "kind") {
			return r.pipelineCall
		}
	case "entity_group":
		if is(next, "[") {
			return r.entityGroup
		}
	case "__contextual_datatable":
		return r.contextual
	}
	return nil
}

// pipelineCall reads toscalar(…), totable(…) and materialize(…), whose argument
// is a pipeline.
func (r *reader) pipelineCall(l *lexer.PeekingLexer) (Expr, error) {
	c := &Call{Name: r.name(l, 1)}
	if is(l.Peek(), "kind") { // toscalar kind=nooptimization (…)
		l.Next()
		if err := r.expect(l, "="); err != nil {
			return c, err
		}
		l.Next()
	}
	open := l.Peek()
	if err := r.expect(l, "("); err != nil {
		return c, err
	}
	x, err := r.tabular(l)
	c.Args = []Expr{x}
	if err == nil {
		err = r.close(l, open, ")")
	}
	c.SetSpan(r.from(l, c.Name.Span().Start))
	return c, err
}

// arguments reads the bracketed arguments of a call.
func (r *reader) arguments(l *lexer.PeekingLexer, c *Call) error {
	open := l.Next()
	return r.commas(l, open, ")", false, func() error {
		t := l.Peek()
		if next := r.peek(l, 1); is(t, "*") && (is(next, ")") || is(next, ",")) {
			s := &Star{}
			s.SetSpan(span(l.Next()))
			c.Args = append(c.Args, s)
			return nil
		}
		x, err := r.named(l)
		if x == nil && err == nil {
			if !r.startsValue(l) {
				code := codeExpected // the bracket that closes
				if len(c.Args) > 0 || isKeyword(t.Value) {
					code = codeMissing
				}
				return r.wanted(t, code, wordHint(t), "an argument of "+c.Name.Name+"()")
			}
			x, err = r.value(l)
		}
		c.Args = append(c.Args, x)
		return err
	})
}
