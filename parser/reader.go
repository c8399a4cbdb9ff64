package parser

import (
	"cmp"
	"errors"
	"fmt"
	"sync"

	"github.com/alecthomas/participle/v2/lexer"
)

// reader is the state of one parse. Errors are noted here rather than
// returned, so that everything around a mistake is still read; what travels
// through participle is only errNoted.
//
// Participle calls custom productions without a context, hence each reader has
// its own set of grammars, built on first use, and readers are reused.
type reader struct {
	text     string
	tokens   []lexer.Token
	errs     Errors
	grammars map[string]grammar
	keyword  string   // of the operator being read
	options  []string // its parameters
}

// errNoted says that an error was noted in the reader and the stage cannot be
// read further.
var errNoted = errors.New("noted")

var readers = sync.Pool{New: func() any { return &reader{grammars: map[string]grammar{}} }}

func newReader(text string) (*reader, *lexer.PeekingLexer) {
	r := readers.Get().(*reader)
	r.text = text
	s := &scanner{text: text}
	l, _ := lexer.Upgrade(s) // the scanner never fails
	r.tokens = l.Range(0, lexer.RawCursor(s.count))
	if s.deep > 0 {
		r.errs = append(r.errs, &Error{
			Span: Span{s.deep - 1, s.deep},
			Code: codeDeep,
			Msg:  fmt.Sprintf("brackets are nested more than %d deep", maxDepth),
			Hint: "split the query with let statements",
		})
	}
	return r, l
}

// release hands the reader back for reuse.
func (r *reader) release() {
	r.text, r.tokens, r.errs = "", nil, nil
	readers.Put(r)
}

// peek is the token n after the next one.
func (r *reader) peek(l *lexer.PeekingLexer, n int) *lexer.Token {
	return &r.tokens[min(int(l.RawCursor())+n, len(r.tokens)-1)]
}

// last is the end of the token read last.
func (r *reader) last(l *lexer.PeekingLexer) int {
	i := int(l.RawCursor())
	if i == 0 {
		return 0
	}
	return end(&r.tokens[i-1])
}

// from is the span from offset begin to the token read last.
func (r *reader) from(l *lexer.PeekingLexer, begin int) Span {
	return Span{begin, max(begin, r.last(l))}
}

// Codes of syntax errors, which are those of Microsoft's parser.
const (
	codeOpen      = "KS001" // something is not closed
	codeCharacter = "KS002" // no sign of the language
	codeExpected  = "KS005" // a certain sign or word is wanted
	codeMissing   = "KS006" // an expression, a name or the like is wanted
	codeOperator  = "KS176" // an operator is wanted after a pipe
	codeLeftover  = "KS198" // text follows after the end
	codeGuid      = "KS214" // a guid by itself
	codeDeep      = "TM004" // nested too deep
	codeLenient   = "TM100" // a string read as if verbatim
)

// note records an error at a token.
func (r *reader) note(t *lexer.Token, code, hint, format string, args ...any) error {
	s := span(t)
	if t.EOF() {
		s = Span{len(r.text), len(r.text)}
	}
	return r.noteAt(s, t.EOF(), code, hint, format, args...)
}

func (r *reader) noteAt(s Span, atEnd bool, code, hint, format string, args ...any) error {
	r.errs = append(r.errs, &Error{Span: s, Code: code, Msg: fmt.Sprintf(format, args...), Hint: hint, atEnd: atEnd})
	return errNoted
}

// unexpected notes that t is not the sign or word that was wanted here.
func (r *reader) unexpected(t *lexer.Token, hint, wanted string) error {
	return r.wanted(t, codeExpected, hint, wanted)
}

// missing notes that an expression, a name or the like was wanted where t is.
func (r *reader) missing(t *lexer.Token, hint, wanted string) error {
	return r.wanted(t, codeMissing, hint, wanted)
}

func (r *reader) wanted(t *lexer.Token, code, hint, wanted string) error {
	if t.Type == tInvalid && !is(t, "!") {
		return r.invalid(t)
	}
	return r.note(t, code, cmp.Or(hint, charHints[t.Value]), "expected %s, found %s", wanted, show(t))
}

// invalid notes a token that is not KQL.
func (r *reader) invalid(t *lexer.Token) error {
	v := t.Value
	switch c := v[0]; {
	case c == '"' || c == '\'' || len(v) > 1 && (v[0] == '@' || v[1] == '"' || v[1] == '\'' || v[1] == '@'):
		return r.note(t, codeOpen, "a string ends with the quote it began with, on the same line; ``` … ``` may span lines", "the string is not closed")
	case len(v) >= 3 && (v[:3] == "```" || v[:3] == "~~~"):
		return r.noteAt(span(t), true, codeOpen, "", "the string is not closed with %s", v[:3])
	case guidLen(v) > 0:
		return r.note(t, codeGuid, "write guid("+v+")", "a guid is written guid(…)")
	case isIdentByte(c):
		return r.noteAt(span(t), end(t) == len(r.text), codeOpen, "", "%s is not closed with )", show(t))
	}
	code := codeCharacter
	if v == "!" { // which is part of operators
		code = codeLeftover
	}
	return r.note(t, code, charHints[v], "unexpected character %q", v)
}

// charHints say what is written instead of signs of other languages.
var charHints = map[string]string{
	"&": "both of two conditions are written a and b",
	"!": "the opposite of a condition is written not(…)",
	"“": `quotes are written " or '`, "”": `quotes are written " or '`, "‘": `quotes are written " or '`, "’": `quotes are written " or '`,
	"\\": "a path is written in quotes: @\"c:\\x\"",
}

// leftoverCode is the code for text after the end of something: what could be
// read as one more item or statement lacks a separator before it.
func leftoverCode(t *lexer.Token) string {
	switch {
	case is(t, ","):
		return codeMissing
	case startsValue(t), t.Type == tIdent && operators[t.Value] != nil:
		return codeExpected
	}
	return codeLeftover
}

// expect reads the sign or word s.
func (r *reader) expect(l *lexer.PeekingLexer, s string) error {
	if t := l.Peek(); !is(t, s) {
		return r.unexpected(t, "", "'"+s+"'")
	}
	l.Next()
	return nil
}

// accept reads the sign or word s where it stands next.
func accept(l *lexer.PeekingLexer, s string) bool {
	if !is(l.Peek(), s) {
		return false
	}
	l.Next()
	return true
}

// close reads the bracket that closes the one opened by open.
func (r *reader) close(l *lexer.PeekingLexer, open *lexer.Token, s string) error {
	if accept(l, s) {
		return nil
	}
	t := l.Peek()
	if t.Type == tInvalid {
		return r.invalid(t)
	}
	line, column := LineColumn(r.text, start(open))
	return r.note(t, codeExpected, "", "expected '%s' to close the '%s' of line %d, column %d, found %s", s, open.Value, line, column, show(t))
}

// commas reads one element after another, separated by commas, up to the
// closing bracket, which it reads too. A comma may stand before the bracket
// where trailing says so.
func (r *reader) commas(l *lexer.PeekingLexer, open *lexer.Token, closing string, trailing bool, element func() error) error {
	if accept(l, closing) {
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if !accept(l, ",") {
			return r.close(l, open, closing)
		}
		if trailing && accept(l, closing) {
			return nil
		}
	}
}
