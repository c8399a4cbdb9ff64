package parser

import "github.com/alecthomas/participle/v2/lexer"

const patternUsage = `usage: declare pattern Name = (Argument:string)[Path:string] { ("value").["path"] = { query }; }`

// pattern reads declare pattern Name [= (a:string, …)[path:string] { … }].
func (r *reader) pattern(l *lexer.PeekingLexer) (Statement, error) {
	l.Next()
	l.Next()
	s := &PatternDecl{}
	var err error
	if s.Name, err = r.needName(l, byItself, "the name of the pattern"); err != nil || !accept(l, "=") {
		return s, err
	}
	s.Defined = true
	open := l.Peek()
	if err = r.expect(l, "("); err != nil {
		return s, err
	}
	if err = r.commas(l, open, ")", false, func() error {
		c, err := r.columnDecl(l)
		s.Params = append(s.Params, c)
		return err
	}); err != nil {
		return s, err
	}
	if open = l.Peek(); accept(l, "[") {
		if s.Path, err = r.columnDecl(l); err != nil {
			return s, err
		}
		if err = r.close(l, open, "]"); err != nil {
			return s, err
		}
	}
	open = l.Peek()
	if err = r.expect(l, "{"); err != nil {
		return s, err
	}
	for !is(l.Peek(), "}") && !l.Peek().EOF() {
		m, err := r.patternMatch(l)
		s.Matches = append(s.Matches, m)
		if err != nil {
			return s, err
		}
	}
	if len(s.Matches) == 0 {
		return s, r.unexpected(l.Peek(), patternUsage, "'('")
	}
	return s, r.close(l, open, "}")
}

// patternMatch reads (value, …)[.[path]] = { query };.
func (r *reader) patternMatch(l *lexer.PeekingLexer) (*PatternMatch, error) {
	open := l.Peek()
	m := &PatternMatch{}
	if !accept(l, "(") {
		return m, r.unexpected(open, patternUsage, "'('")
	}
	err := r.commas(l, open, ")", false, func() error {
		x, err := r.value(l)
		m.Values = append(m.Values, x)
		return err
	})
	if err == nil && accept(l, ".") {
		m.Path, err = r.patternPath(l)
	}
	if err == nil {
		err = r.expect(l, "=")
	}
	if err == nil {
		m.Body, err = r.body(l)
	}
	m.SetSpan(r.from(l, start(open)))
	if err == nil {
		err = r.expect(l, ";")
	}
	return m, err
}

// patternPath reads ["path"].
func (r *reader) patternPath(l *lexer.PeekingLexer) (Expr, error) {
	open := l.Peek()
	if err := r.expect(l, "["); err != nil {
		return nil, err
	}
	x, err := r.signed(l)
	if err == nil {
		err = r.close(l, open, "]")
	}
	return x, err
}
