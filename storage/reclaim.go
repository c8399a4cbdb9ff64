package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// freedMark says that extents were deleted and badger has not been flattened
// often enough since.
const freedMark = "storage/freed"

// freedRounds is how often badger is flattened after extents were deleted. It
// learns what is garbage when deletions meet what they delete; the first time
// they may be in memory still.
const freedRounds = 2

// Reclaim gives the disk space of deleted values back, as far as badger can
// tell that they are deleted: what was dropped in this process may stay until
// the next one reclaims. Where nothing has been deleted it costs next to
// nothing, otherwise it is heavy; it runs beside commits and scans.
func (s *Store) Reclaim(ctx context.Context) error {
	if s.opts.ReadOnly {
		return ErrReadOnly
	}
	if err := s.collect(); err != nil {
		return fmt.Errorf("reclaim space: %w", err)
	}
	if err := s.flatten(); err != nil {
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

// flatten makes badger learn which values are deleted, if some were.
func (s *Store) flatten() error {
	n := s.freed.Load()
	if n == 0 {
		return nil
	}
	if err := s.db.Flatten(2); err != nil {
		return err
	}
	if !s.freed.CompareAndSwap(n, n-1) || n > 1 {
		return nil
	}
	if err := s.db.Update(func(txn *badger.Txn) error { return txn.Delete(markKey(freedMark)) }); err != nil {
		return s.fail(err)
	}
	return nil
}
