package rule

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tidemark/internal/tree"
)

// armFunction is a function of Azure's templates.
type armFunction struct {
	name     string
	min, max int // arguments; max -1 is any number
	call     func(p *armParser, args []*tree.Node) (*tree.Node, error)
}

var armFunctions []armFunction

func init() { // not in its declaration, since parameters and variables evaluate
	armFunctions = []armFunction{
		{"parameters", 1, 1, func(p *armParser, a []*tree.Node) (*tree.Node, error) { return p.t.parameter(p.at, a[0].Text) }},
		{"variables", 1, 1, func(p *armParser, a []*tree.Node) (*tree.Node, error) { return p.t.variable(p.at, a[0].Text) }},
		{"concat", 1, -1, armConcat},
		{"format", 1, -1, armFormat},
		{"if", 3, 3, armIf},
		{"equals", 2, 2, func(p *armParser, a []*tree.Node) (*tree.Node, error) {
			return armBool(p, a[0].Kind == a[1].Kind && reflect.DeepEqual(a[0].Plain(), a[1].Plain())), nil
		}},
		{"toLower", 1, 1, func(p *armParser, a []*tree.Node) (*tree.Node, error) {
			if err := armTexts("toLower", a); err != nil {
				return nil, err
			}
			return tree.New(p.at, tree.Text, strings.ToLower(a[0].Text)), nil
		}},
		{"json", 1, 1, armJSON},
		{"resourceId", 2, -1, armResource},
		{"true", 0, 0, func(p *armParser, _ []*tree.Node) (*tree.Node, error) { return armBool(p, true), nil }},
		{"false", 0, 0, func(p *armParser, _ []*tree.Node) (*tree.Node, error) { return armBool(p, false), nil }},
		{"null", 0, 0, func(p *armParser, _ []*tree.Node) (*tree.Node, error) { return tree.New(p.at, tree.Null, ""), nil }},
	}
}

func armBool(p *armParser, v bool) *tree.Node {
	return tree.New(p.at, tree.Bool, strconv.FormatBool(v))
}

// parameter is what the parameters file gives, else the default.
func (t *template) parameter(at *tree.Node, name string) (*tree.Node, error) {
	if v := t.given.Get(name); v != nil {
		if inner := v.Get("value"); inner != nil {
			v = inner
		}
		return v.Moved(at), nil
	}
	p := t.parameters.Get(name)
	if p != nil && p.Get("defaultValue") != nil {
		key := "parameters." + name
		return t.within(key, func() (*tree.Node, error) { return t.inner(at, p.Get("defaultValue")) })
	}
	if t.lenient {
		return tree.New(at, tree.Text, ""), nil
	}
	if p == nil {
		return nil, fmt.Errorf("the template has no parameter %q", name)
	}
	return nil, fmt.Errorf("the parameter %q has no default and no value", name)
}

func (t *template) variable(at *tree.Node, name string) (*tree.Node, error) {
	v := t.variables.Get(name)
	if v == nil {
		return nil, fmt.Errorf("the template has no variable %q", name)
	}
	return t.within("variables."+name, func() (*tree.Node, error) { return t.inner(at, v) })
}

// within works something out unless that is going on already.
func (t *template) within(key string, f func() (*tree.Node, error)) (*tree.Node, error) {
	key = strings.ToLower(key)
	if slices.Contains(t.open, key) {
		return nil, fmt.Errorf("%s depends on itself", key)
	}
	t.open = append(t.open, key)
	defer func() { t.open = t.open[:len(t.open)-1] }()
	return f()
}

// inner works out the value of a parameter or variable.
func (t *template) inner(at, v *tree.Node) (*tree.Node, error) {
	v = v.Moved(at)
	if v.Kind == tree.Text && strings.HasPrefix(v.Text, "[") && strings.HasSuffix(v.Text, "]") && !strings.HasPrefix(v.Text, "[[") {
		return t.evaluate(at, v.Text[1:len(v.Text)-1])
	}
	return t.resolve(v, ""), nil
}

