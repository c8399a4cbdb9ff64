package storage

import (
	"slices"

	"github.com/dgraph-io/badger/v4"
	"tidemark/table"
)

// A column of numbers or strings of an extent is stored in parts, so that what
// is not needed is not read. Each is bytes that are cut into pieces; the part
// is in the upper byte of the number of a piece's key.
const (
	partNumbers = iota // pages of numbers, or of places in the dictionary
	partHead           // dictionary: where its pages are
	partText           // dictionary: its pages
	partCounts         // dictionary: how many rows have each string
	partFilter         // dictionary: which pages have which terms
	partsOfText
	partApart = partsOfText // what of the pages of numbers is set apart
	partCount = partApart + 1
)

// partPiece is the size of a piece of a part. Small ones where few bytes of
// many are read.
var partPiece = [partCount]int{chunkPieceSize, chunkPieceSize, textPieceSize, chunkPieceSize, chunkPieceSize, chunkPieceSize}

const textPieceSize = 128 << 10

// columnParts lists the pieces of the parts. Columns of numbers have parts 0
// and 5 only.
type columnParts struct {
	pieces   [partCount][]piece
	alphabet alphabet // of the strings

	follows bool // part 0 is places, for the strings of the leader
	leader  uint32
}

func partKey(t uint32, e *extent, column uint32, part, i int) key {
	return chunkKey(t, e.day, e.id, column, part<<24|i)
}

func inParts(p table.Physical) bool { return p == table.Int64s || p == table.Strings }

// bytes is the size of the parts as stored.
func (p *columnParts) bytes() (n int64) {
	for _, ps := range p.pieces {
		for _, x := range ps {
			n += int64(x.size) + envelope
		}
	}
	return n
}

// The parts in a manifest: flags, the id of the leader if there is one, for strings the alphabet (two u64 and a byte), then
// the pieces of each part but 5, then those of that where there are any, and the places of all if they are known.
func (w *writer) parts(p *columnParts, phys table.Physical) {
	flags := p.flags()
	switch flags {
	case 0:
		w.byte(storedParts)
	case flagApart:
		w.byte(storedApart)
	default:
		w.byte(storedFlagged)
		w.byte(flags)
	}
	if p.follows {
		w.uint(uint64(p.leader))
	}
	if phys != table.Strings {
		w.pieces(p.pieces[partNumbers])
	} else {
		w.u64(p.alphabet.ascii[0])
		w.u64(p.alphabet.ascii[1])
		w.optional(p.alphabet.other)
		for _, ps := range p.pieces[:partsOfText] {
			w.pieces(ps)
		}
	}
	if flags&flagApart != 0 {
		w.pieces(p.pieces[partApart])
	}
	if flags&flagPlaced != 0 {
		for _, ps := range p.pieces {
			w.places(ps)
		}
	}
}

// Flags of a column in parts.
const (
	flagApart   = 1 << iota // there is part 5
	flagFollows             // it follows another column
	flagPlaced              // where the pieces are is known
)

func (p *columnParts) flags() (flags byte) {
	if len(p.pieces[partApart]) > 0 {
		flags |= flagApart
	}
	if p.follows {
		flags |= flagFollows
	}
	for _, ps := range p.pieces {
		if slices.ContainsFunc(ps, func(p piece) bool { return p.at.file != 0 }) {
			flags |= flagPlaced
		}
	}
	return flags
}

func (r *reader) parts(phys table.Physical, flags byte) *columnParts {
	p := &columnParts{follows: flags&flagFollows != 0}
	if flags&^(flagApart|flagFollows|flagPlaced) != 0 || p.follows && phys != table.Strings {
		r.fail("parts")
	}
	if p.follows {
		p.leader = uint32(r.count(maxColumns))
	}
	switch phys {
	case table.Int64s:
		p.pieces[partNumbers] = r.pieces()
	case table.Strings:
		p.alphabet.ascii = [2]uint64{r.u64(), r.u64()}
		p.alphabet.other = r.byte() == 1
		for i := range partsOfText {
			p.pieces[i] = r.pieces()
		}
	default:
		r.fail("parts")
	}
	if flags&flagApart != 0 {
		p.pieces[partApart] = r.pieces()
	}
	if flags&flagPlaced != 0 {
		for _, ps := range p.pieces {
			r.places(ps)
		}
	}
	return p
}

// encodeParts returns the bytes of the parts of a column, but for the pages of
// its dictionary, which it gives to storePage. Numbers are set apart if apart
// is not nil. A column that follows another has places instead of numbers.
func encodeParts(c *column, places []int32, apart *writer, storePage func([]byte) error) (parts [partCount][]byte, a alphabet, err error) {
	if apart != nil {
		defer func() { parts[partApart] = apart.b }()
	}
	if c.phys == table.Int64s {
		parts[partNumbers] = encodeInts(c, apart)
		return parts, a, nil
	}
	if parts[partHead], err = encodeTextDict(c.dict, storePage); err != nil {
		return parts, a, err
	}
	if places != nil {
		parts[partNumbers] = encodeNumbers(len(places), nil, true, nil, func(a, b int, buf []int64) []int64 { return widened(buf, places[a:b]) })
	} else {
		parts[partNumbers] = encodeCodes(c, apart)
	}
	counts := countCodes(c)
	parts[partCounts] = encodeNumbers(len(counts), nil, true, nil, func(a, b int, buf []int64) []int64 { return append(buf, counts[a:b]...) })
	parts[partFilter] = encodeFilter(c.dict)
	return parts, alphabetOf(c.dict), nil
}

