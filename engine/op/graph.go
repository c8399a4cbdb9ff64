package op

import (
	"context"

	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// graphNode is a step that gives a graph rather than rows: make-graph and the
// operators that change a graph.
type graphNode interface {
	Node
	shape() *graphShape
	// build makes the graph.
	build(run *graphRun) (*graph, error)
}

// graphShape says which properties the nodes and edges of a graph have.
type graphShape struct {
	nodes, edges []table.Column
	key          table.Type // of what identifies a node
}

// graph is a graph while it is searched. A node or edge is its row.
type graph struct {
	nodes, edges *vec.Batch
	keys         vec.Column // what identifies each node
	from, to     []int32    // the nodes of each edge
	out, in      *adjacency // made when first needed
}

// adjacency lists the edges at each node, in the order of the edges.
type adjacency struct {
	first []int32 // where the edges of a node begin
	edges []int32
}

func newAdjacency(ends []int32, nodes int) *adjacency {
	a := &adjacency{first: make([]int32, nodes+1), edges: make([]int32, len(ends))}
	for _, n := range ends {
		a.first[n+1]++
	}
	for i := range nodes {
		a.first[i+1] += a.first[i]
	}
	at := append([]int32(nil), a.first...)
	for e, n := range ends {
		a.edges[at[n]] = int32(e)
		at[n]++
	}
	return a
}

func (a *adjacency) of(n int32) []int32 { return a.edges[a.first[n]:a.first[n+1]] }

func (g *graph) outgoing() *adjacency {
	if g.out == nil {
		g.out = newAdjacency(g.from, g.nodes.N)
	}
	return g.out
}

func (g *graph) incoming() *adjacency {
	if g.in == nil {
		g.in = newAdjacency(g.to, g.nodes.N)
	}
	return g.in
}

// graphRun is what the steps of one run of a graph hold together.
type graphRun struct {
	ctx  context.Context
	env  *Env
	held []*reservation
}

// rows runs a node and keeps its rows.
func (r *graphRun) rows(n Node) (*vec.Batch, error) {
	in, err := n.Open(r.ctx, r.env)
	if err != nil {
		return nil, err
	}
	held := r.reserve()
	batches, err := drain(r.ctx, in, held)
	if err != nil {
		return nil, err
	}
	return flat(vec.Concat(batches, Types(n.Columns()))), nil
}

func (r *graphRun) reserve() *reservation {
	held := r.env.Budget.reserve("a graph")
	r.held = append(r.held, held)
	return held
}

func (r *graphRun) release() {
	for _, h := range r.held {
		h.release()
	}
	r.held = nil
}

// noRows is the part of a graph's node that all of them share: as a table it
// has no columns, and cannot be read.
type noRows struct{}

func (noRows) Columns() []table.Column { return nil }

func (noRows) Open(context.Context, *Env) (Stream, error) { return nil, errNotRows{} }

// errNotRows is seen where a graph stands for a table in a place that the
// binder does not look at, such as the right side of a join.
type errNotRows struct{}

func (errNotRows) Error() string {
	return "a graph is not a table; turn it into one with graph-to-table, or search it with graph-match"
}

// isGraphOperator reports whether an operator reads a graph.
func isGraphOperator(op parser.Operator) bool {
	switch op.(type) {
	case *parser.GraphMatch, *parser.GraphToTable, *parser.GraphMarkComponents, *parser.GraphWhere:
		return true
	}
	return false
}

// suits checks that an operator gets a graph where it needs one, and rows
// where it needs those.
func (b *Binder) suits(in Node, op parser.Operator) bool {
	_, isGraph := in.(graphNode)
	_, done := in.(*graphTables)
	switch {
	case done:
		b.fail(keywordSpan(op), "TM009", "end the statement here with ; and use the tables by their names", "this graph-to-table gives several tables, which %s cannot read together", op.Keyword())
	case isGraph && !isGraphOperator(op):
		b.fail(keywordSpan(op), "KS109", "graph-to-table nodes gives its nodes as rows", "%s needs rows to work on, and this is a graph", op.Keyword())
	case !isGraph && isGraphOperator(op):
		b.fail(keywordSpan(op), "KS109", "make one first: Edges | make-graph Source --> Target", "%s needs a graph to work on, and this is a table", op.Keyword())
	default:
		return true
	}
	return false
}

// graphResult reports whether the result of a query is a graph or the tables
// of a graph, which are no result by themselves.
func (b *Binder) graphResult(n Node, at parser.Span) bool {
	switch n.(type) {
	case graphNode:
		b.fail(at, "KS109", "add | graph-match … or | graph-to-table nodes", "a query gives a table, and this is a graph")
		return true
	case *graphTables:
		return true
	}
	return false
}