func armConcat(p *armParser, args []*tree.Node) (*tree.Node, error) {
	if args[0].Kind == tree.List {
		out := tree.New(p.at, tree.List, "")
		for _, a := range args {
			if a.Kind != tree.List {
				return nil, fmt.Errorf("concat() takes texts, or lists, not both")
			}
			if out.Items = append(out.Items, a.Items...); len(out.Items) > maxArmText {
				return nil, fmt.Errorf("concat() gives more than %d elements", maxArmText)
			}
		}
		return out, nil
	}
	if err := armTexts("concat", args); err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, a := range args {
		b.WriteString(a.Text)
	}
	return armText(p, b.String())
}

// armTexts reports arguments that are no scalars.
func armTexts(name string, args []*tree.Node) error {
	for _, a := range args {
		if a.Kind == tree.List || a.Kind == tree.Map {
			return fmt.Errorf("%s() takes texts, and one of these is %s", name, a.Kind)
		}
	}
	return nil
}

// armText is a text that was put together, unless it is too long.
func armText(p *armParser, s string) (*tree.Node, error) {
	if len(s) > maxArmText {
		return nil, fmt.Errorf("the text has more than %d bytes", maxArmText)
	}
	return tree.New(p.at, tree.Text, s), nil
}

// armPlace finds places for arguments, {0} as well as {0:N2}, and braces that
// are none.
var armPlace = regexp.MustCompile(`\{\{|\}\}|\{(\d+)\}|[{}]`)

func armFormat(p *armParser, args []*tree.Node) (*tree.Node, error) {
	err := armTexts("format", args)
	size := 0
	out := armPlace.ReplaceAllStringFunc(args[0].Text, func(s string) string {
		switch {
		case s == "{{" || s == "}}":
			return s[:1]
		case len(s) == 1:
			err = fmt.Errorf("format() is worked out for places such as {0} only: %q", args[0].Text)
			return ""
		}
		n, e := strconv.Atoi(s[1 : len(s)-1])
		if e != nil || n+1 >= len(args) {
			err = fmt.Errorf("format() has no argument %s", s)
			return ""
		}
		if size += len(args[n+1].Text); size > maxArmText {
			return ""
		}
		return args[n+1].Text
	})
	if err == nil && size > maxArmText {
		err = fmt.Errorf("the text has more than %d bytes", maxArmText)
	}
	if err != nil {
		return nil, err
	}
	return armText(p, out)
}

func armIf(p *armParser, args []*tree.Node) (*tree.Node, error) {
	switch strings.ToLower(args[0].Text) {
	case "true":
		return args[1], nil
	case "false":
		return args[2], nil
	}
	return nil, fmt.Errorf("the condition of if() is %q", args[0].Text)
}

// armJSON reads JSON in a text, such as "1.5" or "[]".
func armJSON(p *armParser, args []*tree.Node) (*tree.Node, error) {
	f := &tree.File{Name: "json()", Text: "[" + args[0].Text + "]"}
	docs := f.Documents()
	if f.Errs.Fatal() || len(docs) != 1 || len(docs[0].Items) != 1 {
		return nil, fmt.Errorf("json(%q) is no JSON", args[0].Text)
	}
	return docs[0].Items[0].Moved(p.at), nil
}

// armResource makes the text of a resource's id; which subscription and group
// it is in nobody here knows or needs to.
func armResource(p *armParser, args []*tree.Node) (*tree.Node, error) {
	i := slices.IndexFunc(args, func(a *tree.Node) bool { return strings.Contains(a.Text, "/") })
	if i < 0 {
		return nil, fmt.Errorf("resourceId() needs a resource type")
	}
	types := strings.Split(args[i].Text, "/")
	names := args[i+1:]
	if len(names) != len(types)-1 {
		return nil, fmt.Errorf("resourceId() has %d names for %s", len(names), args[i].Text)
	}
	out := "/providers/" + types[0]
	for k, n := range names {
		out += "/" + types[k+1] + "/" + n.Text
	}
	return tree.New(p.at, tree.Text, out), nil
}
