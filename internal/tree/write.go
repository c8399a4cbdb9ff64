package tree

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Pair is a key and its value in an Object: a string, bool, int, float64,
// []string, Object, []Object, a *Node, or Flow of any of these.
type Pair struct {
	Key   string
	Value any
}

// Object is a mapping in the order in which it is to be written.
type Object []Pair

// Flow is a value that is written on one line.
type Flow struct{ Value any }

// YAML writes an object.
func YAML(o Object) (string, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(yamlNode(o)); err != nil {
		return "", fmt.Errorf("write YAML: %w", err)
	}
	return b.String(), e.Close()
}

func yamlNode(v any) *yaml.Node {
	n := &yaml.Node{}
	switch v := v.(type) {
	case Flow:
		n = yamlNode(v.Value)
		n.Style |= yaml.FlowStyle
	case Object:
		n.Kind = yaml.MappingNode
		for _, p := range v {
			n.Content = append(n.Content, yamlNode(p.Key), yamlNode(p.Value))
		}
	case []Object:
		n.Kind = yaml.SequenceNode
		for _, o := range v {
			n.Content = append(n.Content, yamlNode(o))
		}
	case []string:
		n.Kind = yaml.SequenceNode
		for _, s := range v {
			n.Content = append(n.Content, yamlNode(s))
		}
	case string:
		n = yamlText(v)
	case *Node:
		n = v.yaml()
	default:
		if err := n.Encode(v); err != nil {
			panic("BUG: " + err.Error())
		}
	}
	return n
}

// yamlText is a text, as a block where it has several lines.
func yamlText(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	// A block cannot say that a line ends in blanks or a carriage return.
	if strings.Contains(s, "\n") && !strings.Contains(s, " \n") && !strings.ContainsAny(s, "\t\r") {
		n.Style = yaml.LiteralStyle
	} else if n.Style == yaml.LiteralStyle {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// yaml is a value that was read, to be written again.
func (n *Node) yaml() *yaml.Node {
	out := &yaml.Node{Kind: yaml.ScalarNode, Value: n.Text}
	switch n.Kind {
	case Null:
		out.Value = "null"
	case Text:
		return yamlText(n.Text)
	case List:
		out = &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range n.Items {
			out.Content = append(out.Content, item.yaml())
		}
	case Map:
		out = &yaml.Node{Kind: yaml.MappingNode}
		for i, k := range n.Keys {
			out.Content = append(out.Content, k.yaml(), n.Items[i].yaml())
		}
	}
	return out
}
