package op

import (
	"slices"

	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// makeGraph makes a graph of a table of edges and tables of nodes.
// See https://learn.microsoft.com/kusto/query/make-graph-operator
type makeGraph struct {
	noRows
	in             []Node // the edges, then the tables of nodes
	source, target int    // columns of the edges
	keys           []int  // of each table of nodes, what identifies the node
	// from lists for each property of a node the tables that have it.
	from [][]graphProperty
	is   graphShape
}

// graphProperty is a column of one of the tables of nodes.
type graphProperty struct{ table, column int }

func (m *makeGraph) Inputs() []Node     { return m.in }
func (m *makeGraph) shape() *graphShape { return &m.is }
func (m *makeGraph) Prune([]bool) Node  { return m }
func (m *makeGraph) String() string {
	return "make-graph " + m.is.edges[m.source].Name + " --> " + m.is.edges[m.target].Name
}

func (m *makeGraph) WithInputs(in []Node) Node {
	out := *m
	out.in = in
	return &out
}

func (m *makeGraph) build(run *graphRun) (*graph, error) {
	edges, err := run.rows(m.in[0])
	if err != nil {
		return nil, err
	}
	g := &graph{edges: edges}
	number := vec.NewGrouper([]table.Type{m.is.key})
	numbers := func(b *vec.Batch, col int) []int32 {
		return slices.Clone(number.IDs([]vec.Column{b.Cols[col]}, b.N))
	}
	tables := make([]*vec.Batch, len(m.keys))
	ids := make([][]int32, len(m.keys))
	for i, key := range m.keys {
		if tables[i], err = run.rows(m.in[i+1]); err != nil {
			return nil, err
		}
		ids[i] = numbers(tables[i], key)
	}
	g.from, g.to = numbers(edges, m.source), numbers(edges, m.target)
	g.keys = vec.Column{Arr: number.Keys()[0].Flat(number.Len())}
	rows := make([][]int32, len(tables)) // of each node in each table, -1 where absent
	for t := range tables {
		rows[t] = slices.Repeat([]int32{-1}, number.Len())
		for row, id := range ids[t] {
			if rows[t][id] < 0 {
				rows[t][id] = int32(row)
			}
		}
	}
	g.nodes = &vec.Batch{N: number.Len()}
	for i, from := range m.from {
		g.nodes.Cols = append(g.nodes.Cols, m.property(i, from, g.keys, tables, rows))
	}
	return g, run.reserve().set(int64(edges.N)*24 + g.nodes.Size() + int64(number.Len())*32)
}

// property makes one property of all nodes. A node that only edges name has
// what identifies it, and nothing else.
func (m *makeGraph) property(i int, from []graphProperty, keys vec.Column, tables []*vec.Batch, rows [][]int32) vec.Column {
	if len(tables) == 0 {
		return keys // of with_node_id
	}
	n := keys.Arr.Len()
	out := vec.NewBuilder(m.is.nodes[i].Type, n)
	isKey := slices.ContainsFunc(from, func(p graphProperty) bool { return m.keys[p.table] == p.column })
	for node := range n {
		var v any
		known := false
		for t := range tables {
			known = known || rows[t][node] >= 0
		}
		for _, p := range from {
			if row := rows[p.table][node]; row >= 0 && (v == nil || v == "") {
				v = tables[p.table].Cols[p.column].Value(int(row))
			}
		}
		if !known && isKey {
			v = keys.Value(node)
		}
		if v == nil {
			out.Null()
		} else {
			out.Value(v)
		}
	}
	return vec.Column{Arr: out.Done()}
}

func (b *Binder) makeGraph(in Node, op *parser.MakeGraph) Node {
	m := &makeGraph{in: []Node{in}}
	m.is.edges = in.Columns()
	var ok bool
	if m.source, ok = b.graphKey(in, op.Source); !ok {
		return nil
	}
	if m.target, ok = b.graphKey(in, op.Target); !ok {
		return nil
	}
	m.is.key = m.is.edges[m.source].Type
	if !b.sameKey(m, op.Target, m.is.edges[m.target].Type) {
		return nil
	}
	for _, n := range op.Nodes {
		t := b.tabular(n.Table)
		if t == nil {
			return nil
		}
		key, ok := b.graphKey(t, n.Key)
		if !ok || !b.sameKey(m, n.Key, t.Columns()[key].Type) {
			return nil
		}
		m.in, m.keys = append(m.in, t), append(m.keys, key)
	}
	if op.NodeID != nil {
		m.is.nodes = []table.Column{{Name: op.NodeID.Name, Type: m.is.key}}
		m.from = [][]graphProperty{nil}
	}
	b.unifyNodes(m)
	if op.PartitionedBy != nil {
		return b.partitionedGraph(m, op)
	}
	return m
}

// graphKey finds the column that identifies a node.
func (b *Binder) graphKey(in Node, name *parser.Name) (int, bool) {
	rs := &rowScope{cols: in.Columns()}
	i, ok := rs.find(name.Name)
	if !ok {
		b.fail(name.Span(), "KS142", didYouMean(name.Name, rs.names(), ""), "there is no column named %s", name.Name)
	}
	return i, ok
}

func (b *Binder) sameKey(m *makeGraph, at *parser.Name, t table.Type) bool {
	if t == m.is.key {
		return true
	}
	b.fail(at.Span(), "KS106", "convert one of them, with tostring() or tolong()", "the nodes are identified by a %s in the column %s, and by a %s in %s",
		m.is.key, m.is.edges[m.source].Name, t, at.Name)
	return false
}

// unifyNodes gathers the properties of the tables of nodes: columns of one
// name become one property, of a type that holds both.
func (b *Binder) unifyNodes(m *makeGraph) {
	for t, in := range m.in[1:] {
		for i, c := range in.Columns() {
			at := slices.IndexFunc(m.is.nodes, func(o table.Column) bool { return o.Name == c.Name })
			if at < 0 {
				m.is.nodes, m.from = append(m.is.nodes, c), append(m.from, []graphProperty{{t, i}})
				continue
			}
			m.from[at] = append(m.from[at], graphProperty{t, i})
			m.is.nodes[at].Type = widerType(m.is.nodes[at].Type, c.Type)
		}
	}
	for at, from := range m.from {
		for _, p := range from {
			in := m.in[p.table+1]
			if in.Columns()[p.column].Type == m.is.nodes[at].Type {
				continue
			}
			cols, exprs := slices.Clone(in.Columns()), columnRefs(in.Columns())
			cols[p.column].Type = m.is.nodes[at].Type
			exprs[p.column] = b.convert(exprs[p.column], m.is.nodes[at].Type)
			m.in[p.table+1] = &project{in: in, cols: cols, exprs: exprs}
		}
	}
}

func widerType(x, y table.Type) table.Type {
	switch {
	case x == y:
		return x
	case x.IsInteger() && y.IsInteger():
		return table.Long
	case x.IsNumeric() && y.IsNumeric():
		return table.Real
	}
	return table.String
}

// partitionedGraph binds partitioned-by: a graph for each value of a column,
// of the edges and nodes that have it.
func (b *Binder) partitionedGraph(m *makeGraph, op *parser.MakeGraph) Node {
	name, ok := op.PartitionedBy.(*parser.Name)
	body, isBody := op.Partition.(*parser.Pipeline)
	if !ok || !isBody || body.Source != nil {
		b.fail(op.PartitionedBy.Span(), "KS109", "usage: partitioned-by Column ( graph-match … )", "the name of a column and graph operators are expected here")
		return nil
	}
	p := &graphPartition{in: m.in}
	inner := *m
	inner.in = nil
	for _, in := range m.in {
		key, ok := b.graphKey(in, name)
		if !ok {
			return nil
		}
		if t := in.Columns()[key].Type; len(p.keys) > 0 && t != m.is.edges[p.keys[0]].Type {
			b.fail(name.Span(), "KS106", "convert it to one type", "the column %s is a %s among the edges, and a %s among the nodes", name.Name, m.is.edges[p.keys[0]].Type, t)
			return nil
		}
		s := newSlot(in.Columns())
		p.keys, p.slots, inner.in = append(p.keys, key), append(p.slots, s), append(inner.in, s)
	}
	var n Node
	b.within(b.scope, func() { n = b.over(&inner, body.Ops) })
	if n == nil {
		return nil
	}
	if _, several := n.(*graphTables); several {
		b.fail(body.Span(), "TM009", "choose one of nodes and edges", "the operators for each partition give several tables, and one is expected")
		return nil
	}
	if b.graphResult(n, body.Span()) {
		return nil
	}
	p.body = Optimize(n)
	return p
}

// graphPartition runs its body over the graph of each value of a column.
type graphPartition struct {
	in    []Node // the edges, then the tables of nodes
	keys  []int  // the column of each
	slots []*slot
	body  Node
}

func (p *graphPartition) Columns() []table.Column { return p.body.Columns() }
func (p *graphPartition) Inputs() []Node          { return p.in }
func (p *graphPartition) bodies() []Node          { return []Node{p.body} }
func (p *graphPartition) Prune(need []bool) Node  { return narrow(p, need) }
func (p *graphPartition) String() string {
	return "make-graph partitioned (" + p.body.String() + " …)"
}

func (p *graphPartition) WithInputs(in []Node) Node {
	out := *p
	out.in = in
	return &out
}

// groups parts the rows of each input by the value.
func (p *graphPartition) groups(run *graphRun) (parts [][]*vec.Batch, err error) {
	number := vec.NewGrouper([]table.Type{p.in[0].Columns()[p.keys[0]].Type})
	for i, in := range p.in {
		rows, err := run.rows(in)
		if err != nil {
			return nil, err
		}
		ids := number.IDs([]vec.Column{rows.Cols[p.keys[i]]}, rows.N)
		members := make([][]int32, number.Len())
		for row, id := range ids {
			members[id] = append(members[id], int32(row))
		}
		for len(parts) < len(members) {
			parts = append(parts, make([]*vec.Batch, len(p.in)))
		}
		for id, m := range members {
			parts[id][i] = rows.Gather(m)
		}
	}
	return parts, nil
}

// fill gives the slots the rows of one graph.
func (p *graphPartition) fill(part []*vec.Batch) {
	for i, s := range p.slots {
		s.rows.batches = nil
		if part[i] != nil {
			s.rows.batches = []*vec.Batch{part[i]}
		}
	}
}
