package parser

import (
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"tidemark/internal/near"
)

// openers are the operators that a pipeline may begin with whatever follows.
// The others are names there: count | take 1 reads the table count.
var openers = map[string]bool{}

func init() {
	for _, k := range strings.Fields(`as assert-schema consume find graph-mark-components graph-match graph-shortest-paths
		graph-to-table graph-where-edges graph-where-nodes invoke macro-expand make-graph make-series mv-apply mv-expand
		parse-kv parse-where print project project-away project-by-names project-keep project-rename project-reorder
		sample sample-distinct search top-hitters top-nested union where`) {
		openers[k] = true
	}
}

// startsOperator reports whether a pipeline begins with an operator here.
func (r *reader) startsOperator(l *lexer.PeekingLexer) bool {
	t := l.Peek()
	if t.Type != tIdent {
		return false
	}
	next := r.peek(l, 1)
	switch t.Value {
	case "evaluate":
		return r.nameLen(l, 1, anyWord) > 0
	case "facet":
		return is(next, "by")
	case "partition", "reduce":
		return is(next, "by") || is(next, "hint") || is(r.peek(l, 2), "=") && isWord(next, anyWord)
	case "range":
		k := r.nameLen(l, 1, anyWord)
		return k > 0 && is(r.peek(l, 1+k), "from")
	case "render":
		return isWord(next, anyWord)
	}
	return openers[t.Value]
}

// tabular reads an expression or a pipeline.
func (r *reader) tabular(l *lexer.PeekingLexer) (Expr, error) {
	begin := start(l.Peek())
	p := &Pipeline{}
	if r.startsOperator(l) {
		r.stage(l, p)
	} else {
		x, err := r.value(l)
		if err != nil || !is(l.Peek(), "|") {
			return x, err
		}
		p.Source = x
	}
	r.stages(l, p)
	p.SetSpan(r.from(l, begin))
	return p, nil
}

// stages reads | operator | operator ….
func (r *reader) stages(l *lexer.PeekingLexer, p *Pipeline) {
	for accept(l, "|") {
		r.stage(l, p)
	}
}

// operatorsOnly reads operator | operator …, the inside of mv-apply and the
// like, whose input is not named.
func (r *reader) operatorsOnly(l *lexer.PeekingLexer) (Expr, error) {
	t := l.Peek()
	if is(t, "__contextual_datatable") || operators[t.Value] == nil && r.startsValue(l) {
		return r.tabular(l)
	}
	p := &Pipeline{}
	r.stage(l, p)
	r.stages(l, p)
	p.SetSpan(r.from(l, start(t)))
	return p, nil
}

// stage reads one operator. After a mistake it goes on at the next stage, so
// that all mistakes of a query are found.
func (r *reader) stage(l *lexer.PeekingLexer, p *Pipeline) {
	kw, first := l.Peek(), l.RawCursor()
	entry := operators[kw.Value]
	word, at := r.dashedWord(l)
	if kw.Type != tIdent || entry == nil || word != kw.Value {
		r.unknownOperator(kw, word, at)
		r.synchronise(l, first)
		return
	}
	keyword, options := r.keyword, r.options
	r.keyword, r.options = entry.info.Keyword, entry.info.Options
	op, err := r.grammar(entry)(l)
	r.keyword, r.options = keyword, options
	if s, ok := op.(interface{ SetSpan(Span) }); ok {
		s.SetSpan(r.from(l, start(kw)))
	}
	p.Ops = append(p.Ops, op)
	if err != nil {
		r.describe(err, entry.info)
		r.synchronise(l, first)
		return
	}
	if c, ok := op.(checker); ok {
		c.check(r)
	}
	if t := l.Peek(); !endsStage(t) {
		r.leftover(t, entry.info)
		r.synchronise(l, first)
	}
}

// leftover notes that a stage is complete but more text follows.
func (r *reader) leftover(t *lexer.Token, op OperatorInfo) {
	switch {
	case t.Type == tInvalid:
		r.invalid(t)
	case t.Type == tIdent && operators[t.Value] != nil:
		r.note(t, leftoverCode(t), "put '|' before "+t.Value, "unexpected %s after the end of %s", show(t), op.Keyword)
	case is(t, "="):
		r.note(t, codeLeftover, "values are compared with ==", "unexpected '=' in %s", op.Keyword)
	default:
		hint := "usage: " + op.Usage
		if c := near.Closest(t.Value, infixNames); c != "" && t.Type == tIdent {
			hint = "did you mean " + c + "?"
		}
		r.note(t, leftoverCode(t), hint, "unexpected %s in %s", show(t), op.Keyword)
	}
}

