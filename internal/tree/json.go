package tree

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"tidemark/parser"
)

type jsonReader struct {
	file *File
	d    *json.Decoder
}

// json reads the one value of a file.
func (f *File) json() *Node {
	r := &jsonReader{file: f, d: json.NewDecoder(strings.NewReader(f.Text))}
	r.d.UseNumber()
	n, err := r.value(0)
	if err == nil {
		rest := strings.TrimLeft(f.Text[r.d.InputOffset():], " \t\r\n")
		if at := len(f.Text) - len(rest); rest != "" {
			f.Fail(parser.Span{Start: at, End: at + 1}, "", "there is something after the end of the JSON")
		}
		return n
	}
	at := int(r.d.InputOffset())
	var syntax *json.SyntaxError
	// The decoder of tokens counts from here and there; that of whole texts
	// says how far it came.
	if errors.As(json.Unmarshal([]byte(f.Text), new(json.RawMessage)), &syntax) {
		at, err = max(0, int(syntax.Offset)-1), syntax
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.HasPrefix(err.Error(), "unexpected end") {
		at, err = len(f.Text), errors.New("it ends too early")
	}
	f.Fail(parser.Span{Start: at, End: at}, "", "not valid JSON: %v", err)
	return nil
}

// next is where the next token begins.
func (r *jsonReader) next() int {
	at := int(r.d.InputOffset())
	for at < len(r.file.Text) && strings.IndexByte(" \t\r\n,:", r.file.Text[at]) >= 0 {
		at++
	}
	return at
}

func (r *jsonReader) value(depth int) (*Node, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	start := r.next()
	t, err := r.d.Token()
	if err != nil {
		return nil, err
	}
	n := &Node{file: r.file, Span: parser.Span{Start: start, End: int(r.d.InputOffset())}}
	switch t := t.(type) {
	case nil:
		n.Kind = Null
	case bool:
		n.Kind, n.Text = Bool, r.file.Text[n.Span.Start:n.Span.End]
	case json.Number:
		n.Kind, n.Text = Number, t.String()
	case string:
		n.Kind, n.Text, n.style = Text, t, quoted
	case json.Delim:
		n.Span.End = start + 1
		n.Kind = List
		if t == '{' {
			n.Kind = Map
		}
		return n, r.inside(n, depth)
	}
	return n, nil
}

// inside reads what is within brackets or braces.
func (r *jsonReader) inside(n *Node, depth int) error {
	for r.d.More() {
		v, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if n.Kind == Map {
			n.Keys = append(n.Keys, v)
			if v, err = r.value(depth + 1); err != nil {
				return err
			}
		}
		n.Items = append(n.Items, v)
	}
	_, err := r.d.Token()
	return err
}
