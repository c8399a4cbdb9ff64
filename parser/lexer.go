package parser

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"
)

// definition puts the scanner behind participle's interface. It is written by
// hand because KQL's literals (2d, 1.5h, h@'x', datetime(2024-01-01), 0..9)
// are awkward as regular expressions and slow besides.
type definition struct{}

func (definition) Symbols() map[string]lexer.TokenType {
	return map[string]lexer.TokenType{
		"EOF": tEOF, "Ident": tIdent, "Long": tLong, "Real": tReal, "Timespan": tTimespan, "String": tString,
		"Bool": tBool, "Typed": tTyped, "Punct": tPunct, "Invalid": tInvalid,
	}
}

func (d definition) Lex(name string, r io.Reader) (lexer.Lexer, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return d.LexString(name, string(b))
}

func (definition) LexString(_, s string) (lexer.Lexer, error) { return &scanner{text: s}, nil }

// maxDepth is how many brackets may be open at once. All recursion of the
// parser goes through a bracket, so this keeps its stack small.
const maxDepth = 200

type scanner struct {
	text  string
	pos   int
	depth int
	count int // tokens so far
	deep  int // the offset of the bracket that went beyond maxDepth, plus one
}

// Next implements lexer.Lexer.
func (s *scanner) Next() (lexer.Token, error) {
	s.skip()
	s.count++
	at := s.pos
	if at >= len(s.text) || s.deep > 0 {
		return lexer.Token{Type: lexer.EOF, Pos: lexer.Position{Offset: len(s.text)}}, nil
	}
	kind, n := s.scan(s.text[at:])
	s.pos += n
	value := s.text[at:s.pos]
	if kind == tPunct {
		s.nest(value)
	}
	return lexer.Token{Type: kind, Value: value, Pos: lexer.Position{Offset: at}}, nil
}

func (s *scanner) nest(value string) {
	switch value {
	case "(", "[", "{":
		if s.depth++; s.depth > maxDepth {
			s.deep = s.pos
		}
	case ")", "]", "}":
		s.depth--
	}
}

// skip passes over white space and comments, and directives (#connect …) before
// the first token.
func (s *scanner) skip() {
	for s.pos < len(s.text) {
		rest := s.text[s.pos:]
		c := rest[0]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v':
			s.pos++
		case c == '/' && len(rest) > 1 && rest[1] == '/', c == '#' && s.count == 0:
			s.pos += lineLen(rest)
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(rest)
			if !unicode.IsSpace(r) && r != '\ufeff' {
				return
			}
			s.pos += n
		default:
			return
		}
	}
}

func lineLen(s string) int {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return i
	}
	return len(s)
}

// scan returns the kind and the length of the token that begins rest.
func (s *scanner) scan(rest string) (lexer.TokenType, int) {
	c := rest[0]
	switch {
	case isDigit(c):
		return scanNumber(rest)
	case c == '"' || c == '\'':
		return scanQuoted(rest, 0)
	case c == '`' || c == '~':
		return scanFenced(rest, 0)
	case c == '@' && len(rest) > 1 && (rest[1] == '"' || rest[1] == '\''):
		return scanQuoted(rest, 1)
	}
	if n := identLen(rest); n > 0 {
		return scanWord(rest, n)
	}
	if n := punctLen(rest); n > 0 {
		return tPunct, n
	}
	_, n := utf8.DecodeRuneInString(rest)
	return tInvalid, n
}

// twoSigns are the signs of two characters.
var twoSigns = map[string]bool{
	"==": true, "!=": true, "<=": true, ">=": true, "=~": true, "!~": true, "=>": true, "..": true, "<>": true,
}

func punctLen(rest string) int {
	if len(rest) > 1 && twoSigns[rest[:2]] {
		return 2
	}
	if rest[0] == '!' { // !has, !in~
		n := identLen(rest[1:])
		if n == 0 || isDigit(rest[1]) {
			return 0
		}
		if rest[1:n+1] == "in" && strings.HasPrefix(rest[n+1:], "~") {
			n++
		}
		return n + 1
	}
	if strings.IndexByte("|+-*/%<>=()[]{},;:.?@", rest[0]) >= 0 {
		return 1
	}
	return 0
}

// dashed are the keywords with a dash. Without spaces around the dash they are
// one word wherever they stand.
var dashed = map[string][]string{
	"assert": {"assert-schema"}, "granny": {"granny-asc", "granny-desc"},
	"graph":        {"graph-match", "graph-shortest-paths", "graph-to-table", "graph-mark-components", "graph-where-nodes", "graph-where-edges"},
	"macro":        {"macro-expand"},
	"make":         {"make-graph", "make-series"},
	"materialized": {"materialized-view-combine"}, "mv": {"mv-apply", "mv-expand"},
	"parse": {"parse-where", "parse-kv"}, "partitioned": {"partitioned-by"},
	"project": {"project-away", "project-by-names", "project-keep", "project-rename", "project-reorder", "project-smart"},
	"sample":  {"sample-distinct"}, "top": {"top-hitters", "top-nested"},
}

