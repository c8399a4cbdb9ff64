package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tidemark/table"
)

const (
	sealBytes   = 192 << 20    // bytes of tail at which it is sealed, however few its rows
	sealAfter   = table.Minute // age of a tail of some rows at which it is sealed
	foldEntries = 64           // small tail entries that are made into one
	smallEntry  = 1024         // rows of a tail entry that is small
)

// errStale ends a seal whose table has changed under it.
var errStale = errors.New("the table has changed meanwhile")

// errTooLong: a column's strings do not fit in one extent.
var errTooLong = errors.New("strings are too long for one extent")

// poke wakes the sealer.
func (s *Store) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// sealer makes tails into extents and deletes garbage, beside the committer.
func (s *Store) sealer() {
	defer s.workers.Done()
	tick := time.NewTicker(30 * time.Second)
	defer tick.Stop()
	for {
		err := s.collect()
		if err == nil {
			err = s.sealAll(context.Background(), s.due)
		}
		if err == nil {
			err = s.foldAll()
		}
		if err == nil {
			err = s.mergeAll()
		}
		if err != nil && s.sealErr.Load() == nil && !errors.Is(err, ErrClosed) {
			// Rows are safe in the tail; Seal and Close report the error.
			s.sealErr.Store(err)
			s.sealed.signal()
		}
		select {
		case <-s.wake:
		case <-tick.C:
		case <-s.closed:
			return
		}
	}
}

// due reports that a tail is to be sealed: it is large, or there are some rows
// in it and no more have come for long.
func (s *Store) due(v *view) bool {
	if len(v.tail) == 0 {
		return false
	}
	age := int64(table.FromGo(s.opts.Now())) - v.tail[0].runs[0].ingest
	return s.large(s.opts.SealRows)(v) || v.tailRows >= s.opts.SealRows/16 && age >= int64(sealAfter)
}

// large reports that a tail has so many rows, or many bytes.
func (s *Store) large(rows int) func(*view) bool {
	return func(v *view) bool { return len(v.tail) > 0 && (v.tailRows >= rows || v.tailBytes >= sealBytes) }
}

func anyTail(v *view) bool { return len(v.tail) > 0 }

// Seal makes all rows of the tail into extents.
func (s *Store) Seal(ctx context.Context) error {
	if err := s.writable(); err != nil {
		return err
	}
	defer s.poke() // there may be something to merge
	return s.sealTables(ctx, anyTail, true)
}

// sealAll seals the tails that are due, of tables that have been used: others
// have nothing new, and are not read just to find that out.
func (s *Store) sealAll(ctx context.Context, due func(*view) bool) error {
	return s.sealTables(ctx, due, false)
}

