package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"tidemark/table"
)

// Problem is something that Verify found wrong.
type Problem struct {
	// Err is a *CorruptError that says where and what.
	Err error
}

// Summary counts what Verify read.
type Summary struct {
	Tables, Extents, TailEntries int
	Chunks                       int
	Rows                         int64
	Bytes                        int64 // of chunks and tail rows, as stored
	Problems                     int
}

// verifier is one run of Verify.
type verifier struct {
	s      *Store
	sum    Summary
	report func(Problem)
	runs   []run
	broken bool // the rows of some table could not be listed
}

// Verify reads everything and calls report for each thing that is wrong: a
// missing or damaged value, rows that are not as many as the manifest says,
// ranges that do not hold the values, sequence numbers that are missing or
// occur twice. The error says that the check itself could not go on. Cached
// columns are not used.
func (s *Store) Verify(ctx context.Context, report func(Problem)) (Summary, error) {
	v := &verifier{s: s, report: report}
	s.mu.RLock()
	var srcs []*source
	for _, t := range s.tables {
		srcs = append(srcs, &source{t: t, def: t.def.Load()})
	}
	s.mu.RUnlock()
	// What is checked must hold still: extents are held as by scans, the
	// sequence is that of one moment between commits.
	var views []*view
	var next uint64
	take := func() error {
		for _, src := range srcs {
			w, err := src.t.view()
			if err != nil {
				v.problem(err)
				v.broken = true
				w = &view{}
			}
			for _, e := range w.extents {
				e.refs.Add(1)
			}
			views = append(views, w)
		}
		next = s.state.nextSeq
		return v.dropped()
	}
	var err error
	if s.opts.ReadOnly {
		err = take()
	} else {
		err = s.alone(ctx, take)
	}
	defer func() {
		for _, w := range views {
			for _, e := range w.extents {
				e.refs.Add(-1)
			}
		}
		s.pokeIfGarbage()
	}()
	if err != nil {
		return v.sum, err
	}
	for i, src := range srcs {
		if err := v.table(ctx, src, views[i]); err != nil {
			return v.sum, err
		}
	}
	if !v.broken {
		v.sequence(next)
	}
	return v.sum, nil
}

func (v *verifier) problem(err error) {
	v.sum.Problems++
	v.report(Problem{Err: err})
}

// dropped collects the runs of dropped rows.
func (v *verifier) dropped() error {
	return v.s.db.View(func(txn *badger.Txn) error {
		err := scanPrefix(txn, newKey(kindDropped), true, func(k key, b []byte) error {
			r := &reader{b: b}
			n := r.count(droppedRuns)
			seq := uint64(0)
			for i := 0; i < n && r.err == nil; i++ {
				x := run{seq: seq + uint64(r.int()), rows: int(r.uint())}
				r.int()
				seq = x.seq + uint64(x.rows)
				v.runs = append(v.runs, x)
			}
			return r.done()
		})
		if errors.Is(err, ErrCorrupt) {
			v.problem(err)
			v.broken = true
			return nil
		}
		return err
	})
}

func (v *verifier) table(ctx context.Context, src *source, w *view) error {
	v.sum.Tables++
	name := src.def.Name
	for _, e := range w.extents {
		v.sum.Extents++
		v.sum.Rows += int64(e.rows)
		v.runs = append(v.runs, e.runs...)
		for id, m := range e.cols {
			if err := ctx.Err(); err != nil {
				return err
			}
			if m == nil {
				continue
			}
			v.sum.Chunks++
			c, n, err := e.read(v.s.db, src.t.id, uint32(id))
			v.sum.Bytes += n
			if err == nil {
				err = sound(c, m.zone)
			}
			if err == nil {
				err = v.soundParts(src.t, e, uint32(id), c)
			}
			if err != nil {
				v.problem(at(err, name, e.id, src.def.columnName(uint32(id))))
			}
		}
	}
	for _, e := range w.tail {
		v.sum.TailEntries++
		v.sum.Rows += int64(e.rows)
		v.sum.Bytes += e.bytes
		v.runs = append(v.runs, e.runs...)
		if err := v.tailEntry(src.t, e); err != nil {
			v.problem(at(err, name, e.id, ""))
		}
	}
	return ctx.Err()
}

