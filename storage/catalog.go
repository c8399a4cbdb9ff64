package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"tidemark/table"
)

// CreateTable makes a table. Its name and the names of its columns are
// case-sensitive.
func (s *Store) CreateTable(name string, schema *table.Schema) error {
	if name == "" {
		return errors.New("create table: it needs a name")
	}
	d, err := (&tableDef{Version: 1, Name: name}).with(ownColumns(schema))
	if err != nil {
		return fmt.Errorf("create table %q: %w", name, err)
	}
	return s.alone(context.Background(), func() error {
		if err := s.writable(); err != nil {
			return err
		}
		if t, _ := s.lookup(name); t != nil {
			return fmt.Errorf("%w: %q", ErrTableExists, name)
		}
		p := s.begin()
		p.state.lastTable++
		d.ID, d.Epoch = p.state.lastTable, p.epoch()
		t := newTable(s, d)
		if err := p.define(d); err != nil {
			return err
		}
		p.views[t] = &view{}
		p.after = append(p.after, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.tables[name] = t
		})
		return p.commit()
	})
}

// ownColumns are the columns of a schema without the one that storage adds,
// so that the schema of a table can be used to make another.
func ownColumns(schema *table.Schema) []table.Column {
	cols := schema.Columns()
	if n := len(cols); n > 0 && cols[n-1].Name == IngestionTime && cols[n-1].Hidden {
		cols = cols[:n-1]
	}
	return cols
}

// define puts a definition into the transaction.
func (p *publish) define(d *tableDef) error {
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := put(p.txn, tableKey(d.ID), b); err != nil {
		p.txn.Discard()
		return p.s.fail(err)
	}
	return nil
}

// AddColumns adds columns after those that the table has. Rows stored before
// have empty strings or nulls in them.
func (s *Store) AddColumns(name string, cols ...table.Column) error {
	return s.alone(context.Background(), func() error {
		if err := s.writable(); err != nil {
			return err
		}
		t, err := s.lookup(name)
		if err != nil {
			return err
		}
		d, err := t.def.Load().with(cols)
		if err != nil {
			return fmt.Errorf("add columns to table %q: %w", name, err)
		}
		p := s.begin()
		if err := p.define(d); err != nil {
			return err
		}
		p.after = append(p.after, func() { t.def.Store(d) })
		return p.commit()
	})
}

// DescribeColumns changes what is said about columns: the sentence of each by
// the column's name.
func (s *Store) DescribeColumns(name string, docs map[string]string) error {
	return s.alone(context.Background(), func() error {
		if err := s.writable(); err != nil {
			return err
		}
		t, err := s.lookup(name)
		if err != nil {
			return err
		}
		d := *t.def.Load()
		d.Columns = append([]columnDef(nil), d.Columns...)
		for i := range d.Columns {
			if doc, ok := docs[d.Columns[i].Name]; ok {
				d.Columns[i].Doc = doc
			}
		}
		if err := d.finish(); err != nil {
			return fmt.Errorf("describe columns of table %q: %w", name, err)
		}
		p := s.begin()
		if err := p.define(&d); err != nil {
			return err
		}
		p.after = append(p.after, func() { t.def.Store(&d) })
		return p.commit()
	})
}

// DropTable deletes a table with all its rows. Scans that are under way go on.
func (s *Store) DropTable(name string) error {
	s.sealMu.Lock() // no seal may publish into it meanwhile
	defer s.sealMu.Unlock()
	return s.alone(context.Background(), func() error {
		if err := s.writable(); err != nil {
			return err
		}
		t, err := s.lookup(name)
		if err != nil {
			return err
		}
		v, err := t.view()
		if err != nil {
			return err
		}
		p := s.begin()
		gs, err := p.empty(t, v)
		for _, k := range []key{tableKey(t.id), headKey(t.id)} {
			err = errors.Join(err, p.txn.Delete(k))
		}
		if err != nil {
			p.txn.Discard()
			return s.fail(err)
		}
		p.after = append(p.after, func() {
			s.mu.Lock()
			delete(s.tables, name)
			t.dropped = true
			s.mu.Unlock()
			s.bury(gs...)
		})
		return p.commit()
	})
}

// Epoch tells what a table holds from what one of its name held before: it
// changes when the table is dropped and made anew, and when it is emptied. It
// is 0 for tables made before there were epochs.
func (s *Store) Epoch(name string) (uint64, bool) {
	t, err := s.lookup(name)
	if err != nil {
		return 0, false
	}
	return t.def.Load().Epoch, true
}

// epoch is the epoch of a table that is empty now. Tables that rows have been
// stored between have different ones.
func (p *publish) epoch() uint64 { return p.state.nextSeq + 1 }

// empty removes all rows of a table, with the marks that tell of them.
func (p *publish) empty(t *tbl, v *view) ([]garbage, error) {
	gs, err := p.clear(t, v)
	if err != nil {
		return nil, err
	}
	d := t.def.Load()
	marks := garbage{prefix: markKey(table.RowMarks(d.Name, d.Epoch))}
	return append(gs, marks), put(p.txn, garbageKey(marks.prefix), nil)
}

// droppedRuns is how many runs one record of dropped rows holds.
const droppedRuns = 20000

// clear removes the records of a table's rows. Their values become garbage;
// their sequence numbers stay on record, for there must be no gaps that
// nothing explains.
func (p *publish) clear(t *tbl, v *view) (gs []garbage, err error) {
	gs, err = p.discard(t, v.extents)
	if err != nil {
		return nil, err
	}
	var runs []run
	for _, e := range v.extents {
		runs = append(runs, e.runs...)
	}
	for _, e := range v.tail {
		if err := p.txn.Delete(tailKey(t.id, e.id)); err != nil {
			return nil, err
		}
		runs = append(runs, e.runs...)
		if e.file {
			p.after = append(p.after, func() { p.s.removeTailFile(t.id, e) })
			continue
		}
		if len(e.pieces) == 0 {
			continue
		}
		g := garbage{prefix: tailDataPrefix(t.id, e.id), id: e.id}
		gs = append(gs, g)
		if err := put(p.txn, garbageKey(g.prefix), nil); err != nil {
			return nil, err
		}
	}
	return gs, p.recordDropped(t, runs)
}

// recordDropped keeps the sequence numbers of rows that are dropped.
func (p *publish) recordDropped(t *tbl, runs []run) error {
	runs = joinRuns(runs)
	for i := 0; len(runs) > 0; i++ {
		if b, err := get(p.txn, droppedKey(t.id, i)); err != nil {
			return err
		} else if b != nil {
			continue // of rows that were dropped before
		}
		n := min(droppedRuns, len(runs))
		w := &writer{}
		w.runs(runs[:n])
		if err := put(p.txn, droppedKey(t.id, i), w.b); err != nil {
			return err
		}
		runs = runs[n:]
	}
	return nil
}

// count returns the number of keys with a prefix.
func count(db *badger.DB, prefix key) (n int, err error) {
	err = db.View(func(txn *badger.Txn) error {
		return scanPrefix(txn, prefix, false, func(key, []byte) error { n++; return nil })
	})
	return n, err
}
