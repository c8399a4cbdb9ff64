package tree

import (
	"errors"
	"fmt"
	"strings"

	"tidemark/parser"
)

// Error says what is wrong with a file, a line for each fault:
// file:line:column: what it is, and the way out in brackets.
type Error struct{ File *File }

func (e *Error) Error() string {
	var lines []string
	for _, x := range e.File.Errs {
		if x.Severity != parser.SeverityError {
			continue
		}
		line, column := parser.LineColumn(e.File.Text, x.Span.Start)
		text := fmt.Sprintf("%s:%d:%d: %s", e.File.Name, line, column, x.Msg)
		if x.Hint != "" {
			text += " (" + x.Hint + ")"
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}

// Err returns what is wrong with the file, nil where it is nothing.
func (f *File) Err() error {
	if f.Errs.Fatal() {
		return &Error{f}
	}
	return nil
}

// FailQuery notes what is wrong with the query that is the node's text, where
// in the file that stands.
func (n *Node) FailQuery(err error) {
	var all parser.Errors
	if !errors.As(err, &all) {
		n.Fail("", "%v", err)
		return
	}
	for _, e := range all {
		moved := *e
		moved.Span = n.At(e.Span)
		n.file.Errs = append(n.file.Errs, &moved)
	}
}

// Start is the beginning of the file, for what is wrong with all of it.
func (f *File) Start() parser.Span { return parser.Span{} }
