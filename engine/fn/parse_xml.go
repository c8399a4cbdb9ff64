package fn

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"tidemark/internal/dyn"
)

// maxXML is the length up to which Kusto reads XML, maxXMLDepth how deep its
// elements may be nested.
const (
	maxXML      = 1 << 20
	maxXMLDepth = 64
)

// xmlNode is an element with its attributes and children, each as a member.
type xmlNode struct {
	name    string
	text    strings.Builder
	members []xmlMember
}

// xmlMember is one name with all values it has.
type xmlMember struct {
	name   string
	values []string // as JSON
}

func (n *xmlNode) add(name, json string) {
	for i := range n.members {
		if n.members[i].name == name {
			n.members[i].values = append(n.members[i].values, json)
			return
		}
	}
	n.members = append(n.members, xmlMember{name, []string{json}})
}

// parseXML reads one element and what it holds.
func parseXML(s string) (Dyn, bool) {
	if len(s) > maxXML {
		return "", false
	}
	d := xml.NewDecoder(strings.NewReader(s))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it has been decoded already
	root := &xmlNode{}
	stack := []*xmlNode{root}
	for {
		token, err := d.RawToken() // names with their prefixes
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", false
		}
		top := stack[len(stack)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if top == root && len(root.members) > 0 || len(stack) > maxXMLDepth {
				return "", false
			}
			n := &xmlNode{name: xmlName(t.Name)}
			for _, a := range t.Attr {
				n.add("@"+xmlName(a.Name), xmlText(a.Value))
			}
			stack = append(stack, n)
		case xml.EndElement:
			if top == root || top.name != xmlName(t.Name) {
				return "", false
			}
			stack = stack[:len(stack)-1]
			stack[len(stack)-1].add(top.name, top.json())
		case xml.CharData:
			if top == root && strings.TrimSpace(string(t)) != "" {
				return "", false
			}
			top.text.Write(t)
		}
	}
	if len(stack) > 1 || len(root.members) == 0 {
		return "", false
	}
	return Dyn(root.json()), true
}

func xmlName(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

// xmlText writes a text as a number where it is one by JSON's grammar.
func xmlText(s string) string {
	if s != "" && (s[0] == '-' || s[0] >= '0' && s[0] <= '9') {
		if _, err := strconv.ParseFloat(s, 64); err == nil && dyn.Valid([]byte(s)) {
			return s
		}
	}
	return string(quote(s))
}

// json is null for an empty element, the text where there is nothing else, and
// an object otherwise: attributes, text, elements.
func (n *xmlNode) json() string {
	text := strings.TrimSpace(n.text.String())
	if len(n.members) == 0 {
		if text == "" {
			return "null"
		}
		return xmlText(text)
	}
	b := []byte{'{'}
	member := func(name string, values []string) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(dyn.AppendString(b, name), ':')
		if len(values) > 1 {
			b = append(append(append(b, '['), strings.Join(values, ",")...), ']')
		} else {
			b = append(b, values[0]...)
		}
	}
	texted := text == ""
	for _, m := range n.members {
		if !texted && m.name[0] != '@' {
			member("#text", []string{xmlText(text)})
			texted = true
		}
		member(m.name, m.values)
	}
	if !texted {
		member("#text", []string{xmlText(text)})
	}
	return string(append(b, '}'))
}
