package storage

import "encoding/binary"

// Every key of the store. Numbers are big-endian, so that keys of one thing
// lie together and in order, and a range of them is a prefix:
//
//	s                                            state of the store
//	t table(4)                                   definition of a table
//	h table(4)                                   head of a table: how many tail entries and extents it has
//	r table(4) id(8)                             tail entry: header, and the rows when they are few
//	b table(4) id(8) piece(4)                    tail entry: rows
//	m table(4) id(8)                             extent: manifest
//	x table(4) day(4) id(8) column(4) piece(4)   extent: column chunk
//	g key...                                     what begins with key is garbage, or is being written and not published
//	d table(4) n(4)                              sequence numbers of rows that were dropped
//	k key...                                     mark
//
// Chunks carry the day (since year 1) of the extent's newest row before its
// id, so that dropping what is older than a date can drop by prefix.
const (
	kindState    = 's'
	kindTable    = 't'
	kindHead     = 'h'
	kindTail     = 'r'
	kindTailData = 'b'
	kindManifest = 'm'
	kindChunk    = 'x'
	kindGarbage  = 'g'
	kindDropped  = 'd'
	kindMark     = 'k'
)

type key []byte

func newKey(kind byte) key            { return append(make(key, 0, 32), kind) }
func (k key) u32(v uint32) key        { return binary.BigEndian.AppendUint32(k, v) }
func (k key) u64(v uint64) key        { return binary.BigEndian.AppendUint64(k, v) }
func (k key) with(b ...byte) key      { return append(k, b...) }
func stateKey() key                   { return newKey(kindState) }
func tableKey(t uint32) key           { return newKey(kindTable).u32(t) }
func headKey(t uint32) key            { return newKey(kindHead).u32(t) }
func tailKey(t uint32, id uint64) key { return newKey(kindTail).u32(t).u64(id) }
func tailDataPrefix(t uint32, id uint64) key {
	return newKey(kindTailData).u32(t).u64(id)
}
func tailDataKey(t uint32, id uint64, piece int) key {
	return tailDataPrefix(t, id).u32(uint32(piece))
}
func manifestKey(t uint32, id uint64) key { return newKey(kindManifest).u32(t).u64(id) }
func chunkPrefix(t, day uint32, id uint64) key {
	return newKey(kindChunk).u32(t).u32(day).u64(id)
}
func chunkKey(t, day uint32, id uint64, column uint32, piece int) key {
	return chunkPrefix(t, day, id).u32(column).u32(uint32(piece))
}
func garbageKey(prefix key) key      { return newKey(kindGarbage).with(prefix...) }
func droppedKey(t uint32, n int) key { return newKey(kindDropped).u32(t).u32(uint32(n)) }
func markKey(name string) key        { return newKey(kindMark).with([]byte(name)...) }

// keyParts is a decoded key. Fields that the kind does not have are zero.
type keyParts struct {
	kind   byte
	table  uint32
	day    uint32
	id     uint64
	column uint32
	piece  int
	rest   []byte // the prefix of a garbage key, the name of a mark
}

// parseKey decodes a key and reports whether it has the length of its kind.
func parseKey(k []byte) (p keyParts, ok bool) {
	if len(k) == 0 {
		return p, false
	}
	p.kind, k = k[0], k[1:]
	u32 := func() (v uint32) { v, k = binary.BigEndian.Uint32(k), k[4:]; return v }
	u64 := func() (v uint64) { v, k = binary.BigEndian.Uint64(k), k[8:]; return v }
	want := map[byte]int{kindState: 0, kindTable: 4, kindHead: 4, kindTail: 12, kindTailData: 16,
		kindManifest: 12, kindChunk: 24, kindDropped: 8}
	switch p.kind {
	case kindGarbage, kindMark:
		p.rest = k
		return p, true
	}
	if n, known := want[p.kind]; !known || n != len(k) {
		return p, false
	}
	switch p.kind {
	case kindTable, kindHead:
		p.table = u32()
	case kindTail, kindManifest:
		p.table, p.id = u32(), u64()
	case kindTailData:
		p.table, p.id, p.piece = u32(), u64(), int(u32())
	case kindChunk:
		p.table, p.day, p.id, p.column, p.piece = u32(), u32(), u64(), u32(), int(u32())
	case kindDropped:
		p.table, p.piece = u32(), int(u32())
	}
	return p, true
}
