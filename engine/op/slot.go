package op

import (
	"context"

	"tidemark/engine/vec"
	"tidemark/table"
)

// slot is the input of a part of a plan that runs many times over other rows:
// the body of mv-apply or partition. Whoever runs the part fills it first.
type slot struct {
	cols []table.Column
	rows *slotRows
}

type slotRows struct{ batches []*vec.Batch }

func newSlot(cols []table.Column) *slot { return &slot{cols: cols, rows: &slotRows{}} }

func (s *slot) Columns() []table.Column { return s.cols }
func (s *slot) Inputs() []Node          { return nil }
func (s *slot) WithInputs([]Node) Node  { return s }
func (s *slot) Prune(need []bool) Node  { return narrow(s, need) }
func (s *slot) String() string          { return "input" }

func (s *slot) Open(context.Context, *Env) (Stream, error) {
	return &rowsStream{batches: s.rows.batches}, nil
}

// over runs a plan over the rows of one batch, which fills the slot the plan
// reads, and returns what it gives as one batch.
func (s *slot) over(ctx context.Context, env *Env, plan Node, in *vec.Batch) (*vec.Batch, error) {
	s.rows.batches = []*vec.Batch{in}
	one := *env
	one.Threads = 1
	stream, err := plan.Open(ctx, &one)
	if err != nil {
		return nil, err
	}
	held := env.Budget.reserve("a subquery")
	defer held.release()
	out, err := drain(ctx, stream, held)
	if err != nil {
		return nil, err
	}
	return vec.Concat(out, Types(plan.Columns())), nil
}
