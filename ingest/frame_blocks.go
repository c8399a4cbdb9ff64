package ingest

import "bytes"

// blocks is the splitter of reports that go over many lines: a record is all up
// to the line that ends a report, or to the line before the next one begins.
type blocks struct {
	head  any
	first func(line []byte) bool // the line begins a report
	last  func(line []byte) bool // the line ends it

	scanned int  // how much of the unread text has been looked at
	begun   bool // the report at hand has had its first line
	drop    bool // the report at hand is too long: its beginning has been handed out
}

func (b *blocks) header() any { return b.head }

func (b *blocks) split(text []byte, eof bool) (int, []byte, error) {
	for b.scanned < len(text) {
		rest := text[b.scanned:]
		n := bytes.IndexByte(rest, '\n') + 1
		if n == 0 {
			if !eof {
				break
			}
			n = len(rest)
		}
		line := trim(rest[:n])
		switch {
		case b.first(line) && b.begun:
			return b.cut(text, b.scanned)
		case b.last(line):
			return b.cut(text, b.scanned+n)
		}
		b.begun = b.begun || b.first(line)
		b.scanned += n
	}
	switch {
	case eof:
		return b.cut(text, len(text))
	case len(text) > MaxRecord && b.scanned > 0:
		// What there is of the report is read, its end is not.
		n, dropped := b.scanned, b.drop
		b.scanned, b.drop = 0, true
		if dropped {
			return n, nil, nil
		}
		return n, trim(text[:n]), nil
	}
	return 0, nil, nil
}

// save keeps whether the report at hand has been handed out in part.
func (b *blocks) save() []byte {
	if b.drop {
		return []byte{1}
	}
	return nil
}

func (b *blocks) restore(state []byte) error {
	b.drop = len(state) > 0
	return nil
}

// cut ends the report at hand.
func (b *blocks) cut(text []byte, end int) (int, []byte, error) {
	dropped := b.drop
	b.scanned, b.begun, b.drop = 0, false, false
	if dropped {
		return end, text[:end], reject(TooLong, "the report is longer than %d bytes: this is behind what has been read", MaxRecord)
	}
	return end, trim(text[:end]), nil
}
