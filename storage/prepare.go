package storage

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/table"
)

// prepared is a batch that has been checked and encoded and waits to be
// committed.
type prepared struct {
	ctx    context.Context
	parts  []*preparedPart
	marks  map[string][]byte
	clear  []*tbl // tables whose earlier rows go
	epochs map[string]uint64
	size   int // bytes that go into the committing transaction
}

// preparedPart is the rows of a part, as one of three: a tail entry whose rows
// are inline, a tail entry whose file is written but not published, extents
// whose chunks are stored but not published.
type preparedPart struct {
	t       *tbl
	rows    int
	entry   *tailEntry
	inline  []byte
	extents []*extent
	marks   []garbage // to be removed when the part is published
}

// prepare checks a batch and encodes it, in the goroutine of the caller. It
// stores what is too large for one transaction, under a garbage mark.
func (s *Store) prepare(ctx context.Context, b *table.Batch) (p *prepared, err error) {
	p = &prepared{ctx: ctx, marks: b.Marks, epochs: b.Epochs}
	for name, v := range b.Marks {
		p.size += len(name) + len(v) + 64
	}
	if p.size > partInline {
		return nil, fmt.Errorf("marks of the batch take %d bytes, the limit is %d", p.size, partInline)
	}
	for _, name := range b.Clear {
		t, err := s.lookup(name)
		if err != nil {
			return nil, err
		}
		p.clear = append(p.clear, t)
	}
	type checked struct {
		t    *tbl
		cols []*column
		rows int
	}
	var parts []checked
	for _, part := range b.Parts {
		t, err := s.lookup(part.Table)
		if err != nil {
			return nil, err
		}
		if part.Rows == nil || part.Rows.NumRows() == 0 {
			continue
		}
		cols, err := columnsOf(t.def.Load(), part.Rows)
		if err != nil {
			return nil, fmt.Errorf("table %q: %w", part.Table, err)
		}
		parts = append(parts, checked{t, cols, int(part.Rows.NumRows())})
	}
	// All parts are sound: now bytes may be written.
	defer func() {
		if err != nil {
			p.abandon(s)
		}
	}()
	for _, c := range parts {
		pp := &preparedPart{t: c.t, rows: c.rows}
		p.parts = append(p.parts, pp)
		if c.rows >= s.opts.SealRows {
			err = s.prepareExtents(pp, c.cols)
		} else {
			err = s.prepareEntry(p, pp, c.cols)
		}
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

// columnsOf takes the columns of a record, in the layout of the table, by
// column id. Columns that the record lacks are constants.
func columnsOf(d *tableDef, rec arrow.Record) ([]*column, error) {
	cols := make([]*column, d.LastColumn+1)
	n := int(rec.NumRows())
	for i, f := range rec.Schema().Fields() {
		at := d.schema.Index(f.Name)
		if at < 0 || at >= len(d.Columns) {
			return nil, fmt.Errorf("there is no column %q", f.Name)
		}
		def := d.Columns[at]
		if cols[def.ID] != nil {
			return nil, fmt.Errorf("column %q occurs twice", f.Name)
		}
		c, err := fromArrow(rec.Column(i), def.typ)
		if err != nil {
			return nil, fmt.Errorf("column %q (%s): %w", f.Name, def.Type, err)
		}
		cols[def.ID] = c
	}
	for _, def := range d.Columns {
		if cols[def.ID] == nil {
			cols[def.ID] = absentColumn(def.typ, n)
		}
	}
	return cols, nil
}

func (s *Store) prepareEntry(p *prepared, pp *preparedPart, cols []*column) error {
	b := encodeTailRows(cols)
	var err error
	if pp.entry, err = newTailEntry(b, pp.rows); err != nil {
		return err
	}
	if len(b) < tailFileSize && p.size+len(b) <= partInline {
		p.size += len(b) + len(b)/tailPieceSize*64 + 512
		pp.inline = b
		return nil
	}
	return s.writeTailFile(pp.t.id, pp.entry, b)
}

// prepareExtents stores rows as extents. Their runs are set on commit.
func (s *Store) prepareExtents(pp *preparedPart, cols []*column) error {
	parts := (pp.rows + maxExtentRows - 1) / maxExtentRows
	for i := range parts {
		a, b := pp.rows*i/parts, pp.rows*(i+1)/parts
		x := s.newExtent(pp.t, b-a, s.opts.Now())
		e, err := x.build(pp.t.def.Load(), func(id uint32) (*column, error) {
			if int(id) >= len(cols) {
				return nil, nil
			}
			if parts == 1 {
				return cols[id], nil
			}
			return cols[id].cut(a, b), nil
		})
		if x.mark.prefix != nil {
			pp.marks = append(pp.marks, x.mark)
		}
		if err != nil {
			return err
		}
		pp.extents = append(pp.extents, e)
	}
	return nil
}

// abandon hands what was stored for the batch to the sealer to delete.
func (p *prepared) abandon(s *Store) {
	for _, pp := range p.parts {
		s.bury(pp.marks...)
		// After a failed write it is not known whether the entry was published:
		// the next opening finds out.
		if pp.entry != nil && s.failure() == nil {
			s.removeTailFile(pp.t.id, pp.entry)
		}
	}
}
