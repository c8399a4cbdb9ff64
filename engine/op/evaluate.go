package op

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/internal/near"
	"tidemark/parser"
	"tidemark/table"
)

// Plugin describes one plugin of evaluate. To add one, add a registerPlugin
// call to the file that holds it.
type Plugin struct {
	Name     string
	Doc      string // one sentence
	Slow     string // a sentence on when and why a row takes more than a microsecond; "" where it does not
	Page     string // documentation page where it is not Name with hyphens plus "-plugin"
	Examples []fn.Example
	// Params are the names of the arguments in order, by which they can also be
	// given: bag_unpack(d, columnsConflict="keep_source"). Least is how many of
	// them must be there.
	Params []string
	Least  int
	// Rest names what may follow the parameters any number of times, such as
	// the columns that slice a count; "" where nothing may.
	Rest string
	// Service is what the plugin calls outside of the database; such plugins are
	// known by name only.
	Service string
	bind    func(c *pluginCall) Node
}

var plugins = map[string]*Plugin{}

func registerPlugin(p Plugin) {
	if plugins[p.Name] != nil {
		panic("BUG: two plugins are named " + p.Name)
	}
	plugins[p.Name] = &p
}

// Plugins returns every plugin, by name.
func Plugins() []*Plugin {
	return slices.SortedFunc(maps.Values(plugins), func(a, b *Plugin) int { return strings.Compare(a.Name, b.Name) })
}

// PluginNames returns the names of the plugins that run here, sorted.
func PluginNames() []string {
	var out []string
	for _, p := range Plugins() {
		if p.Service == "" {
			out = append(out, p.Name)
		}
	}
	return out
}

// LookupPlugin returns the plugin with a name.
func LookupPlugin(name string) (*Plugin, bool) {
	p, ok := plugins[name]
	return p, ok
}

// URL is the plugin's page in Microsoft's documentation.
func (p *Plugin) URL() string {
	page := p.Page
	if page == "" {
		page = strings.ReplaceAll(p.Name, "_", "-") + "-plugin"
	}
	return "https://learn.microsoft.com/kusto/query/" + page
}

// Usage writes the plugin as a user would call it.
func (p *Plugin) Usage() string {
	parts := slices.Clone(p.Params)
	for i := p.Least; i < len(parts); i++ {
		parts[i] = "[" + parts[i] + "]"
	}
	if p.Rest != "" {
		parts = append(parts, "["+p.Rest+", …]")
	}
	return p.Name + "(" + strings.Join(parts, ", ") + ")"
}

// pluginCall is a call of a plugin while it is bound.
type pluginCall struct {
	b      *Binder
	plugin *Plugin
	in     Node // without hidden columns
	rs     *rowScope
	call   *parser.Call
	args   []parser.Expr // in the order of the parameters, nil where left out; then the rest
	// declared are the columns that the query says the plugin gives; nil where
	// it does not. keep tells that the input's columns come before them.
	declared []table.Column
	keep     bool
	last     bool // nothing follows, so that the plugin may give further results (Binder.also)
}

// evaluate binds evaluate Plugin(…).
func (b *Binder) evaluate(in Node, op *parser.Evaluate) Node {
	if op.Call == nil {
		return nil
	}
	name := op.Call.Name.Name
	p, ok := plugins[name]
	switch {
	case !ok:
		names := PluginNames()
		hint := "the plugins are " + strings.Join(names, ", ")
		if c := near.Closest(name, names); c != "" {
			hint = fmt.Sprintf("did you mean %s?", c)
		}
		b.fail(op.Call.Name.Span(), "KS124", hint, "there is no plugin named %s", name)
		return nil
	case p.Service != "":
		b.fail(op.Call.Name.Span(), "TM009", "the data that it gives can be loaded with tidemark ingest", "the plugin %s needs %s, which cannot be reached from here", name, p.Service)
		return nil
	case in == nil:
		b.fail(op.Call.Name.Span(), "KS174", "write it after a table: T | evaluate "+p.Usage(), "the plugin %s needs rows to work on", name)
		return nil
	}
	in = visible(in)
	c := &pluginCall{b: b, plugin: p, in: in, rs: &rowScope{cols: in.Columns()}, call: op.Call, keep: op.KeepInput, last: b.last == op}
	if !c.arrange() {
		return nil
	}
	if op.Columns != nil || op.KeepInput {
		cols, ok := b.columnDecls(op.Columns)
		if !ok {
			return nil
		}
		c.declared = append([]table.Column{}, cols...)
	}
	before := len(b.errs)
	out := p.bind(c)
	if out == nil || len(b.errs) > before && b.errs[before:].Fatal() {
		return nil
	}
	return c.asDeclared(out)
}

