package op

import (
	"context"
	"io"
	"iter"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// Open implements Node.
func (p *graphPartition) Open(ctx context.Context, env *Env) (Stream, error) {
	return &graphPartitionStream{node: p, run: &graphRun{ctx: ctx, env: env}}, nil
}

type graphPartitionStream struct {
	node  *graphPartition
	run   *graphRun
	ready bool
	parts [][]*vec.Batch
	now   Stream
}

func (s *graphPartitionStream) Close() error {
	s.run.release()
	if s.now != nil {
		return s.now.Close()
	}
	return nil
}

func (s *graphPartitionStream) Next(ctx context.Context) (*vec.Batch, error) {
	s.run.ctx = ctx
	if !s.ready {
		var err error
		if s.parts, err = s.node.groups(s.run); err != nil {
			return nil, err
		}
		s.ready = true
	}
	for {
		if s.now == nil {
			if len(s.parts) == 0 {
				return nil, io.EOF
			}
			s.node.fill(s.parts[0])
			s.parts = s.parts[1:]
			one := *s.run.env
			one.Threads = 1
			var err error
			if s.now, err = s.node.body.Open(ctx, &one); err != nil {
				return nil, err
			}
		}
		b, err := s.now.Next(ctx)
		if err != io.EOF {
			return b, err
		}
		if err := s.now.Close(); err != nil {
			return nil, err
		}
		s.now = nil
	}
}

// graphTable gives the nodes or the edges of a graph as rows.
// See https://learn.microsoft.com/kusto/query/graph-to-table-operator
type graphTable struct {
	in    graphNode
	edges bool
	// ids are the numbers of nodes that come before the properties.
	ids  []graphEnd
	hash expr.Expr // of what identifies a node
	cols []table.Column
}

// graphEnd says which node a number stands for: a node of the table of nodes
// itself, or an end of an edge.
type graphEnd int

const (
	graphSelf graphEnd = iota
	graphSourceEnd
	graphTargetEnd
)

func (t *graphTable) Columns() []table.Column { return t.cols }
func (t *graphTable) Inputs() []Node          { return []Node{t.in} }
func (t *graphTable) Prune(need []bool) Node  { return narrow(t, need) }
func (t *graphTable) String() string          { return "graph-to-table" }

func (t *graphTable) WithInputs(in []Node) Node {
	out := *t
	out.in = in[0].(graphNode)
	return &out
}

func (t *graphTable) Open(ctx context.Context, env *Env) (Stream, error) {
	return &graphStream{run: &graphRun{ctx: ctx, env: env}, in: t.in, give: t.give}, nil
}

func (t *graphTable) give(_ *graphRun, g *graph, yield func(*vec.Batch) bool) error {
	rows := g.nodes
	if t.edges {
		rows = g.edges
	}
	out := &vec.Batch{N: rows.N}
	hash := t.hash.Clone()
	for _, id := range t.ids {
		h := vec.Column{Arr: hash.Eval(&vec.Batch{N: g.nodes.N, Cols: []vec.Column{g.keys}}).Flat(g.nodes.N)}
		switch id {
		case graphSourceEnd:
			h = h.Gather(g.from)
		case graphTargetEnd:
			h = h.Gather(g.to)
		}
		out.Cols = append(out.Cols, h)
	}
	out.Cols = append(out.Cols, rows.Cols...)
	yield(out)
	return nil
}

// graphTables stands for several tables of one graph-to-table, which are read
// by their names.
type graphTables struct{ noRows }

func (t *graphTables) Inputs() []Node         { return nil }
func (t *graphTables) WithInputs([]Node) Node { return t }
func (t *graphTables) Prune([]bool) Node      { return t }
func (t *graphTables) String() string         { return "graph-to-table" }

func (b *Binder) graphToTable(in Node, op *parser.GraphToTable) Node {
	if len(op.Outputs) > 1 {
		in = sharedInputs(in)
	}
	var out Node
	for _, o := range op.Outputs {
		n := b.graphTable(in.(graphNode), o)
		if n == nil {
			return nil
		}
		out = n
		switch {
		case o.As != nil:
			b.define(o.As.Name, entity{node: n})
		case len(op.Outputs) > 1:
			b.fail(o.Span(), "KS109", "usage: graph-to-table nodes as N, edges as E; N", "each of several tables needs a name")
			return nil
		}
	}
	if len(op.Outputs) > 1 {
		return &graphTables{}
	}
	return out
}

// materialized is what materialize() gives: a graph stays one.
func materialized(n Node) Node {
	if _, ok := n.(graphNode); ok {
		return sharedInputs(n)
	}
	return &shared{in: n, cell: &sharedRows{}}
}

// sharedInputs makes the tables below a graph be read once, for all who build
// it.
func sharedInputs(in Node) Node {
	return Walk(in, func(n Node) Node {
		m, ok := n.(*makeGraph)
		if !ok {
			return n
		}
		kept := make([]Node, len(m.in))
		for i, x := range m.in {
			kept[i] = &shared{in: x, cell: &sharedRows{}}
		}
		return m.WithInputs(kept)
	})
}

func (b *Binder) graphTable(in graphNode, o *parser.GraphOutput) Node {
	t := &graphTable{in: in, edges: o.What == "edges"}
	// Kusto numbers nodes by the hash of what identifies them.
	hash, _ := fn.Lookup("hash")
	t.hash = b.apply(hash, []expr.Expr{&expr.Column{T: in.shape().key, Name: "key"}}, []parser.Expr{o.As}, o.Span())
	names := map[string]graphEnd{"with_node_id": graphSelf}
	cols := in.shape().nodes
	if t.edges {
		names = map[string]graphEnd{"with_source_id": graphSourceEnd, "with_target_id": graphTargetEnd}
		cols = in.shape().edges
	}
	for _, opt := range o.Options {
		end, ok := names[opt.Name]
		if !ok {
			b.fail(opt.Span(), "KS005", "nodes take with_node_id, and edges with_source_id and with_target_id", "the %s of a graph have no option %s", o.What, opt.Name)
			return nil
		}
		t.ids = append(t.ids, end)
		t.cols = append(t.cols, table.Column{Name: uniqueName(t.cols, opt.Word()), Type: table.Long})
	}
	for _, c := range cols {
		c.Name = uniqueName(t.cols, c.Name)
		t.cols = append(t.cols, c)
	}
	return t
}

// graphStream builds a graph and gives the rows that a step makes of it.
type graphStream struct {
	run  *graphRun
	in   graphNode
	give func(run *graphRun, g *graph, yield func(*vec.Batch) bool) error
	next func() (*vec.Batch, bool)
	stop func()
	err  error
}

func (s *graphStream) Close() error {
	if s.stop != nil {
		s.stop()
	}
	s.run.release()
	return nil
}

func (s *graphStream) Next(ctx context.Context) (*vec.Batch, error) {
	s.run.ctx = ctx
	if s.next == nil {
		g, err := s.in.build(s.run)
		if err != nil {
			return nil, err
		}
		s.next, s.stop = iter.Pull(func(yield func(*vec.Batch) bool) {
			s.err = s.give(s.run, g, yield)
		})
	}
	b, ok := s.next()
	switch {
	case ok:
		return b, nil
	case s.err != nil:
		return nil, s.err
	}
	return nil, io.EOF
}
