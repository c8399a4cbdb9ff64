package tree

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"tidemark/parser"
)

// Aliases can make a small file a large tree.
const (
	maxNodes = 200_000
	maxDepth = 100
)

func (f *File) yaml() []*Node {
	var out []*Node
	r := &yamlReader{file: f, lines: lineStarts(f.Text)}
	for d := yaml.NewDecoder(strings.NewReader(f.Text)); ; {
		var doc yaml.Node
		err := d.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			r.fail(err)
			return out
		}
		if len(doc.Content) == 1 {
			if n := r.node(doc.Content[0], 0); n.Kind != Null {
				out = append(out, n)
			}
		}
	}
}

// lineStarts returns the offset of each line.
func lineStarts(text string) []int {
	starts := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

type yamlReader struct {
	file  *File
	lines []int
	count int
	full  bool

	// The place that was asked for last: nodes come in the order of the
	// file, and a line may be a megabyte long.
	line, column, at int
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

func (r *yamlReader) fail(err error) {
	msg, line := err.Error(), 1
	if m := yamlLine.FindStringSubmatch(msg); m != nil {
		msg = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	at := r.offset(line, 1)
	r.file.Fail(parser.Span{Start: at, End: at}, "", "not valid YAML: %s", msg)
}

// offset is where a line and a column, both from 1 and in characters, are.
func (r *yamlReader) offset(line, column int) int {
	if line < 1 || line > len(r.lines) {
		return len(r.file.Text)
	}
	if line != r.line || column < r.column {
		r.line, r.column, r.at = line, 1, r.lines[line-1]
	}
	for ; r.column < column; r.column++ {
		if r.at >= len(r.file.Text) || r.file.Text[r.at] == '\n' {
			break
		}
		_, n := utf8.DecodeRuneInString(r.file.Text[r.at:])
		r.at += n
	}
	return r.at
}

func (r *yamlReader) node(y *yaml.Node, depth int) *Node {
	at := r.offset(y.Line, y.Column)
	n := &Node{Span: parser.Span{Start: at, End: at}, file: r.file}
	if r.count++; r.count > maxNodes || depth > maxDepth {
		if !r.full {
			r.file.Fail(n.Span, "", "this is too large or nested too deeply")
		}
		r.full = true
		return n
	}
	switch y.Kind {
	case yaml.AliasNode:
		return r.node(y.Alias, depth+1)
	case yaml.MappingNode:
		n.Kind = Map
		for i := 0; i+1 < len(y.Content); i += 2 {
			n.Keys = append(n.Keys, r.node(y.Content[i], depth+1))
			n.Items = append(n.Items, r.node(y.Content[i+1], depth+1))
		}
	case yaml.SequenceNode:
		n.Kind = List
		for _, c := range y.Content {
			n.Items = append(n.Items, r.node(c, depth+1))
		}
	default:
		r.scalar(n, y)
	}
	return n
}

func (r *yamlReader) scalar(n *Node, y *yaml.Node) {
	n.Text = y.Value
	switch y.ShortTag() {
	case "!!null":
		n.Kind, n.Text = Null, "" // written null, ~, or not at all
	case "!!bool":
		n.Kind = Bool
	case "!!int", "!!float":
		n.Kind = Number
	default:
		n.Kind = Text
	}
	n.Span.End = n.Span.Start + len(y.Value)
	switch {
	case y.Style&yaml.LiteralStyle != 0:
		n.style, n.Span.End = literal, n.Span.Start+1
	case y.Style&yaml.FoldedStyle != 0:
		n.style, n.Span.End = folded, n.Span.Start+1
	case y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		n.style, n.Span.End = quoted, n.Span.Start+len(y.Value)+2
	}
	n.Span.End = min(n.Span.End, len(r.file.Text))
}
