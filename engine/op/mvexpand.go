package op

import (
	"context"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/dyn"
	"tidemark/parser"
	"tidemark/table"
)

// mvExpand gives each row once for each element of its arrays. Several arrays
// are expanded side by side, short ones padded with null.
// See https://learn.microsoft.com/kusto/query/mv-expand-operator
type mvExpand struct {
	in     Node
	values []expr.Expr // dynamic; what is expanded
	types  []table.Type
	kinds  []fn.Kernel // conversion of an element to its type; nil keeps it dynamic
	// out says where each output column comes from: an input column, or
	// expanded value -1-i, or the item's index.
	out   []int
	cols  []table.Column
	pairs bool  // bags become [key, value] arrays
	limit int64 // rows that one row may become; -1 for no limit
}

const itemIndex = -1 << 30

func (m *mvExpand) Columns() []table.Column { return m.cols }
func (m *mvExpand) Inputs() []Node          { return []Node{m.in} }
func (m *mvExpand) Prune(need []bool) Node  { return narrow(m, need) }

func (m *mvExpand) WithInputs(in []Node) Node {
	out := *m
	out.in = in[0]
	return &out
}

func (m *mvExpand) String() string {
	parts := make([]string, len(m.values))
	for i, v := range m.values {
		parts[i] = v.String()
	}
	return "mv-expand " + strings.Join(parts, ", ")
}

func (m *mvExpand) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := m.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return &mvStream{Stream: in, node: m, values: clones(m.values)}, nil
}

type mvStream struct {
	Stream
	node   *mvExpand
	values []expr.Expr
	parser dyn.Parser
}

func (s *mvStream) Next(ctx context.Context) (*vec.Batch, error) {
	b, err := s.Stream.Next(ctx)
	if err != nil || b.N == 0 {
		if err == nil {
			b = &vec.Batch{Cols: make([]vec.Column, len(s.node.cols))}
			for i, c := range s.node.cols {
				b.Cols[i] = vec.Constant(c.Type, nil)
			}
		}
		return b, err
	}
	return s.expand(b), nil
}

// expand takes one batch apart.
func (s *mvStream) expand(b *vec.Batch) *vec.Batch {
	var from []int32
	index := vec.NewBuilder(table.Long, b.N)
	elems := make([]*vec.Builder, len(s.values))
	cols := evalAll(s.values, b)
	for i := range elems {
		elems[i] = vec.NewBuilder(table.Dynamic, b.N)
	}
	parts := make([][]string, len(cols))
	for row := range b.N {
		n := 0
		for i, c := range cols {
			parts[i] = s.elements(c, row)
			n = max(n, len(parts[i]))
		}
		if s.node.limit >= 0 && int64(n) > s.node.limit {
			n = int(s.node.limit)
		}
		for k := range n {
			from = append(from, int32(row))
			index.Int64(int64(k))
			for i := range parts {
				if k < len(parts[i]) && parts[i][k] != "null" {
					elems[i].Str(parts[i][k])
				} else {
					elems[i].Null()
				}
			}
		}
	}
	return s.assemble(b, from, elems, index)
}

func (s *mvStream) assemble(b *vec.Batch, from []int32, elems []*vec.Builder, index *vec.Builder) *vec.Batch {
	n := len(from)
	expanded := make([]vec.Column, len(elems))
	for i, e := range elems {
		expanded[i] = vec.Column{Arr: e.Done()}
		if k := s.node.kinds[i]; k != nil {
			flat := vec.Column{Arr: expanded[i].Flat(n)}
			expanded[i] = k(&fn.Args{N: n, Cols: []vec.Column{flat}, Types: []table.Type{table.Dynamic}})
		}
	}
	items := vec.Column{Arr: index.Done()}
	out := &vec.Batch{N: n, Cols: make([]vec.Column, len(s.node.out))}
	for i, o := range s.node.out {
		switch {
		case o == itemIndex:
			out.Cols[i] = items
		case o < 0:
			out.Cols[i] = expanded[-1-o]
		default:
			out.Cols[i] = b.Cols[o].Gather(from)
		}
	}
	return out
}

