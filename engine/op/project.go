package op

import (
	"context"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// project computes a row for each row: extend, project and its kin, and the
// dropping of hidden columns.
type project struct {
	in    Node
	cols  []table.Column
	exprs []expr.Expr
}

func (p *project) Columns() []table.Column { return p.cols }
func (p *project) Inputs() []Node          { return []Node{p.in} }

func (p *project) WithInputs(in []Node) Node {
	return &project{in: in[0], cols: p.cols, exprs: p.exprs}
}

func (p *project) Prune(need []bool) Node {
	out := &project{cols: pick(p.cols, need)}
	used := make([]bool, len(p.in.Columns()))
	kept := pick(p.exprs, need)
	for _, e := range kept {
		expr.Columns(e, used)
	}
	to := renumber(used)
	for _, e := range kept {
		out.exprs = append(out.exprs, expr.Remap(e, to))
	}
	out.in = p.in.Prune(used)
	return out.simplified()
}

// simplified is the input itself where the projection changes nothing.
func (p *project) simplified() Node {
	in := p.in.Columns()
	if len(in) != len(p.cols) {
		return p
	}
	for i, e := range p.exprs {
		c, ok := e.(*expr.Column)
		if !ok || c.Index != i || p.cols[i].Name != in[i].Name {
			return p
		}
	}
	return p.in
}

func (p *project) String() string {
	parts := make([]string, len(p.cols))
	for i, c := range p.cols {
		parts[i] = c.Name
		if e := p.exprs[i].String(); e != c.Name {
			parts[i] += " = " + e
		}
	}
	return "project " + strings.Join(parts, ", ")
}

func (p *project) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := p.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return &projectStream{Stream: in, exprs: clones(p.exprs)}, nil
}

func (p *project) OpenN(ctx context.Context, env *Env, n int) ([]Stream, error) {
	return wrapN(ctx, env, n, p.in, func(in Stream) Stream {
		return &projectStream{Stream: in, exprs: clones(p.exprs)}
	})
}

type projectStream struct {
	Stream
	exprs []expr.Expr
}

func (s *projectStream) Next(ctx context.Context) (*vec.Batch, error) {
	b, err := s.Stream.Next(ctx)
	if err != nil {
		return nil, err
	}
	out := &vec.Batch{Cols: make([]vec.Column, len(s.exprs)), N: b.N, Kin: b.Kin}
	for i, e := range s.exprs {
		out.Cols[i] = e.Eval(b)
	}
	return out, nil
}
