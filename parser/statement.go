package parser

import "github.com/alecthomas/participle/v2/lexer"

// statementKeywords are the words that begin a statement.
var statementKeywords = []string{"alias", "declare", "let", "restrict", "set"}

// statement reads one statement; nil where nothing could be made of it.
func (r *reader) statement(l *lexer.PeekingLexer) Statement {
	t, next, first := l.Peek(), r.peek(l, 1), l.RawCursor()
	var s Statement
	var err error
	switch {
	case is(t, "let") && r.nameLen(l, 1, anyWord) > 0:
		s, err = r.let(l)
	case is(t, "set") && !is(next, "|") && !endsStage(next):
		s, err = r.set(l)
	case is(t, "alias") && is(next, "database"):
		s, err = r.alias(l)
	case is(t, "declare") && is(next, "pattern"):
		s, err = r.pattern(l)
	case is(t, "declare") && is(next, "query_parameters"):
		s, err = r.declare(l)
	case is(t, "restrict") && is(next, "access"):
		s, err = r.restrict(l)
	case t.Type == tPunct && !r.startsValue(l):
		err = r.note(t, codeLeftover, "begin with the name of a table", "expected a statement, found %s", show(t))
	default:
		x, e := r.tabular(l)
		if err = e; x != nil {
			s = &ExprStatement{X: x}
		}
	}
	if n, ok := s.(interface{ SetSpan(Span) }); ok {
		n.SetSpan(r.from(l, start(t)))
	}
	if err != nil {
		r.synchronise(l, first)
	}
	return s
}

func (r *reader) let(l *lexer.PeekingLexer) (Statement, error) {
	l.Next()
	s := &Let{}
	var err error
	if s.Name, err = r.needName(l, byItself, "a name"); err != nil {
		s.Name = &Name{}
		return s, err
	}
	err = r.expect(l, "=")
	if err != nil {
		return s, err
	}
	if r.startsFunction(l) {
		s.X, err = r.function(l)
	} else {
		s.X, err = r.tabular(l)
		if err == nil && is(l.Peek(), "{") {
			err = r.unexpected(l.Peek(), "a function is written (name:type, …) { … }", "';'")
		}
	}
	return s, err
}

func (r *reader) set(l *lexer.PeekingLexer) (Statement, error) {
	l.Next()
	s := &Set{}
	n, err := r.needName(l, byItself, "the name of an option")
	if err != nil {
		return s, err
	}
	s.Name = n.Name
	if accept(l, "=") {
		s.Value, err = r.value(l)
	}
	return s, err
}

func (r *reader) alias(l *lexer.PeekingLexer) (Statement, error) {
	l.Next()
	l.Next()
	s := &Alias{}
	var err error
	if s.Name, err = r.needName(l, byItself, "a name"); err != nil {
		return s, err
	}
	if err = r.expect(l, "="); err != nil {
		return s, err
	}
	s.X, err = r.value(l)
	return s, err
}

func (r *reader) declare(l *lexer.PeekingLexer) (Statement, error) {
	l.Next()
	l.Next()
	s := &Declare{}
	var err error
	s.Params, err = r.params(l)
	return s, err
}

func (r *reader) restrict(l *lexer.PeekingLexer) (Statement, error) {
	l.Next()
	l.Next()
	s := &Restrict{}
	if err := r.expect(l, "to"); err != nil {
		return s, err
	}
	open := l.Peek()
	if err := r.expect(l, "("); err != nil {
		return s, err
	}
	err := r.commas(l, open, ")", false, func() error {
		x, err := r.table(l)
		s.Entities = append(s.Entities, x)
		return err
	})
	if err == nil && accept(l, "with") {
		s.Options, err = r.withOptions(l)
	}
	return s, err
}
