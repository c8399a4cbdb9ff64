package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/table"
)

// source is a table as it was defined when it was looked up.
type source struct {
	t   *tbl
	def *tableDef
}

// Name is the name of the table.
func (s *source) Name() string { return s.def.Name }

// Schema lists the columns of the table, and last $IngestionTime.
func (s *source) Schema() *table.Schema { return s.def.schema }

// Scan begins to read what the table holds now.
func (s *source) Scan(ctx context.Context, r table.Request) (table.Scan, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, err := s.t.view(); err != nil {
		return nil, err
	}
	// Under the lock that DropTable takes, so that it sees who reads.
	s.t.store.mu.RLock()
	defer s.t.store.mu.RUnlock()
	if s.t.dropped {
		return nil, fmt.Errorf("%w: %q was dropped", ErrNoTable, s.def.Name)
	}
	v := s.t.current.Load()
	sc := &scan{src: s, req: r, left: r.Limit}
	for _, e := range v.extents {
		e.refs.Add(1)
		sc.units = append(sc.units, &unit{scan: sc, extent: e, rows: e.rows, runs: e.runs})
	}
	for _, e := range v.tail {
		sc.units = append(sc.units, &unit{scan: sc, tail: e, rows: e.rows, runs: e.runs})
	}
	sc.extents = v.extents
	sc.stats.ExtentsTotal = int64(len(sc.units))
	return sc, nil
}

// scan hands out the blocks of a view of a table.
type scan struct {
	src     *source
	req     table.Request
	extents []*extent // held until Close

	mu     sync.Mutex
	units  []*unit // left to read; the first is being read
	at     int     // the next row of it
	opened bool    // whether it has passed pruning
	left   int64   // rows that are still wanted, where there is a limit
	closed bool
	stats  table.ScanStats
	read   atomic.Int64
}

// unit is an extent or an entry of the tail, in one scan. It keeps the columns
// that it has read as long as it or a block of it is in use, even where the
// cache is too small for them.
type unit struct {
	scan   *scan
	extent *extent
	tail   *tailEntry
	rows   int
	runs   []run

	mu     sync.Mutex
	cols   map[int]*column // by place in the schema
	wanted int             // rows of blocks that pruning leaves; 0 until asked for
}

// Next returns the next block.
func (s *scan) Next(ctx context.Context) (table.Block, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errors.New("next block: the scan is closed")
	}
	for len(s.units) > 0 {
		u := s.units[0]
		if !s.opened {
			if u.pruned(0, u.rows) {
				s.units = s.units[1:]
				continue
			}
			s.opened, s.at = true, 0
			s.stats.ExtentsScanned++
		}
		if s.at >= u.rows {
			s.units, s.opened = s.units[1:], false
			continue
		}
		a := s.at
		b := min(a+s.src.t.store.opts.BlockRows, u.rows)
		s.at = b
		if u.pruned(a, b) {
			continue
		}
		if s.req.Limit > 0 && len(s.req.Where) == 0 {
			// Every row counts: after enough of them there is no more to do.
			if s.left <= 0 {
				break
			}
			b = int(min(int64(b), int64(a)+s.left))
			s.left -= int64(b - a)
		}
		s.stats.RowsScanned += int64(b - a)
		return &block{unit: u, a: a, b: b}, nil
	}
	s.units = nil
	return nil, io.EOF
}

// Stats counts what has been done so far. Entries of the tail count as extents.
func (s *scan) Stats() table.ScanStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	st.BytesRead = s.read.Load()
	return st
}

// Close ends the scan. Blocks that were handed out must not be used after it.
func (s *scan) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed, s.units = true, nil
	for _, e := range s.extents {
		e.refs.Add(-1)
	}
	s.extents = nil
	s.src.t.store.pokeIfGarbage()
	return nil
}

