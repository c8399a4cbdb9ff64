package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"time"
)

// LoadFile loads a file, from where the last load of its text ended: a file
// that has been loaded to its end gives nothing, one that has grown gives what
// has come. That holds for the text, whatever the file is called: renamed,
// copied, or packed. The position is committed together with the rows before
// it, so a load that broke off goes on where it was. Stats.Before tells what
// had been loaded; its rows count as duplicates.
//
// A text that was loaded with another Table, Computer, Zone or Format is loaded
// anew, and so is any text with Options.Again. So is a file that is one
// inventory without a time, such as the status of dpkg: it tells how things are
// when it is loaded.
func (l *Loader) LoadFile(ctx context.Context, path string, o Options) (Stats, error) {
	f, err := os.Open(path)
	if err != nil {
		return newLoad(l, o).stats, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return newLoad(l, o).stats, err
	} else if o.Again || !info.Mode().IsRegular() {
		return l.Load(ctx, f, o) // a pipe cannot be read from the middle
	}
	s, _, err := l.loadFile(ctx, f, fileMode{Options: o})
	return s, err
}

// Before is what earlier loads have done with a text.
type Before struct {
	Rows     int64     // that it gave, stored or there already
	Rejected int64     // records
	Bytes    int64     // of the text
	At       time.Time // of the last of them
}

// fileMode says how a file is loaded.
type fileMode struct {
	Options
	end   ending
	grows bool // the file is followed: what was there is taken to be there still
	holds bool // a last line without an end that cannot be read waits for its end
}

// place is where a load of a file is.
type place struct {
	file  *textFile
	scope string
	grows bool
	holds bool
	at    position
	top   rung // of the mark that has at; 0 bytes where none has
	trail *trail
	probe *probe
	end   ending
	again *again // nil but where tables have been emptied that the text gave rows to
	// longer says that a longer text is known that begins with all that is
	// compared of beginnings.
	longer bool
	done   bool // the file has been read to its end before, and has not changed
}

// fileEnd is how far a load of a file has come.
type fileEnd struct {
	offset int64 // in the text
	plain  bool
	size   int64 // of the text of a plain file when it was opened
}

// loadFile loads an open file and tells how far it has come.
func (l *Loader) loadFile(ctx context.Context, f *os.File, m fileMode) (Stats, fileEnd, error) {
	ld := newLoad(l, m.Options)
	p, release, err := l.enter(ctx, f, &m)
	if err != nil {
		return ld.stats, fileEnd{}, err
	}
	defer release()
	ld.place, ld.read = p, &p.file.read
	if p.at.Offset > 0 {
		ld.from = p.at.Offset
		ld.stats.Before = &Before{p.at.Rows, p.at.Rejected, p.at.Offset, p.at.At}
		ld.stats.RowsDuplicate = p.at.Rows
		ld.stats.Format = p.at.Format
	}
	if p.done {
		return ld.stats, p.reached(), nil
	}
	err = ld.file(ctx)
	ld.stats.FileBytes = p.file.read.Load()
	err = errors.Join(err, ld.endFailures(ctx))
	ld.stats.FailuresLeftOut = ld.failures.total
	if err == nil && !p.file.plain && p.end == endFinal {
		err = l.finishFile(ctx, p)
	}
	return ld.stats, p.reached(), err
}

func (p *place) reached() fileEnd {
	return fileEnd{offset: p.at.Offset, plain: p.file.plain, size: p.file.size()}
}

