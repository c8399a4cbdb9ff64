package op

import (
	"context"
	"fmt"
	"io"
	"math"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// counted is range Name from A to B step C, made batch by batch. Its ends may
// come from a toscalar(), so they are looked at when it runs.
type counted struct {
	col            table.Column
	from, to, step expr.Expr
}

func (n *counted) Columns() []table.Column { return []table.Column{n.col} }
func (n *counted) Inputs() []Node          { return nil }
func (n *counted) WithInputs([]Node) Node  { return n }
func (n *counted) Prune(need []bool) Node  { return narrow(n, need) }

func (n *counted) String() string {
	return fmt.Sprintf("range %s from %s to %s step %s", n.col.Name, n.from, n.to, n.step)
}

func (n *counted) Open(_ context.Context, env *Env) (Stream, error) {
	one := &vec.Batch{N: 1}
	from, to, step := n.from.Eval(one).Value(0), n.to.Eval(one).Value(0), n.step.Eval(one).Value(0)
	if from == nil || to == nil || step == nil {
		return &rowsStream{}, nil
	}
	s := &countedStream{rows: int64(env.Rows)}
	if a, ok := from.(float64); ok {
		s.real, s.fromReal, s.stepReal = true, a, step.(float64)
		s.n = realCount(a, to.(float64), s.stepReal)
		return s, nil
	}
	s.from, s.step = from.(int64), step.(int64)
	s.n = wholeCount(s.from, to.(int64), s.step)
	return s, nil
}

func wholeCount(from, to, step int64) int64 {
	switch {
	case step > 0 && to >= from:
		return int64(uint64(to-from)/uint64(step)) + 1
	case step < 0 && to <= from:
		return int64(uint64(from-to)/uint64(-step)) + 1
	}
	return 0
}

// realCount allows for the last value to miss its end by rounding.
func realCount(from, to, step float64) int64 {
	n := math.Floor((to-from)/step+1e-9) + 1
	if step == 0 || math.IsNaN(n) || n < 0 {
		return 0
	}
	return int64(math.Min(n, 1<<62))
}

type countedStream struct {
	rows, n, at        int64
	from, step         int64
	real               bool
	fromReal, stepReal float64
}

func (s *countedStream) Close() error { return nil }

func (s *countedStream) Next(ctx context.Context) (*vec.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n := min(s.rows, s.n-s.at)
	if n <= 0 {
		return nil, io.EOF
	}
	col := vec.Column{}
	if s.real {
		out := make([]float64, n)
		for i := range out {
			out[i] = s.fromReal + float64(s.at+int64(i))*s.stepReal
		}
		col.Arr = vec.NewFloat64s(out, nil)
	} else {
		out := make([]int64, n)
		for i := range out {
			out[i] = s.from + (s.at+int64(i))*s.step
		}
		col.Arr = vec.NewInt64s(out, nil)
	}
	s.at += n
	return &vec.Batch{Cols: []vec.Column{col}, N: int(n)}, nil
}

// rangeOf binds range Name from A to B step C.
func (b *Binder) rangeOf(op *parser.Range) Node {
	from, to, step := b.fixed(op.From), b.fixed(op.To), b.fixed(op.Step)
	if from == nil || to == nil || step == nil {
		return nil
	}
	for i, e := range []expr.Expr{from, to, step} {
		if t := e.Type(); !t.IsNumeric() && t != table.Datetime && t != table.Timespan {
			at := []parser.Expr{op.From, op.To, op.Step}[i]
			b.fail(at.Span(), "KS138", "convert it, such as with tolong()", "range goes by numbers, datetimes or timespans, not by a %s", t)
			return nil
		}
	}
	t, ok := table.Widen(from.Type(), to.Type())
	st := t
	switch {
	case t == table.Datetime:
		st = table.Timespan
	case t.IsNumeric():
		if wide, both := table.Widen(t, step.Type()); both {
			t, st = wide, wide
		}
	}
	if !ok || !(t.IsNumeric() || t == table.Datetime || t == table.Timespan) || step.Type() != st && !step.Type().IsNumeric() {
		b.fail(op.Span(), "KS106", "usage: range Name from Start to End step Step", "range does not go from %s to %s by %s", from.Type(), to.Type(), step.Type())
		return nil
	}
	if t == table.Decimal {
		t, st = table.Real, table.Real
	}
	return &counted{col: table.Column{Name: op.Name.Name, Type: t}, from: b.convert(from, t), to: b.convert(to, t), step: b.convert(step, st)}
}

// fixed binds a value that is the same for all rows: a constant or a
// toscalar(); nil where it is not, which has been reported.
func (b *Binder) fixed(x parser.Expr) expr.Expr {
	e := b.scalar(x, &rowScope{})
	if e.Type() == table.Unknown {
		return nil
	}
	return e
}
