package op

import (
	"context"
	"fmt"
	"io"

	"tidemark/engine/vec"
	"tidemark/table"
)

// union gives the rows of all its inputs, which have the same columns.
type union struct {
	cols []table.Column
	in   []Node
}

func (u *union) Columns() []table.Column   { return u.cols }
func (u *union) Inputs() []Node            { return u.in }
func (u *union) WithInputs(in []Node) Node { return &union{cols: u.cols, in: in} }
func (u *union) String() string            { return fmt.Sprintf("union of %d", len(u.in)) }

func (u *union) Prune(need []bool) Node {
	out := &union{cols: pick(u.cols, need)}
	for _, in := range u.in {
		out.in = append(out.in, in.Prune(need))
	}
	return out
}

func (u *union) Open(ctx context.Context, env *Env) (Stream, error) {
	s := &unionStream{}
	for _, in := range u.in {
		x, err := in.Open(ctx, env)
		if err != nil {
			s.Close()
			return nil, err
		}
		s.in = append(s.in, x)
	}
	return s, nil
}

type unionStream struct {
	in []Stream
	at int
}

func (s *unionStream) Close() error {
	var first error
	for _, in := range s.in {
		if err := in.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (s *unionStream) Next(ctx context.Context) (*vec.Batch, error) {
	for s.at < len(s.in) {
		b, err := s.in[s.at].Next(ctx)
		if err != io.EOF {
			return b, err
		}
		s.at++
	}
	return nil, io.EOF
}

// shared runs its input once and gives the rows to all who read it:
// materialize(), and as.
type shared struct {
	in   Node
	name string // that as gives it
	cell *sharedRows
}

// sharedRows are the rows, once they are there.
type sharedRows struct {
	batches []*vec.Batch
	ran     bool
	held    *reservation
}

func (m *shared) Columns() []table.Column   { return m.in.Columns() }
func (m *shared) Inputs() []Node            { return nil } // rewriting below it would part its readers
func (m *shared) WithInputs(in []Node) Node { return m }
func (m *shared) Prune(need []bool) Node    { return narrow(m, need) }
func (m *shared) String() string            { return "materialize (" + m.in.String() + " …)" }

func (m *shared) Open(ctx context.Context, env *Env) (Stream, error) {
	return &sharedStream{node: m, env: env}, nil
}

type sharedStream struct {
	node *shared
	env  *Env
	rows *rowsStream
}

func (s *sharedStream) Close() error { return nil }

func (s *sharedStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.rows == nil {
		if err := s.node.run(ctx, s.env); err != nil {
			return nil, err
		}
		s.rows = &rowsStream{batches: s.node.cell.batches}
	}
	return s.rows.Next(ctx)
}

// run fills the cell. A query's streams that share one are pulled by one
// goroutine, so there is no lock.
func (m *shared) run(ctx context.Context, env *Env) error {
	if m.cell.ran {
		return nil
	}
	in, err := m.in.Open(ctx, env)
	if err != nil {
		return err
	}
	m.cell.held = env.Budget.reserve("materialize")
	m.cell.batches, err = drain(ctx, in, m.cell.held)
	m.cell.ran = err == nil
	return err
}