func scanWord(rest string, n int) (lexer.TokenType, int) {
	word := rest[:n]
	if n < len(rest) {
		switch rest[n] {
		case '-':
			for _, d := range dashed[word] {
				if strings.HasPrefix(rest, d) && (len(rest) == len(d) || !isIdentByte(rest[len(d)])) {
					return tIdent, len(d)
				}
			}
		case '(':
			if _, ok := typedLiterals[word]; ok {
				return scanTyped(rest, n)
			}
		case '~':
			if word == "in" {
				return tIdent, n + 1
			}
			if word == "h" || word == "H" {
				return scanFenced(rest, 1)
			}
		case '"', '\'':
			if word == "h" || word == "H" {
				return scanQuoted(rest, 1)
			}
		case '`':
			if word == "h" || word == "H" {
				return scanFenced(rest, 1)
			}
		case '@':
			if (word == "h" || word == "H") && len(rest) > n+1 && (rest[n+1] == '"' || rest[n+1] == '\'') {
				return scanQuoted(rest, 2)
			}
		}
	}
	if guidLen(rest) > 0 {
		return tInvalid, guidLen(rest)
	}
	switch word {
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return tBool, n
	}
	return tIdent, n
}

// scanTyped reads the raw inside of datetime(…) and the like, up to the
// bracket that closes it on the same line.
func scanTyped(rest string, n int) (lexer.TokenType, int) {
	end := strings.IndexAny(rest[n:], ")\r\n")
	switch {
	case end < 0:
		return tInvalid, len(rest)
	case rest[n+end] != ')':
		return tInvalid, n + end
	}
	return tTyped, n + end + 1
}

// scanNumber reads what begins with a digit: a long, a real, a timespan, or a
// name such as 5xx.
func scanNumber(rest string) (lexer.TokenType, int) {
	if n := guidLen(rest); n > 0 {
		return tInvalid, n
	}
	if n := realLen(rest); n > 0 {
		return tReal, n
	}
	if n := timespanLen(rest); n > 0 {
		return tTimespan, n
	}
	if len(rest) > 2 && rest[0] == '0' && (rest[1] == 'x' || rest[1] == 'X') {
		n := 2
		for n < len(rest) && isHex(rest[n]) {
			n++
		}
		if n > 2 && identLen(rest[n:]) == 0 {
			return tLong, n
		}
	}
	n := digits(rest)
	if more := identLen(rest[n:]); more > 0 && rest[n] != '$' {
		return tIdent, n + more
	}
	return tLong, n
}

func realLen(s string) int {
	n := digits(s)
	if n < len(s) && s[n] == '.' && (!strings.HasPrefix(s[n+1:], ".") || strings.HasPrefix(s[n+1:], "..")) {
		n++
		n += digits(s[n:])
		n += exponent(s[n:])
	} else if e := exponent(s[n:]); e > 0 {
		n += e
	} else {
		return 0
	}
	if identLen(s[n:]) > 0 && s[n] != '$' {
		return 0
	}
	return n
}

func exponent(s string) int {
	if s == "" || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	n := 1
	if n < len(s) && (s[n] == '+' || s[n] == '-') {
		n++
	}
	d := digits(s[n:])
	if d == 0 {
		return 0
	}
	return n + d
}

// timespanUnits are the suffixes of a timespan literal.
var timespanUnits = map[string]bool{}

func init() {
	for _, u := range strings.Fields(`d day days h hr hrs hour hours m min minute minutes s sec second seconds
		ms milli millis millisec millisecond milliseconds micro micros microsec microsecond microseconds
		nano nanos nanosec nanosecond nanoseconds tick ticks`) {
		timespanUnits[u] = true
	}
}

func timespanLen(s string) int {
	n := digits(s)
	if n < len(s) && s[n] == '.' && digits(s[n+1:]) > 0 {
		n += 1 + digits(s[n+1:])
	}
	unit := identLen(s[n:])
	if unit == 0 || !timespanUnits[s[n:n+unit]] {
		return 0
	}
	return n + unit
}

// guidLen recognises a bare guid, which KQL wants inside guid(…).
func guidLen(s string) int {
	if len(s) < 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return 0
	}
	for i := range 36 {
		if i != 8 && i != 13 && i != 18 && i != 23 && !isHex(s[i]) {
			return 0
		}
	}
	if len(s) > 36 && isIdentByte(s[36]) {
		return 0
	}
	return 36
}

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// identLen is the length of the identifier that begins s, or of the rest of
// one. A $ may only begin it.
func identLen(s string) int {
	n := 0
	for n < len(s) {
		c := s[n]
		if c < utf8.RuneSelf {
			if !isIdentByte(c) && (c != '$' || n > 0) {
				break
			}
			n++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[n:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		n += size
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

func isIdentByte(c byte) bool {
	return c == '_' || isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
