package parser

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// Parse reads a text: statements separated by semicolons, or one management
// command. It returns as much of the tree as it could read together with
// everything that is wrong; see Errors.Fatal. It never panics.
func Parse(text string) (*Query, Errors) {
	q := &Query{Text: text}
	r, l := newReader(text)
	defer r.release()
	if first := l.Peek(); is(first, ".") && end(first) == start(r.peek(l, 1)) && isWord(r.peek(l, 1), anyWord) {
		c := &Command{Text: strings.TrimSpace(text[start(first):])}
		c.SetSpan(Span{start(first), start(first) + len(c.Text)})
		q.Statements = []Statement{c}
		return q, nil
	}
	q.Statements = r.statements(l)
	return q, tidy(r.errs)
}

// tidy sorts the errors by place and keeps the first of several at one.
func tidy(es Errors) Errors {
	slices.SortStableFunc(es, func(a, b *Error) int { return a.Span.Start - b.Span.Start })
	return slices.CompactFunc(es, func(a, b *Error) bool {
		return a.Span.Start == b.Span.Start && a.Severity == b.Severity
	})
}

// Incomplete reports whether all that is wrong with a text is that it stops
// too early, so that a prompt should wait for more of it.
func Incomplete(es Errors) bool {
	found := false
	for _, e := range es {
		if e.Severity == SeverityError {
			if !e.atEnd {
				return false
			}
			found = true
		}
	}
	return found
}

// statements reads up to the end of the text or to a closing bracket of the
// block they are in.
func (r *reader) statements(l *lexer.PeekingLexer) []Statement {
	var out []Statement
	for {
		t := l.Peek()
		switch {
		case t.EOF():
			return out
		case is(t, ";"):
			if len(out) == 0 || is(r.peek(l, -1), ";") {
				r.note(t, codeLeftover, "", "there is no statement before this ';'")
			}
			l.Next()
			continue
		}
		at := l.RawCursor()
		if s := r.statement(l); s != nil {
			out = append(out, s)
		}
		r.endStatement(l, out)
		if l.RawCursor() == at { // nothing could be read here
			l.Next()
		}
	}
}

// endStatement sees to it that ; or the end follows.
func (r *reader) endStatement(l *lexer.PeekingLexer, read []Statement) {
	t := l.Peek()
	if t.EOF() || is(t, ";") {
		return
	}
	switch {
	case t.Type == tInvalid:
		r.invalid(t)
	case t.Type == tPunct && strings.Contains(")]}", t.Value):
		r.note(t, codeLeftover, "", "'%s' closes nothing", t.Value)
	case t.Type == tIdent && operators[t.Value] != nil:
		r.note(t, leftoverCode(t), "put '|' before "+t.Value, "unexpected %s", show(t))
	case isWord(t, reference):
		r.note(t, leftoverCode(t), "statements are separated by ';', operators by '|'", "unexpected %s", show(t))
	default:
		r.note(t, leftoverCode(t), "", "unexpected %s", show(t))
	}
	first := l.RawCursor()
	l.Next()
	r.synchronise(l, first)
	if !is(l.Peek(), "|") {
		return
	}
	// Read on, for the errors of the stages that follow.
	p := &Pipeline{}
	r.stages(l, p)
	if n := len(read); n > 0 && len(p.Ops) > 0 {
		if s, ok := read[n-1].(*ExprStatement); ok {
			if whole, ok := s.X.(*Pipeline); ok {
				whole.Ops = append(whole.Ops, p.Ops...)
			} else if s.X != nil {
				p.Source = s.X
				p.SetSpan(r.from(l, s.Span().Start))
				s.X = p
			}
		}
	}
	r.endStatement(l, nil)
}
