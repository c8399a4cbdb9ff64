package op

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/dyn"
	"tidemark/table"
)

func init() {
	registerPlugin(Plugin{
		Name:   "bag_unpack",
		Doc:    "Makes columns of the properties of a bag.",
		Params: []string{"Column", "OutputColumnPrefix", "columnsConflict", "ignoredProperties"}, Least: 1,
		Examples: []fn.Example{
			{Query: `print d=dynamic({"Name":"John"}) | evaluate bag_unpack(d) | project Name`, Want: `John`},
			{Query: `print d=dynamic({"Age":20}) | evaluate bag_unpack(d) : (Age:long)`, Want: `20`},
		},
		bind: bindBagUnpack,
	})
}

// bagUnpack replaces a column of bags by columns of their properties.
type bagUnpack struct {
	in    Node
	bag   int // the column of bags
	props []bagProperty
	// out says where each output column comes from: an input column, or
	// property -1-i.
	out  []int
	cols []table.Column
}

// bagProperty is a property that becomes a column.
type bagProperty struct {
	key     string
	t       table.Type
	convert fn.Kernel // from dynamic; nil keeps it so
}

func newBagProperty(key string, t table.Type) bagProperty {
	p := bagProperty{key: key, t: t}
	if t != table.Dynamic {
		p.convert, _ = fn.Converter(table.Dynamic, t)
	}
	return p
}

// bagArgs are the arguments of bag_unpack.
type bagArgs struct {
	bag              *expr.Column
	prefix, conflict string
	ignored          []string
}

func bindBagUnpack(c *pluginCall) Node {
	a, ok := c.bagArgs()
	if !ok {
		return nil
	}
	n := &bagUnpack{in: c.in, bag: a.bag.Index}
	if c.declared != nil {
		n.declared(c, a)
		return n
	}
	rest := slices.Clone(c.in.Columns())
	rest = slices.Delete(rest, a.bag.Index, a.bag.Index+1)
	found := propertyTypes{bag: a.bag.Index, types: map[string]table.Type{}}
	in := c.found(c.in, rest, found.add)
	if in == nil || isOpen(in.Columns()) {
		return in
	}
	n.in = in
	for i, col := range c.in.Columns() {
		if i != a.bag.Index {
			n.cols, n.out = append(n.cols, col), append(n.out, i)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(found.types)) {
		if !slices.Contains(a.ignored, key) && !n.property(c, a, key, found.types[key]) {
			return nil
		}
	}
	return n
}

// property adds a column for a property, or puts it in the place of a column
// of the same name.
func (n *bagUnpack) property(c *pluginCall, a bagArgs, key string, t table.Type) bool {
	col := table.Column{Name: a.prefix + key, Type: t}
	if at := slices.IndexFunc(n.cols, func(x table.Column) bool { return x.Name == col.Name }); at >= 0 {
		switch a.conflict {
		case "keep_source":
			return true
		case "replace_source":
			n.props = append(n.props, newBagProperty(key, t))
			n.cols[at], n.out[at] = col, -len(n.props)
			return true
		}
		c.b.fail(c.call.Span(), "TM011", `columnsConflict="replace_source" or "keep_source" says which to keep; a prefix keeps both`,
			"the bags have a property that becomes the column %s, and there is one already", col.Name)
		return false
	}
	n.props = append(n.props, newBagProperty(key, t))
	n.cols, n.out = append(n.cols, col), append(n.out, -len(n.props))
	return true
}

// declared takes the columns from the query instead of from the rows.
func (n *bagUnpack) declared(c *pluginCall, a bagArgs) {
	in := c.in.Columns()
	has := func(name string) int {
		return slices.IndexFunc(in, func(x table.Column) bool { return x.Name == name })
	}
	if c.keep {
		for i, col := range in {
			if i != n.bag && !slices.ContainsFunc(c.declared, func(d table.Column) bool { return d.Name == col.Name }) {
				n.cols, n.out = append(n.cols, col), append(n.out, i)
			}
		}
	}
	for _, col := range c.declared {
		n.cols = append(n.cols, col)
		if at := has(col.Name); at >= 0 && at != n.bag && in[at].Type == col.Type && a.conflict != "replace_source" {
			n.out = append(n.out, at)
			continue
		}
		key, ok := strings.CutPrefix(col.Name, a.prefix)
		if !ok || slices.Contains(a.ignored, key) {
			key = "\x00" // no property has this name: the column is null
		}
		n.props = append(n.props, newBagProperty(key, col.Type))
		n.out = append(n.out, -len(n.props))
	}
}

func (c *pluginCall) bagArgs() (a bagArgs, ok bool) {
	if a.bag, ok = c.column(c.args[0]); !ok {
		return a, false
	}
	if a.bag.T != table.Dynamic {
		c.b.fail(c.args[0].Span(), "KS141", "parse it first: parse_json(…)", "bag_unpack() takes apart a dynamic column, and this is a %s", a.bag.T)
		return a, false
	}
	if a.prefix, ok = known(c, 1, table.String, ""); !ok {
		return a, false
	}
	if a.conflict, ok = known(c, 2, table.String, "error"); !ok {
		return a, false
	}
	if !slices.Contains([]string{"error", "replace_source", "keep_source"}, a.conflict) {
		c.b.fail(c.args[2].Span(), "KS005", "it is one of error, replace_source, keep_source", "%q is not a way to resolve a conflict", a.conflict)
		return a, false
	}
	a.ignored, ok = c.texts(3)
	return a, ok
}

// texts binds an argument that is an array of texts.
func (c *pluginCall) texts(i int) ([]string, bool) {
	list, ok := known(c, i, table.Dynamic, "[]")
	if !ok {
		return nil, false
	}
	var s dyn.Splitter
	fields, err := s.Array([]byte(list), nil)
	if err != nil {
		c.b.fail(c.args[i].Span(), "KS141", `usage: dynamic(["a", "b"])`, "an array of texts is expected here")
		return nil, false
	}
	var out []string
	for _, f := range fields {
		out = append(out, string(f.Text))
	}
	return out, true
}

// propertyTypes are the properties of bags and their types: that which all
// values have, or dynamic.
type propertyTypes struct {
	bag   int // the column
	types map[string]table.Type

	split  dyn.Splitter
	fields []dyn.Field
}

// add takes in the bags of a batch.
func (p *propertyTypes) add(b *vec.Batch) {
	c := b.Cols[p.bag]
	for row := range b.N {
		if c.IsNull(row) {
			continue
		}
		var err error
		if p.fields, err = p.split.Object([]byte(c.Str(row)), p.fields[:0]); err != nil {
			continue
		}
		for _, f := range p.fields {
			if f.Kind == dyn.KindNull {
				continue
			}
			t := kindType(f)
			if was, ok := p.types[string(f.Key)]; ok && was != t {
				t = table.Dynamic
			}
			p.types[string(f.Key)] = t
		}
		if c.Const {
			break
		}
	}
}

// kindType is the type of a JSON value.
func kindType(f dyn.Field) table.Type {
	switch f.Kind {
	case dyn.KindString:
		return table.String
	case dyn.KindTrue, dyn.KindFalse:
		return table.Bool
	case dyn.KindNumber:
		if strings.ContainsAny(string(f.Text), ".eE") {
			return table.Real
		}
		return table.Long
	}
	return table.Dynamic
}

func (n *bagUnpack) Columns() []table.Column { return n.cols }
func (n *bagUnpack) Inputs() []Node          { return []Node{n.in} }

func (n *bagUnpack) WithInputs(in []Node) Node {
	out := *n
	out.in = in[0]
	return &out
}

func (n *bagUnpack) Prune(need []bool) Node {
	used := make([]bool, len(n.in.Columns()))
	used[n.bag] = true
	out := &bagUnpack{cols: pick(n.cols, need)}
	for i, from := range n.out {
		if need[i] && from >= 0 {
			used[from] = true
		}
	}
	to := renumber(used)
	for i, from := range n.out {
		switch {
		case !need[i]:
		case from >= 0:
			out.out = append(out.out, to[from])
		default:
			out.props = append(out.props, n.props[-1-from])
			out.out = append(out.out, -len(out.props))
		}
	}
	out.bag, out.in = to[n.bag], n.in.Prune(used)
	return out
}

func (n *bagUnpack) String() string {
	names := make([]string, len(n.props))
	for i, p := range n.props {
		names[i] = fmt.Sprintf("%s:%s", p.key, p.t)
	}
	return "evaluate bag_unpack: " + strings.Join(names, ", ")
}

func (n *bagUnpack) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := n.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return newBagStream(n, in), nil
}

