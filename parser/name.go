package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// reserved are the few words that are no names where a value is wanted: the
// infix operators (expr.go adds them) and the words that most often stand where
// a value was forgotten, as in "where | where" or "a == and b".
var reserved = map[string]bool{
	"by": true, "of": true, "to": true, "as": true, "asc": true, "desc": true,
	"where": true, "print": true, "search": true, "union": true, "find": true, "invoke": true,
}

// isName reports whether t can be a name where a value is wanted: any word
// that is not reserved and has no dash.
func isName(t *lexer.Token) bool {
	return t.Type == tIdent && !reserved[t.Value] && strings.IndexByte(t.Value, '-') < 0
}

// isWord is isName without the exceptions, for places where no operator can
// stand: before = or : and after a dot.
func isWord(t *lexer.Token) bool {
	return t.Type == tIdent && strings.IndexByte(t.Value, '-') < 0 && strings.IndexByte(t.Value, '~') < 0
}

// nameLen is the number of tokens of the name that stands n tokens ahead, or 0.
func (r *reader) nameLen(l *lexer.PeekingLexer, n int) int {
	t := r.peek(l, n)
	switch {
	case isWord(t):
		return 1
	case is(t, "["):
		k := 1
		for r.peek(l, n+k).Type == tString {
			k++
		}
		if k > 1 && is(r.peek(l, n+k), "]") {
			return k + 1
		}
	case is(t, "{"):
		word, closing := r.peek(l, n+1), r.peek(l, n+2)
		if isWord(word) && is(closing, "}") && end(t) == start(word) && end(word) == start(closing) {
			return 3
		}
	}
	return 0
}

// name reads a name whose length nameLen has found.
func (r *reader) name(l *lexer.PeekingLexer, tokens int) *Name {
	first := l.Next()
	n := &Name{Name: first.Value}
	switch {
	case tokens == 1:
	case is(first, "["):
		n.Quoted = true
		n.Name = r.stringLiteral(l).Text
		l.Next()
	default:
		n.Client = true
		n.Name = l.Next().Value
		l.Next()
	}
	n.SetSpan(r.from(l, start(first)))
	return n
}

// needName reads a name or notes that wanted is missing.
func (r *reader) needName(l *lexer.PeekingLexer, wanted string) (*Name, error) {
	if k := r.nameLen(l, 0); k > 0 {
		return r.name(l, k), nil
	}
	return nil, r.missing(l.Peek(), "", wanted)
}

// wildcardLen is the number of tokens of a name pattern such as Prev* or *_x.
// Its parts stand next to each other.
func (r *reader) wildcardLen(l *lexer.PeekingLexer, n int) int {
	star, k := false, 0
	for {
		t := r.peek(l, n+k)
		part := is(t, "*") || isWord(t) || t.Type == tLong && k > 0
		if !part || k > 0 && end(r.peek(l, n+k-1)) != start(t) {
			break
		}
		star = star || is(t, "*")
		k++
	}
	if !star {
		return 0
	}
	return k
}

// wildcard reads a pattern whose length wildcardLen has found; * alone is a
// star.
func (r *reader) wildcard(l *lexer.PeekingLexer, tokens int) Expr {
	first := l.Next()
	pattern := first.Value
	for range tokens - 1 {
		pattern += l.Next().Value
	}
	if pattern == "*" {
		s := &Star{}
		s.SetSpan(span(first))
		return s
	}
	w := &Wildcard{Pattern: pattern}
	w.SetSpan(r.from(l, start(first)))
	return w
}

// column is a name or a pattern of names: what project-away takes.
type column interface{ Expr }

func (r *reader) column(l *lexer.PeekingLexer) (column, error) {
	if k := r.wildcardLen(l, 0); k > 0 {
		return r.wildcard(l, k), nil
	}
	if k := r.nameLen(l, 0); k > 1 || isName(l.Peek()) {
		return r.name(l, k), nil
	}
	return nil, r.missing(l.Peek(), r.wordHint(l.Peek()), "a column name")
}

func columns(cs []column) []Expr {
	out := make([]Expr, len(cs))
	for i, c := range cs {
		out[i] = c
	}
	return out
}