// countCodes returns how many rows have each string of the dictionary.
func countCodes(c *column) []int64 {
	counts := make([]int64, c.dict.len())
	switch {
	case c.codes.b8 != nil:
		tally(counts, c.codes.b8)
	case c.codes.b16 != nil:
		tally(counts, c.codes.b16)
	default:
		tally(counts, c.codes.b32)
	}
	counts[0] -= int64(c.nulls) // whose code is 0
	return counts
}

func tally[T wholeNumber](counts []int64, codes []T) {
	for _, v := range codes {
		counts[v]++
	}
}

// writeParts stores the parts of a column.
func (x *extentBuilder) writeParts(w *hidden, c *column, id uint32) (*columnParts, error) {
	out := &columnParts{}
	keyOf := func(part int) func(int) key {
		return func(i int) key { return partKey(x.t.id, x.e, id, part, i) }
	}
	text := &pieceWriter{h: w, size: partPiece[partText], keyOf: keyOf(partText)}
	apart := &writer{}
	if x.s.former != 0 && x.s.former < 4 {
		apart = nil
	}
	var places []int32
	if x.s.former == 0 {
		out.leader, places = follows(x.leaders, c)
		out.follows = places != nil
		if places == nil && len(x.leaders) < mostLeaders && mayLead(c) {
			x.leaders = append(x.leaders, leader{id, c.dict.len(), c.codes})
		}
	}
	parts, a, err := encodeParts(c, places, apart, text.write)
	if err == nil {
		out.alphabet = a
		out.pieces[partText], err = text.end()
	}
	for part, b := range parts {
		if err == nil && part != partText {
			out.pieces[part], err = w.pieces(b, partPiece[part], keyOf(part))
		}
	}
	return out, err
}

// readPart reads a part of a column.
func (e *extent) readPart(db *badger.DB, t, column uint32, part int) ([]byte, error) {
	return readPieces(db, e.cols[column].parts.pieces[part], func(i int) key { return partKey(t, e, column, part, i) })
}

// appendPiece appends piece i of a part to out. The caller expects to read
// some of those behind it next.
func (e *extent) appendPiece(out []byte, db *badger.DB, t, column uint32, part, i, next int) ([]byte, error) {
	ps := e.cols[column].parts.pieces[part]
	if i >= len(ps) {
		return out, corrupt("the dictionary has %d pieces, %d are needed", len(ps), i+1)
	}
	behind := sizeOf(ps[i+1 : min(i+1+next, len(ps))])
	return appendPieces(out, db, ps[i:i+1], func(int) key { return partKey(t, e, column, part, i) }, behind)
}

// readParts reads a whole column that is stored in parts.
func (e *extent) readParts(db *badger.DB, t, column uint32) (c *column, read int64, err error) {
	m := e.cols[column]
	nums, read, err := e.readNumbers(db, t, column)
	if err != nil {
		return nil, read, err
	}
	if m.phys == table.Int64s {
		c, err = nums.intColumn()
		return c, read, err
	}
	head, err := e.readPart(db, t, column, partHead)
	if err != nil {
		return nil, read, err
	}
	h, err := decodeTextHead(head, e.rows)
	if err != nil {
		return nil, read, err
	}
	text, err := e.readPart(db, t, column, partText)
	if err != nil {
		return nil, read, err
	}
	read += int64(len(head) + len(text))
	d, err := joinPages(h, text)
	if err != nil {
		return nil, read, err
	}
	c, err = nums.textColumn(d)
	return c, read, err
}

// intColumn decodes all rows.
func (c *numbers) intColumn() (*column, error) {
	out := &column{n: c.n, phys: table.Int64s, ints: make([]int64, c.n)}
	readNumbers(c, 0, out.ints)
	out.valid, out.nulls = c.validity(0, c.n)
	return out, nil
}

// textColumn decodes all rows.
func (c *numbers) textColumn(d *dict) (*column, error) {
	out := &column{n: c.n, phys: table.Strings, dict: d, codes: newCodes(c.n, d.len())}
	top := 0
	switch {
	case out.codes.b8 != nil:
		readNumbers(c, 0, out.codes.b8)
		top = most(out.codes.b8)
	case out.codes.b16 != nil:
		readNumbers(c, 0, out.codes.b16)
		top = most(out.codes.b16)
	default:
		readNumbers(c, 0, out.codes.b32)
		top = most(out.codes.b32)
	}
	if top >= d.len() {
		return nil, errCode
	}
	out.valid, out.nulls = c.validity(0, c.n)
	return out, nil
}

var errCode = corrupt("a code is not in the dictionary")
