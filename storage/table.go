package storage

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"

	"tidemark/table"
)

// IngestionTime is the name of the hidden datetime column that every stored
// table has after its own columns: when its rows were committed.
const IngestionTime = "$IngestionTime"

// maxColumns bounds the ids of columns.
const maxColumns = 10000

// tableDef is the stored definition of a table. It is immutable.
type tableDef struct {
	Version    int         `json:"version"`
	ID         uint32      `json:"id"`
	Name       string      `json:"name"`
	LastColumn uint32      `json:"lastColumn"` // ids are never used again
	Columns    []columnDef `json:"columns"`
	Epoch      uint64      `json:"epoch,omitempty"` // see Store.Epoch

	schema *table.Schema // Columns and $IngestionTime
}

type columnDef struct {
	ID     uint32 `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Hidden bool   `json:"hidden,omitempty"`
	Doc    string `json:"doc,omitempty"`

	typ table.Type
}

// finish works out what is not stored.
func (d *tableDef) finish() error {
	cols := make([]table.Column, 0, len(d.Columns)+1)
	for i := range d.Columns {
		c := &d.Columns[i]
		t, ok := table.TypeNamed(c.Type)
		if !ok {
			return fmt.Errorf("column %q has unknown type %q", c.Name, c.Type)
		}
		if c.Name == IngestionTime {
			return fmt.Errorf("column name %q is reserved", c.Name)
		}
		c.typ = t
		cols = append(cols, table.Column{Name: c.Name, Type: t, Hidden: c.Hidden, Doc: c.Doc})
	}
	cols = append(cols, table.Column{Name: IngestionTime, Type: table.Datetime, Hidden: true, Doc: "When the row was committed."})
	var err error
	d.schema, err = table.NewSchema(cols...)
	return err
}

// with returns the definition with columns added.
func (d *tableDef) with(cols []table.Column) (*tableDef, error) {
	n := *d
	n.Columns = append([]columnDef(nil), d.Columns...)
	for _, c := range cols {
		n.LastColumn++
		n.Columns = append(n.Columns, columnDef{ID: n.LastColumn, Name: c.Name, Type: c.Type.String(), Hidden: c.Hidden, Doc: c.Doc})
	}
	if n.LastColumn >= maxColumns {
		return nil, fmt.Errorf("table %q would have more than %d columns", d.Name, maxColumns)
	}
	return &n, n.finish()
}

func decodeDef(b []byte) (*tableDef, error) {
	d := &tableDef{}
	err := json.Unmarshal(b, d)
	if err == nil && d.Version != 1 {
		return nil, fmt.Errorf("%w: definition of table %q is of version %d", ErrVersion, d.Name, d.Version)
	}
	if err == nil {
		err = d.finish()
	}
	if err != nil {
		return nil, &CorruptError{Table: d.Name, Detail: fmt.Sprintf("definition: %v", err)}
	}
	return d, nil
}

// tbl is a table of an open store.
type tbl struct {
	store *Store
	id    uint32
	def   atomic.Pointer[tableDef] // changed by the committer
	// dropped is guarded by the store's mu.
	dropped bool

	unmergeable map[uint64]bool // extents, by id, whose strings are too long; guarded by sealMu

	loading sync.Mutex
	current atomic.Pointer[view] // nil until loaded; changed by the committer
}

func newTable(s *Store, d *tableDef) *tbl {
	t := &tbl{store: s, id: d.ID, unmergeable: map[uint64]bool{}}
	t.def.Store(d)
	return t
}

// view is what a table holds at one moment. It is immutable.
type view struct {
	extents   []*extent
	tail      []*tailEntry // in order of commit
	tailRows  int
	tailBytes int64
}

// rows is the number of rows.
func (v *view) rows() int {
	n := v.tailRows
	for _, e := range v.extents {
		n += e.rows
	}
	return n
}

// stored is how many bytes the extents take on disk.
func (v *view) stored() (n int64) {
	for _, e := range v.extents {
		n += e.bytes
	}
	return n
}

// head is the record that says how many records a table has, so that one that
// is lost is noticed: an iterator of badger ends early without an error.
type head struct {
	tails, tailSum     uint64 // number of tail entries, sum of their ids
	extents, extentSum uint64
	rows               uint64
}

func (v *view) head() head {
	var h head
	for _, e := range v.tail {
		h.tails++
		h.tailSum += e.id
		h.rows += uint64(e.rows)
	}
	for _, e := range v.extents {
		h.extents++
		h.extentSum += e.id
		h.rows += uint64(e.rows)
	}
	return h
}

func (h head) encode() []byte {
	w := &writer{}
	for _, v := range []uint64{h.tails, h.tailSum, h.extents, h.extentSum, h.rows} {
		w.uint(v)
	}
	return w.b
}

func decodeHead(b []byte) (h head, err error) {
	r := &reader{b: b}
	h.tails, h.tailSum, h.extents, h.extentSum, h.rows = r.uint(), r.uint(), r.uint(), r.uint(), r.uint()
	return h, r.done()
}

// view returns what the table holds, reading it first where that has not been
// done.
func (t *tbl) view() (*view, error) {
	if v := t.current.Load(); v != nil {
		return v, nil
	}
	t.loading.Lock()
	defer t.loading.Unlock()
	if v := t.current.Load(); v != nil {
		return v, nil
	}
	v, err := t.load()
	if err != nil {
		return nil, at(err, t.def.Load().Name, 0, "")
	}
	t.current.Store(v)
	return v, nil
}

// load reads manifests and the tail. Nothing changes the table meanwhile, for
// the committer has to load it before it does.
func (t *tbl) load() (*view, error) {
	v := &view{}
	var h head
	err := t.store.db.View(func(txn *badger.Txn) error {
		b, err := get(txn, headKey(t.id))
		if err != nil {
			return err
		}
		if b == nil {
			return corrupt("the head record is missing")
		}
		if h, err = decodeHead(b); err != nil {
			return err
		}
		err = scanPrefix(txn, newKey(kindManifest).u32(t.id), true, func(k key, b []byte) error {
			p, ok := parseKey(k)
			if !ok {
				return corrupt("key %x", []byte(k))
			}
			e, err := decodeManifest(p.id, b)
			if err != nil {
				return at(err, "", p.id, "")
			}
			v.extents = append(v.extents, e)
			return nil
		})
		if err != nil {
			return err
		}
		return scanPrefix(txn, newKey(kindTail).u32(t.id), true, func(k key, b []byte) error {
			p, ok := parseKey(k)
			if !ok {
				return corrupt("key %x", []byte(k))
			}
			e, err := decodeTailHeader(p.id, b)
			if err != nil {
				return at(err, "", p.id, "")
			}
			v.tail = append(v.tail, e)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	for _, e := range v.tail {
		if err := e.load(t.store, t.id); err != nil {
			return nil, at(err, "", e.id, "")
		}
	}
	v.order()
	if got := v.head(); got != h {
		return nil, corrupt("the head record lists %d extents, %d tail entries, %d rows; found are %d, %d, %d",
			h.extents, h.tails, h.rows, got.extents, got.tails, got.rows)
	}
	return v, nil
}
