package op

import (
	"strings"

	"tidemark/engine/expr"
	"tidemark/internal/dyn"
	"tidemark/parser"
	"tidemark/table"
)

// projectByNames picks columns by texts: names, patterns, and arrays of them.
// What means no column is passed over.
// See https://learn.microsoft.com/kusto/query/project-by-names-operator
func (b *Binder) projectByNames(in Node, op *parser.ProjectByNames) Node {
	out := &projection{b: b, rs: &rowScope{cols: in.Columns()}}
	for _, x := range op.Columns {
		names, ok := b.names(x)
		if !ok {
			return nil
		}
		for _, name := range names {
			for i, c := range out.rs.cols {
				means := c.Name == name || strings.Contains(name, "*") && !c.Hidden && glob(name, c.Name)
				if means && out.has(c.Name) < 0 {
					out.append(c.Name, &expr.Column{Index: i, T: c.Type, Name: c.Name}, true)
				}
			}
		}
	}
	return out.node(in)
}

// names binds a text or an array of texts that is known before the query runs.
func (b *Binder) names(x parser.Expr) ([]string, bool) {
	k := b.constant(x)
	if k == nil {
		return nil, false
	}
	text, _ := k.Value().(string)
	switch {
	case k.T == table.String:
		return []string{text}, true
	case k.T == table.Dynamic && text == "":
		return nil, true
	case k.T == table.Dynamic:
		var p dyn.Parser
		v, err := p.Parse(text)
		if err != nil {
			break
		}
		if v.Type() == dyn.String {
			return []string{string(v.GetStringBytes())}, true
		}
		list, err := v.Array()
		if err != nil {
			break
		}
		var out []string
		for _, e := range list {
			if e.Type() == dyn.String {
				out = append(out, string(e.GetStringBytes()))
			}
		}
		return out, true
	}
	b.fail(x.Span(), "KS141", `such as "Name", "C*" or dynamic(["A", "B"])`, "the names of columns are texts or arrays of texts, and this is a %s", k.T)
	return nil, false
}
