package op

import (
	"context"
	"io"

	"tidemark/engine/vec"
)

// Start runs a plan's deferred parts, in order, and opens its results. What
// materialize() keeps is given back with release.
func (p *Plan) Start(ctx context.Context, env *Env, optimize bool) (streams []Stream, release func(), err error) {
	var open []Stream
	release = func() {
		for _, s := range open {
			s.Close()
		}
		for _, c := range append(p.sharedCells(), p.kept...) {
			c.forget()
		}
	}
	for _, d := range p.Deferred {
		if err := d.run(ctx, env, optimize); err != nil {
			release()
			return nil, nil, err
		}
	}
	for _, r := range p.Results {
		s, err := finish(r.Node, optimize).Open(ctx, env)
		if err != nil {
			release()
			return nil, nil, err
		}
		open = append(open, s)
	}
	return open, release, nil
}

func finish(n Node, optimize bool) Node {
	if optimize {
		return Optimize(n)
	}
	return n
}

func (d *Deferred) run(ctx context.Context, env *Env, optimize bool) error {
	s, err := finish(d.Node, optimize).Open(ctx, env)
	if err != nil {
		return err
	}
	defer s.Close()
	out := &rowsOf{node: d.Node, rows: &rows{}}
	for {
		b, err := s.Next(ctx)
		if err == io.EOF {
			return d.Set(out)
		}
		if err != nil {
			return err
		}
		out.rows.batches = append(out.rows.batches, b)
	}
}

// sharedCells are the kept rows of the plan's materialize() and as.
func (p *Plan) sharedCells() []*sharedRows {
	seen := map[*sharedRows]bool{}
	var visit func(n Node)
	visit = func(n Node) {
		if m, ok := n.(*shared); ok {
			if seen[m.cell] {
				return
			}
			seen[m.cell] = true
			visit(m.in)
			return
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
		if s, ok := n.(bodied); ok {
			for _, x := range s.bodies() {
				visit(x)
			}
		}
	}
	for _, r := range p.Results {
		visit(r.Node)
	}
	for _, d := range p.Deferred {
		visit(d.Node)
	}
	var out []*sharedRows
	for c := range seen {
		out = append(out, c)
	}
	return out
}

// Drain reads all batches of a stream.
func Drain(ctx context.Context, s Stream) ([]*vec.Batch, error) {
	var out []*vec.Batch
	for {
		b, err := s.Next(ctx)
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
}