// file runs a load of a file from its place on.
func (l *load) file(ctx context.Context) error {
	p := l.place
	if len(trim(p.probe.prefix)) == 0 && p.probe.all || p.file.plain && p.at.Offset > 0 && p.at.Offset >= p.file.size() {
		return nil // nothing, or nothing new
	}
	if len(p.probe.prefix) == 0 && p.probe.err != nil {
		return p.probe.err
	}
	if p.end != endFinal && p.at.Offset == 0 && len(p.probe.prefix) < prefixBytes && bytes.IndexByte(trimLeft(p.probe.prefix), '\n') < 0 {
		return nil // formats are told from a whole line
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	head := p.at.Head
	if head.Bytes == 0 {
		head = p.probe.head
	}
	text, done, err := p.file.text(p.at.Offset, func() error { return p.file.same(head) })
	if err != nil {
		return err
	}
	l.pump = newPump(ctx, text, done)
	defer l.pump.wait()
	defer stop()
	err = l.run(ctx)
	if l.stats.BytesIn = l.pump.total; err == nil && l.pump.err == errReplaced {
		err = errReplaced
	}
	return err
}

func trimLeft(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

// enter finds out where to begin with a file. Until release is called, no other
// load has the same text.
func (l *Loader) enter(ctx context.Context, f *os.File, m *fileMode) (p *place, release func(), err error) {
	for {
		p = &place{scope: m.scope(), grows: m.grows, holds: m.holds, end: m.end}
		if p.file, err = newTextFile(f); err != nil {
			return nil, nil, err
		}
		if p.probe, err = p.file.probe(); err != nil {
			if m.grows && m.end != endFinal && errors.Is(err, io.ErrUnexpectedEOF) {
				err = errUnfinished
			}
			return nil, nil, err
		}
		other := l.lease(p)
		if other == nil {
			break
		}
		select {
		case <-other:
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		}
	}
	release = func() { l.release(p) }
	at, tail, err := l.find(p, m)
	if err == nil && at != nil {
		p.at = *at
		if p.trail, err = p.probe.behind(at, tail); err == nil {
			p.top = p.trail.top
		}
	} else {
		p.trail = newTrail()
	}
	if err == nil && at == nil && !p.done && m.grows && m.end != endFinal {
		var unfinished bool
		if unfinished, err = l.unfinished(p); unfinished {
			err = errUnfinished
		}
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	return p, release, nil
}

// lease takes the text of p, or returns what is closed when another load gives
// back one that may be the same.
func (l *Loader) lease(p *place) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	for o, done := range l.texts {
		if o.scope == p.scope && (o.probe.begins(p.probe.trail) || o.file.id == p.file.id) {
			return done
		}
	}
	l.texts[p] = make(chan struct{})
	return nil
}

func (l *Loader) release(p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.texts[p])
	delete(l.texts, p)
	l.remember(p)
}

// resume sets f to the place, and returns what the format is told from.
func (p *place) resume(f *framer) []byte {
	f.keeps, f.end = true, p.end
	prefix := p.probe.prefix
	if p.at.Offset > 0 {
		f.offset, f.line, f.skip = p.at.Offset, p.at.Line, p.at.Skip
		prefix = prefix[:min(len(prefix), p.at.Prefix)]
	}
	return prefix
}

// start gives the splitter its state, or notes the format of a text that is new.
func (p *place) start(f Format, s splitter) error {
	if p.at.Offset == 0 {
		_, isWhole := s.(*whole)
		p.at.Format, p.at.Prefix, p.at.Whole = f.Name, len(p.probe.prefix), isWhole
		return nil
	}
	if k, ok := s.(keeper); ok {
		return k.restore(p.at.State)
	}
	return nil
}

// advance moves the place behind a chunk, or up to where its last record
// begins, and returns the names of the marks that will change.
func (p *place) advance(c *chunk, to resume) (next position, keys []string, err error) {
	p.trail.write(c.buf[:to.offset-c.offset])
	next = p.at
	next.Line, next.Skip, next.State = to.line, to.skip, to.state
	next.Again = p.again != nil && to.offset < p.again.until
	if err := p.trail.fill(&next); err != nil {
		return next, nil, err
	}
	keys = []string{textMark(p.scope, p.trail.top)}
	if p.top != p.trail.top && p.top.Bytes > 0 {
		keys = append(keys, textMark(p.scope, p.top))
	}
	return next, keys, nil
}

// mark adds the marks that say where the place will be. It holds what advance
// named.
func (p *place) mark(l *Loader, next position, marks map[string][]byte) error {
	remove := func(top rung) ([]position, error) {
		alike, err := decodeMark[[]position](l, textMark(p.scope, top))
		return slices.DeleteFunc(alike, func(at position) bool {
			return at.Sum == p.at.Sum && at.Offset == p.at.Offset && at.Format == p.at.Format ||
				at.Sum == next.Sum && at.Offset == next.Offset && at.Format == next.Format
		}), err
	}
	alike, err := remove(p.trail.top)
	if err != nil {
		return err
	}
	alike = append(alike, next)
	alike = alike[max(0, len(alike)-maxAlike):]
	if marks[textMark(p.scope, p.trail.top)], err = encodeMark(alike); err != nil {
		return err
	}
	if p.top != p.trail.top && p.top.Bytes > 0 {
		rest, err := remove(p.top)
		if err != nil {
			return err
		}
		if marks[textMark(p.scope, p.top)], err = encodeMark(rest); err != nil {
			return err
		}
	}
	return p.note(false, marks)
}

// note adds the mark that says which text the file has.
func (p *place) note(done bool, marks map[string][]byte) error {
	n := fileNote{Top: p.trail.top, Size: p.file.info.Size(), Time: p.file.info.ModTime().UnixNano(), Done: done}
	b, err := json.Marshal(n)
	marks[fileMark(p.scope, p.file.id)] = b
	return err
}

// finishFile notes that a packed file has been read to its end.
func (l *Loader) finishFile(ctx context.Context, p *place) error {
	if p.trail.top.Bytes == 0 {
		return nil
	}
	marks := map[string][]byte{}
	if err := p.note(true, marks); err != nil {
		return err
	}
	_, _, err := l.commit(ctx, &writer{}, nil, marks, func(map[string][]byte) error { return nil })
	return err
}

// is reports whether the file is as it was when it was read.
func (n *fileNote) is(t *textFile) bool {
	return n.Size == t.info.Size() && n.Time == t.info.ModTime().UnixNano()
}

// add counts what another load has done.
func (s *Stats) add(o Stats) {
	s.RowsIn += o.RowsIn
	s.RowsRejected += o.RowsRejected
	s.RowsDuplicate += o.RowsDuplicate
	s.BytesIn += o.BytesIn
	s.FileBytes += o.FileBytes
	s.Batches += o.Batches
	s.FailuresLeftOut += o.FailuresLeftOut
	for k, n := range o.Reasons {
		s.Reasons[k] += n
	}
	for k, n := range o.Tables {
		s.Tables[k] += n
	}
	for k, n := range o.Passed {
		s.Passed[k] += n
	}
	s.Rejects = append(s.Rejects, o.Rejects[:min(len(o.Rejects), max(0, keptRejects-len(s.Rejects)))]...)
}

func newStats() Stats {
	return Stats{Reasons: map[Bad]int64{}, Tables: map[string]int64{}, Passed: map[string]int64{}}
}
