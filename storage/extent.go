package storage

import (
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
	"tidemark/table"
)

// maxExtentRows is the most rows of an extent.
const maxExtentRows = 1_000_000

// maxConstant is the longest string that a manifest holds itself.
const maxConstant = 4096

// run is rows that were committed together: rows rows, the first of which has
// sequence number seq, at the time ingest.
type run struct {
	seq    uint64
	rows   int
	ingest int64 // ticks
}

// addRun appends r to runs, as part of the last where it continues it.
func addRun(runs []run, r run) []run {
	if n := len(runs); n > 0 {
		if l := &runs[n-1]; l.seq+uint64(l.rows) == r.seq && l.ingest == r.ingest {
			l.rows += r.rows
			return runs
		}
	}
	return append(runs, r)
}

func (w *writer) runs(runs []run) {
	w.uint(uint64(len(runs)))
	seq, ingest := uint64(0), int64(0)
	for _, r := range runs {
		w.int(int64(r.seq - seq))
		w.uint(uint64(r.rows))
		w.int(r.ingest - ingest)
		seq, ingest = r.seq+uint64(r.rows), r.ingest
	}
}

// runs reads runs of the given number of rows together.
func (r *reader) runs(rows int) []run {
	n := r.count(rows)
	out := make([]run, 0, min(n, len(r.b)))
	seq, ingest, total := uint64(0), int64(0), 0
	for i := 0; i < n && r.err == nil; i++ {
		x := run{seq: seq + uint64(r.int()), rows: r.count(rows)}
		x.ingest = ingest + r.int()
		seq, ingest = x.seq+uint64(x.rows), x.ingest
		total += x.rows
		out = append(out, x)
	}
	if r.err == nil && total != rows {
		r.fail("runs")
	}
	return out
}

// extent is sealed rows of a table. It is immutable; its columns are read
// when they are needed.
type extent struct {
	id    uint64
	day   uint32 // of the newest row, since year 1; part of the chunks' keys
	rows  int
	bytes int64 // of chunks as stored
	runs  []run
	cols  []*extentColumn // by column id; nil: added later than the extent
	refs  atomic.Int64    // scans that may read it
}

type extentColumn struct {
	phys     table.Physical
	zone     *zone
	constant *column      // set: nothing is stored but this
	parts    *columnParts // set: the column is stored in parts
	pieces   []piece      // of the column's chunk otherwise
	searched searchWork
}

// A manifest is: day, rows, runs, the number of columns, and for each of them
// its id, layout and zone, then 1 and its constant as a chunk, 2, 3 or 4 and its
// parts, or 0 and the pieces of its chunk.
const (
	storedChunk    = 0
	storedConstant = 1
	storedParts    = 2
	storedApart    = 3 // parts, with numbers set apart
	storedFlagged  = 4 // parts, with flags that tell what there is
)

func (e *extent) encode() []byte {
	w := &writer{}
	w.uint(uint64(e.day))
	w.uint(uint64(e.rows))
	w.runs(e.runs)
	n := 0
	for _, c := range e.cols {
		if c != nil {
			n++
		}
	}
	w.uint(uint64(n))
	for id, c := range e.cols {
		if c == nil {
			continue
		}
		w.uint(uint64(id))
		w.byte(byte(c.phys))
		w.zone(c.zone, c.phys)
		switch {
		case c.constant != nil:
			w.byte(storedConstant)
			w.bytes(encodeChunk(c.constant, noCompression))
		case c.parts != nil:
			w.parts(c.parts, c.phys)
		default:
			w.byte(storedChunk)
			w.pieces(c.pieces)
		}
	}
	return w.b
}

func decodeManifest(id uint64, b []byte) (*extent, error) {
	r := &reader{b: b}
	e := &extent{id: id, day: uint32(r.uint()), rows: r.count(maxExtentRows)}
	e.runs = r.runs(e.rows)
	n := r.count(maxColumns)
	for i := 0; i < n && r.err == nil; i++ {
		id := r.count(maxColumns)
		c := &extentColumn{phys: table.Physical(r.byte())}
		if c.phys > table.Strings {
			r.fail("layout")
			break
		}
		c.zone = r.zone(e.rows, c.phys)
		if err := c.decodeStored(r, e.rows); err != nil {
			return nil, err
		}
		e.bytes += c.bytes()
		for len(e.cols) <= id {
			e.cols = append(e.cols, nil)
		}
		e.cols[id] = c
	}
	for _, c := range e.cols {
		if c != nil && c.parts != nil && c.parts.follows && r.err == nil {
			if err := e.soundLeader(c); err != nil {
				return nil, err
			}
		}
	}
	return e, r.done()
}

// decodeStored reads how a column is stored.
func (c *extentColumn) decodeStored(r *reader, rows int) error {
	switch how := r.byte(); how {
	case storedConstant:
		chunk := r.bytes()
		if r.err != nil {
			return r.err
		}
		var err error
		if c.constant, err = decodeChunk(chunk, c.phys, rows); err != nil {
			return err
		}
		if !c.constant.constant {
			r.fail("constant")
		}
	case storedParts:
		c.parts = r.parts(c.phys, 0)
	case storedApart:
		c.parts = r.parts(c.phys, flagApart)
	case storedFlagged:
		c.parts = r.parts(c.phys, r.byte())
	case storedChunk:
		c.pieces = r.pieces()
	default:
		r.fail("column")
	}
	return r.err
}

// bytes is how many are stored beside the manifest.
func (c *extentColumn) bytes() (n int64) {
	for _, p := range c.pieces {
		n += int64(p.size) + envelope
	}
	if c.parts != nil {
		n += c.parts.bytes()
	}
	return n
}

// column returns what the extent has of a column; nil when it has none.
func (e *extent) column(id uint32) *extentColumn {
	if int(id) < len(e.cols) {
		return e.cols[id]
	}
	return nil
}

// read fetches and decodes a column, and tells how many bytes were read.
func (e *extent) read(db *badger.DB, t uint32, id uint32) (*column, int64, error) {
	m := e.cols[id]
	if m.constant != nil {
		return m.constant, 0, nil
	}
	c, n, err := e.readStored(db, t, id)
	if err == nil && c.nulls != m.zone.nulls {
		err = corrupt("the column has %d nulls where the manifest says %d", c.nulls, m.zone.nulls)
	}
	return c, n, err
}

func (e *extent) readStored(db *badger.DB, t, id uint32) (*column, int64, error) {
	m := e.cols[id]
	if m.parts != nil {
		return e.readParts(db, t, id)
	}
	b, err := readPieces(db, m.pieces, func(i int) key { return chunkKey(t, e.day, e.id, id, i) })
	if err != nil {
		return nil, 0, err
	}
	c, err := decodeChunk(b, m.phys, e.rows)
	return c, int64(len(b)), err
}
