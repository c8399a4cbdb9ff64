package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// Reclaim gives the disk space of deleted values back, as far as badger can
// tell that they are deleted: what was dropped in this process may stay until
// the next one reclaims. It is heavy, and runs beside commits and scans.
func (s *Store) Reclaim(ctx context.Context) error {
	if s.opts.ReadOnly {
		return ErrReadOnly
	}
	if err := s.collect(); err != nil {
		return fmt.Errorf("reclaim space: %w", err)
	}
	if err := s.db.Flatten(2); err != nil {
		return fmt.Errorf("reclaim space: %w", err)
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		// One file of the value log at a time, until none is half garbage.
		s.mapping.Lock()
		err := s.db.RunValueLogGC(0.5)
		s.mapping.Unlock()
		switch {
		case errors.Is(err, badger.ErrNoRewrite):
			return nil
		case err != nil:
			return fmt.Errorf("reclaim space: %w", err)
		}
	}
}
