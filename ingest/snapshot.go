package ingest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/klauspost/compress/s2"

	"tidemark/table"
)

// compare adds to ConfigurationChange what differs between a list and the one
// before of the same computer and kind, and makes it the one before.
//
// The first list makes no changes. Neither does one that is not newer than the
// one before, so that reading a message again changes nothing. A snapshot only
// counts as a list where there is none: the agent goes on to compare with the
// list that it sent before the snapshot, and sends what has changed since. An
// empty list is taken as a failure of the agent, not as the end of everything.
func (l *load) compare(n *list, w *writer, marks map[string][]byte) error {
	if len(n.items) == 0 {
		return nil
	}
	n.distinct()
	key := n.mark()
	stored, ok := marks[key]
	if !ok {
		var err error
		if stored, err = l.loader.dst.Mark(key); err != nil {
			return fmt.Errorf("read the last list of %s: %w", n.computer, err)
		}
	}
	if stored == nil {
		marks[key] = encodeList(n)
		return nil
	}
	last, err := decodeList(stored, n.kind)
	if err != nil {
		return fmt.Errorf("read the last list of %s: %w", n.computer, err)
	}
	if n.snapshot || n.at <= last.at {
		return nil
	}
	marks[key] = encodeList(n)
	before := make(map[string]*item, len(last.items))
	for i := range last.items {
		before[last.items[i].key] = &last.items[i]
	}
	for i := range n.items {
		it := &n.items[i]
		old := before[it.key]
		delete(before, it.key)
		w.reject([]byte(it.key), n.change(old, it, w))
	}
	for i := range last.items {
		if it := &last.items[i]; before[it.key] == it {
			w.reject([]byte(it.key), n.change(it, nil, w))
		}
	}
	return nil
}

// mark is the name under which the list is kept.
func (n *list) mark() string {
	key := "ingest/list/" + n.kind.name + "/" + n.computer
	if n.scope != "" {
		key += "/" + n.scope
	}
	return key
}

// distinct makes the keys of a list differ: several versions of a package can
// be installed side by side.
func (n *list) distinct() {
	had := make(map[string]bool, len(n.items))
	for i := range n.items {
		it := &n.items[i]
		if had[it.key] {
			it.key = fmt.Sprintf("%s\x00%q", it.key, it.values)
		}
		for had[it.key] {
			it.key += "+"
		}
		had[it.key] = true
	}
}

// change adds the row that tells how an item has changed: old is nil for a new
// one, it is nil for one that is gone. Items that are equal give no row.
func (n *list) change(old, it *item, w *writer) error {
	category, one := modified, it
	switch {
	case old == nil:
		category = added
	case it == nil:
		category, one = removed, old
	case slices.Equal(it.values, old.values):
		return nil
	}
	r, err := w.change(n.kind.name, category)
	if err != nil {
		return err
	}
	r.datetime("TimeGenerated", n.at)
	r.text("Computer", n.computer)
	n.kind.differ(r, old, it)
	n.kind.constants(r)
	r.text("EventId", n.eventID(category, one))
	return r.finish(&origin{format: n.agent, detected: "scan", now: w.now})
}

// value is a value of an item that may not be there.
func (it *item) value(i int) string {
	if it == nil {
		return ""
	}
	return it.values[i]
}

// listVersion is the first byte of a stored list.
const listVersion = 1

// encodeList writes a list: the version, then compressed the time, the number
// of items, and each item's key, name and values with their lengths.
func encodeList(n *list) []byte {
	b := binary.AppendVarint(nil, int64(n.at))
	b = binary.AppendUvarint(b, uint64(len(n.items)))
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, it := range n.items {
		text(it.key)
		text(it.name)
		for _, v := range it.values {
			text(v)
		}
	}
	return append([]byte{listVersion}, s2.Encode(nil, b)...)
}

var errList = errors.New("the stored list is damaged")

func decodeList(stored []byte, k *kind) (*list, error) {
	if len(stored) == 0 || stored[0] != listVersion {
		return nil, errList
	}
	b, err := s2.Decode(nil, stored[1:])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errList, err)
	}
	at, used := binary.Varint(b)
	if used <= 0 {
		return nil, errList
	}
	b = b[used:]
	n, used := binary.Uvarint(b)
	if used <= 0 || n > uint64(len(b)) {
		return nil, errList
	}
	b = b[used:]
	bad := false
	text := func() string {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used) {
			bad = true
			return ""
		}
		s := string(b[used : used+int(n)])
		b = b[used+int(n):]
		return s
	}
	l := &list{kind: k, at: table.Time(at), items: make([]item, n)}
	for i := range l.items {
		it := item{key: text(), name: text(), values: make([]string, len(k.fields))}
		for v := range it.values {
			it.values[v] = text()
		}
		if bad {
			return nil, errList
		}
		l.items[i] = it
	}
	return l, nil
}
