package storage

import (
	"slices"
	"time"

	"tidemark/table"
)

// timeColumn is the column whose range is the age of an extent.
const timeColumn = "TimeGenerated"

// newExtent starts an extent of a number of rows.
type extentBuilder struct {
	s    *Store
	t    *tbl
	e    *extent
	mark garbage
	now  time.Time

	leaders []leader // columns that those after them may follow
}

func (s *Store) newExtent(t *tbl, rows int, now time.Time) *extentBuilder {
	return &extentBuilder{s: s, t: t, now: now, e: &extent{id: s.lastID.Add(1), rows: rows}}
}

// build encodes and stores the columns of the extent, one after the other, so
// that only one is in memory in addition to what there was. columnOf returns
// the rows of a column, nil when there are none.
func (x *extentBuilder) build(d *tableDef, columnOf func(id uint32) (*column, error)) (*extent, error) {
	e := x.e
	e.cols = make([]*extentColumn, d.LastColumn+1)
	// The time comes first: the keys of all chunks hold the day.
	order := slices.Clone(d.Columns)
	slices.SortStableFunc(order, func(a, b columnDef) int {
		return btoi(isTime(b)) - btoi(isTime(a))
	})
	e.day = uint32(int64(table.FromGo(x.now)) / int64(table.Day))
	var w *hidden
	for i, def := range order {
		c, err := columnOf(def.ID)
		if err != nil {
			return nil, at(err, d.Name, 0, def.Name)
		}
		if c == nil {
			continue
		}
		m := &extentColumn{phys: c.phys, zone: newZone(c)}
		e.cols[def.ID] = m
		if i == 0 && isTime(def) && !m.zone.all.empty {
			e.day = uint32(max(m.zone.all.hi, 0) / int64(table.Day))
		}
		if i == 0 {
			x.mark = garbage{prefix: chunkPrefix(x.t.id, e.day, e.id), id: e.id}
			if w, err = x.s.hiddenWriter(x.mark); err != nil {
				return nil, err
			}
		}
		if c.constant && (c.dict == nil || len(c.dict.data) <= maxConstant) {
			m.constant = c
			continue
		}
		if err := x.write(w, m, c, def.ID); err != nil {
			return nil, err
		}
		e.bytes += m.bytes()
	}
	if w == nil {
		return e, nil
	}
	if err := w.flush(); err != nil {
		return nil, err
	}
	return e, x.locate()
}

// write stores a column, as parts where its layout has them.
func (x *extentBuilder) write(w *hidden, m *extentColumn, c *column, id uint32) (err error) {
	if inParts(c.phys) && !c.constant && x.s.former != 1 {
		m.parts, err = x.writeParts(w, c, id)
		return err
	}
	chunk := encodeChunk(c, goodCompression)
	m.pieces, err = w.pieces(chunk, chunkPieceSize, func(i int) key { return chunkKey(x.t.id, x.e.day, x.e.id, id, i) })
	return err
}

func isTime(c columnDef) bool { return c.Name == timeColumn && c.typ == table.Datetime }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
