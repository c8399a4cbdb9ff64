package tree

import (
	"strings"

	"tidemark/internal/near"
)

// Field is a key that a mapping may have.
type Field struct {
	Name string
	Doc  string // one sentence
	// Read takes the value; nil where the key is known and means nothing here.
	Read func(n *Node)
	// Note, where there is one, is a warning that the key gives.
	Note string
}

// Fields reads a mapping. Keys that are not in the list and keys that occur
// twice are errors at their place. what names the mapping in messages.
func (n *Node) Fields(what string, fields []Field) {
	if n.Kind != Map {
		n.Fail("", "%s must be a mapping of keys to values, and this is %s", what, n.Kind)
		return
	}
	seen := map[string]bool{}
	for i, k := range n.Keys {
		f := find(fields, k.Text)
		switch {
		case f == nil:
			k.Fail(closest(fields, k.Text), "unknown key %q in %s", k.Text, what)
		case seen[f.Name]:
			k.Fail("", "the key %q is there twice", k.Text)
		default:
			seen[f.Name] = true
			if f.Note != "" {
				k.Warn("", "%s: %s", f.Name, f.Note)
			}
			if f.Read != nil && n.Items[i].Kind != Null {
				f.Read(n.Items[i])
			}
		}
	}
}

func find(fields []Field, name string) *Field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	return nil
}

func closest(fields []Field, name string) string {
	var names []string
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return "did you mean " + f.Name + "?"
		}
		names = append(names, f.Name)
	}
	if c := near.Closest(name, names); c != "" {
		return "did you mean " + c + "?"
	}
	return ""
}