// elements are the JSON texts of a value's parts: of an array its elements, of
// a bag its properties; any other value is its own one part.
func (s *mvStream) elements(c vec.Column, row int) []string {
	if c.IsNull(row) {
		return []string{"null"}
	}
	text := c.Str(row)
	if text == "" || text[0] != '[' && text[0] != '{' {
		return []string{text}
	}
	v, err := s.parser.Parse(text)
	if err != nil {
		return []string{text}
	}
	var out []string
	if v.Type() == dyn.Array {
		list, _ := v.Array()
		for _, e := range list {
			out = append(out, string(e.MarshalTo(nil)))
		}
		if out == nil {
			out = []string{"null"}
		}
		return out
	}
	bag, _ := v.Object()
	bag.Visit(func(key []byte, e *dyn.Value) {
		name, value := fn.JSON(table.String, string(key)), string(e.MarshalTo(nil))
		if s.node.pairs {
			out = append(out, "["+name+","+value+"]")
		} else {
			out = append(out, "{"+name+":"+value+"}")
		}
	})
	if out == nil {
		out = []string{"null"}
	}
	return out
}

func (b *Binder) mvExpand(in Node, op *parser.MvExpand) Node {
	cols := in.Columns()
	rs := &rowScope{cols: cols}
	m := &mvExpand{in: in, limit: -1}
	for i, c := range cols {
		m.cols = append(m.cols, c)
		m.out = append(m.out, i)
	}
	for _, item := range op.Columns {
		if !b.mvColumn(m, item, rs) {
			return nil
		}
	}
	for _, name := range []string{"bagexpansion", "kind"} {
		if o := op.Options.Get(name); o != nil {
			m.pairs = o.Word() == "array"
		}
	}
	if o := op.Options.Get("with_itemindex"); o != nil {
		m.cols = append(m.cols, table.Column{Name: uniqueName(m.cols, o.Word()), Type: table.Long})
		m.out = append(m.out, itemIndex)
	}
	if op.Limit != nil {
		n, ok := b.rowCount(op.Limit)
		if !ok {
			return nil
		}
		m.limit = n
	}
	return m
}

// mvColumn binds one expanded column: a bare column is replaced in its place,
// anything else is added.
func (b *Binder) mvColumn(m *mvExpand, item *parser.MvColumn, rs *rowScope) bool {
	e := b.scalar(item.X, rs)
	if e.Type() == table.Unknown {
		return false
	}
	if e.Type() != table.Dynamic {
		b.fail(item.X.Span(), "KS141", "make an array of it first: split(…), todynamic(…), pack_array(…)", "mv-expand takes apart a dynamic value, and this is a %s", e.Type())
		return false
	}
	t := table.Dynamic
	if item.Type != "" {
		named, ok := table.TypeNamed(item.Type)
		if !ok {
			b.fail(item.Span(), "KS003", "the types are "+table.TypeNameList(), "%s is not a type", item.Type)
			return false
		}
		t = named
	}
	name := resultName(item.X)
	if item.Name != nil {
		name = item.Name.Name
	}
	if name == "" {
		name = uniqueName(m.cols, "Column1")
	}
	place := -1 - len(m.values)
	m.values = append(m.values, e)
	m.types = append(m.types, t)
	var kernel fn.Kernel
	if t != table.Dynamic {
		kernel, _ = fn.Converter(table.Dynamic, t)
	}
	m.kinds = append(m.kinds, kernel)
	col := table.Column{Name: name, Type: t}
	for i, c := range m.cols {
		if c.Name == name {
			m.cols[i], m.out[i] = col, place
			return true
		}
	}
	m.cols, m.out = append(m.cols, col), append(m.out, place)
	return true
}
