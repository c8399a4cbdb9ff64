package output

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Width is the number of columns that s takes on a terminal. Wide characters
// (CJK, emoji) take two, combining ones none.
func Width(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf || s[i] < ' ' {
			return uniseg.StringWidth(s)
		}
	}
	return len(s)
}

// Clean makes text from elsewhere safe to show: control characters, those that
// change the direction of text or take no room, and bytes that are not UTF-8
// become visible escapes such as \n, \x1b and \u202e. So a file name can neither
// move the cursor nor recolour the terminal nor look like another. A backslash
// that was there stays single; the escapes are for reading, not for parsing.
func Clean(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f {
			return cleanSlow(s)
		}
	}
	return s
}

func cleanSlow(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case unsafeRune(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// unsafeRune reports whether a character beyond ASCII must not reach a
// terminal as it is. The joiners are let through: emoji and Persian need them.
func unsafeRune(r rune) bool {
	switch r {
	case '\u200c', '\u200d':
		return false
	case '\u2028', '\u2029':
		return true
	}
	return r >= 0x80 && unicode.In(r, unicode.Cc, unicode.Cf)
}

// terminalSafe returns a writer that escapes what Clean escapes except line
// feeds and tabs, as \u001b, which JSON reads back. It is for formats whose
// text is not laid out for a terminal but may go to one.
func terminalSafe(w io.Writer) io.Writer { return &safeWriter{w: w} }

type safeWriter struct {
	w    io.Writer
	rest []byte // the start of a character that the next Write completes
}

func (s *safeWriter) Write(p []byte) (int, error) {
	text := append(s.rest, p...)
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 && !utf8.FullRune(text) {
			break
		}
		switch {
		case r == utf8.RuneError && n == 1:
			out = append(out, "\ufffd"...)
		case r == '\n' || r == '\t':
			out = append(out, byte(r))
		case r < ' ' || r == 0x7f || unsafeRune(r):
			for _, half := range utf16.AppendRune(nil, r) {
				out = fmt.Appendf(out, `\u%04x`, half)
			}
		default:
			out = append(out, text[:n]...)
		}
		text = text[n:]
	}
	s.rest = append([]byte(nil), text...)
	if _, err := s.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// cut shortens s, which must be clean, to width columns with an ellipsis. A
// path loses its middle, since its end tells most; other text loses its end.
func cut(s string, width int) string {
	if Width(s) <= width {
		return s
	}
	if width < 1 {
		return ""
	}
	if width >= 12 && strings.ContainsAny(s, `/\`) {
		tail := suffix(s, (width-1)*3/5)
		return prefix(s, width-1-Width(tail)) + "…" + tail
	}
	return prefix(s, width-1) + "…"
}

// prefix is the longest start of s that takes at most width columns.
func prefix(s string, width int) string {
	used, end, state := 0, 0, -1
	for rest := s; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if used += w; used > width {
			break
		}
		end += len(cluster)
	}
	return s[:end]
}

// suffix is the longest end of s that takes at most width columns.
func suffix(s string, width int) string {
	total, begin, state := Width(s), 0, -1
	for rest := s; total > width && rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		total -= w
		begin += len(cluster)
	}
	return s[begin:]
}

// CleanLines is Clean, but lines stay lines.
func CleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = Clean(l)
	}
	return strings.Join(lines, "\n")
}

// CleanWidth is the width of s once it is clean, to point into it.
func CleanWidth(s string) int { return Width(Clean(s)) }
