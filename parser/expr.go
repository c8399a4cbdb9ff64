package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// How tightly operators bind, loosest first. The string operators bind tighter
// than the arithmetic ones, as in Kusto: a + b has "x" is a + (b has "x").
const (
	orLevel = 1 + iota
	andLevel
	equalityLevel
	relationalLevel
	additiveLevel
	multiplicativeLevel
	stringLevel
	unaryLevel
)

// infix is an operator between two operands.
type infix struct {
	level int
	name  string // as the documentation has it
	kind  infixKind
}

type infixKind uint8

const (
	plainInfix   infixKind = iota
	listInfix              // in (…)
	betweenInfix           // between (… .. …)
)

// infixes is the one table of binary operators, by spelling.
var infixes = map[string]infix{
	"or": {level: orLevel}, "and": {level: andLevel},
	"==": {level: equalityLevel}, "!=": {level: equalityLevel}, "<>": {level: equalityLevel, name: "!="},
	"in": {equalityLevel, "", listInfix}, "!in": {equalityLevel, "", listInfix},
	"in~": {equalityLevel, "", listInfix}, "!in~": {equalityLevel, "", listInfix},
	"has_any": {equalityLevel, "", listInfix}, "has_all": {equalityLevel, "", listInfix},
	"between": {equalityLevel, "", betweenInfix}, "!between": {equalityLevel, "", betweenInfix},
	"<": {level: relationalLevel}, "<=": {level: relationalLevel}, ">": {level: relationalLevel}, ">=": {level: relationalLevel},
	"+": {level: additiveLevel}, "-": {level: additiveLevel},
	"*": {level: multiplicativeLevel}, "/": {level: multiplicativeLevel}, "%": {level: multiplicativeLevel},
	"=~": {level: stringLevel}, "!~": {level: stringLevel}, ":": {level: stringLevel, name: "has"},
	"notcontains": {level: stringLevel, name: "!contains"}, "notcontainscs": {level: stringLevel, name: "!contains_cs"},
	"containscs": {level: stringLevel, name: "contains_cs"},
	"notlike":    {level: stringLevel}, "notlikecs": {level: stringLevel}, "likecs": {level: stringLevel},
	"matches": {level: stringLevel, name: "matches regex"},
}

func init() {
	for _, w := range strings.Fields("has has_cs hasprefix hasprefix_cs hassuffix hassuffix_cs contains contains_cs startswith startswith_cs endswith endswith_cs") {
		infixes[w] = infix{level: stringLevel}
		infixes["!"+w] = infix{level: stringLevel}
	}
	infixes["like"] = infix{level: stringLevel}
	for w, op := range infixes {
		if op.name == "" {
			op.name = w
			infixes[w] = op
		}
	}
}

// operatorAt is the binary operator that stands next and its number of tokens.
func (r *reader) operatorAt(l *lexer.PeekingLexer, n int) (op infix, tokens int) {
	t := r.peek(l, n)
	if t.Type != tIdent && t.Type != tPunct {
		return op, 0
	}
	op, ok := infixes[t.Value]
	switch {
	case !ok:
		return op, 0
	case t.Value == "matches":
		if !is(r.peek(l, n+1), "regex") {
			return op, 0
		}
		return op, 2
	case t.Value == "in" && is(r.peek(l, n+1), "range"): // make-series … in range(…)
		return op, 0
	}
	return op, 1
}

// expr reads an expression, which may be named (Name = X); it is what
// participle calls for an Expr in a grammar.
func (r *reader) expr(l *lexer.PeekingLexer) (Expr, error) {
	if x, err := r.named(l); x != nil || err != nil {
		return x, err
	}
	if !r.startsValue(l) {
		return nil, participle.NextMatch
	}
	return r.climb(l, orLevel)
}

// value reads an expression that must be there and has no name.
func (r *reader) value(l *lexer.PeekingLexer) (Expr, error) { return r.climb(l, orLevel) }

// startsValue reports whether an expression can begin here.
func (r *reader) startsValue(l *lexer.PeekingLexer) bool {
	t := l.Peek()
	return startsValue(t) || t.Type == tIdent && r.special(l, t) != nil
}

// startsValue reports whether a token can begin an expression, whatever follows.
func startsValue(t *lexer.Token) bool {
	switch t.Type {
	case lexer.EOF:
		return false
	case tIdent:
		return isWord(t, reference)
	case tPunct:
		switch t.Value {
		case "(", "[", "{", "-", "+", "*", "@":
			return true
		}
		return false
	}
	return true
}