func (s *Store) sealTables(ctx context.Context, due func(*view) bool, unused bool) error {
	s.mu.RLock()
	var ts []*tbl
	for _, t := range s.tables {
		ts = append(ts, t)
	}
	s.mu.RUnlock()
	for _, t := range ts {
		for {
			if t.current.Load() == nil && !unused {
				break
			}
			v, err := t.view()
			if err != nil {
				return err
			}
			if !due(v) {
				break
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.sealTable(t, due); err != nil && !errors.Is(err, errStale) {
				return fmt.Errorf("seal table %q: %w", t.def.Load().Name, err)
			}
			s.unmapWritten()
			s.sealed.signal()
		}
	}
	return nil
}

// sealTable makes the oldest entries of a tail into one extent.
func (s *Store) sealTable(t *tbl, due func(*view) bool) error {
	s.sealMu.Lock()
	defer s.sealMu.Unlock()
	if s.tableByID(t) == nil {
		return nil
	}
	v, err := t.view()
	if err != nil {
		return err
	}
	if !due(v) {
		return nil // another seal was faster
	}
	entries := oldest(v.tail)
	d := t.def.Load()
	var x *extentBuilder
	var e *extent
	for {
		x = s.newExtent(t, rowsOf(entries), s.opts.Now())
		e, err = x.build(d, func(id uint32) (*column, error) { return mergedColumn(d, entries, id) })
		if err == nil {
			break
		}
		if x.mark.prefix != nil {
			s.bury(x.mark)
		}
		// Strings that compress well can be too many even so. One entry never is.
		if !errors.Is(err, errTooLong) || len(entries) == 1 {
			return err
		}
		entries = entries[:len(entries)/2]
	}
	for _, n := range entries {
		for _, r := range n.runs {
			e.runs = addRun(e.runs, r)
		}
	}
	err = s.alone(context.Background(), func() error {
		return s.publishReplacement(t, entries, nil, nil, e, x.mark)
	})
	if err != nil && x.mark.prefix != nil {
		s.bury(x.mark)
	}
	return err
}

// oldest returns as many entries as go into an extent: by rows, and so that
// no column's strings outgrow Arrow's offsets.
func oldest(tail []*tailEntry) []*tailEntry {
	rows, runs, bytes := 0, 0, int64(0)
	for i, e := range tail {
		rows += e.rows
		runs += len(e.runs)
		bytes += e.bytes
		if i > 0 && (rows > maxExtentRows || runs > maxRuns || bytes > 2*sealBytes) {
			return tail[:i]
		}
	}
	return tail
}

func rowsOf(entries []*tailEntry) (n int) {
	for _, e := range entries {
		n += e.rows
	}
	return n
}

// mergedColumn returns a column of several entries, nil when none has it.
func mergedColumn(d *tableDef, entries []*tailEntry, id uint32) (*column, error) {
	return joined(d, id, len(entries), func(i int) (*column, int, error) {
		e := entries[i]
		c, err := e.decode(id, true)
		return c, e.rows, at(err, d.Name, e.id, d.columnName(id))
	})
}

// joined returns the rows of a column of n things one after the other, nil
// when none has it. part returns those of one and how many they are.
func joined(d *tableDef, id uint32, n int, part func(i int) (*column, int, error)) (*column, error) {
	def := columnDef{}
	for _, c := range d.Columns {
		if c.ID == id {
			def = c
		}
	}
	parts := make([]*column, 0, n)
	found := false
	size := 0
	for i := range n {
		c, rows, err := part(i)
		if err != nil {
			return nil, err
		}
		if c == nil {
			c = absentColumn(def.typ, rows)
		} else {
			found = true
		}
		if c.dict != nil {
			size += c.dict.textBytes()
		}
		parts = append(parts, c)
	}
	if !found {
		return nil, nil
	}
	if size > maxStringBytes && len(parts) > 1 {
		return nil, fmt.Errorf("column %q: %w", def.Name, errTooLong)
	}
	return mergeColumns(def.typ.Physical(), parts), nil
}

// publishReplacement puts an extent, or an entry, in the place of entries of
// the tail. It runs in the committer.
func (s *Store) publishReplacement(t *tbl, gone []*tailEntry, entry *tailEntry, inline []byte, e *extent, mark garbage) error {
	if err := s.writable(); err != nil {
		return err
	}
	v, err := t.view()
	if err != nil {
		return err
	}
	p := s.begin()
	var tails []*tailEntry
	var extents []*extent
	put1 := func() error {
		for _, n := range gone {
			if err := p.deleteEntry(t, n); err != nil {
				return err
			}
		}
		if mark.prefix != nil {
			if err := p.txn.Delete(garbageKey(mark.prefix)); err != nil {
				return err
			}
		}
		if entry != nil {
			tails = []*tailEntry{entry}
			return p.entry(t, entry, inline)
		}
		extents = []*extent{e}
		return put(p.txn, manifestKey(t.id, e.id), e.encode())
	}
	if err := put1(); err != nil {
		p.txn.Discard()
		return s.fail(err)
	}
	next, ok := v.replace(gone, tails, extents)
	if !ok || s.tableByID(t) == nil {
		p.txn.Discard()
		return errStale
	}
	p.views[t] = next
	return p.commit()
}

// manyPieces is how many pieces of an entry are deleted one by one; more could
// be too much for the transaction.
const manyPieces = 1000

func (p *publish) deleteEntry(t *tbl, e *tailEntry) error {
	if len(e.pieces) > manyPieces {
		g := garbage{prefix: tailDataPrefix(t.id, e.id), id: e.id}
		if err := put(p.txn, garbageKey(g.prefix), nil); err != nil {
			return err
		}
		p.after = append(p.after, func() { p.s.bury(g) })
		return p.txn.Delete(tailKey(t.id, e.id))
	}
	if e.file {
		p.after = append(p.after, func() { p.s.removeTailFile(t.id, e) })
		return p.txn.Delete(tailKey(t.id, e.id))
	}
	for i := range e.pieces {
		if err := p.txn.Delete(tailDataKey(t.id, e.id, i)); err != nil {
			return err
		}
	}
	return p.txn.Delete(tailKey(t.id, e.id))
}

// foldAll makes many small tail entries into one, in all tables.
func (s *Store) foldAll() error {
	s.mu.RLock()
	var ts []*tbl
	for _, t := range s.tables {
		ts = append(ts, t)
	}
	s.mu.RUnlock()
	for _, t := range ts {
		if err := s.fold(t); err != nil && !errors.Is(err, errStale) {
			return fmt.Errorf("fold the tail of table %q: %w", t.def.Load().Name, err)
		}
	}
	return nil
}

// fold keeps the number of tail entries small where batches are: a scan costs
// something per entry. Entries stay small until they have smallEntry rows, so
// a row is rewritten a few times at most before it is sealed.
func (s *Store) fold(t *tbl) error {
	s.sealMu.Lock()
	defer s.sealMu.Unlock()
	v := t.current.Load()
	if v == nil || s.tableByID(t) == nil {
		return nil
	}
	small := slices.DeleteFunc(slices.Clone(v.tail), func(e *tailEntry) bool { return e.rows >= smallEntry })
	if len(small) < foldEntries {
		return nil
	}
	d := t.def.Load()
	entry, inline, err := foldEntriesOf(d, small)
	if errors.Is(err, errTooLong) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(inline) > partInline {
		return nil // rows are large: folding would not make them fewer bytes
	}
	return s.alone(context.Background(), func() error {
		return s.publishReplacement(t, small, entry, inline, nil, garbage{})
	})
}

func foldEntriesOf(d *tableDef, entries []*tailEntry) (*tailEntry, []byte, error) {
	cols := make([]*column, d.LastColumn+1)
	for _, c := range d.Columns {
		var err error
		if cols[c.ID], err = mergedColumn(d, entries, c.ID); err != nil {
			return nil, nil, err
		}
	}
	inline := encodeTailRows(cols)
	n, err := newTailEntry(inline, rowsOf(entries))
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		for _, r := range e.runs {
			n.runs = addRun(n.runs, r)
		}
	}
	return n, inline, nil
}
