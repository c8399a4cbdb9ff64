package parser

import (
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"
)

// scanQuoted reads a string in quotes; prefix is the number of characters (h,
// @) before the quote. A literal that Kusto would not accept because of its
// backslashes is read once more as if it were verbatim: people paste
// "c:\windows\" from articles.
func scanQuoted(rest string, prefix int) (lexer.TokenType, int) {
	verbatim := prefix > 0 && rest[prefix-1] == '@'
	if !verbatim {
		if n, ok := strictLen(rest, prefix); ok {
			return tString, n
		}
	}
	if n, ok := verbatimLen(rest, prefix); ok && (verbatim || strings.IndexByte(rest[:n], '\\') >= 0) {
		return tString, n
	}
	return tInvalid, lineLen(rest)
}

// strictLen is the length of a literal by Kusto's rules.
func strictLen(s string, prefix int) (int, bool) {
	quote := s[prefix]
	for i := prefix + 1; i < len(s); {
		switch c := s[i]; c {
		case quote:
			return i + 1, true
		case '\n', '\r':
			return 0, false
		case '\\':
			_, n := escape(s[i:])
			if n == 0 {
				return 0, false
			}
			i += n
		default:
			i++
		}
	}
	return 0, false
}

// verbatimLen is the length of a literal in which only the doubled quote is
// special.
func verbatimLen(s string, prefix int) (int, bool) {
	quote := s[prefix]
	for i := prefix + 1; i < len(s); i++ {
		switch s[i] {
		case quote:
			if i+1 >= len(s) || s[i+1] != quote {
				return i + 1, true
			}
			i++
		case '\n', '\r':
			return 0, false
		}
	}
	return 0, false
}

// scanFenced reads ```…``` and ~~~…~~~, which may span lines.
func scanFenced(rest string, prefix int) (lexer.TokenType, int) {
	s := rest[prefix:]
	if len(s) < 3 || s[1] != s[0] || s[2] != s[0] {
		return tInvalid, max(1, prefix)
	}
	end := strings.Index(s[3:], s[:3])
	if end < 0 {
		return tInvalid, len(rest)
	}
	return tString, prefix + end + 6
}

// escape decodes the escape that begins s. The length is 0 where KQL defines
// no such escape.
func escape(s string) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	if i := strings.IndexByte(`\'"abfnrtv`, s[1]); i >= 0 {
		return rune("\\'\"\a\b\f\n\r\t\v"[i]), 2
	}
	switch s[1] {
	case 'x':
		return hexEscape(s, 2)
	case 'u':
		return hexEscape(s, 4)
	case 'U':
		return hexEscape(s, 8)
	}
	for n = 1; n < len(s) && n < 4 && s[n] >= '0' && s[n] <= '7'; n++ {
		if n == 3 && s[1] > '3' {
			break
		}
		r = r*8 + rune(s[n]-'0')
	}
	if n == 1 {
		return 0, 0
	}
	return r, n
}

func hexEscape(s string, digits int) (r rune, n int) {
	if len(s) < 2+digits {
		return 0, 0
	}
	for _, c := range []byte(s[2 : 2+digits]) {
		if !isHex(c) {
			return 0, 0
		}
		switch {
		case c <= '9':
			r = r<<4 | rune(c-'0')
		default:
			r = r<<4 | rune(c|0x20-'a'+10)
		}
	}
	return r, 2 + digits
}

// decodeString turns a string token into its literal.
func decodeString(raw string) *Literal {
	lit := &Literal{Kind: StringLit}
	s := raw
	if s[0] == 'h' || s[0] == 'H' {
		s = s[1:]
	}
	switch s[0] {
	case '@':
		lit.Verbatim = true
		lit.Text = undouble(s[2:len(s)-1], s[1])
	case '`', '~':
		lit.Text = s[3 : len(s)-3]
	default:
		if n, ok := strictLen(s, 0); !ok || n != len(s) {
			lit.Lenient = true
			lit.Text = undouble(s[1:len(s)-1], s[0])
		} else {
			lit.Text, lit.Controls = unescape(s[1 : len(s)-1])
		}
	}
	return lit
}

func undouble(s string, quote byte) string {
	q := string(quote)
	return strings.ReplaceAll(s, q+q, q)
}

// unescape resolves the escapes of a literal that has only known ones. Two
// \u escapes that make up a surrogate pair are one character.
func unescape(s string) (text string, controls bool) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, false
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			i++
			continue
		}
		r, n := escape(s[i:])
		i += n
		if r >= 0xD800 && r < 0xDC00 && i < len(s) && s[i] == '\\' {
			if low, m := escape(s[i:]); low >= 0xDC00 && low < 0xE000 {
				r = (r-0xD800)<<10 | (low - 0xDC00) + 0x10000
				i += m
			}
		}
		controls = controls || r < ' '
		b.WriteRune(r)
	}
	return b.String(), controls
}

// asVerbatim writes text as a verbatim literal, for the hint about a lenient
// one.
func asVerbatim(text string) string {
	if !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n") {
		return ""
	}
	return `@"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}
