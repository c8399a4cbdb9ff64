package tree

import (
	"strings"
	"unicode/utf8"

	"tidemark/parser"
)

// At returns the place in the file of a part of a node's text: of a query in a
// block of YAML or in a string with escapes. A node that has no text of its
// own in the file gives its own place.
func (n *Node) At(s parser.Span) parser.Span {
	if n.place == nil {
		n.place = n.places()
	}
	if len(n.place) == 0 {
		return n.Span
	}
	last := len(n.place) - 1
	start := n.place[min(max(s.Start, 0), last)]
	if s.End <= s.Start {
		return parser.Span{Start: start, End: start}
	}
	// The end is after the last character, not where the next one stands,
	// which may be on another line.
	end := n.place[min(s.End-1, last)]
	_, size := utf8.DecodeRuneInString(n.file.Text[min(end, len(n.file.Text)):])
	return parser.Span{Start: start, End: max(start, end+size)}
}

// places gives for each byte of the text, and for its end, the offset of what
// stands for it in the file.
func (n *Node) places() []int {
	raw := n.file.Text
	switch n.style {
	case literal:
		return n.literalPlaces()
	case folded:
		if i := strings.IndexByte(raw[n.Span.Start:], '\n'); i >= 0 {
			return align(raw, n.Span.Start+i+1, n.Text)
		}
	case quoted:
		return align(raw, n.Span.Start+1, n.Text)
	case plain:
		if strings.HasPrefix(raw[n.Span.Start:], n.Text) || n.Kind == Text {
			return align(raw, n.Span.Start, n.Text)
		}
	}
	return nil
}

// literalPlaces is for blocks after "|": each line stands on a line of its
// own, further in.
func (n *Node) literalPlaces() []int {
	raw := n.file.Text
	at := n.Span.Start
	next := func() bool { // to the next line
		i := strings.IndexByte(raw[at:], '\n')
		if i < 0 {
			at = len(raw)
			return false
		}
		at += i + 1
		return true
	}
	if !next() {
		return nil
	}
	indent := n.indent(at)
	out := make([]int, 0, len(n.Text)+1)
	for line := range strings.SplitAfterSeq(n.Text, "\n") {
		start := at
		for start < len(raw) && start < at+indent && raw[start] == ' ' {
			start++
		}
		for i := range len(line) {
			out = append(out, min(start+i, len(raw)))
		}
		if strings.HasSuffix(line, "\n") {
			next()
		} else {
			at = start + len(line)
		}
	}
	return append(out, min(at, len(raw)))
}

// indent is how far in the lines of a block from at on are: as far as the
// first that is not empty, whose own blanks are not part of it.
func (n *Node) indent(at int) int {
	raw := n.file.Text
	own := 0
	for line := range strings.SplitSeq(n.Text, "\n") {
		if trimmed := strings.TrimLeft(line, " "); trimmed != "" {
			own = len(line) - len(trimmed)
			break
		}
	}
	for line := range strings.SplitSeq(raw[at:], "\n") {
		if trimmed := strings.TrimLeft(line, " "); strings.TrimSpace(trimmed) != "" {
			return max(0, len(line)-len(trimmed)-own)
		}
	}
	return 0
}

// align walks through a text and what it is written as, from p on: quoted with
// escapes, or over several lines that are folded into one.
func align(raw string, p int, text string) []int {
	out := make([]int, 0, len(text)+1)
	for _, c := range text {
		p = skipTo(raw, p, c)
		for range utf8.RuneLen(c) {
			out = append(out, min(p, len(raw)))
		}
		p += writtenLen(raw, p, c)
	}
	return append(out, min(p, len(raw)))
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// skipTo goes over line ends and blanks that the text does not have.
func skipTo(raw string, p int, c rune) int {
	if c != ' ' && c != '\n' && c != '\t' {
		for p < len(raw) && isSpace(raw[p]) {
			p++
		}
		if strings.HasPrefix(raw[min(p, len(raw)):], "\\\n") {
			return skipTo(raw, p+2, c)
		}
	}
	return p
}

// writtenLen is how many bytes of the file stand for c.
func writtenLen(raw string, p int, c rune) int {
	rest := raw[min(p, len(raw)):]
	switch {
	case strings.HasPrefix(rest, "''") && c == '\'':
		return 2
	case strings.HasPrefix(rest, string(c)) && !(c == '\\' && strings.HasPrefix(rest, `\\`)):
		return utf8.RuneLen(c)
	case len(rest) > 1 && rest[0] == '\\':
		switch rest[1] {
		case 'x':
			return 4
		case 'u':
			if c > 0xffff {
				return 12
			}
			return 6
		case 'U':
			return 10
		}
		return 2
	case (c == ' ' || c == '\n') && rest != "" && isSpace(rest[0]):
		return len(rest) - len(strings.TrimLeft(rest, " \t\r\n"))
	}
	return 0
}
