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
