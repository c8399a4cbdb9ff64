package op

import (
	"context"
	"io"
	"slices"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// pluginNode is a plugin, or an operator, that looks at all rows at once.
type pluginNode struct {
	in   Node
	name string
	cols []table.Column
	// run computes the plugin. rows has the input's columns and may be empty.
	run func(ctx context.Context, env *Env, rows *vec.Batch) (*vec.Batch, error)
}

// over makes a plugin's node over the values of the expressions, which run
// gets as the columns of its rows.
func (c *pluginCall) over(exprs []expr.Expr, cols []table.Column, run func(rows *vec.Batch) (*vec.Batch, error)) Node {
	in := &project{in: windowed(c.in, exprs), exprs: exprs}
	for i, e := range exprs {
		in.cols = append(in.cols, table.Column{Name: "$" + itoa(i), Type: e.Type()})
	}
	return &pluginNode{in: in, name: "evaluate " + c.plugin.Name, cols: cols, run: func(_ context.Context, _ *Env, rows *vec.Batch) (*vec.Batch, error) {
		return run(rows)
	}}
}

func (p *pluginNode) Columns() []table.Column { return p.cols }
func (p *pluginNode) Inputs() []Node          { return []Node{p.in} }
func (p *pluginNode) String() string          { return p.name }

func (p *pluginNode) WithInputs(in []Node) Node {
	out := *p
	out.in = in[0]
	return &out
}

// Prune cannot drop what the plugin reads, but what its input does not.
func (p *pluginNode) Prune(need []bool) Node {
	out := *p
	out.in = Prune(p.in)
	return narrow(&out, need)
}

func (p *pluginNode) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := p.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return &pluginStream{node: p, env: env, in: in}, nil
}

type pluginStream struct {
	node *pluginNode
	env  *Env
	in   Stream
	held *reservation
	done bool
}

func (s *pluginStream) Close() error {
	if s.held != nil {
		s.held.release()
	}
	return s.in.Close()
}

func (s *pluginStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.done {
		return nil, io.EOF
	}
	s.done = true
	s.held = s.env.Budget.reserve(s.node.name)
	batches, err := drain(ctx, s.in, s.held)
	if err != nil {
		return nil, err
	}
	return s.node.run(ctx, s.env, flat(vec.Concat(batches, Types(s.node.in.Columns()))))
}

// flat spreads out the constant columns of a batch, so that rows can be read
// without telling the forms apart.
func flat(b *vec.Batch) *vec.Batch {
	out := &vec.Batch{N: b.N, Cols: slices.Clone(b.Cols)}
	for i, c := range out.Cols {
		out.Cols[i] = vec.Column{Arr: c.Flat(b.N)}
	}
	return out
}

// valueOf is the value of an expression that reads no column.
func valueOf(e expr.Expr) any { return e.Eval(&vec.Batch{N: 1}).Value(0) }

// builders make the columns of a plugin's rows.
type builders []*vec.Builder

func newBuilders(cols []table.Column, n int) builders {
	out := make(builders, len(cols))
	for i, c := range cols {
		out[i] = vec.NewBuilder(c.Type, n)
	}
	return out
}

// add appends a row.
func (b builders) add(values ...any) {
	for i, v := range values {
		b[i].Value(v)
	}
}

func (b builders) batch() *vec.Batch {
	out := &vec.Batch{Cols: make([]vec.Column, len(b))}
	for i, x := range b {
		out.N = x.Len()
		out.Cols[i] = vec.Column{Arr: x.Done()}
	}
	return out
}

// asExprs turns columns into expressions.
func asExprs(cols ...*expr.Column) []expr.Expr {
	out := make([]expr.Expr, len(cols))
	for i, c := range cols {
		out[i] = c
	}
	return out
}

// named are the columns that columns of the input become in the output.
func named(cols []*expr.Column) []table.Column {
	var out []table.Column
	for _, c := range cols {
		out = append(out, table.Column{Name: uniqueName(out, c.Name), Type: c.T})
	}
	return out
}
