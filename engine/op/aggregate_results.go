package op

import (
	"context"
	"sync"

	"tidemark/engine/agg"
	"tidemark/engine/vec"
)

// resultGroups makes rows of groups, some at a time.
type resultGroups struct {
	groups *groups
	n, at  int
	whole  [][]vec.Column // results of states that give all at once
}

func newResultGroups(g *groups, single bool) *resultGroups {
	r := &resultGroups{groups: g, n: g.by.Len(), whole: make([][]vec.Column, len(g.states))}
	if single {
		r.n = 1
	}
	for i, s := range g.states {
		s.Grow(r.n)
		if _, ok := s.(agg.Ranged); !ok {
			r.whole[i] = s.Results()
		}
	}
	return r
}

// next gives what makes the next rows, which several goroutines may do at once;
// nil after the last.
func (r *resultGroups) next() func() *vec.Batch {
	if r.at >= r.n {
		return nil
	}
	from, to := r.at, min(r.n, r.at+65536)
	r.at = to
	return func() *vec.Batch { return r.of(from, to) }
}

func (r *resultGroups) of(from, to int) *vec.Batch {
	out := &vec.Batch{N: to - from, Cols: r.groups.by.KeysOf(from, to, r.groups.node.blank)}
	for i, s := range r.groups.states {
		if s, ok := s.(agg.Ranged); ok {
			out.Cols = append(out.Cols, s.ResultsOf(from, to)...)
			continue
		}
		whole := &vec.Batch{Cols: r.whole[i], N: r.n}
		out.Cols = append(out.Cols, whole.Slice(from, to).Cols...)
	}
	return out
}

// sharedGroups are groups that several streams make rows of.
type sharedGroups struct {
	mu   sync.Mutex
	of   *aggregateStream
	open int
}

// groupStream gives some of the rows of groups.
type groupStream struct {
	shared *sharedGroups
	closed bool
}

func (s *groupStream) Next(ctx context.Context) (*vec.Batch, error) {
	s.shared.mu.Lock()
	rows, err := s.shared.of.next(ctx)
	s.shared.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return rows(), nil
}

func (s *groupStream) Close() error {
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.shared.open--; s.shared.open > 0 {
		return nil
	}
	return s.shared.of.Close()
}
