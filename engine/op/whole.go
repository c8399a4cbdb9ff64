package op

import (
	"context"
	"io"

	"tidemark/engine/vec"
	"tidemark/table"
)

// whole gives all rows of its input as one batch: for window functions, which
// read the rows before and after their own.
type whole struct{ in Node }

func (w *whole) Columns() []table.Column   { return w.in.Columns() }
func (w *whole) Inputs() []Node            { return []Node{w.in} }
func (w *whole) WithInputs(in []Node) Node { return &whole{in: in[0]} }
func (w *whole) Prune(need []bool) Node    { return &whole{in: w.in.Prune(need)} }
func (w *whole) String() string            { return "serialize" }

func (w *whole) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := w.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return &bufferStream{env: env, name: "serialize", in: in, types: Types(w.Columns()), order: func(b *vec.Batch) *vec.Batch { return b }}, nil
}

// bufferStream reads all of its input, puts the rows in one batch, rearranges
// them and gives them out.
type bufferStream struct {
	env   *Env
	name  string
	in    Stream
	types []table.Type
	order func(*vec.Batch) *vec.Batch
	held  *reservation
	done  bool
}

func (s *bufferStream) Close() error {
	if s.held != nil {
		s.held.release()
	}
	return s.in.Close()
}

func (s *bufferStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.done {
		return nil, io.EOF
	}
	s.done = true
	s.held = s.env.Budget.reserve(s.name)
	batches, err := drain(ctx, s.in, s.held)
	if err != nil {
		return nil, err
	}
	if len(batches) == 0 {
		return nil, io.EOF
	}
	return s.order(vec.Concat(batches, s.types)), nil
}
