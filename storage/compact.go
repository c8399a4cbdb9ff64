package storage

import (
	"context"
	"errors"
	"fmt"
)

// maxRuns bounds the runs of an extent: its manifest must fit in a
// transaction. Rows that were committed one by one have a run each.
const maxRuns = 200_000

// mergeAll makes few large extents of many small ones, in all tables that are
// in use. Every row is rewritten a few times at most: extents are merged when
// that at least doubles the largest of them.
func (s *Store) mergeAll() error {
	s.mu.RLock()
	var ts []*tbl
	for _, t := range s.tables {
		ts = append(ts, t)
	}
	s.mu.RUnlock()
	for _, t := range ts {
		for {
			merged, err := s.mergeTable(t)
			if err != nil {
				return fmt.Errorf("merge extents of table %q: %w", t.def.Load().Name, err)
			}
			if !merged {
				break
			}
			s.unmapWritten()
		}
	}
	return nil
}

// mergeTable merges some extents of a table, if any are worth it.
func (s *Store) mergeTable(t *tbl) (bool, error) {
	s.sealMu.Lock()
	defer s.sealMu.Unlock()
	v := t.current.Load()
	if v == nil || s.tableByID(t) == nil || s.closing() {
		return false, nil
	}
	parts := mergeable(v.extents, s.opts.MergeRows, t.unmergeable)
	if parts == nil {
		return false, nil
	}
	err := s.mergeExtents(t, parts)
	switch {
	case errors.Is(err, errTooLong):
		for _, e := range parts {
			t.unmergeable[e.id] = true
		}
		return true, nil
	case errors.Is(err, errStale), errors.Is(err, ErrClosed):
		return false, nil
	}
	return err == nil, err
}

func (s *Store) closing() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// mergeable chooses neighbours, in the order of their rows, that together have
// no more rows than the limit and are at least twice the largest of them; the most rows of
// such. Nil where there are none.
func mergeable(extents []*extent, limit int, not map[uint64]bool) (best []*extent) {
	bestRows := 0
	for i := range extents {
		rows, runs, most := 0, 0, 0
		for j := i; j < len(extents) && !not[extents[j].id]; j++ {
			e := extents[j]
			rows, runs, most = rows+e.rows, runs+len(e.runs), max(most, e.rows)
			if rows > limit || runs > maxRuns {
				break
			}
			if j > i && rows >= 2*most && rows > bestRows {
				best, bestRows = extents[i:j+1], rows
			}
		}
	}
	return best
}

// mergeExtents puts one extent in the place of several.
func (s *Store) mergeExtents(t *tbl, parts []*extent) error {
	for _, e := range parts { // so that nobody deletes what is read
		e.refs.Add(1)
	}
	defer func() {
		for _, e := range parts {
			e.refs.Add(-1)
		}
	}()
	d := t.def.Load()
	rows := 0
	for _, e := range parts {
		rows += e.rows
	}
	x := s.newExtent(t, rows, s.opts.Now())
	e, err := x.build(d, func(id uint32) (*column, error) {
		if s.closing() {
			return nil, ErrClosed
		}
		return s.joinedColumn(t, d, parts, id)
	})
	if err == nil {
		for _, p := range parts {
			for _, r := range p.runs {
				e.runs = addRun(e.runs, r)
			}
		}
		err = s.alone(context.Background(), func() error { return s.publishMerge(t, parts, e, x.mark) })
	}
	if err != nil && x.mark.prefix != nil {
		s.bury(x.mark)
	}
	return err
}

// joinedColumn returns a column of several extents, nil when none has it.
func (s *Store) joinedColumn(t *tbl, d *tableDef, parts []*extent, id uint32) (*column, error) {
	return joined(d, id, len(parts), func(i int) (*column, int, error) {
		e := parts[i]
		if e.column(id) == nil {
			return nil, e.rows, nil
		}
		c, _, err := e.read(s.db, t.id, id)
		return c, e.rows, at(err, d.Name, e.id, d.columnName(id))
	})
}

// publishMerge replaces extents by one. It runs in the committer.
func (s *Store) publishMerge(t *tbl, gone []*extent, e *extent, mark garbage) error {
	if err := s.writable(); err != nil {
		return err
	}
	v, err := t.view()
	if err != nil {
		return err
	}
	next, ok := v.without(gone)
	if !ok || s.tableByID(t) == nil {
		return errStale
	}
	next.extents = append(next.extents, e)
	next.order()
	p := s.begin()
	gs, err := p.discard(t, gone)
	if err == nil && mark.prefix != nil {
		err = p.txn.Delete(garbageKey(mark.prefix))
	}
	if err == nil {
		err = put(p.txn, manifestKey(t.id, e.id), e.encode())
	}
	if err != nil {
		p.txn.Discard()
		return s.fail(err)
	}
	p.views[t] = next
	p.after = append(p.after, func() { s.bury(gs...) })
	return p.commit()
}

// discard removes the manifests of extents; their values become garbage.
func (p *publish) discard(t *tbl, gone []*extent) (gs []garbage, err error) {
	for _, e := range gone {
		g := garbage{prefix: chunkPrefix(t.id, e.day, e.id), id: e.id, extent: e}
		gs = append(gs, g)
		if err := p.txn.Delete(manifestKey(t.id, e.id)); err != nil {
			return nil, err
		}
		if err := put(p.txn, garbageKey(g.prefix), nil); err != nil {
			return nil, err
		}
	}
	return gs, nil
}

// without returns the view without some extents; false when they are not all
// there.
func (v *view) without(gone []*extent) (*view, bool) {
	out := make(map[*extent]bool, len(gone))
	for _, e := range gone {
		out[e] = true
	}
	n := &view{tail: v.tail, tailRows: v.tailRows, tailBytes: v.tailBytes}
	for _, e := range v.extents {
		if !out[e] {
			n.extents = append(n.extents, e)
		}
	}
	return n, len(n.extents) == len(v.extents)-len(gone)
}