// tailEntry reads an entry from disk again: what is in memory may be right
// while what is stored is not.
func (v *verifier) tailEntry(t *tbl, e *tailEntry) error {
	var stored *tailEntry
	err := v.s.db.View(func(txn *badger.Txn) error {
		b, err := get(txn, tailKey(t.id, e.id))
		if err != nil {
			return err
		}
		if b == nil {
			return nil
		}
		stored, err = decodeTailHeader(e.id, b)
		return err
	})
	if err == nil && stored == nil {
		if now, _ := t.view(); now != nil && !contains(now.tail, e) {
			return nil // sealed since the check began
		}
		return corrupt("the tail entry is missing")
	}
	if err == nil {
		err = stored.load(v.s, t.id)
	}
	if err != nil {
		if now, _ := t.view(); now != nil && !contains(now.tail, e) {
			return nil
		}
		return err
	}
	for id := range stored.cols {
		c, err := stored.column(uint32(id))
		if err == nil && c != nil {
			err = sound(c, nil)
		}
		if err != nil {
			return at(err, "", e.id, t.def.Load().columnName(uint32(id)))
		}
	}
	return nil
}

func contains(tail []*tailEntry, e *tailEntry) bool {
	for _, x := range tail {
		if x == e {
			return true
		}
	}
	return false
}

func (d *tableDef) columnName(id uint32) string {
	for _, c := range d.Columns {
		if c.ID == id {
			return c.Name
		}
	}
	return fmt.Sprintf("#%d", id)
}

// sound checks what decoding does not: that the dictionary is sorted, and
// that the zone is that of the data.
func sound(c *column, z *zone) error {
	if c.dict != nil {
		for i := 1; i < c.dict.len(); i++ {
			if c.dict.at(i-1) >= c.dict.at(i) {
				return corrupt("the dictionary is not sorted at %d", i)
			}
		}
	}
	if z == nil {
		return nil
	}
	want := newZone(c)
	ok := want.nulls == z.nulls && want.distinct == z.distinct && want.all.same(z.all, c.phys) && len(want.blocks) == len(z.blocks)
	for i := 0; ok && i < len(z.blocks); i++ {
		ok = want.blocks[i].same(z.blocks[i], c.phys)
	}
	if !ok {
		return corrupt("the range of values in the manifest is not that of the data")
	}
	return nil
}

// sequence checks that every number below next occurs once.
func (v *verifier) sequence(next uint64) {
	expect := uint64(0)
	for _, r := range joinRuns(v.runs) {
		switch {
		case r.seq > expect:
			v.problem(corrupt("rows %d to %d are missing", expect, r.seq-1))
		case r.seq < expect:
			v.problem(corrupt("row %d occurs twice", r.seq))
		}
		expect = r.seq + uint64(r.rows)
	}
	if expect != next {
		v.problem(corrupt("the sequence ends at row %d, the state record says %d", expect, next))
	}
}

// TableStats says what a table holds.
type TableStats struct {
	Rows        int64
	Extents     int
	TailRows    int64
	TailEntries int
	Bytes       int64 // as stored
	// MinTime and MaxTime are the range of TimeGenerated. They are 0 when the
	// table has no such column or no row with a value in it.
	MinTime, MaxTime table.Time
}

// Stats returns figures about a table, without reading its rows.
func (s *Store) Stats(name string) (TableStats, error) {
	var st TableStats
	t, err := s.lookup(name)
	if err != nil {
		return st, err
	}
	w, err := t.view()
	if err != nil {
		return st, err
	}
	timeID := uint32(0)
	for _, c := range t.def.Load().Columns {
		if isTime(c) {
			timeID = c.ID
		}
	}
	all := span{empty: true}
	for _, e := range w.extents {
		st.Extents++
		st.Rows += int64(e.rows)
		st.Bytes += e.bytes
		if c := e.column(timeID); c != nil {
			all = all.union(c.zone.all)
		}
	}
	for _, e := range w.tail {
		st.TailEntries++
		st.TailRows += int64(e.rows)
		st.Bytes += e.bytes
		if z := e.zone(timeID); z != nil {
			all = all.union(z.all)
		}
	}
	st.Rows += st.TailRows
	if !all.empty {
		st.MinTime, st.MaxTime = table.Time(all.lo), table.Time(all.hi)
	}
	return st, nil
}
