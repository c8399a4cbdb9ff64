// Package tree reads YAML and JSON and keeps the place of everything, so that
// a wrong key or value, or a wrong query inside of one, is shown where it
// stands in the file.
//
//	tree.go    nodes, files and what is wrong with them
//	yaml.go    from YAML
//	json.go    from JSON
//	place.go   where in the file a part of a text is
//	fields.go  what may stand in a mapping
//	value.go   nodes as values of Go
package tree

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"tidemark/parser"
)

// Kind says what a node is.
type Kind uint8

// The kinds of nodes.
const (
	Null Kind = iota
	Text
	Number
	Bool
	List
	Map
)

var kindNames = [...]string{"nothing", "a text", "a number", "true or false", "a list", "a mapping"}

func (k Kind) String() string { return kindNames[k] }

// Node is a value in a file.
type Node struct {
	Kind  Kind
	Text  string      // of a scalar, without quotes and escapes
	Span  parser.Span // in the file
	Keys  []*Node     // of a mapping, in order
	Items []*Node     // of a mapping its values, of a list its elements

	file  *File
	style style
	place []int // see At
}

// style is how a text is written.
type style uint8

const (
	plain style = iota
	quoted
	literal
	folded
)

// File is a file that has been read, and what is wrong with it.
type File struct {
	Name string
	Text string
	Errs parser.Errors // places are those in Text
}

// Documents reads a file: the documents of YAML, or the one value of JSON,
// where it begins like that and is not called .yaml. It returns those it could
// read; what is wrong is in f.Errs.
func (f *File) Documents() []*Node {
	f.Text = strings.TrimPrefix(f.Text, "\ufeff")
	if ext := strings.ToLower(filepath.Ext(f.Name)); ext == ".yaml" || ext == ".yml" {
		return f.yaml()
	}
	if first := strings.TrimLeft(f.Text, " \t\r\n"); strings.HasPrefix(first, "{") || strings.HasPrefix(first, "[") {
		if n := f.json(); n != nil {
			return []*Node{n}
		}
		return nil
	}
	return f.yaml()
}

// Fail notes an error.
func (f *File) Fail(at parser.Span, hint, format string, args ...any) {
	f.Errs = append(f.Errs, &parser.Error{Span: at, Code: "TM100", Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// Warn notes a warning.
func (f *File) Warn(at parser.Span, hint, format string, args ...any) {
	f.Errs = append(f.Errs, &parser.Error{Span: at, Severity: parser.SeverityWarning, Code: "TM101", Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// File is the file that the node is in.
func (n *Node) File() *File { return n.file }

// Fail notes an error about the node.
func (n *Node) Fail(hint, format string, args ...any) { n.file.Fail(n.Span, hint, format, args...) }

// Failed reports whether there is an error about the node already.
func (n *Node) Failed() bool {
	return slices.ContainsFunc(n.file.Errs, func(e *parser.Error) bool {
		return e.Severity == parser.SeverityError && e.Span.Start == n.Span.Start
	})
}

// Warn notes a warning about the node.
func (n *Node) Warn(hint, format string, args ...any) { n.file.Warn(n.Span, hint, format, args...) }

// Get returns the value under a key of a mapping, without regard to case, or
// nil.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != Map {
		return nil
	}
	for i, k := range n.Keys {
		if strings.EqualFold(k.Text, key) {
			return n.Items[i]
		}
	}
	return nil
}

// New makes a scalar that stands where at does: the value of an expression.
func New(at *Node, k Kind, text string) *Node {
	return &Node{Kind: k, Text: text, Span: at.Span, file: at.file}
}

// Moved is the node as if it stood where at does, for errors about a value
// that came from elsewhere.
func (n *Node) Moved(at *Node) *Node {
	out := *n
	out.Span, out.file, out.style, out.place = at.Span, at.file, plain, nil
	return &out
}
