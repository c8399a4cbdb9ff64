package tree

import (
	"math"
	"strconv"
	"strings"

	"tidemark/internal/near"
)

// String reads any scalar as the text it is written as.
func (n *Node) String(into *string) {
	if n.Kind == List || n.Kind == Map {
		n.Fail("", "a text is expected here, and this is %s", n.Kind)
		return
	}
	*into = n.Text
}

// Bool reads true or false, also as a text.
func (n *Node) Bool(into *bool) {
	v, err := strconv.ParseBool(strings.ToLower(n.Text))
	if n.Kind != Bool && n.Kind != Text || err != nil {
		n.Fail("", "true or false is expected here, and this is %s", n.described())
		return
	}
	*into = v
}

// Int reads a whole number within bounds, also as a text.
func (n *Node) Int(into *int, lo, hi int) {
	v, err := strconv.Atoi(n.Text)
	if n.Kind != Number && n.Kind != Text || err != nil {
		n.Fail("", "a whole number is expected here, and this is %s", n.described())
		return
	}
	if v < lo || v > hi {
		n.Fail("", "%d is not between %d and %d", v, lo, hi)
		return
	}
	*into = v
}

// Float reads a number, also as a text.
func (n *Node) Float(into *float64) {
	v, err := strconv.ParseFloat(n.Text, 64)
	if n.Kind != Number && n.Kind != Text || err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		n.Fail("", "a number is expected here, and this is %s", n.described())
		return
	}
	*into = v
}

// Strings reads a list of texts, or one text alone.
func (n *Node) Strings(into *[]string) {
	if n.Kind != List {
		var s string
		n.String(&s)
		if n.Kind != Map {
			*into = append(*into, s)
		}
		return
	}
	for _, item := range n.Items {
		var s string
		item.String(&s)
		*into = append(*into, s)
	}
}

// Word reads one of a few words, without regard to case, and gives it as the
// list has it.
func (n *Node) Word(into *string, words ...string) {
	for _, w := range words {
		if (n.Kind == Text || n.Kind == Number) && strings.EqualFold(w, n.Text) {
			*into = w
			return
		}
	}
	hint := "there are " + strings.Join(words, ", ")
	if c := near.Closest(n.Text, words); c != "" {
		hint = "did you mean " + c + "?"
	}
	n.Fail(hint, "this cannot be %s", n.described())
}

// Each hands out the elements of a list; what is no list counts as its only
// element.
func (n *Node) Each(f func(item *Node)) {
	if n.Kind != List {
		f(n)
		return
	}
	for _, item := range n.Items {
		f(item)
	}
}

// described is what messages call the node.
func (n *Node) described() string {
	switch n.Kind {
	case Null, List, Map:
		return n.Kind.String()
	}
	return strconv.Quote(n.Text)
}

// Plain turns the node into maps, slices and values, as encoding/json does.
func (n *Node) Plain() any {
	switch n.Kind {
	case Null:
		return nil
	case Bool:
		return strings.EqualFold(n.Text, "true")
	case Number:
		if i, err := strconv.ParseInt(n.Text, 0, 64); err == nil {
			return i
		}
		if f, err := strconv.ParseFloat(n.Text, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
		return n.Text
	case List:
		out := make([]any, len(n.Items))
		for i, c := range n.Items {
			out[i] = c.Plain()
		}
		return out
	case Map:
		out := make(map[string]any, len(n.Keys))
		for i, k := range n.Keys {
			out[k.Text] = n.Items[i].Plain()
		}
		return out
	}
	return n.Text
}
