package parser

import (
	"sort"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// Format writes a query in the one style of Tidemark. The text parses to the
// same tree and formatting it again changes nothing. Comments are kept. q is
// what Parse returned together with no error.
//
// Each stage of a pipeline stands on a line of its own, but for a short
// subquery of two stages. Lists that would make a line longer than 100 columns
// stand one item a line. Literals stay as they were written; keywords,
// operators, quotes and brackets take the one form described at the functions
// that write them.
func Format(q *Query) string {
	p := newPrinter(q.Text)
	for i, s := range q.Statements {
		p.gap(s.Span().Start)
		p.statement(s, i == len(q.Statements)-1)
	}
	p.remarks(len(q.Text))
	if len(p.steps) > 0 {
		p.line()
	}
	return p.String()
}

// FormatText formats a text. Where it does not parse, it is returned as it is
// together with the errors; warnings are returned in any case.
func FormatText(text string) (string, Errors) {
	q, errs := Parse(text)
	if errs.Fatal() {
		return text, errs
	}
	return Format(q), errs
}

// printer lays out a query. The tree says what is written and in which order;
// what it does not hold, such as comments and the spelling of literals, comes
// from the tokens of the text.
type printer struct {
	layout
	text   string
	tokens []token
	notes  []note
	next   int // of notes, the next to write
}

// token is a token of the text.
type token struct {
	Span
	kind lexer.TokenType
}

// note is a comment, or a directive such as #connect.
type note struct {
	Span
	own bool // it has a line of its own
}

func newPrinter(text string) *printer {
	p := &printer{text: text}
	s := scanner{text: text}
	for from := 0; ; {
		t, _ := s.Next() // the scanner never fails
		p.collect(from, start(&t))
		if t.EOF() {
			break
		}
		p.tokens = append(p.tokens, token{span(&t), t.Type})
		from = end(&t)
	}
	p.steps = make([]step, 0, 4*len(p.tokens)+2*len(p.notes))
	return p
}

// collect finds the comments between two tokens.
func (p *printer) collect(from, to int) {
	first := len(p.tokens) == 0
	for i := from; i < to; i++ {
		if c := p.text[i]; c == '/' || c == '#' && first {
			end := i + lineLen(p.text[i:to])
			own := first || strings.ContainsAny(p.text[from:i], "\r\n")
			p.notes = append(p.notes, note{Span{i, end}, own})
			i = end
		}
	}
}

// comments writes the comments that stand before an offset. It is called
// wherever a line may end, before the step that begins the next. A comment
// that ended a line ends one again.
func (p *printer) comments(before int) {
	for first := true; p.next < len(p.notes) && p.notes[p.next].Start < before; first = false {
		n := p.notes[p.next]
		p.next++
		text := strings.TrimSpace(p.text[n.Start:n.End])
		if first && !n.own {
			p.comment(" " + text)
			continue
		}
		p.line()
		p.comment(text)
	}
}

// remarks is comments between statements, where empty lines are kept.
func (p *printer) remarks(before int) {
	for first := true; p.next < len(p.notes) && p.notes[p.next].Start < before; first = false {
		n := p.notes[p.next]
		p.next++
		text := strings.TrimSpace(p.text[n.Start:n.End])
		if first && !n.own {
			p.comment(" " + text)
			continue
		}
		p.nextLine(n.Start)
		p.comment(text)
	}
}

// gap is what stands between two statements, the second of which begins at an
// offset.
func (p *printer) gap(at int) {
	p.remarks(at)
	p.nextLine(at)
}

// nextLine begins a line, unless it is the first of all, after an empty one
// where the text has one before the offset.
func (p *printer) nextLine(at int) {
	if len(p.steps) == 0 {
		return
	}
	space := p.text[len(strings.TrimRight(p.text[:at], " \t\r\n\f\v")):at]
	if strings.Count(space, "\n") > 1 {
		p.blank()
		return
	}
	p.line()
}

// tokenFrom is the index of the first token that begins at an offset or later.
func (p *printer) tokenFrom(offset int) int {
	return sort.Search(len(p.tokens), func(i int) bool { return p.tokens[i].Start >= offset })
}

// value is the text of token i, or nothing beyond the last.
func (p *printer) value(i int) string {
	if i < 0 || i >= len(p.tokens) {
		return ""
	}
	return p.text[p.tokens[i].Start:p.tokens[i].End]
}

// closing is where the bracket stands that closes what ends at an offset.
// Comments before it belong inside.
func (p *printer) closing(offset int) int {
	if i := p.tokenFrom(offset); p.value(i) != "" && strings.Contains(")]}", p.value(i)) {
		return p.tokens[i].Start
	}
	return offset
}

// raw writes tokens of the text that the tree does not hold.
func (p *printer) raw(from, to int) {
	word := func(i int) bool { return p.tokens[i].kind != tPunct }
	for i := p.tokenFrom(from); i < len(p.tokens) && p.tokens[i].End <= to; i++ {
		if i > 0 && p.tokens[i-1].Start >= from && (p.value(i-1) == "," || word(i-1) && word(i)) {
			p.put(" ")
		}
		p.put(p.value(i))
	}
}

// asWritten writes a run of the text with all that is in it.
func (p *printer) asWritten(s Span) {
	p.put(p.text[s.Start:s.End])
	for p.next < len(p.notes) && p.notes[p.next].Start < s.End {
		p.next++
	}
}
