package rule

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"tidemark/internal/tree"
)

// Azure's templates hold expressions in their texts: "[parameters('name')]".
// We work out the few that say which text stands here; for anything else the
// answer would be a guess, so it is an error. Bicep files are to be built
// first: az bicep build.
// See https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions

// template is what expressions refer to.
type template struct {
	parameters, variables *tree.Node // mappings of the template
	given                 *tree.Node // values of parameters, from a file
	open                  []string   // variables that are being worked out
	calls                 int        // of functions so far
	failed                int        // expressions that could not be worked out
	active                bool       // there is a template
	lenient               bool       // unknown parameters are empty, for ids and names
}

// resolve returns the tree with its expressions worked out. What cannot be is
// an error with its path.
func (t *template) resolve(n *tree.Node, path string) *tree.Node {
	switch n.Kind {
	case tree.List, tree.Map:
		out := n.Moved(n)
		out.Items = make([]*tree.Node, len(n.Items))
		for i, item := range n.Items {
			at := path + "[" + strconv.Itoa(i) + "]"
			if n.Kind == tree.Map {
				at = strings.TrimPrefix(path+"."+n.Keys[i].Text, ".")
			}
			out.Items[i] = t.resolve(item, at)
		}
		return out
	case tree.Text:
		if !t.expression(n.Text) {
			return n
		}
		if strings.HasPrefix(n.Text, "[[") { // an escaped bracket
			return tree.New(n, tree.Text, n.Text[1:])
		}
		v, err := t.evaluate(n, n.Text[1:len(n.Text)-1])
		if err != nil {
			t.failed++
			n.Fail("export the rule as it is deployed (az monitor scheduled-query show), or give a parameters file", "%s: %v", path, err)
			return tree.New(n, tree.Null, "")
		}
		return v
	}
	return n
}

// call is how an expression begins.
var call = regexp.MustCompile(`^\[\s*[A-Za-z]+\(`)

// expression reports whether a text is one. What Azure exports outside of
// templates has none; a call in it is from a template that is not there.
func (t *template) expression(text string) bool {
	return strings.HasSuffix(text, "]") && (t.active && strings.HasPrefix(text, "[") || call.MatchString(text))
}

// evaluate works out one expression.
func (t *template) evaluate(at *tree.Node, text string) (*tree.Node, error) {
	p := &armParser{t: t, at: at, rest: text, depth: len(t.open)}
	v, err := p.value()
	if err == nil && strings.TrimSpace(p.rest) != "" {
		return nil, fmt.Errorf("%q is not understood in the expression [%s]", strings.TrimSpace(p.rest), text)
	}
	return v, err
}

type armParser struct {
	t     *template
	at    *tree.Node
	rest  string
	depth int
}

// Bounds of a template. Variables that are made of each other grow without end
// in a few lines.
const (
	maxArmCalls = 100_000
	maxArmDepth = 100
	maxArmText  = 1 << 20
)

// value reads a string, a number or a call, and what members follow it.
func (p *armParser) value() (*tree.Node, error) {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	var v *tree.Node
	var err error
	if p.depth++; p.depth > maxArmDepth {
		return nil, fmt.Errorf("the expression is nested too deeply")
	}
	defer func() { p.depth-- }()
	switch {
	case p.rest == "":
		return nil, fmt.Errorf("the expression ends too early")
	case p.rest[0] == '\'':
		return p.text()
	case p.rest[0] == '-' || p.rest[0] >= '0' && p.rest[0] <= '9':
		word := p.word()
		if _, err := strconv.Atoi(word); err != nil {
			return nil, fmt.Errorf("%q is no whole number", word)
		}
		return tree.New(p.at, tree.Number, word), nil
	default:
		v, err = p.call()
	}
	for err == nil && p.rest != "" && (p.rest[0] == '.' || p.rest[0] == '[') {
		v, err = p.member(v)
	}
	return v, err
}

// text reads 'it”s'.
func (p *armParser) text() (*tree.Node, error) {
	var out strings.Builder
	for i := 1; i < len(p.rest); i++ {
		if p.rest[i] != '\'' {
			out.WriteByte(p.rest[i])
			continue
		}
		if i+1 < len(p.rest) && p.rest[i+1] == '\'' {
			out.WriteByte('\'')
			i++
			continue
		}
		p.rest = p.rest[i+1:]
		return tree.New(p.at, tree.Text, out.String()), nil
	}
	return nil, fmt.Errorf("a string in the expression has no end")
}

func (p *armParser) word() string {
	i := strings.IndexFunc(p.rest, func(r rune) bool {
		return !(r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	})
	if i < 0 {
		i = len(p.rest)
	}
	word := p.rest[:i]
	p.rest = p.rest[i:]
	return word
}

func (p *armParser) call() (*tree.Node, error) {
	name := p.word()
	if name == "" || !strings.HasPrefix(p.rest, "(") {
		return nil, fmt.Errorf("%q is no call of a function", name+p.rest)
	}
	if p.t.calls++; p.t.calls > maxArmCalls {
		return nil, fmt.Errorf("the template has more than %d calls to work out", maxArmCalls)
	}
	p.rest = p.rest[1:]
	var args []*tree.Node
	for {
		p.rest = strings.TrimLeft(p.rest, " \t\r\n")
		if after, ok := strings.CutPrefix(p.rest, ")"); ok && len(args) == 0 {
			p.rest = after
			break
		}
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		args = append(args, v)
		p.rest = strings.TrimLeft(p.rest, " \t\r\n")
		if p.rest == "" || p.rest[0] != ',' && p.rest[0] != ')' {
			return nil, fmt.Errorf("the call of %s has no end", name)
		}
		end := p.rest[0] == ')'
		if p.rest = p.rest[1:]; end {
			break
		}
	}
	for _, f := range armFunctions {
		if strings.EqualFold(f.name, name) {
			if len(args) < f.min || f.max >= 0 && len(args) > f.max {
				return nil, fmt.Errorf("%s does not take %d arguments", f.name, len(args))
			}
			return f.call(p, args)
		}
	}
	return nil, fmt.Errorf("the template function %s() is not worked out here", name)
}

// member reads .name or [0] after a value.
func (p *armParser) member(v *tree.Node) (*tree.Node, error) {
	if after, ok := strings.CutPrefix(p.rest, "."); ok {
		p.rest = after
		name := p.word()
		if m := v.Get(name); m != nil {
			return m.Moved(p.at), nil
		}
		return nil, fmt.Errorf("there is no member %q", name)
	}
	p.rest = p.rest[1:]
	i, err := p.value()
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(p.rest, "]") {
		return nil, fmt.Errorf("] is missing")
	}
	p.rest = p.rest[1:]
	n, err := strconv.Atoi(i.Text)
	if v.Kind != tree.List || err != nil || n < 0 || n >= len(v.Items) {
		return nil, fmt.Errorf("there is no element %s", i.Text)
	}
	return v.Items[n].Moved(p.at), nil
}