// arrange puts the arguments in the order of the parameters.
func (c *pluginCall) arrange() bool {
	p := c.plugin
	c.args = make([]parser.Expr, len(p.Params))
	place := 0
	for _, a := range c.call.Args {
		if n, ok := a.(*parser.Named); ok && len(n.Names) == 1 {
			if i := slices.IndexFunc(p.Params, func(s string) bool { return strings.EqualFold(s, n.Names[0].Name) }); i >= 0 {
				c.args[i] = n.X
				continue
			}
		}
		for place < len(p.Params) && c.args[place] != nil {
			place++
		}
		if place < len(p.Params) {
			c.args[place] = a
			place++
			continue
		}
		c.args = append(c.args, a)
	}
	for i := range p.Least {
		if c.args[i] == nil {
			return c.usage()
		}
	}
	if len(c.args) > len(p.Params) && p.Rest == "" {
		return c.usage()
	}
	return true
}

func (c *pluginCall) usage() bool {
	c.b.fail(c.call.Span(), "KS119", "usage: evaluate "+c.plugin.Usage(), "%s() does not take these %d arguments", c.plugin.Name, len(c.call.Args))
	return false
}

// rest are the arguments after the parameters.
func (c *pluginCall) rest() []parser.Expr { return c.args[len(c.plugin.Params):] }

// column binds an argument that names a column of the input.
func (c *pluginCall) column(x parser.Expr) (*expr.Column, bool) {
	e := c.b.scalar(x, c.rs)
	if e.Type() == table.Unknown {
		return nil, false
	}
	col, ok := e.(*expr.Column)
	if !ok {
		c.b.fail(x.Span(), "KS109", "usage: evaluate "+c.plugin.Usage(), "the name of a column is expected here")
	}
	return col, ok
}

// columns binds arguments that name columns.
func (c *pluginCall) columns(list []parser.Expr) ([]*expr.Column, bool) {
	var out []*expr.Column
	for _, x := range list {
		col, ok := c.column(x)
		if !ok {
			return nil, false
		}
		out = append(out, col)
	}
	return out, true
}

// fixed binds an argument that is one value for all rows: a constant, or a
// value computed before the rest of the query. It is read with valueOf when
// the query runs.
func (c *pluginCall) fixed(x parser.Expr, t table.Type) (expr.Expr, bool) {
	e := c.b.scalar(x, &rowScope{})
	if e.Type() == table.Unknown {
		return nil, false
	}
	if from := e.Type(); from != t && from != table.Dynamic && !(from.IsNumeric() && t.IsNumeric()) && t != table.String {
		if k, ok := e.(*expr.Const); !ok || k.Value() != nil {
			c.b.fail(x.Span(), "KS141", "usage: evaluate "+c.plugin.Usage(), "a %s is expected here, not a %s", t, from)
			return nil, false
		}
	}
	return c.b.convert(e, t), true
}

// known binds an argument whose value must be known while the query is bound,
// since the columns depend on it. Where it is left out or ~, ok is true and the
// value is otherwise.
func known[T any](c *pluginCall, i int, t table.Type, otherwise T) (value T, ok bool) {
	if i >= len(c.args) || c.args[i] == nil || c.isDefault(i) && t != table.String {
		return otherwise, true
	}
	k := c.b.constant(c.args[i])
	if k == nil {
		return otherwise, false
	}
	folded, isConst := c.b.convert(k, t).(*expr.Const)
	if isConst {
		value, ok = folded.Value().(T)
	}
	if !isConst || !ok {
		c.b.fail(c.args[i].Span(), "KS141", "usage: evaluate "+c.plugin.Usage(), "a %s is expected here", t)
		return otherwise, false
	}
	return value, true
}

// isDefault tells an argument that is written "~", which stands for leaving it
// out.
func (c *pluginCall) isDefault(i int) bool {
	k, ok := c.args[i].(*parser.Literal)
	return ok && k.Kind == parser.StringLit && k.Text == "~"
}

// asDeclared gives a plugin's rows the columns that the query declares, where
// it does and the plugin does not see to it: by name, converted.
func (c *pluginCall) asDeclared(n Node) Node {
	if c.declared == nil {
		return n
	}
	from := n.Columns()
	cols := c.declared
	if c.keep {
		cols = nil
		for _, col := range c.in.Columns() {
			if slices.ContainsFunc(from, func(f table.Column) bool { return f.Name == col.Name }) && !slices.ContainsFunc(c.declared, func(d table.Column) bool { return d.Name == col.Name }) {
				cols = append(cols, col)
			}
		}
		cols = append(cols, c.declared...)
	}
	p := &project{in: n, cols: cols}
	for _, col := range cols {
		i := slices.IndexFunc(from, func(f table.Column) bool { return f.Name == col.Name })
		if i < 0 {
			p.exprs = append(p.exprs, expr.NewConst(col.Type, nil))
			continue
		}
		p.exprs = append(p.exprs, c.b.convert(&expr.Column{Index: i, T: from[i].Type, Name: col.Name}, col.Type))
	}
	return p.simplified()
}

// lastEvaluate is the evaluate that a query ends with, or nil.
func lastEvaluate(x parser.Expr) *parser.Evaluate {
	p, ok := x.(*parser.Pipeline)
	if !ok || len(p.Ops) == 0 {
		return nil
	}
	last, _ := p.Ops[len(p.Ops)-1].(*parser.Evaluate)
	return last
}
