package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tidemark/table"
)

// DropBefore deletes the extents of a table, and the entries of its tail, all
// rows of which were ingested before a time, and tells how many rows these
// had. Scans that are under way go on. Extents go whole: one with a newer row
// stays.
func (s *Store) DropBefore(ctx context.Context, name string, before table.Time) (rows int64, err error) {
	s.sealMu.Lock() // nothing may be sealed or merged into it meanwhile
	defer s.sealMu.Unlock()
	t, err := s.lookup(name)
	if err != nil {
		return 0, err
	}
	err = s.alone(ctx, func() error {
		if err := s.writable(); err != nil {
			return err
		}
		v, err := t.view()
		if err != nil || s.tableByID(t) == nil {
			return err
		}
		gone, next := v.before(int64(before))
		if len(gone.extents)+len(gone.tail) == 0 {
			return nil
		}
		p := s.begin()
		gs, err := p.clear(t, gone)
		if err != nil {
			p.txn.Discard()
			return s.fail(err)
		}
		p.views[t] = next
		p.after = append(p.after, func() { s.bury(gs...) })
		if err := p.commit(); err != nil {
			return err
		}
		rows = int64(gone.head().rows)
		return nil
	})
	if err != nil && !errors.Is(err, ErrNoTable) {
		err = fmt.Errorf("delete old rows of table %q: %w", name, err)
	}
	return rows, err
}

// before splits a view into what was ingested before a time, and the rest. At
// most so much goes at once as a transaction takes.
func (v *view) before(ingest int64) (gone, rest *view) {
	const most = 2000 // records
	old := func(runs []run) bool {
		n := len(gone.extents) + len(gone.tail)
		return n < most && !slices.ContainsFunc(runs, func(r run) bool { return r.ingest >= ingest })
	}
	gone, rest = &view{}, &view{}
	for _, e := range v.extents {
		if old(e.runs) {
			gone.extents = append(gone.extents, e)
		} else {
			rest.extents = append(rest.extents, e)
		}
	}
	for _, e := range v.tail {
		if old(e.runs) {
			gone.tail = append(gone.tail, e)
		} else {
			rest.tail = append(rest.tail, e)
		}
	}
	rest.order()
	return gone, rest
}
