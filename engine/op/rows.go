package op

import (
	"context"
	"fmt"
	"io"

	"tidemark/engine/vec"
	"tidemark/table"
)

// rows are rows known before the query runs: datatable, print, getschema.
type rows struct {
	cols    []table.Column
	batches []*vec.Batch
	what    string
}

func (n *rows) Columns() []table.Column { return n.cols }
func (n *rows) Inputs() []Node          { return nil }
func (n *rows) WithInputs([]Node) Node  { return n }
func (n *rows) String() string          { return n.what }

func (n *rows) Prune(need []bool) Node {
	if allTrue(need) {
		return n
	}
	out := &rows{cols: pick(n.cols, need), what: n.what}
	for _, b := range n.batches {
		out.batches = append(out.batches, &vec.Batch{Cols: pick(b.Cols, need), N: b.N})
	}
	return out
}

func (n *rows) Open(context.Context, *Env) (Stream, error) {
	return &rowsStream{batches: n.batches}, nil
}

type rowsStream struct{ batches []*vec.Batch }

func (s *rowsStream) Close() error { return nil }

func (s *rowsStream) Next(ctx context.Context) (*vec.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(s.batches) == 0 {
		return nil, io.EOF
	}
	b := s.batches[0]
	s.batches = s.batches[1:]
	return b, nil
}

// counted is range x from A to B step C over longs, datetimes or timespans,
// made batch by batch; reals are made by rows.
type counted struct {
	col        table.Column
	from, step int64
	n          int64
}

func (n *counted) Columns() []table.Column { return []table.Column{n.col} }
func (n *counted) Inputs() []Node          { return nil }
func (n *counted) WithInputs([]Node) Node  { return n }
func (n *counted) Prune(need []bool) Node  { return narrow(n, need) }
func (n *counted) String() string          { return fmt.Sprintf("range %s: %d rows", n.col.Name, n.n) }

func (n *counted) Open(_ context.Context, env *Env) (Stream, error) {
	return &countedStream{node: n, rows: int64(env.Rows)}, nil
}

type countedStream struct {
	node *counted
	rows int64
	at   int64
}

func (s *countedStream) Close() error { return nil }

func (s *countedStream) Next(ctx context.Context) (*vec.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n := min(s.rows, s.node.n-s.at)
	if n <= 0 {
		return nil, io.EOF
	}
	out := make([]int64, n)
	for i := range out {
		out[i] = s.node.from + (s.at+int64(i))*s.node.step
	}
	s.at += n
	return &vec.Batch{Cols: []vec.Column{{Arr: vec.NewInt64s(out, nil)}}, N: int(n)}, nil
}
