package parser

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// OperatorInfo describes an operator for help and completion.
type OperatorInfo struct {
	Keyword string
	Aliases []string
	Usage   string   // one line
	Doc     string   // one sentence
	Options []string // parameters it has besides hint.*
}

// grammar reads one operator, from its keyword on.
type grammar func(*lexer.PeekingLexer) (Operator, error)

type operatorEntry struct {
	info  OperatorInfo
	build func(*reader) grammar
}

// operators are the entries by keyword and alias, filled by register.
var operators = map[string]*operatorEntry{}

// Operators lists the operators, sorted by keyword.
func Operators() []OperatorInfo {
	var out []OperatorInfo
	for k, e := range operators {
		if k == e.info.Keyword {
			out = append(out, e.info)
		}
	}
	slices.SortFunc(out, func(a, b OperatorInfo) int { return strings.Compare(a.Keyword, b.Keyword) })
	return out
}

// Keywords lists every word that begins an operator or a statement.
func Keywords() []string {
	out := slices.Clone(statementKeywords)
	for k := range operators {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// converter is a grammar struct that is not itself the tree's node.
type converter interface{ operator() Operator }

// checker is an operator with something to say that its grammar cannot.
type checker interface{ check(*reader) }

// register adds an operator whose grammar is in the tags of G. G is the
// operator's node, or a private struct that converts to it.
func register[G any](usage, doc, keyword string, aliases ...string) *operatorEntry {
	e := &operatorEntry{info: OperatorInfo{Keyword: keyword, Aliases: aliases, Usage: usage, Doc: doc}}
	e.build = func(r *reader) grammar {
		p := participle.MustBuild[G](
			participle.Lexer(definition{}),
			participle.UseLookahead(0), // one token decides everywhere
			participle.ParseTypeWith(r.expr),
			participle.ParseTypeWith(r.column),
			participle.ParseTypeWith(r.option),
			participle.ParseTypeWith(r.table),
			participle.ParseTypeWith(r.subquery),
			participle.ParseTypeWith(r.constant),
			participle.ParseTypeWith(r.nameItem),
			participle.ParseTypeWith(r.properties),
			participle.ParseTypeWith(r.schemaItem),
			participle.ParseTypeWith(r.paramsItem),
			participle.ParseTypeWith(r.callItem),
			participle.ParseTypeWith(r.typeofItem),
			participle.ParseTypeWith(r.parsePiece),
			participle.ParseTypeWith(r.graphPattern),
			participle.ParseTypeWith(r.path),
			participle.ParseTypeWith(r.block),
			participle.ParseTypeWith(r.legacyQuery),
			participle.ParseTypeWith(r.facetBody),
		)
		return func(l *lexer.PeekingLexer) (Operator, error) {
			v, err := p.ParseFromLexer(l, participle.AllowTrailing(true))
			if op, ok := any(v).(Operator); ok {
				return op, err
			}
			return any(v).(converter).operator(), err
		}
	}
	for _, k := range append([]string{keyword}, aliases...) {
		if operators[k] != nil {
			panic("two operators are called " + k)
		}
		operators[k] = e
	}
	return e
}

// options declares the parameters (name=value) that the operator has besides
// hint.*.
func (e *operatorEntry) options(names ...string) { e.info.Options = names }

// grammar returns the reader's grammar for a keyword.
func (r *reader) grammar(e *operatorEntry) grammar {
	g := r.grammars[e.info.Keyword]
	if g == nil {
		g = e.build(r)
		r.grammars[e.info.Keyword] = g
	}
	return g
}

// expectedWord finds, in participle's message, the word or kind of token it
// wanted; the rest of the message speaks of our types.
var expectedWord = regexp.MustCompile(`\(expected (?:\(?"([^"]+)"|<ident>)`)

// describe notes an error of participle's in the user's words.
func (r *reader) describe(err error, op OperatorInfo) {
	var unexpected *participle.UnexpectedTokenError
	usage := "usage: " + op.Usage
	switch {
	case errors.Is(err, errNoted):
		if e := r.errs[len(r.errs)-1]; e.Hint == "" {
			e.Hint = usage
		}
	case errors.As(err, &unexpected):
		t := &unexpected.Unexpected
		msg := unexpected.Message()
		switch m := expectedWord.FindStringSubmatch(msg); {
		case m != nil && m[1] != "":
			r.unexpected(t, usage, "'"+m[1]+"'")
		case m != nil:
			r.missing(t, usage, "a name")
		case strings.Contains(msg, "(expected Expr"):
			if wordHint(t) != "" {
				usage = wordHint(t)
			}
			r.missing(t, usage, "an expression")
		case t.Type == tInvalid:
			r.invalid(t)
		default:
			r.note(t, codeMissing, usage, "%s has no place in %s here", show(t), op.Keyword)
		}
	default:
		r.note(&r.tokens[len(r.tokens)-1], codeExpected, usage, "%s cannot be read", op.Keyword)
	}
}