// infixNames are the infix operators that are words, for suggestions.
var infixNames []string

func init() {
	for w := range infixes {
		if isIdentByte(w[0]) || w[0] == '!' && len(w) > 2 {
			infixNames = append(infixNames, w)
		}
	}
	slices.Sort(infixNames)
}

// dashedWord is the word that stands next with all that hangs on it by dashes:
// a misspelt project-away is several tokens.
func (r *reader) dashedWord(l *lexer.PeekingLexer) (string, Span) {
	t := l.Peek()
	word, s := t.Value, span(t)
	for n := 1; is(r.peek(l, n), "-") && start(r.peek(l, n)) == s.End; n += 2 {
		next := r.peek(l, n+1)
		if !isWord(next, anyWord) || start(next) != s.End+1 {
			break
		}
		word += "-" + next.Value
		s.End = end(next)
	}
	return word, s
}

// unknownOperator notes that no operator stands after a pipe.
func (r *reader) unknownOperator(t *lexer.Token, word string, at Span) {
	if t.Type != tIdent {
		hint := ""
		if is(t, "|") {
			hint = "either of two conditions is written a or b"
		}
		r.wanted(t, codeOperator, hint, "an operator after '|'")
		return
	}
	hint := ""
	if lower := strings.ToLower(word); operators[lower] != nil {
		hint = "operators are written in lower case: " + lower
	} else if c := near.Closest(word, slices.Sorted(maps.Keys(operators))); c != "" {
		hint = "did you mean " + c + "?"
	}
	r.noteAt(at, false, codeOperator, hint, "there is no operator %q", word)
}

func endsStage(t *lexer.Token) bool {
	return t.EOF() || t.Type == tPunct && strings.Contains("|;)]}", t.Value)
}

// synchronise skips to the end of a stage or statement that broke at the next
// token. Brackets opened since token number first are closed on the way, but a
// pipe ends the stage though one was left open: forgetting to close a bracket
// should not hide what follows.
func (r *reader) synchronise(l *lexer.PeekingLexer, first lexer.RawCursor) {
	open, depth := 0, 0
	for i := first; i < l.RawCursor(); i++ {
		open += nesting(&r.tokens[i])
	}
	for ; ; l.Next() {
		t := l.Peek()
		if t.EOF() {
			return
		}
		n := nesting(t)
		if depth == 0 && endsStage(t) {
			if n == 0 || open <= 0 {
				return
			}
			open--
			continue
		}
		depth += n
	}
}

// nesting is 1 for an opening bracket and -1 for a closing one.
func nesting(t *lexer.Token) int {
	if t.Type == tPunct {
		switch t.Value {
		case "(", "[", "{":
			return 1
		case ")", "]", "}":
			return -1
		}
	}
	return 0
}

// subquery is operators in brackets, as in mv-apply … on ( … ).
type subquery interface{ Expr }

func (r *reader) subquery(l *lexer.PeekingLexer) (subquery, error) {
	open := l.Peek()
	if !is(open, "(") {
		return nil, r.unexpected(open, "", "'(' and a subquery")
	}
	l.Next()
	x, err := r.operatorsOnly(l)
	if err == nil {
		err = r.close(l, open, ")")
	}
	return x, err
}

// table is what union and find take: a name, a pattern, a path, a call, or a
// pipeline in brackets.
type table interface{ Expr }

func (r *reader) table(l *lexer.PeekingLexer) (table, error) {
	if k := r.wildcardLen(l, 0); k > 0 {
		return r.wildcard(l, k), nil
	}
	begin := start(l.Peek())
	x, err := r.primary(l)
	for err == nil && is(l.Peek(), ".") {
		l.Next()
		if k := r.wildcardLen(l, 0); k > 0 {
			p := &TablePattern{X: x, Pattern: r.wildcard(l, k)}
			p.SetSpan(r.from(l, begin))
			return p, nil
		}
		x, err = r.member(l, x, begin)
	}
	return x, err
}

// constant is a literal, with its sign if it has one.
type constant interface{ Expr }

func (r *reader) constant(l *lexer.PeekingLexer) (constant, error) { return r.signed(l) }
