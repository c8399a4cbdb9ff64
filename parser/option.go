package parser

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// optionItem is a parameter of an operator, such as kind=leftouter.
type optionItem interface{ option() *Option }

func (o *Option) option() *Option { return o }

func optionsOf(items []optionItem) Options {
	var out Options
	for _, i := range items {
		out = append(out, i.option())
	}
	return out
}

func (r *reader) option(l *lexer.PeekingLexer) (optionItem, error) {
	if o, err := r.anyOption(l); o != nil || err != nil {
		return o, err
	}
	return nil, participle.NextMatch
}

// anyOption reads name=value where a parameter of the operator being read, or
// one that all have (hint.*, __*), stands next.
func (r *reader) anyOption(l *lexer.PeekingLexer) (*Option, error) {
	t := l.Peek()
	if t.Type != tIdent {
		return nil, nil
	}
	name, tokens := t.Value, 1
	switch {
	case name == "hint" && is(r.peek(l, 1), ".") && isWord(r.peek(l, 2), anyWord):
		name, tokens = "hint."+r.peek(l, 2).Value, 3
	case strings.HasPrefix(name, "__"), slices.Contains(r.options, name):
	default:
		return nil, nil
	}
	if !is(r.peek(l, tokens), "=") {
		return nil, nil
	}
	for range tokens + 1 {
		l.Next()
	}
	o := &Option{Name: name}
	var err error
	o.Value, err = r.optionValue(l, name)
	for err == nil && strings.Contains(name, "key") && is(l.Peek(), ",") { // hint.shufflekey = a, b
		k := r.nameLen(l, 1, anyWord)
		if k == 0 || is(r.peek(l, 1+k), "=") {
			break
		}
		l.Next()
		o.More = append(o.More, r.name(l, k))
	}
	o.SetSpan(r.from(l, start(t)))
	return o, err
}

// optionValue reads a word or a literal.
func (r *reader) optionValue(l *lexer.PeekingLexer, name string) (Expr, error) {
	if t := l.Peek(); isWord(t, anyWord) && !is(t, "dynamic") || is(t, "[") || is(t, "{") {
		use := anyWord
		if strings.HasPrefix(name, "with") { // it names a column
			use = byItself
		}
		if k := r.nameLen(l, 0, use); k > 0 {
			return r.name(l, k), nil
		}
	}
	t := l.Peek()
	if t.Type == lexer.EOF || t.Type == tPunct && !is(t, "-") && !is(t, "+") {
		return nil, r.missing(t, "", "a value for "+name)
	}
	return r.signed(l)
}

func isNameExpr(x Expr) bool {
	_, ok := x.(*Name)
	return ok
}

// withOptions reads (name=value, …), as after render … with.
func (r *reader) withOptions(l *lexer.PeekingLexer) (Options, error) {
	open := l.Peek()
	if err := r.expect(l, "("); err != nil {
		return nil, err
	}
	accept(l, ",")
	var out Options
	err := r.commas(l, open, ")", false, func() error {
		o := &Option{}
		n, err := r.needName(l, anyWord, "a property name")
		if err != nil {
			return err
		}
		o.Name = n.Name
		if err := r.expect(l, "="); err != nil {
			return err
		}
		if o.Value, err = r.optionValue(l, n.Name); err != nil {
			return err
		}
		for is(l.Peek(), ",") && isNameExpr(o.Value) { // ycolumns = a, b
			k := r.nameLen(l, 1, anyWord)
			if k == 0 || is(r.peek(l, 1+k), "=") {
				break
			}
			l.Next()
			o.More = append(o.More, r.name(l, k))
		}
		o.SetSpan(r.from(l, n.Span().Start))
		out = append(out, o)
		return nil
	})
	return out, err
}
