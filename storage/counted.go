package storage

import (
	"encoding/binary"
	"errors"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// counted is all rows of a unit, or of a table, that satisfy a request, of which
// only their number is known, or how many have each value of a column.
type counted struct {
	n      int
	values *array.String
	counts []int64
}

// Rows is the number of rows.
func (c *counted) Rows() int { return c.n }

// Counts returns the values of the column that the request asks for and how
// many rows have each; none where it asks for the number of all rows.
func (c *counted) Counts() (values *array.String, n []int64) { return c.values, c.counts }

// Column fails: there are no rows to read.
func (c *counted) Column(int, []int32) (arrow.Array, error) {
	return nil, errors.New("read a column: the block has only counts of rows")
}

// counts reports that a request is one for numbers of rows, which need not be
// looked at.
func counts(r table.Request) bool { return r.Count != nil && !r.NoPruning && r.Limit == 0 }

// countsAll reports that it is one for the number of all rows.
func countsAll(r table.Request) bool { return counts(r) && r.Count.By < 0 && len(r.Where) == 0 }

// known answers a request for counts without the unit's rows; nil where they
// are to be read.
func (u *unit) known() (*counted, error) {
	r := u.scan.req
	switch {
	case !counts(r) || u.extent == nil:
		return nil, nil
	case r.Count.By < 0:
		return u.remembered(), nil
	case len(r.Where) == 0:
		return u.countBy(r.Count.By)
	}
	return nil, nil
}

// countBy counts the rows by a column of strings: what the extent keeps beside
// its dictionary.
func (u *unit) countBy(i int) (*counted, error) {
	if i >= len(u.scan.src.def.Columns) || u.scan.src.def.Columns[i].typ.Physical() != table.Strings {
		return nil, nil
	}
	c, ok := u.inParts(i)
	if !ok {
		d := u.constant(i)
		if d == nil {
			return nil, nil
		}
		return &counted{n: u.rows, values: d.arr, counts: []int64{int64(u.rows)}}, nil
	}
	if c.m.zone.nulls > 0 {
		return nil, nil
	}
	d, err := c.dict()
	if err != nil {
		return nil, err
	}
	of, err := c.counts()
	if err != nil {
		return nil, err
	}
	n := make([]int64, c.m.zone.distinct)
	readNumbers(of, 0, n)
	return &counted{n: u.rows, values: d.arr, counts: n}, nil
}

// constant is the dictionary of a column of strings that has one value in the
// whole extent, and no nulls; nil where it has not.
func (u *unit) constant(i int) *dict {
	def := u.scan.src.def.Columns[i]
	c := absentColumn(def.typ, u.rows)
	if m := u.extent.column(def.ID); m != nil {
		c = m.constant
	}
	if c == nil || c.phys != table.Strings || c.nulls > 0 {
		return nil
	}
	return c.dict
}

// rowCount is how many rows of an extent satisfy some conditions; -1 where that is not to
// be found without looking at each.
type rowCount struct {
	n    int
	name int // bytes of the name
}

func (r *rowCount) size() int64 { return int64(r.name + 128) }

// countKey is what the number of rows that satisfy the request is remembered
// under; false where it cannot be.
func (u *unit) countKey() (cacheKey, bool) {
	name := u.scan.countName()
	return cacheKey{extent: u.extent, kind: cachedRowCount, same: name}, name != "" && u.extent != nil
}

// countName names what the scan is to count; empty where it has no name.
func (s *scan) countName() string {
	s.nameOnce.Do(func() {
		var name []byte
		for _, p := range s.req.Where {
			part, ok := s.nameOf(p)
			if !ok {
				return
			}
			name = append(name, part...)
		}
		if len(name) <= maxSame {
			s.name = string(name)
		}
	})
	return s.name
}

// toCount is how many rows, or numbers of rows, counting the unit takes; false
// where that is not known.
func (u *unit) toCount(c *table.Count) (int, bool) {
	switch {
	case u.extent == nil:
		return 0, false
	case c.By < 0:
		key, ok := u.countKey()
		return 0, ok && u.scan.src.t.store.cache.peek(key) != nil
	case len(u.scan.req.Where) > 0 || c.By >= len(u.scan.src.def.Columns):
		return 0, false
	}
	if z := u.zone(u.scan.src.def.Columns[c.By].ID); z != nil {
		return z.distinct, true
	}
	return 1, true // no row has a value
}

// remembered is how many rows satisfy conditions, where that was counted before:
// an extent never changes, and rules and dashboards ask the same for ever.
func (u *unit) remembered() *counted {
	key, ok := u.countKey()
	if !ok {
		return nil
	}
	if v, ok := u.scan.src.t.store.cache.peek(key).(*rowCount); ok {
		return u.of(v)
	}
	return nil
}

// count counts the rows that satisfy conditions, all on columns of few strings,
// by the bitmaps of their values, and has it remembered; nil where rows are to be
// looked at. Where few of them are to be tested this is not worth the while.
func (u *unit) count() (*counted, error) {
	key, ok := u.countKey()
	if !ok || !counts(u.scan.req) || u.scan.req.Count.By >= 0 {
		return nil, nil
	}
	v, err := u.scan.src.t.store.cache.get(key, func() (sized, error) { return &rowCount{u.countMarked(), len(key.same)}, nil })
	if err != nil {
		return nil, err
	}
	return u.of(v.(*rowCount)), nil
}

func (u *unit) of(r *rowCount) *counted {
	if r.n < 0 {
		return nil
	}
	return &counted{n: r.n}
}

// nameOf names an exact predicate: no other of the table has the same name.
func (s *scan) nameOf(p table.Predicate) (name []byte, ok bool) {
	if !p.Exact() || p.Column < 0 || p.Column >= len(s.src.def.Columns) {
		return nil, false
	}
	text := func(s string) { name = append(binary.AppendUvarint(name, uint64(len(s))), s...) }
	name = binary.AppendUvarint(name, uint64(s.src.def.Columns[p.Column].ID))
	if p.Op != table.Equal {
		name = append(name, 0)
		text(p.Same)
		return name, true
	}
	name = binary.AppendUvarint(name, uint64(len(p.Values)+1))
	for _, v := range p.Values {
		text(v.(string))
	}
	return name, true
}

// countMarked counts the rows that satisfy all predicates by bitmaps; -1 where
// there are none for one of them.
func (u *unit) countMarked() int {
	var columns []int
	var passes [][]uint8
	for _, p := range u.scan.req.Where {
		d, stored := u.fewStrings(p.Column)
		if d == nil {
			return -1
		}
		switch pass := passOf(p, d.arr); {
		case pass == nil:
			return -1
		case stored:
			columns, passes = append(columns, p.Column), append(passes, pass)
		case pass[0] == 0:
			return 0
		}
	}
	if len(columns) == 0 {
		return u.rows
	}
	sum := 0
	for a := 0; a < u.rows; a += pageRows {
		b := &block{unit: u, a: a, b: min(a+pageRows, u.rows)}
		var found markedRows
		found.more(b, columns, func(k int, _ *array.String) []uint8 { return passes[k] })
		if found.conditions < len(columns) {
			return -1
		}
		sum += found.n
	}
	return sum
}

// fewStrings is the dictionary of a column that has few strings, and whether it is
// stored; otherwise all rows have the first. Nil where there are many, or nulls,
// or it cannot be read: who reads the rows gets the error.
func (u *unit) fewStrings(i int) (d *dict, stored bool) {
	c, ok := u.inParts(i)
	if !ok {
		return u.constant(i), false
	}
	if c.m.phys != table.Strings || c.m.zone.nulls > 0 || c.m.zone.distinct > markedStrings {
		return nil, true
	}
	d, err := c.dict()
	if err != nil {
		return nil, true
	}
	return d, true
}

// passOf says of each of some values whether it satisfies an exact predicate:
// 1, or 0. Nil where the condition cannot tell.
func passOf(p table.Predicate, values *array.String) []uint8 {
	out := make([]uint8, values.Len())
	if p.Op != table.Equal {
		pass := p.Match(values)
		if pass == nil {
			return nil
		}
		for i, ok := range pass {
			if ok {
				out[i] = 1
			}
		}
		return out
	}
	for i := range out {
		for _, v := range p.Values {
			if v == any(values.Value(i)) {
				out[i] = 1
			}
		}
	}
	return out
}