// pruned reports that no row of [a,b) satisfies all predicates.
func (u *unit) pruned(a, b int) bool {
	for _, p := range u.scan.req.Where {
		if p.Column < 0 || p.Column >= u.scan.src.def.schema.Len() {
			continue
		}
		if u.excludes(p, a, b) {
			return true
		}
	}
	return false
}

func (u *unit) excludes(p table.Predicate, a, b int) bool {
	d := u.scan.src.def
	if p.Column == len(d.Columns) { // $IngestionTime
		return ingestSpan(u.runs).excludes(p, table.Int64s)
	}
	def := d.Columns[p.Column]
	phys := def.typ.Physical()
	if u.tail != nil {
		if z := u.tail.zone(def.ID); z != nil {
			return z.excludesRows(p, phys, a, b)
		}
	} else if c := u.extent.column(def.ID); c != nil {
		if c.zone.excludesRows(p, phys, a, b) {
			return true
		}
		return p.Op == table.Equal && phys == table.Strings && u.lacks(p, def)
	}
	return newZone(absentColumn(def.typ, u.rows)).all.excludes(p, phys)
}

// lacks reports that none of the strings is in the dictionary, if it is at hand.
func (u *unit) lacks(p table.Predicate, def columnDef) bool {
	c := u.scan.src.t.store.cache.peek(cacheKey{u.extent, def.ID})
	if c == nil || len(p.Values) == 0 {
		return false
	}
	for _, v := range p.Values {
		s, ok := v.(string)
		if !ok {
			return false
		}
		if _, found := c.dict.find(s); found {
			return false
		}
	}
	return true
}

// column returns column i of the schema, decoded.
func (u *unit) column(i int) (*column, error) {
	u.mu.Lock()
	c := u.cols[i]
	u.mu.Unlock()
	if c != nil {
		return c, nil
	}
	c, err := u.read(u.scan.src.def.Columns[i])
	if err != nil {
		return nil, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cols == nil {
		u.cols = map[int]*column{}
	}
	if first := u.cols[i]; first != nil {
		return first, nil // all blocks must have the same dictionary
	}
	u.cols[i] = c
	return c, nil
}

func (u *unit) read(def columnDef) (*column, error) {
	t := u.scan.src.t
	if u.tail != nil {
		c, err := u.tail.column(def.ID)
		if c == nil && err == nil {
			c = absentColumn(def.typ, u.rows)
		}
		return c, at(err, u.scan.src.def.Name, u.tail.id, def.Name)
	}
	m := u.extent.column(def.ID)
	if m == nil {
		return absentColumn(def.typ, u.rows), nil
	}
	if m.constant != nil {
		return m.constant, nil
	}
	c, err := t.store.cache.get(cacheKey{u.extent, def.ID}, func() (*column, error) {
		c, n, err := u.extent.read(t.store.db, t.id, def.ID)
		u.scan.read.Add(n)
		return c, err
	})
	return c, at(err, u.scan.src.def.Name, u.extent.id, def.Name)
}

// block is rows [a,b) of a unit.
type block struct {
	unit *unit
	a, b int
}

// Rows is the number of rows.
func (b *block) Rows() int { return b.b - b.a }

// Column returns column i. Strings are a dictionary array; the Data of the
// dictionary is the same object in all blocks of an extent.
func (b *block) Column(i int, sel []int32) (arrow.Array, error) {
	d := b.unit.scan.src.def
	if i == len(d.Columns) {
		return b.ingestion(sel), nil
	}
	c, err := b.unit.column(i)
	if err != nil {
		return nil, err
	}
	if sel != nil {
		return c.gather(b.a, sel), nil
	}
	return c.slice(b.a, b.b), nil
}

func (b *block) ingestion(sel []int32) arrow.Array {
	times := ingestTimes(b.unit.runs, b.a, b.b)
	c := &column{n: len(times), phys: table.Int64s, ints: times}
	if sel != nil {
		return c.gather(0, sel)
	}
	return c.slice(0, c.n)
}