// named reads Name = X or (Name, …) = X where one begins here.
func (r *reader) named(l *lexer.PeekingLexer) (Expr, error) {
	k := r.nameLen(l, 0, declared)
	if k > 0 && is(r.peek(l, k), "=") {
		n := &Named{Names: []*Name{r.name(l, k)}}
		return r.finishNamed(l, n, n.Names[0].Span().Start)
	}
	if !is(l.Peek(), "(") {
		return nil, nil
	}
	for n := 1; ; n++ { // (a, b) =
		k := r.nameLen(l, n, declared)
		if k == 0 {
			return nil, nil
		}
		n += k
		if is(r.peek(l, n), ")") && is(r.peek(l, n+1), "=") {
			break
		}
		if !is(r.peek(l, n), ",") {
			return nil, nil
		}
	}
	open := l.Next()
	n := &Named{}
	for !accept(l, ")") {
		n.Names = append(n.Names, r.name(l, r.nameLen(l, 0, declared)))
		accept(l, ",")
	}
	return r.finishNamed(l, n, start(open))
}

func (r *reader) finishNamed(l *lexer.PeekingLexer, n *Named, begin int) (Expr, error) {
	l.Next() // =
	x, err := r.value(l)
	n.X = x
	n.SetSpan(r.from(l, begin))
	return n, err
}

// climb reads an expression of operators that bind at least as tightly as
// level.
func (r *reader) climb(l *lexer.PeekingLexer, level int) (Expr, error) {
	begin := start(l.Peek())
	left, err := r.operand(l)
	for err == nil {
		op, k := r.operatorAt(l, 0)
		if k == 0 || op.level < level {
			break
		}
		at := span(l.Peek())
		for range k {
			at.End = end(l.Next())
		}
		left, err = r.infix(l, op, at, left)
		if s, ok := left.(interface{ SetSpan(Span) }); ok && err == nil {
			s.SetSpan(r.from(l, begin))
		}
		// Comparisons do not chain: a == b == c is an error in KQL.
		if next, k := r.operatorAt(l, 0); err == nil && k > 0 && next.level == op.level && !chains(op.level) {
			return left, r.note(l.Peek(), codeLeftover, "join two comparisons with and", "%s cannot follow another comparison", show(l.Peek()))
		}
	}
	return left, err
}

func chains(level int) bool {
	switch level {
	case equalityLevel, relationalLevel, stringLevel:
		return false
	}
	return true
}

// infix reads what follows an operator.
func (r *reader) infix(l *lexer.PeekingLexer, op infix, at Span, left Expr) (Expr, error) {
	switch op.kind {
	case listInfix:
		in := &In{Op: op.name, OpSpan: at, X: left}
		open := l.Peek()
		if !is(open, "(") {
			return in, r.unexpected(open, "write "+op.name+" (value, …)", "'(' after "+op.name)
		}
		l.Next()
		var err error
		in.List, err = r.inList(l, open)
		return in, err
	case betweenInfix:
		return r.between(l, &Between{Not: op.name[0] == '!', X: left})
	}
	if is(l.Peek(), "*") && (op.level > andLevel || !r.starIsOperand(l)) {
		return left, r.missing(l.Peek(), "", "an expression after "+op.name)
	}
	right, err := r.climb(l, op.level+1)
	return &Binary{Op: op.name, OpSpan: at, L: left, R: right}, err
}

// inList reads the list after in: values, or one pipeline.
func (r *reader) inList(l *lexer.PeekingLexer, open *lexer.Token) ([]Expr, error) {
	x, err := r.tabular(l)
	list := []Expr{x}
	if err != nil || !accept(l, ",") {
		if err == nil {
			err = r.close(l, open, ")")
		}
		return list, err
	}
	if is(l.Peek(), ")") {
		return list, r.missing(l.Peek(), "", "another value after ','")
	}
	err = r.commas(l, open, ")", false, func() error {
		x, err := r.value(l)
		list = append(list, x)
		return err
	})
	return list, err
}

func (r *reader) between(l *lexer.PeekingLexer, b *Between) (Expr, error) {
	const usage = "write between (low .. high)"
	open := l.Peek()
	if !is(open, "(") {
		return b, r.unexpected(open, usage, "'(' after between")
	}
	l.Next()
	var err error
	if b.Low, err = r.value(l); err != nil {
		return b, err
	}
	if !is(l.Peek(), "..") {
		return b, r.unexpected(l.Peek(), usage, "'..' in between")
	}
	l.Next()
	if b.High, err = r.value(l); err != nil {
		return b, err
	}
	return b, r.close(l, open, ")")
}
