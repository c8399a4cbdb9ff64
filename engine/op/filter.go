package op

import (
	"context"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// filter keeps the rows for which all conditions are true.
type filter struct {
	in    Node
	conds []expr.Expr
}

func (f *filter) Columns() []table.Column { return f.in.Columns() }
func (f *filter) Inputs() []Node          { return []Node{f.in} }

func (f *filter) WithInputs(in []Node) Node { return &filter{in: in[0], conds: f.conds} }

func (f *filter) Prune(need []bool) Node {
	used := append([]bool(nil), need...)
	for _, c := range f.conds {
		expr.Columns(c, used)
	}
	to := renumber(used)
	out := &filter{in: f.in.Prune(used)}
	for _, c := range f.conds {
		out.conds = append(out.conds, expr.Remap(c, to))
	}
	return narrow(out, pick(need, used))
}

func (f *filter) String() string {
	parts := make([]string, len(f.conds))
	for i, c := range f.conds {
		parts[i] = c.String()
	}
	return "where " + strings.Join(parts, " and ")
}

func (f *filter) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := f.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return &filterStream{Stream: in, conds: clones(f.conds)}, nil
}

func (f *filter) OpenN(ctx context.Context, env *Env, n int) ([]Stream, error) {
	return wrapN(ctx, env, n, f.in, func(in Stream) Stream {
		return &filterStream{Stream: in, conds: clones(f.conds)}
	})
}

// wrapN opens n streams of the input and wraps each.
func wrapN(ctx context.Context, env *Env, n int, in Node, wrap func(Stream) Stream) ([]Stream, error) {
	streams, err := openN(ctx, env, n, in)
	if err != nil {
		return nil, err
	}
	for i, s := range streams {
		streams[i] = wrap(s)
	}
	return streams, nil
}

// openN opens up to n streams that share the work of a node; one where its
// work cannot be shared.
func openN(ctx context.Context, env *Env, n int, in Node) ([]Stream, error) {
	if s, ok := in.(splitter); ok && n > 1 {
		return s.OpenN(ctx, env, n)
	}
	s, err := in.Open(ctx, env)
	return []Stream{s}, err
}

type filterStream struct {
	Stream
	conds []expr.Expr
}

func (s *filterStream) Next(ctx context.Context) (*vec.Batch, error) {
	b, err := s.Stream.Next(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range s.conds {
		if b.N == 0 {
			break
		}
		pass := vec.Selected(c.Eval(b), b.N)
		if len(pass) < b.N {
			b = b.Gather(pass)
		}
	}
	return b, nil
}
