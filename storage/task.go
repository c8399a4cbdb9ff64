package storage

import (
	"slices"

	"tidemark/table"
)

// task is rows [a,b) of a unit: a block, or rows of which a test leaves some.
type task struct {
	unit *unit
	a, b int
	test *rowTest
	rows []int32 // set: the block is just these

	counted *counted // set: the block is this
}

// taskRows is the number of rows of a task with a test.
const taskRows = 4 * pageRows

// fewRows is the share of an extent's rows up to which they are handed out
// alone, and not in blocks with their neighbours. Of columns with a small
// dictionary, of which the executor compares the codes of all rows in the time
// in which some of them are chosen, they must be fewer.
const (
	fewRows     = 8
	fewestRows  = 64
	smallValues = 4096
)

// share is the share of rows up to which a test chooses rows.
func (t *rowTest) share() int {
	if t.leaf != nil && t.leaf.col.m.zone.distinct > smallValues {
		return fewRows
	}
	for _, part := range append(t.any[:len(t.any):len(t.any)], t.all...) {
		if part.share() == fewRows {
			return fewRows
		}
	}
	return fewestRows
}

// tasks looks into a unit: what of it is to be read.
func (u *unit) tasks() ([]task, error) {
	u.begun.Store(true)
	c, err := u.known()
	if err != nil {
		return nil, err
	}
	if c != nil {
		return u.counted(c), nil
	}
	test, why, err := u.choose()
	if err != nil {
		return nil, err
	}
	if why != possible {
		u.scan.skipped.Add(1)
		u.scan.count(func(s *table.ScanStats) {
			switch why {
			case byRange:
				s.Pruned.ExtentsByRange++
			case byText:
				s.Pruned.ExtentsByText++
			default:
				s.Pruned.ExtentsByValue++
			}
		})
		return nil, nil
	}
	if test == nil {
		if c, err = u.count(); err != nil {
			return nil, err
		}
		if c != nil {
			return u.counted(c), nil
		}
	}
	step := u.scan.src.t.store.opts.BlockRows
	switch {
	case len(u.scan.req.Columns) == 0 && len(u.scan.req.Where) == 0:
		step = max(step, pageRows) // rows are only counted
	case test != nil:
		step = taskRows
		if test.rows <= int64(u.scan.src.t.store.opts.BlockRows) {
			step = max(u.rows, 1) // they make one block
		}
	}
	out := make([]task, 0, (u.rows+step-1)/step)
	skipped := int64(0)
	for a := 0; a < u.rows; a += step {
		b := min(a+step, u.rows)
		if u.pruned(a, b) {
			skipped++
			continue
		}
		out = append(out, task{unit: u, a: a, b: b, test: test})
	}
	u.scan.count(func(s *table.ScanStats) {
		s.ExtentsScanned++
		s.Pruned.BlocksByRange += skipped
	})
	return out, nil
}

// counted is the task of handing out numbers alone.
func (u *unit) counted(c *counted) []task {
	u.scan.count(func(s *table.ScanStats) { s.Pruned.ExtentsByCount++ })
	return []task{{unit: u, counted: c}}
}

// AtMost reports that no more than n rows are to be looked at, as far as ranges
// of values tell. It is asked before the first block is.
func (s *scan) AtMost(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.units {
		if n -= u.toRead(n); n < 0 {
			return false
		}
	}
	return true
}

// toRead is how many rows of the unit are to be looked at; or some number above most.
func (u *unit) toRead(most int) (rows int) {
	if counts(u.scan.req) {
		if n, ok := u.toCount(u.scan.req.Count); ok {
			return n
		}
	}
	if u.pruned(0, u.rows) {
		return 0
	}
	step := u.scan.src.t.store.opts.BlockRows
	for a := 0; a < u.rows && rows <= most; a += step {
		if b := min(a+step, u.rows); !u.pruned(a, b) {
			rows += b - a
		}
	}
	return rows
}

// choose finds the test that leaves few of the unit's rows, nil where there is
// none, or why it has none that matter.
func (u *unit) choose() (*rowTest, reason, error) {
	if u.scan.req.NoPruning {
		return nil, possible, nil
	}
	t, why, err := u.decideAll(table.Predicate{Of: u.scan.req.Where})
	if err != nil || why != possible || t == nil {
		return nil, why, err
	}
	// Tests that most rows pass are left to the executor.
	t.all = slices.DeleteFunc(t.all, func(x rowTest) bool { return x.rows > int64(u.rows/x.share()) })
	if len(t.all) == 0 {
		return nil, possible, nil
	}
	return t, possible, nil
}

// blocks applies the test of a task.
func (t task) blocks() ([]task, error) {
	var rows []int32
	for a := t.a; a < t.b; a += pageRows {
		b := min(a+pageRows, t.b)
		if t.unit.pruned(a, b) {
			continue
		}
		var err error
		if rows, err = t.test.rowsIn(a, b, rows); err != nil {
			return nil, err
		}
	}
	t.unit.scan.count(func(s *table.ScanStats) { s.Pruned.RowsByValue += int64(t.b - t.a - len(rows)) })
	var out []task
	step := t.unit.scan.src.t.store.opts.BlockRows
	for len(rows) > 0 {
		n := min(step, len(rows))
		out = append(out, task{unit: t.unit, a: int(rows[0]), b: int(rows[n-1]) + 1, rows: rows[:n:n]})
		rows = rows[n:]
	}
	return out, nil
}
