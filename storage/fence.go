package storage

import (
	"context"

	"tidemark/table"
)

// Fence draws a line through the ingestion times: when it returns, every
// commit up to t is visible, and each later one is stamped after t, whatever
// the clock does meanwhile. So what is read with ingestion times up to t never
// changes. t must not be in the future.
//
// The line itself is kept with the next commit; until that, a crash takes it
// back, together with whatever was concluded from it.
func (s *Store) Fence(ctx context.Context, t table.Time) error {
	return s.alone(ctx, func() error {
		s.state.ingest = max(s.state.ingest, int64(t)+1)
		return nil
	})
}
