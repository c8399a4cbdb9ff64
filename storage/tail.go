package storage

import (
	"sync/atomic"

	"tidemark/table"
)

// tailEntry is the rows of one committed part, or of several folded together.
// It stays in memory as it is stored; columns are decoded when they are asked
// for. It is immutable.
type tailEntry struct {
	id    uint64
	rows  int
	runs  []run
	bytes int64
	cols  []*tailColumn // by column id; nil: added later
	// pieces of the rows; none when the header holds them. Rows that have a file
	// are one piece.
	pieces []piece
	file   bool
}

type tailColumn struct {
	phys  table.Physical
	chunk []byte // until decoded
	col   atomic.Pointer[column]
	zone  atomic.Pointer[zone]
}

// The rows of a tail entry are, for each column: id, layout, and length and
// bytes of its chunk. Columns that are empty (or null) in all rows are there
// too, in about six bytes.
func encodeTailRows(cols []*column) []byte {
	chunks, size := make([][]byte, len(cols)), 0
	for id, c := range cols {
		if c != nil {
			chunks[id] = encodeChunk(c, fastCompression)
			size += len(chunks[id]) + 16
		}
	}
	w := &writer{b: make([]byte, 0, size)} // it is kept for as long as the entry
	for id, c := range cols {
		if c != nil {
			w.uint(uint64(id))
			w.byte(byte(c.phys))
			w.bytes(chunks[id])
		}
	}
	return w.b
}

// newTailEntry makes an entry of encoded rows, which it keeps.
func newTailEntry(b []byte, rows int) (*tailEntry, error) {
	e := &tailEntry{rows: rows}
	return e, e.decodeRows(b)
}

// Where the rows of an entry are, in its header.
const (
	rowsInPieces = 0
	rowsInHeader = 1
	rowsInFile   = 2
)

// A header is: rows, runs, then 1 and the rows, or 0 and the pieces of them, or
// 2 and the piece that is their file.
func (e *tailEntry) encodeHeader(inline []byte) []byte {
	w := &writer{}
	w.uint(uint64(e.rows))
	w.runs(e.runs)
	switch {
	case inline != nil:
		w.byte(rowsInHeader)
		w.bytes(inline)
	case e.file:
		w.byte(rowsInFile)
		w.pieces(e.pieces)
	default:
		w.byte(rowsInPieces)
		w.pieces(e.pieces)
	}
	return w.b
}

// decodeTailHeader reads a header, and the rows when they are in it.
func decodeTailHeader(id uint64, b []byte) (*tailEntry, error) {
	r := &reader{b: b}
	e := &tailEntry{id: id, bytes: int64(len(b)) + envelope, rows: r.count(maxExtentRows)}
	e.runs = r.runs(e.rows)
	where := r.byte()
	if where == rowsInHeader {
		rows := r.bytes()
		if err := r.done(); err != nil {
			return nil, err
		}
		return e, e.decodeRows(append([]byte(nil), rows...))
	}
	e.pieces = r.pieces()
	if e.file = where == rowsInFile; where > rowsInFile || e.file && len(e.pieces) != 1 {
		r.fail("tail entry")
	}
	for _, p := range e.pieces {
		e.bytes += int64(p.size) + envelope
	}
	return e, r.done()
}

// decodeRows takes the columns from the rows of an entry, not decoding them.
func (e *tailEntry) decodeRows(b []byte) error {
	r := &reader{b: b}
	for len(r.b) > 0 {
		id := r.count(maxColumns)
		c := &tailColumn{phys: table.Physical(r.byte())}
		c.chunk = r.bytes()
		if c.phys > table.Strings {
			r.fail("layout")
		}
		if r.err != nil {
			return r.err
		}
		for len(e.cols) <= id {
			e.cols = append(e.cols, nil)
		}
		e.cols[id] = c
	}
	return r.err
}

// load reads the rows of an entry whose header does not hold them.
func (e *tailEntry) load(s *Store, t uint32) (err error) {
	var b []byte
	switch {
	case e.file:
		b, err = s.readTailFile(t, e)
	case len(e.pieces) > 0:
		b, err = readPieces(s.db, e.pieces, func(i int) key { return tailDataKey(t, e.id, i) })
	default:
		return nil
	}
	if err != nil {
		return err
	}
	return e.decodeRows(b)
}

// column returns a column, nil when the entry has none of that id.
func (e *tailEntry) column(id uint32) (*column, error) {
	col, err := e.decode(id, false)
	if col != nil { // two readers may both decode it: that is harmless
		e.cols[id].col.Store(col)
	}
	return col, err
}

// decode is column for who reads it once: it is not kept. With packed, strings
// of hex digits may be left packed.
func (e *tailEntry) decode(id uint32, packed bool) (*column, error) {
	if int(id) >= len(e.cols) || e.cols[id] == nil {
		return nil, nil
	}
	c := e.cols[id]
	if col := c.col.Load(); col != nil {
		return col, nil
	}
	return decodeChunkAs(c.chunk, c.phys, e.rows, packed)
}

func (e *tailEntry) zone(id uint32) *zone {
	if int(id) >= len(e.cols) || e.cols[id] == nil {
		return nil
	}
	c := e.cols[id]
	if z := c.zone.Load(); z != nil {
		return z
	}
	col, err := e.column(id)
	if err != nil {
		return nil // the error comes back when the column is read
	}
	z := newZone(col)
	c.zone.Store(z)
	return z
}
