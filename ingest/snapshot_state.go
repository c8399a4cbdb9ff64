package ingest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"tidemark/table"
)

// known is the last list of a computer and kind, as it is kept: a mark that
// holds what there is beside the items, and few items, or names the marks that
// hold them, so that one that has not changed need not be written again.
type known struct {
	at, first table.Time // of the last list that was taken, and of the first
	sent      bool       // a list that was no snapshot has come
	open      bool       // no complete list has come yet: what is missing may have been there
	items     []item
	gen       uint64 // tells the pieces from those before
	pieces    int    // marks with items; 0 where these are in the mark itself
	epoch     uint64 // of the table that gets the changes
	old       bool   // the items are packed as an older version has it
}

const (
	// listVersion is the first byte of a kept list. Version 3 has no epoch, and
	// version 2 packs items by s2. What is older is no list: the next one is a
	// first, which makes no changes.
	listVersion   = 4
	oldestVersion = 2
	anyEpoch      = 1<<64 - 1 // is that of all tables
	marksAhead    = 1 << 20   // bytes of marks that are stored at once
)

var ( // changed by tests
	listInline   = 1 << 10   // bytes of items up to which they are in the mark itself
	listTogether = 64 << 10  // bytes of pieces up to which they are stored with the list
	listPiece    = 128 << 10 // bytes of items in a piece, before compression
)

// Digests, which are most of a list, are half as long packed by zstd.
var (
	listPacker, _   = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	listUnpacker, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
)

var errList = errors.New("the stored list is damaged")

func pieceMark(name string, gen uint64, i int) string {
	return fmt.Sprintf("%s/#%d/%d", name, gen, i)
}

// last returns the last list of a computer and kind, nil if there is none. One
// whose items have other fields than they have today is none.
func (t *tracker) last(n *list, marks map[string][]byte) (*known, error) {
	name := n.mark()
	stored, ok := marks[name]
	if !ok {
		var err error
		if stored, err = t.dst.Mark(name); err != nil {
			return nil, err
		}
	}
	if len(stored) == 0 || stored[0] < oldestVersion {
		return nil, nil
	}
	k, fields, rest, err := decodeHead(stored)
	if err != nil || fields != len(n.kind.fields) {
		return nil, err
	}
	if k.pieces == 0 {
		return k, k.decodeItems(rest, fields)
	}
	for i := range k.pieces {
		piece, ok := marks[pieceMark(name, k.gen, i)]
		var err error
		if !ok {
			piece, err = t.dst.Mark(pieceMark(name, k.gen, i))
		}
		if err == nil {
			err = k.decodeItems(piece, fields)
		}
		if err != nil {
			return nil, err
		}
	}
	return k, nil
}

// keep makes a list the last one of its computer and kind once the marks are
// stored. Pieces, which together can be more than a transaction takes, are
// stored ahead, under names that nothing refers to until then.
func (t *tracker) keep(ctx context.Context, n *list, k *known, same bool, marks map[string][]byte) error {
	name := n.mark()
	defer func() { t.size += len(name) + len(marks[name]) + 64 }()
	if same && k.pieces > 0 {
		marks[name] = k.encodeHead(len(n.kind.fields))
		return nil
	}
	for i := range k.pieces {
		marks[pieceMark(name, k.gen, i)] = nil
	}
	pieces := encodeItems(k.items)
	k.pieces = 0
	if len(pieces) == 1 && len(pieces[0]) <= listInline {
		marks[name] = append(k.encodeHead(len(n.kind.fields)), pieces[0]...)
		return nil
	}
	k.gen, k.pieces = k.gen+1, len(pieces)
	if total := sizeOf(pieces); total <= listTogether {
		for i, p := range pieces {
			marks[pieceMark(name, k.gen, i)] = p
		}
		marks[name] = k.encodeHead(len(n.kind.fields))
		t.size += total
		return t.sweep(name, k, marks)
	}
	ahead, size := map[string][]byte{}, 0
	for i, p := range pieces {
		ahead[pieceMark(name, k.gen, i)] = p
		if size += len(p); size >= marksAhead || i == len(pieces)-1 {
			if err := t.dst.Commit(context.WithoutCancel(ctx), &table.Batch{Marks: ahead}); err != nil {
				return err
			}
			ahead, size = map[string][]byte{}, 0
		}
	}
	marks[name] = k.encodeHead(len(n.kind.fields))
	return t.sweep(name, k, marks)
}

