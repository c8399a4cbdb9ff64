package op

import (
	"slices"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/parser"
	"tidemark/table"
)

// declaredPattern is what declare pattern gives a name to: a function whose body
// depends on the values it is called with.
// See https://learn.microsoft.com/kusto/query/pattern-statement
type declaredPattern struct {
	decl  *parser.PatternDecl
	scope *scope
	cases []patternCase
}

// patternCase is what a call with these values stands for.
type patternCase struct {
	values []string
	path   string
	body   *parser.Query
}

// declarePattern binds declare pattern.
func (b *Binder) declarePattern(s *parser.PatternDecl) {
	p := &declaredPattern{decl: s, scope: b.scope}
	for _, d := range append(slices.Clone(s.Params), s.Path) {
		if d == nil {
			continue
		}
		if t, ok := table.TypeNamed(d.Type); !ok || t != table.String {
			b.fail(d.Span(), "KS141", "declare it as "+d.Name.Name+":string", "the arguments of a pattern are texts")
		}
	}
	for _, m := range s.Matches {
		b.patternCase(p, m)
	}
	b.define(s.Name.Name, entity{pattern: p})
	b.scope = &scope{outer: b.scope, names: map[string]entity{}} // the bodies do not see what comes after
}

func (b *Binder) patternCase(p *declaredPattern, m *parser.PatternMatch) {
	c := patternCase{body: m.Body}
	ok := true
	for _, x := range m.Values {
		text, isText := b.patternText(x)
		c.values = append(c.values, text)
		ok = ok && isText
	}
	switch {
	case len(m.Values) != len(p.decl.Params):
		b.fail(m.Span(), "KS185", "", "the pattern %s takes %d values, and these are %d", p.decl.Name.Name, len(p.decl.Params), len(m.Values))
		return
	case m.Path == nil && p.decl.Path != nil:
		b.fail(m.Span(), "KS187", `such as ("value").["`+p.decl.Path.Name.Name+`"]`, "the path is missing here")
		return
	case m.Path != nil && p.decl.Path == nil:
		b.fail(m.Path.Span(), "KS186", "declare one: (…)[Path:string]", "the pattern %s has no path", p.decl.Name.Name)
		return
	case m.Path != nil:
		text, isText := b.patternText(m.Path)
		c.path = text
		ok = ok && isText
	}
	if ok {
		p.cases = append(p.cases, c)
	}
}

// patternText is a text written out.
func (b *Binder) patternText(x parser.Expr) (string, bool) {
	k, ok := x.(*parser.Literal)
	switch {
	case !ok:
		if e := b.scalar(x, &rowScope{}); e.Type() == table.String {
			b.fail(x.Span(), "KS131", "", "a text written out is expected here")
			return "", false
		} else if e.Type() == table.Unknown {
			return "", false
		}
	case k.Kind == parser.StringLit:
		return k.Text, true
	}
	b.fail(x.Span(), "KS141", `write it in quotes: "…"`, "a text is expected here")
	return "", false
}

// patternCall is P("a"), P("a").Path or P("a").["Path"].
type patternCall struct {
	*declaredPattern
	call    *parser.Call
	path    string
	hasPath bool
	// pathOf is the expression of the path where it is in brackets.
	pathOf parser.Expr
}

// patternCall recognises the call of a pattern; nil for others.
func (b *Binder) patternCall(e parser.Expr) *patternCall {
	out := &patternCall{}
	switch e := e.(type) {
	case *parser.Call:
		out.call = e
	case *parser.Path:
		out.call, _ = e.X.(*parser.Call)
		out.path, out.hasPath = e.Member.Name, true
	case *parser.Index:
		out.call, _ = e.X.(*parser.Call)
		out.pathOf, out.hasPath = e.Index, true
		if k, ok := e.Index.(*parser.Literal); ok {
			out.path = k.Text
		}
	}
	if out.call == nil || out.call.Receiver != nil {
		return nil
	}
	ent, ok := b.scope.find(out.call.Name.Name)
	if !ok || ent.pattern == nil {
		return nil
	}
	out.declaredPattern = ent.pattern
	return out
}

// find is the case that a call stands for; nil for none.
func (c *patternCall) find() *patternCase {
	for i, k := range c.cases {
		if len(k.values) != len(c.call.Args) || k.path != c.path {
			continue
		}
		same := true
		for j, a := range c.call.Args {
			lit, ok := a.(*parser.Literal)
			same = same && ok && lit.Text == k.values[j]
		}
		if same {
			return &c.cases[i]
		}
	}
	return nil
}

// function is the case as a function, whose parameters stand for the values.
func (c *patternCall) function(k *patternCase) (*function, map[string]entity) {
	names := map[string]entity{}
	for i, d := range c.decl.Params {
		names[d.Name.Name] = entity{scalar: expr.NewConst(table.String, k.values[i])}
	}
	if c.decl.Path != nil {
		names[c.decl.Path.Name.Name] = entity{scalar: expr.NewConst(table.String, k.path)}
	}
	f := &function{decl: &parser.Function{Body: k.body}, scope: c.scope}
	return f, names
}

// isTabularPattern reports whether a call gives a table; one that stands for
// nothing is taken for one.
func (b *Binder) isTabularPattern(c *patternCall) bool {
	k := c.find()
	if k == nil {
		return true
	}
	f, _ := c.function(k)
	return b.isTabularFunction(f)
}

// invokePattern binds a call of a pattern.
func (b *Binder) invokePattern(c *patternCall, at parser.Span, body func(parser.Expr)) {
	ok := true
	for _, a := range c.call.Args {
		_, isText := b.patternText(a)
		ok = ok && isText
	}
	if c.pathOf != nil {
		_, isText := b.patternText(c.pathOf)
		ok = ok && isText
	}
	if !ok {
		return
	}
	if c.decl.Defined && len(c.call.Args) != len(c.decl.Params) {
		b.fail(c.call.Name.Span(), "KS118", "", "the pattern %s takes %d values, and these are %d", c.decl.Name.Name, len(c.decl.Params), len(c.call.Args))
		return
	}
	k := c.find()
	if k == nil {
		b.fail(c.call.Name.Span(), "KS188", c.known(), "one or more pattern references were not declared: %s", c)
		return
	}
	f, names := c.function(k)
	b.inside(f, names, at, body)
}

// String is the call as Kusto shows it.
func (c *patternCall) String() string {
	var args []string
	for _, a := range c.call.Args {
		if k, ok := a.(*parser.Literal); ok {
			args = append(args, inQuotes(k.Text))
		}
	}
	out := c.decl.Name.Name + "(" + strings.Join(args, ", ") + ")"
	if c.hasPath {
		out += ".[" + inQuotes(c.path) + "]"
	}
	return out
}

// known lists the first calls that stand for something.
func (c *patternCall) known() string {
	if len(c.cases) == 0 {
		return "this declaration says no call's meaning; add = (…) { (\"value\") = { query }; }"
	}
	var out []string
	for _, k := range c.cases[:min(len(c.cases), 5)] {
		call := &patternCall{declaredPattern: c.declaredPattern, call: &parser.Call{}, path: k.path, hasPath: c.decl.Path != nil}
		for _, v := range k.values {
			call.call.Args = append(call.call.Args, &parser.Literal{Kind: parser.StringLit, Text: v})
		}
		out = append(out, call.String())
	}
	return "declared are " + strings.Join(out, ", ")
}

func inQuotes(s string) string { return fn.JSON(table.String, s) }
