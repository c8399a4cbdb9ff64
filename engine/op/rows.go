package op

import (
	"context"
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
