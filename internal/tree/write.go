package tree

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Pair is a key and its value in an Object: a string, bool, int, float64,
// []string, Object, []Object, or Flow of any of these.
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
		n.SetString(v)
		// A block cannot say that a line ends in blanks or a carriage return.
		if strings.Contains(v, "\n") && !strings.Contains(v, " \n") && !strings.ContainsAny(v, "\t\r") {
			n.Style = yaml.LiteralStyle
		} else if n.Style == yaml.LiteralStyle {
			n.Style = yaml.DoubleQuotedStyle
		}
	default:
		if err := n.Encode(v); err != nil {
			panic("BUG: " + err.Error())
		}
	}
	return n
}
