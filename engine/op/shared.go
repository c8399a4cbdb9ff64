package op

import (
	"context"
	"errors"

	"tidemark/engine/vec"
	"tidemark/table"
)

// shared runs its input once and gives the rows to all who read it:
// materialize(), and as.
type shared struct {
	in   Node
	name string // that as gives it
	cell *sharedRows
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
	rows Stream
}

func (s *sharedStream) Close() error { return nil }

func (s *sharedStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.rows == nil {
		if err := s.node.run(ctx, s.env); err != nil {
			return nil, err
		}
		s.rows = s.node.cell.stream()
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
	defer in.Close()
	return m.cell.fill(ctx, in, env)
}

// sharedRows are the rows, once they are there. What does not fit into memory
// is in a file; those in memory come after it.
type sharedRows struct {
	ran     bool
	first   *frames // nil where all are in memory
	batches []*vec.Batch

	held   *reservation
	encode vec.Encoder
	size   int64
	meter  vec.Meter
}

func (r *sharedRows) fill(ctx context.Context, in Stream, env *Env) error {
	r.held = env.Budget.reserveSome("materialize")
	err := eachBatch(ctx, in, func(b *vec.Batch) error {
		b = b.Compact()
		r.batches = append(r.batches, b)
		r.size += r.meter.Add(b)
		err := r.held.set(r.size)
		if full := (*MemoryError)(nil); errors.As(err, &full) && env.Spill != nil {
			return r.spill(ctx, env)
		}
		return err
	})
	r.ran = err == nil
	return err
}

// spill moves the rows that are in memory to the end of the file.
func (r *sharedRows) spill(ctx context.Context, env *Env) error {
	if r.first == nil {
		f, err := env.Spill.Create()
		if err != nil {
			return err
		}
		r.first = &frames{file: f}
	}
	for _, b := range r.batches {
		if err := r.first.write(ctx, &r.encode, b, env.Budget.frame()); err != nil {
			return err
		}
	}
	r.batches, r.size, r.meter = nil, 0, vec.Meter{}
	return r.held.set(0)
}

// stream gives the rows from the first.
func (r *sharedRows) stream() Stream { return &framesStream{frames: r.first, then: r.batches} }

// each calls f for all batches.
func (r *sharedRows) each(ctx context.Context, f func(*vec.Batch)) error {
	return eachBatch(ctx, r.stream(), func(b *vec.Batch) error { f(b); return nil })
}

// forget gives back what the rows take.
func (r *sharedRows) forget() {
	if r.held != nil {
		r.held.release()
	}
	if r.first != nil {
		r.first.file.Close()
	}
	*r = sharedRows{}
}