func sizeOf(pieces [][]byte) int {
	total := 0
	for _, p := range pieces {
		total += len(p)
	}
	return total
}

// sweep removes pieces that a load has left behind that was killed between
// storing them and the list.
func (t *tracker) sweep(name string, k *known, marks map[string][]byte) error {
	for i := k.pieces; ; i++ {
		left, err := t.dst.Mark(pieceMark(name, k.gen, i))
		if err != nil || left == nil {
			return err
		}
		marks[pieceMark(name, k.gen, i)] = nil
	}
}

// encodeHead writes what there is beside the items.
func (k *known) encodeHead(fields int) []byte {
	flags := byte(0)
	if k.sent {
		flags |= 1
	}
	if k.open {
		flags |= 2
	}
	b := []byte{listVersion, flags}
	b = binary.AppendVarint(b, int64(k.at))
	b = binary.AppendVarint(b, int64(k.first))
	for _, v := range []uint64{k.gen, uint64(k.pieces), uint64(fields), k.epoch} {
		b = binary.AppendUvarint(b, v)
	}
	return b
}

func decodeHead(stored []byte) (k *known, fields int, rest []byte, err error) {
	if len(stored) < 2 || stored[0] < oldestVersion || stored[0] > listVersion {
		return nil, 0, nil, errList
	}
	k = &known{sent: stored[1]&1 != 0, open: stored[1]&2 != 0, epoch: anyEpoch, old: stored[0] == 2}
	d := listReader{b: stored[2:]}
	k.at, k.first = table.Time(d.varint()), table.Time(d.varint())
	k.gen = d.uvarint()
	k.pieces, fields = int(d.uvarint()), int(d.uvarint())
	if stored[0] >= 4 {
		k.epoch = d.uvarint()
	}
	if d.bad || k.pieces < 0 || fields < 0 {
		return nil, 0, nil, errList
	}
	return k, fields, d.b, nil
}

// encodeItems writes items: key, name, 1 and the values, or 0 where they are
// not known; all texts with their lengths. It returns one piece at least.
func encodeItems(items []item) [][]byte {
	var out [][]byte
	var b []byte
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for i := range items {
		it := &items[i]
		text(it.key)
		text(it.name)
		if it.values == nil {
			b = append(b, 0)
		} else {
			b = append(b, 1)
		}
		for _, v := range it.values {
			text(v)
		}
		if len(b) >= listPiece {
			out, b = append(out, listPacker.EncodeAll(b, nil)), b[:0]
		}
	}
	if len(b) > 0 || len(out) == 0 {
		out = append(out, listPacker.EncodeAll(b, nil))
	}
	return out
}

// decodeItems adds the items of a piece.
func (k *known) decodeItems(piece []byte, fields int) error {
	unpack := listUnpacker.DecodeAll
	if k.old {
		unpack = func(piece, _ []byte) ([]byte, error) { return s2.Decode(nil, piece) }
	}
	b, err := unpack(piece, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errList, err)
	}
	d := listReader{b: b}
	for len(d.b) > 0 && !d.bad {
		it := item{key: d.text(), name: d.text()}
		if d.byte() == 1 {
			it.values = make([]string, fields)
			for v := range it.values {
				it.values[v] = d.text()
			}
		}
		k.items = append(k.items, it)
	}
	if d.bad {
		return errList
	}
	return nil
}

// listReader reads what the encoders of lists write; bad tells that it is not
// that.
type listReader struct {
	b   []byte
	bad bool
}

// pass moves on by what a reader of numbers has used.
func (d *listReader) pass(used int) {
	if used <= 0 {
		d.b, d.bad = nil, true
		return
	}
	d.b = d.b[used:]
}

func (d *listReader) varint() int64 {
	v, used := binary.Varint(d.b)
	d.pass(used)
	return v
}

func (d *listReader) uvarint() uint64 {
	v, used := binary.Uvarint(d.b)
	d.pass(used)
	return v
}

func (d *listReader) byte() byte {
	if len(d.b) == 0 {
		d.bad = true
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

func (d *listReader) text() string {
	n := d.uvarint()
	if n > uint64(len(d.b)) {
		d.b, d.bad = nil, true
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}
