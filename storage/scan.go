package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

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
	n := len(v.extents) + len(v.tail)
	sc := &scan{src: s, req: r, left: r.Limit}
	sc.moved.L = &sc.mu
	sc.stats.ExtentsTotal = int64(n)
	if countsAll(r) {
		sc.ready = []task{{counted: &counted{n: v.rows()}}}
		sc.stats.Pruned.ExtentsByCount = int64(n)
		return sc, nil
	}
	units := make([]unit, n) // side by side, for every scan goes through all
	for i := range units {
		u := &units[i]
		u.scan, u.at = sc, i
		if i < len(v.extents) {
			u.extent = v.extents[i]
			u.rows, u.runs = u.extent.rows, u.extent.runs
			u.extent.refs.Add(1)
		} else {
			u.tail = v.tail[i-len(v.extents)]
			u.rows, u.runs = u.tail.rows, u.tail.runs
		}
		sc.all = append(sc.all, u)
	}
	s.t.store.cache.serve(v.stored())
	sc.extents, sc.units = v.extents, sc.all
	return sc, nil
}

// scan hands out the blocks of a view of a table. Whoever asks for a block
// when there is none looks into the next extent, beside the others.
type scan struct {
	src     *source
	req     table.Request
	extents []*extent // held until Close
	all     []*unit   // in the order of rows

	mu     sync.Mutex
	moved  sync.Cond // when work has been finished
	units  []*unit   // nobody has looked into
	ready  []task    // from units that somebody has
	busy   int       // goroutines that may add to ready
	left   int64     // rows that are still wanted, where there is a limit
	closed bool
	stats  table.ScanStats
	read   atomic.Int64

	nameOnce sync.Once
	name     string // see countName

	passed, skipped atomic.Int64 // extents of which rows were read, and of which there was none
}

// unit is an extent or an entry of the tail, in one scan. It keeps the columns
// that it has read as long as it or a block of it is in use, even where the
// cache is too small for them.
type unit struct {
	scan   *scan
	at     int // among the units of the scan
	extent *extent
	tail   *tailEntry
	rows   int
	runs   []run

	mu       sync.Mutex
	cols     map[int]*column // by place in the schema
	held     map[cacheKey]sized
	gathered map[uint32]int // strings read by themselves, by column id
	wanted   int            // rows of blocks that pruning leaves; 0 until asked for

	marked atomic.Pointer[markedLast]
	ahead  atomic.Bool // what is going to be read has been asked for
	begun  atomic.Bool // somebody has looked into it
}

// Next returns the next block.
func (s *scan) Next(ctx context.Context) (table.Block, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.closed:
			return nil, errors.New("next block: the scan is closed")
		case len(s.ready) > 0 && s.ready[0].test == nil:
			t := s.ready[0]
			s.ready = s.ready[1:]
			if t.counted != nil {
				return t.counted, nil
			}
			if b := s.limited(t); b != nil {
				return b, nil
			}
			s.ready, s.units = nil, nil
			return nil, io.EOF
		case len(s.ready) > 0:
			t := s.ready[0]
			s.ready = s.ready[1:]
			blocks, err := s.work(t.blocks)
			if err != nil {
				return nil, err
			}
			s.ready = append(blocks, s.ready...) // in the order of rows
		case len(s.units) > 0:
			u := s.units[0]
			s.units = s.units[1:]
			tasks, err := s.work(u.tasks)
			if err != nil {
				return nil, err
			}
			if len(s.ready) == 0 {
				s.ready = tasks
			} else {
				s.ready = append(s.ready, tasks...)
			}
		case s.busy > 0:
			s.moved.Wait()
		default:
			return nil, io.EOF
		}
	}
}

// work does something that takes time, without the lock, while others wait
// for what it gives.
func (s *scan) work(f func() ([]task, error)) ([]task, error) {
	s.busy++
	s.mu.Unlock()
	tasks, err := f()
	s.mu.Lock()
	s.busy--
	s.moved.Broadcast()
	return tasks, err
}

// limited returns the block of a task, nil where enough rows have been handed
// out. It is called with the lock.
func (s *scan) limited(t task) table.Block {
	b := &block{unit: t.unit, a: t.a, b: t.b, rows: t.rows}
	if s.req.Limit > 0 && len(s.req.Where) == 0 {
		// Every row counts: after enough of them there is no more to do.
		if s.left <= 0 {
			return nil
		}
		b.b = int(min(int64(t.b), int64(t.a)+s.left))
		s.left -= int64(b.b - t.a)
	}
	s.stats.RowsScanned += int64(b.Rows())
	return b
}

// count changes the figures.
func (s *scan) count(f func(*table.ScanStats)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.stats)
}

// Close ends the scan. Blocks that were handed out must not be used after it.
func (s *scan) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed, s.units, s.ready = true, nil, nil
	s.moved.Broadcast()
	for _, e := range s.extents {
		e.refs.Add(-1)
	}
	s.extents = nil
	s.src.t.store.pokeIfGarbage()
	return nil
}

// pruned reports that no row of [a,b) satisfies all predicates, as far as the
// ranges of values tell.
func (u *unit) pruned(a, b int) bool {
	if u.scan.req.NoPruning {
		return false
	}
	for _, p := range u.scan.req.Where {
		if u.excludes(p, a, b) {
			return true
		}
	}
	return false
}

func (u *unit) excludes(p table.Predicate, a, b int) bool {
	switch p.Op {
	case table.Or:
		return !slices.ContainsFunc(p.Of, func(p table.Predicate) bool { return !u.excludes(p, a, b) })
	case table.And:
		return slices.ContainsFunc(p.Of, func(p table.Predicate) bool { return u.excludes(p, a, b) })
	}
	d := u.scan.src.def
	if p.Column < 0 || p.Column >= d.schema.Len() {
		return false
	}
	if p.Column == len(d.Columns) { // $IngestionTime
		return ingestSpan(u.runs).excludes(p, table.Int64s)
	}
	def := d.Columns[p.Column]
	phys := def.typ.Physical()
	if z := u.zone(def.ID); z != nil {
		return z.excludesRows(p, phys, a, b)
	}
	return newZone(absentColumn(def.typ, u.rows)).all.excludes(p, phys)
}

// column returns column i of the schema, decoded: of the tail, and of extents
// what is not stored in parts.
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
	c, err := t.store.cache.get(cacheKey{extent: u.extent, column: def.ID}, func() (sized, error) {
		c, n, err := u.extent.read(t.store.db, t.id, def.ID)
		u.scan.read.Add(n)
		if err != nil {
			return nil, err
		}
		return c, nil
	})
	if err != nil {
		return nil, at(err, u.scan.src.def.Name, u.extent.id, def.Name)
	}
	return c.(*column), nil
}
