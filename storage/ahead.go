package storage

import (
	"cmp"
	"slices"

	"github.com/dgraph-io/badger/v4"
	"tidemark/table"
)

// place is where a value was in the value log when it was written: the number of
// a file, 0 where none is known, and the byte in it. Nothing relies on it; who is
// going to read many values has the disk fetch them by it, all at once and in the
// order of the disk, which badger, asked for one after the other, cannot do.
type place struct{ file, at uint32 }

// stretch is bytes of a file of the value log.
type stretch struct {
	file uint32
	a, b int64
}

// entryHead is the most bytes of an entry of the value log before its value.
const entryHead = 64

// readThrough is the size of gaps between wanted bytes that are read as well.
const readThrough = 64 << 10

func (p piece) stretch() stretch {
	return stretch{p.at.file, max(int64(p.at.at)-entryHead, 0), int64(p.at.at) + int64(p.size) + envelope}
}

// joinStretches sorts stretches and joins those that are near each other.
func joinStretches(all []stretch) []stretch {
	all = slices.DeleteFunc(all, func(s stretch) bool { return s.file == 0 })
	slices.SortFunc(all, func(x, y stretch) int { return cmp.Or(cmp.Compare(x.file, y.file), cmp.Compare(x.a, y.a)) })
	out := all[:0]
	for _, s := range all {
		if n := len(out); n > 0 && out[n-1].file == s.file && s.a-out[n-1].b <= readThrough {
			out[n-1].b = max(out[n-1].b, s.b)
			continue
		}
		out = append(out, s)
	}
	return out
}

// fetch has pieces brought from disk, without waiting for them.
func (s *Store) fetch(ps []piece) {
	if len(ps) < 2 {
		return // who reads a single one asks for it
	}
	all := make([]stretch, 0, len(ps))
	for _, p := range ps {
		all = append(all, p.stretch())
	}
	s.fetchFiles(joinStretches(all))
}

// Ahead tells that columns of the block's extent are going to be read, one after
// the other. Those that are not at hand are asked of the disk at once, so that it
// works while those before them are checked and unpacked, and with them what the
// same columns have in the extent that nobody has looked into yet.
func (b *block) Ahead(columns []int) {
	u := b.unit
	if u.extent == nil || u.ahead.Swap(true) {
		return
	}
	s := u.scan.src.t.store
	s.fetch(u.missing(columns, b.rows == nil))
	var apart []int // columns
	if b.rows != nil {
		apart = b.needApart(columns)
		s.fetch(u.missingApart(apart))
	}
	u.scan.passed.Add(1)
	if next := u.next(); next != nil {
		s.fetch(append(next.missing(columns, b.rows == nil), next.missingApart(apart)...))
	}
}

// next is the extent that is going to be read next, nil where none is likely to
// be: there is a limit, or conditions leave nothing of many.
func (u *unit) next() *unit {
	s := u.scan
	if s.req.Limit > 0 || s.skipped.Load() > s.passed.Load()/8 {
		return nil
	}
	for _, n := range s.all[u.at+1:] {
		if n.extent != nil && !n.pruned(0, n.rows) && n.begun.CompareAndSwap(false, true) {
			return n
		}
	}
	return nil
}

// missing lists the pieces that are not at hand of what is read of columns, of
// all their rows or of few.
func (u *unit) missing(columns []int, all bool) (ps []piece) {
	for _, i := range columns {
		if c, ok := u.inParts(i); ok {
			ps = c.missing(ps, all)
		}
	}
	return ps
}

// missingApart lists the pieces that are not at hand of what is apart of columns.
func (u *unit) missingApart(columns []int) (ps []piece) {
	for _, i := range columns {
		if c, ok := u.inParts(i); ok && !have[*numbers](c, cachedNumbers) {
			ps = append(ps, c.m.parts.pieces[partApart]...)
		}
	}
	return ps
}

// needApart lists the columns of which rows of the block need what is apart. It
// reads what is not.
func (b *block) needApart(columns []int) (apart []int) {
	for _, i := range columns {
		c, ok := b.unit.inParts(i)
		if !ok || len(c.m.parts.pieces[partApart]) == 0 {
			continue
		}
		if have[*numbers](c, cachedNumbers) {
			apart = append(apart, i)
			continue
		}
		// Where it cannot be read, Column gives the error.
		if shape, err := c.shape(); err == nil && !shape.tells(b.rows) {
			apart = append(apart, i)
		}
	}
	return apart
}

// missing appends the pieces that are not at hand of what is read of a column,
// of all its rows or of few.
func (c storedColumn) missing(ps []piece, all bool) []piece {
	of := &c.m.parts.pieces
	if c.m.phys == table.Strings && all && !have[*dict](c, cachedDict) {
		ps = append(append(ps, of[partHead]...), of[partText]...)
	}
	return c.missingNumbers(ps, all)
}

func (c storedColumn) missingNumbers(ps []piece, all bool) []piece {
	of := &c.m.parts.pieces
	if have[*numbers](c, cachedNumbers) {
		return ps
	}
	if c.m.parts.follows {
		ps = c.leader().missingNumbers(ps, all)
	}
	if !have[*numbers](c, cachedShape) {
		ps = append(ps, of[partNumbers]...)
	}
	if all {
		ps = append(ps, of[partApart]...)
	}
	return ps
}

// locate finds out where the pieces of an extent are that has just been written.
func (x *extentBuilder) locate() error {
	find := x.s.placeFinder()
	if find == nil || x.s.former != 0 {
		return nil
	}
	inLog := int(x.s.db.Opts().ValueThreshold)
	return x.s.db.View(func(txn *badger.Txn) error {
		for id, c := range x.e.cols {
			if c == nil || c.parts == nil {
				continue
			}
			for part, ps := range c.parts.pieces {
				for i := range ps {
					item, err := txn.Get(partKey(x.t.id, x.e, uint32(id), part, i))
					if err != nil {
						return err
					}
					err = item.Value(func(v []byte) error {
						if len(v) >= inLog {
							ps[i].at = find(v)
						}
						return nil
					})
					if err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

// places appends where the pieces of a part are.
func (w *writer) places(ps []piece) {
	last := place{}
	for _, p := range ps {
		w.uint(uint64(p.at.file))
		w.int(int64(p.at.at) - int64(last.at))
		last = p.at
	}
}

// places reads where the pieces of a part are.
func (r *reader) places(ps []piece) {
	last := place{}
	for i := range ps {
		file, at := r.uint(), int64(last.at)+r.int()
		if r.err == nil && (file > maxFile || at != int64(uint32(at))) {
			r.fail("place")
			return
		}
		last = place{uint32(file), uint32(at)}
		ps[i].at = last
	}
}

const maxFile = 1<<32 - 1
