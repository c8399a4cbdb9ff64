package parser

import (
	"fmt"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"
)

// Token kinds. KQL's keywords are not among them: a keyword is an identifier
// in a place where the grammar asks for it, so that a column may be called
// count or type.
const (
	tEOF lexer.TokenType = lexer.EOF - lexer.TokenType(iota)
	tIdent
	tLong
	tReal
	tTimespan
	tString
	tBool
	tTyped // datetime(2024-01-01): a type and a raw inside
	tPunct
	tInvalid // lexing never fails; the parser reports these in place
)

func start(t *lexer.Token) int { return t.Pos.Offset }

func end(t *lexer.Token) int { return t.Pos.Offset + len(t.Value) }

func span(t *lexer.Token) Span { return Span{start(t), end(t)} }

// spanOf is the place of the tokens of one grammar struct.
func spanOf(tokens []lexer.Token) Span {
	if len(tokens) == 0 {
		return Span{}
	}
	return Span{start(&tokens[0]), end(&tokens[len(tokens)-1])}
}

// is reports whether the token is the word or sign s. Strings carry their
// quotes, so that the string "by" is never the word by.
func is(t *lexer.Token, s string) bool { return t.Value == s && t.Type != lexer.EOF }

// show names a token in a message.
func show(t *lexer.Token) string {
	if t.EOF() {
		return "the end of the query"
	}
	v := t.Value
	if utf8.RuneCountInString(v) > 40 {
		v = string([]rune(v)[:37]) + "…"
	}
	if t.Type == tString {
		return "the string " + v
	}
	return fmt.Sprintf("%q", v)
}
