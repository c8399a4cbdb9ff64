package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidemark/parser"
	"tidemark/table"
)

// kind is the kind of a token.
type kind uint8

const (
	endKind   kind = iota
	wordKind       // create-or-alter, T, 10
	textKind       // "a", @'b', ```c```
	signKind       // one sign, or <|
	openKind       // a string that is not closed
	quoteKind      // ['a name']
)

type token struct {
	kind       kind
	text       string
	start, end int
}

func (t token) span() parser.Span { return parser.Span{Start: t.start, End: t.end} }

func (t token) show() string {
	if t.kind == endKind {
		return "the end of the command"
	}
	if t.kind == textKind && len(t.text) <= 40 {
		return "the text " + t.text
	}
	if utf8.RuneCountInString(t.text) > 40 {
		return fmt.Sprintf("%q", string([]rune(t.text)[:37])+"…")
	}
	return fmt.Sprintf("%q", t.text)
}

// reader reads a command. It scans as it goes, because after <| comes text of
// another kind. The first thing wrong ends the reading.
type reader struct {
	text string
	pos  int
	open bool // text of any length ends it, see Parsed
	errs parser.Errors
}

// errRead says that an error is in errs.
var errRead = errors.New("noted")

// fail notes an error at a place.
func (r *reader) fail(at parser.Span, code, hint, format string, args ...any) error {
	r.errs = append(r.errs, &parser.Error{Span: at, Code: code, Hint: hint, Msg: fmt.Sprintf(format, args...)})
	return errRead
}

func (r *reader) unexpected(wanted string) error {
	t := r.peek()
	if t.kind == openKind {
		return r.fail(t.span(), "KS001", "", "the string is not closed")
	}
	return r.fail(t.span(), "KS005", "", "expected %s, found %s", wanted, t.show())
}

// peek returns the next token.
func (r *reader) peek() token {
	r.skip()
	start := r.pos
	rest := r.text[start:]
	if rest == "" {
		return token{kind: endKind, start: start, end: start}
	}
	k, n := scan(rest)
	return token{k, rest[:n], start, start + n}
}

func (r *reader) next() token {
	t := r.peek()
	r.pos = t.end
	return t
}

// rest takes all that is left for a query, with the places of the command, and
// says where it stands.
func (r *reader) rest() (string, parser.Span) {
	r.skip()
	start := r.pos
	r.pos = len(r.text)
	r.open = true
	at := parser.Span{Start: start, End: max(start, len(strings.TrimRight(r.text, " \t\r\n;")))}
	return strings.Repeat(" ", start) + r.text[start:], at
}

// skip passes over blanks and comments.
func (r *reader) skip() {
	for r.pos < len(r.text) {
		rest := r.text[r.pos:]
		if strings.HasPrefix(rest, "//") {
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			r.pos += n
			continue
		}
		c, n := utf8.DecodeRuneInString(rest)
		if !unicode.IsSpace(c) && c != '\ufeff' {
			return
		}
		r.pos += n
	}
}

// scan returns the kind and the length of the token that s begins with.
func scan(s string) (kind, int) {
	if n := stringLen(s); n != 0 {
		if n < 0 {
			return openKind, -n
		}
		return textKind, n
	}
	if s[0] == '[' {
		if n := quotedNameLen(s); n > 0 {
			return quoteKind, n
		}
	}
	n := 0
	for i, c := range s {
		if c != '_' && c != '-' && !unicode.IsLetter(c) && !unicode.IsDigit(c) || i == 0 && c == '-' {
			break
		}
		n = i + utf8.RuneLen(c)
	}
	switch {
	case n > 0:
		return wordKind, n
	case strings.HasPrefix(s, "<|"):
		return signKind, 2
	}
	_, n = utf8.DecodeRuneInString(s)
	return signKind, n
}

// stringLen is the length of the string that s begins with; 0 where none
// begins, and less where it does not end.
func stringLen(s string) int {
	i := 0
	if i < len(s) && (s[i] == 'h' || s[i] == 'H') {
		i++
	}
	verbatim := i < len(s) && s[i] == '@'
	if verbatim {
		i++
	}
	if i >= len(s) {
		return 0
	}
	if fence := s[i:min(i+3, len(s))]; fence == "```" || fence == "~~~" {
		if n := strings.Index(s[i+3:], fence); n >= 0 {
			return i + 3 + n + 3
		}
		return -len(s)
	}
	quote := s[i]
	if quote != '"' && quote != '\'' {
		return 0
	}
	for i++; i < len(s); i++ {
		switch {
		case s[i] == '\\' && !verbatim:
			i++
		case s[i] == quote && verbatim && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return i + 1
		case s[i] == '\n':
			return -i
		}
	}
	return -len(s)
}

// quotedNameLen is the length of ['a name'], or 0.
func quotedNameLen(s string) int {
	inner := strings.TrimLeft(s[1:], " ")
	n := stringLen(inner)
	if n <= 0 || inner[0] != '"' && inner[0] != '\'' {
		return 0
	}
	rest := strings.TrimLeft(inner[n:], " ")
	if !strings.HasPrefix(rest, "]") {
		return 0
	}
	return len(s) - len(rest) + 1
}

