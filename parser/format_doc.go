package parser

import (
	"strings"
	"unicode/utf8"
)

// lineWidth is where lines are broken if they can be, indentWidth how far
// what follows is moved in.
const (
	lineWidth   = 100
	indentWidth = 4
)

// layout is a text with places where lines may be broken, after Oppen's
// "Prettyprinting": the lines of a group are broken all or none, and none
// where the group fits.
type layout struct {
	steps []step
	open  []int // groups that are not closed yet
	flat  int   // columns of all so far, were it on one line
}

type step struct {
	kind  stepKind
	hard  bool // of a group: it must be broken
	width int  // of a group on one line, or of a text
	end   int  // of a group: where it is closed
	text  string
}

type stepKind uint8

const (
	textStep    stepKind = iota
	commentStep          // takes no columns; a line must end after it
	spaceStep            // a new line, or a space where its group is on one line
	softStep             // a new line, or nothing
	lineStep             // a new line
	blankStep            // a new line after an empty one
	groupStep
	endStep
	indentStep
	dedentStep
)

func (l *layout) add(kind stepKind, text string, width int) {
	l.steps = append(l.steps, step{kind: kind, text: text, width: width})
	l.flat += width
}

// put writes texts.
func (l *layout) put(texts ...string) {
	for _, s := range texts {
		l.add(textStep, s, columnsOf(s))
	}
}

// comment writes a comment, after which the caller begins a new line.
func (l *layout) comment(text string) {
	l.add(commentStep, text, 0)
	l.harden()
}

func (l *layout) space()  { l.add(spaceStep, "", 1) }
func (l *layout) soft()   { l.add(softStep, "", 0) }
func (l *layout) indent() { l.add(indentStep, "", 0) }
func (l *layout) dedent() { l.add(dedentStep, "", 0) }

func (l *layout) line() {
	l.add(lineStep, "", 0)
	l.harden()
}

func (l *layout) blank() {
	l.add(blankStep, "", 0)
	l.harden()
}

// harden breaks the open groups. Those around a broken one are broken already.
func (l *layout) harden() {
	for i := len(l.open) - 1; i >= 0 && !l.steps[l.open[i]].hard; i-- {
		l.steps[l.open[i]].hard = true
	}
}

// group begins a group; until end closes it.
func (l *layout) group() {
	l.open = append(l.open, len(l.steps))
	l.add(groupStep, "", 0)
	l.steps[len(l.steps)-1].width = -l.flat
}

func (l *layout) end() {
	g := &l.steps[l.open[len(l.open)-1]]
	l.open = l.open[:len(l.open)-1]
	g.width += l.flat
	g.end = len(l.steps)
	l.add(endStep, "", 0)
}

// tail is how many columns follow step i before the next place to break.
func (l *layout) tail(i int) int {
	n := 0
	for _, s := range l.steps[i:] {
		switch s.kind {
		case textStep:
			n += s.width
			if n > lineWidth {
				return n
			}
		case commentStep, spaceStep, softStep, lineStep, blankStep:
			return n
		}
	}
	return n
}

// String breaks the lines.
func (l *layout) String() string {
	b := make([]byte, 0, l.flat+l.flat/4)
	broken := []bool{true}
	indent, column := 0, 0
	newline := func() {
		b = append(b, '\n')
		column = -1 // the indent is written once something stands on the line
	}
	for i := range l.steps {
		s := &l.steps[i]
		switch s.kind {
		case textStep, commentStep:
			text := s.text
			if column < 0 {
				for range indent {
					b = append(b, ' ')
				}
				column = indent
				text = strings.TrimPrefix(text, " ")
			}
			b = append(b, text...)
			if n := strings.LastIndexByte(text, '\n'); n >= 0 {
				column = columnsOf(text[n+1:])
			} else {
				column += s.width
			}
		case groupStep:
			at := column
			if at < 0 {
				at = indent
			}
			broken = append(broken, s.hard || broken[len(broken)-1] && at+s.width+l.tail(s.end) > lineWidth)
		case endStep:
			broken = broken[:len(broken)-1]
		case indentStep:
			indent += indentWidth
		case dedentStep:
			indent -= indentWidth
		case blankStep:
			b = append(b, '\n')
			newline()
		case lineStep:
			newline()
		case spaceStep, softStep:
			if broken[len(broken)-1] {
				newline()
			} else if s.kind == spaceStep {
				b = append(b, ' ')
				column++
			}
		}
	}
	return string(b)
}

// columnsOf is how many columns the first line of a text takes, roughly.
func columnsOf(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		s = s[:i]
	}
	return utf8.RuneCountInString(s)
}
