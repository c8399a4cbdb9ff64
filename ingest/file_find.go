package ingest

import (
	"cmp"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// find returns the position of the text in a file, and the text's tail before
// it; nil if it has none. A position from before a table was emptied is none,
// but for a file that is followed: that goes on where it was.
func (l *Loader) find(p *place, m *fileMode) (*position, []byte, error) {
	if m.grows && !p.file.plain {
		note, err := decodeMark[fileNote](l, fileMark(p.scope, p.file.id))
		if p.done = note.Done && note.is(p.file); err != nil || p.done {
			return nil, nil, err
		}
	}
	if p.file.plain {
		at, tail, err := l.findByFile(p, m)
		if at != nil || err != nil {
			return at, tail, err
		}
	}
	var found []position
	for k := len(p.probe.sums) - 1; k >= 0; k-- {
		alike, err := decodeMark[[]position](l, textMark(p.scope, rung{1 << k, p.probe.sums[k]}))
		if err != nil {
			return nil, nil, err
		}
		for _, at := range alike {
			switch {
			case !m.fits(&at):
			case p.file.plain && at.Offset > p.file.size():
				p.longer = p.longer || k == len(p.probe.sums)-1 && 1<<k == maxRung
			default:
				found = append(found, at)
			}
		}
	}
	slices.SortFunc(found, func(a, b position) int { return cmp.Compare(a.Offset, b.Offset) })
	if m.grows {
		return p.file.verify(found)
	}
	var old []position
	found = slices.DeleteFunc(found, func(at position) bool {
		emptied := l.emptied(&at) != nil
		if emptied {
			old = append(old, at)
		}
		return emptied
	})
	best, tail, err := p.file.verify(found)
	if len(old) == 0 || err != nil {
		return best, tail, err
	}
	before, _, err := p.file.verify(old)
	if before != nil && (best == nil || best.Offset < before.Offset) {
		p.again = &again{before.Offset, l.emptied(before)}
	}
	return best, tail, err
}

// fits reports whether the options ask for what was done up to a position. A
// file that is one inventory tells how things are when it is loaded: it is not
// the same again later, unless it is followed.
func (m *fileMode) fits(at *position) bool {
	return (m.Format == "" || m.Format == at.Format) && (m.grows || !at.Whole)
}

// findByFile is find for a plain file that was read before and has not changed
// since, or has only grown as far as its beginning and what stands before the
// position tell. That saves reading all of it.
func (l *Loader) findByFile(p *place, m *fileMode) (best *position, tail []byte, err error) {
	info := p.file.info
	note, err := decodeMark[fileNote](l, fileMark(p.scope, p.file.id))
	if err != nil || note.Top.Bytes == 0 {
		return nil, nil, err
	}
	same := note.is(p.file)
	if !same && !(m.grows && info.Size() > note.Size) {
		return nil, nil, nil
	}
	alike, err := decodeMark[[]position](l, textMark(p.scope, note.Top))
	if err != nil {
		return nil, nil, err
	}
	for i := range alike {
		at := &alike[i]
		if !m.grows && (at.Again || l.emptied(at) != nil) {
			return nil, nil, nil
		}
		if !m.fits(at) || at.Offset > p.file.size() || at.Whole && at.Offset != p.file.size() || best != nil && best.Offset > at.Offset {
			continue
		}
		if p.file.same(at.Head) != nil {
			continue
		}
		t, err := p.file.tail(at.Offset)
		if err != nil {
			return nil, nil, err
		}
		if xxhash.Sum64(t) == at.Tail {
			best, tail = at, t
		}
	}
	return best, tail, nil
}