func (n *bagUnpack) OpenN(ctx context.Context, env *Env, count int) ([]Stream, error) {
	return wrapN(ctx, env, count, n.in, func(in Stream) Stream { return newBagStream(n, in) })
}

type bagStream struct {
	Stream
	node   *bagUnpack
	place  map[string]int // of a property's key
	split  dyn.Splitter
	fields []dyn.Field
	texts  []string // of one row's properties; empty where it has not
}

func newBagStream(n *bagUnpack, in Stream) *bagStream {
	s := &bagStream{Stream: in, node: n, place: map[string]int{}, texts: make([]string, len(n.props))}
	for i, p := range n.props {
		s.place[p.key] = i
	}
	return s
}

func (s *bagStream) Next(ctx context.Context) (*vec.Batch, error) {
	b, err := s.Stream.Next(ctx)
	if err != nil {
		return nil, err
	}
	made := make([]*vec.Builder, len(s.texts))
	for i := range made {
		made[i] = vec.NewBuilder(table.Dynamic, b.N)
	}
	for row := range b.N {
		s.row(b.Cols[s.node.bag], row)
		for i, text := range s.texts {
			if text == "" {
				made[i].Null()
			} else {
				made[i].Str(text)
			}
		}
	}
	out := &vec.Batch{N: b.N, Cols: make([]vec.Column, len(s.node.out))}
	for i, from := range s.node.out {
		if from >= 0 {
			out.Cols[i] = b.Cols[from]
			continue
		}
		out.Cols[i] = s.column(made[-1-from], s.node.props[-1-from], b.N)
	}
	return out, nil
}

func (s *bagStream) column(made *vec.Builder, p bagProperty, n int) vec.Column {
	col := vec.Column{Arr: made.Done()}
	if p.convert == nil {
		return col
	}
	return p.convert(&fn.Args{N: n, Cols: []vec.Column{{Arr: col.Flat(n)}}, Types: []table.Type{table.Dynamic}})
}

// row puts the JSON of one bag's properties into texts.
func (s *bagStream) row(c vec.Column, row int) {
	clear(s.texts)
	if c.IsNull(row) {
		return
	}
	var err error
	if s.fields, err = s.split.Object([]byte(c.Str(row)), s.fields[:0]); err != nil {
		return
	}
	for i := range s.fields {
		f := &s.fields[i]
		if at, ok := s.place[string(f.Key)]; ok && f.Kind != dyn.KindNull {
			s.texts[at] = string(f.Append(nil))
		}
	}
}
