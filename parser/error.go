package parser

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Severity tells errors from warnings.
type Severity uint8

// A query with an error does not run; one with a warning does.
const (
	SeverityError Severity = iota
	SeverityWarning
)

func (s Severity) String() string {
	if s == SeverityWarning {
		return "warning"
	}
	return "error"
}

// Error is something wrong at a place in the query, with a way out where we
// know one. The binder and the parser both use it.
type Error struct {
	Span     Span
	Severity Severity
	Code     string // such as KS142, Kusto's code for the same fault, or TM… for ours
	Msg      string
	Hint     string

	atEnd bool // the query stops where more was needed
}

func (e *Error) Error() string { return e.Msg }

// Errors are all that was found in one query, in the order of the text.
type Errors []*Error

func (es Errors) Error() string {
	msgs := make([]string, len(es))
	for i, e := range es {
		msgs[i] = e.Msg
	}
	return strings.Join(msgs, "\n")
}

// Fatal reports whether one of them is an error rather than a warning.
func (es Errors) Fatal() bool {
	for _, e := range es {
		if e.Severity == SeverityError {
			return true
		}
	}
	return false
}

// LineColumn returns the line and column, both from 1, of a byte offset in
// text. Columns count characters.
func LineColumn(text string, offset int) (line, column int) {
	offset = min(offset, len(text))
	before := text[:offset]
	line = strings.Count(before, "\n") + 1
	start := strings.LastIndexByte(before, '\n') + 1
	return line, utf8.RuneCountInString(before[start:]) + 1
}

// Render shows an error with the line of text it is about, a caret under the
// place, and the hint. width measures the columns a string takes on the
// terminal (wide characters take two).
func (e *Error) Render(text string, width func(string) int) string {
	line, _ := LineColumn(text, e.Span.Start)
	start := strings.LastIndexByte(text[:min(e.Span.Start, len(text))], '\n') + 1
	src := text[start:]
	if i := strings.IndexByte(src, '\n'); i >= 0 {
		src = src[:i]
	}
	flat := strings.ReplaceAll(strings.TrimRight(src, "\r"), "\t", " ")
	before := strings.ReplaceAll(src[:min(e.Span.Start-start, len(src))], "\t", " ")
	marked := ""
	if end := min(e.Span.End-start, len(src)); end > e.Span.Start-start {
		marked = src[e.Span.Start-start : end]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", e.Severity, e.Msg)
	fmt.Fprintf(&b, "%5d | %s\n", line, flat)
	fmt.Fprintf(&b, "      | %s%s\n", strings.Repeat(" ", width(before)), strings.Repeat("^", max(1, width(marked))))
	if e.Hint != "" {
		fmt.Fprintf(&b, "      = %s\n", e.Hint)
	}
	return b.String()
}