// accept reads a sign or word where it stands next.
func (r *reader) accept(s string) bool {
	if t := r.peek(); t.text != s || t.kind == textKind {
		return false
	}
	r.next()
	return true
}

func (r *reader) expect(s string) error {
	if !r.accept(s) {
		return r.unexpected("'" + s + "'")
	}
	return nil
}

// name reads the name of something.
func (r *reader) name(of string) (name, error) {
	switch t := r.peek(); {
	case t.kind == wordKind && !strings.Contains(t.text, "-"):
		r.next()
		return name{t.text, t.span()}, nil
	case t.kind == quoteKind:
		r.next()
		inner := strings.TrimSpace(t.text[1 : len(t.text)-1])
		return name{stringValue(inner), t.span()}, nil
	case t.kind == wordKind:
		return name{}, r.fail(t.span(), "KS005", "write ['"+t.text+"']", "expected %s, found %s", of, t.show())
	}
	return name{}, r.unexpected(of)
}

// names reads (A, B, …).
func (r *reader) names(of string) ([]name, error) {
	var out []name
	err := r.list(func() error {
		n, err := r.name(of)
		out = append(out, n)
		return err
	})
	return out, err
}

// list reads ( element, element, … ).
func (r *reader) list(element func() error) error {
	if err := r.expect("("); err != nil {
		return err
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if r.accept(")") {
			return nil
		}
		if !r.accept(",") {
			return r.unexpected("',' or ')'")
		}
	}
}

// stringValue decodes a string as queries do.
func stringValue(s string) string {
	q, _ := parser.Parse("print " + s)
	if len(q.Statements) == 1 {
		if x, ok := q.Statements[0].(*parser.ExprStatement); ok {
			if p, ok := x.X.(*parser.Pipeline); ok {
				if print, ok := p.Ops[0].(*parser.Print); ok && len(print.Columns) == 1 {
					if l, ok := print.Columns[0].(*parser.Literal); ok {
						return l.Text
					}
				}
			}
		}
	}
	return s
}

// string reads a text in quotes.
func (r *reader) string() (string, parser.Span, error) {
	t := r.peek()
	if t.kind != textKind {
		return "", t.span(), r.unexpected("a text in quotes")
	}
	r.next()
	return stringValue(t.text), t.span(), nil
}

// column is a column written out.
type column struct {
	table.Column
	at parser.Span
}

// columns reads (name:type, …).
func (r *reader) columns() ([]column, error) {
	var out []column
	err := r.list(func() error {
		n, err := r.name("the name of a column")
		if err != nil {
			return err
		}
		if err := r.expect(":"); err != nil {
			return err
		}
		at := r.peek()
		if at.kind != wordKind {
			return r.unexpected("a type")
		}
		r.next()
		t, ok := table.TypeNamed(at.text)
		switch {
		case !ok:
			return r.fail(at.span(), "KS003", "the types are "+table.TypeNameList(), "%s is not a type", at.text)
		case slices.ContainsFunc(out, func(c column) bool { return c.Name == n.text }):
			return r.fail(n.at, "KS202", "", "two columns are named %s", n.text)
		case strings.HasPrefix(n.text, "$"):
			return r.fail(n.at, "KS005", "", "names of columns do not begin with $")
		}
		out = append(out, column{table.Column{Name: n.text, Type: t}, n.at})
		return nil
	})
	return out, err
}

// property is a name=value after with.
type property struct {
	value string
	at    parser.Span
}

// properties reads with (name=value, …), where it stands next. Those of
// ignored make no difference here.
func (r *reader) properties(known string, ignored ...string) (map[string]property, error) {
	out := map[string]property{}
	if !r.accept("with") {
		return out, nil
	}
	names := strings.Fields(known)
	err := r.list(func() error {
		n, err := r.name("the name of a property")
		if err != nil {
			return err
		}
		key := n.text
		for _, k := range slices.Concat(names, ignored) {
			if strings.EqualFold(k, key) {
				key = k
			}
		}
		if !slices.Contains(names, key) && !slices.Contains(ignored, key) {
			return r.fail(n.at, "TM033", didYouMean(key, names, "the properties are "+strings.Join(names, ", ")), "the property %s is not known here", key)
		}
		if err := r.expect("="); err != nil {
			return err
		}
		p, err := r.value()
		out[key] = p
		return err
	})
	return out, err
}

// value reads a text in quotes or a word.
func (r *reader) value() (property, error) {
	t := r.peek()
	switch t.kind {
	case textKind:
		r.next()
		return property{stringValue(t.text), t.span()}, nil
	case wordKind:
		r.next()
		return property{t.text, t.span()}, nil
	}
	return property{}, r.unexpected("a value")
}

// flag is the value of a property that is true or false.
func (r *reader) flag(p map[string]property, key string) (bool, error) {
	v, ok := p[key]
	if !ok {
		return false, nil
	}
	b, ok := table.ParseBool(strings.ToLower(v.value))
	if !ok {
		return false, r.fail(v.at, "KS005", "", "%s is true or false", key)
	}
	return b, nil
}
