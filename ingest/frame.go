package ingest

import (
	"bytes"
	"context"
	"io"
	"slices"
	"time"
)

// MaxRecord is how long a record may be. Longer ones are rejected.
const MaxRecord = 16 << 20

// splitter finds where records end. It is used by one goroutine.
type splitter interface {
	// split looks at the unread text, which starts at the end of the record
	// before, and returns how much of it to pass over and the record within
	// that, empty if there is none. It returns 0 where the text ends too
	// early to tell; at the end of the input it must not.
	split(text []byte, eof bool) (advance int, record []byte, err error)
	// header is what decoders need to know beside the record that split has
	// just returned, such as the columns of a CSV file.
	header() any
}

// patient is a splitter that waits for more where a record may go on, such as
// one of several lines.
type patient interface {
	splitter
	// patience is how long to wait for more text before hurry is called.
	patience() time.Duration
	// hurry says that nothing has come: what is there will not go on.
	hurry()
}

// keeper is a splitter that must be told where it was when it begins again in
// the middle of an input.
type keeper interface {
	splitter
	// save returns what restore needs, nil where it needs nothing.
	save() []byte
	restore(state []byte) error
}

// ending says what the end of an input means.
type ending uint8

const (
	endFinal ending = iota // there is no more: what is left is a record
	endOpen                // more will come: what is left waits for it
	endQuiet               // more may come, but not of what is there: groups of lines end
)

// chunk is a run of records: what is decoded together and committed together.
type chunk struct {
	buf     []byte
	records []span
	rejects []Reject // of the framing
	offset  int64    // of buf in the input
	next    resume   // where the input goes on behind the chunk
	// tail is where the last record begins if it is at the end of the input
	// and no line end closes it; nil otherwise.
	tail *resume
}

// resume is where to go on in an input.
type resume struct {
	offset, line int64
	skip         bool   // inside a record that is too long
	state        []byte // of the splitter
}

type span struct {
	start, end int
	line       int64 // the first line is 1
	header     any
	cut        bool // the input broke off behind it, or within it
}

// framer cuts the input into chunks.
type framer struct {
	pump     *pump
	splitter splitter
	maxRows  int
	maxBytes int
	wait     time.Duration
	source   string
	end      ending
	keeps    bool // its place is kept: it gives chunks even for text without records

	buf     []byte // unread text
	line    int64  // of its start
	offset  int64  // of its start
	eof     bool
	ended   bool  // the input has no more for now, and end is not endFinal
	err     error // that ended the input, if not io.EOF
	told    bool  // err is among the rejects
	skip    bool  // inside a record that is too long
	hurried bool  // the splitter has been told that nothing comes
	want    int   // how much text there must be before a long record is looked at again
	recycle chan []byte
}

// next returns the next chunk, or io.EOF.
func (f *framer) next(ctx context.Context) (*chunk, error) {
	c := &chunk{}
	base, baseOffset := 0, f.offset
	for len(c.records) < f.maxRows && base < f.maxBytes {
		text := f.buf[base:]
		if len(text) == 0 && f.eof {
			break
		}
		advance, record, err := 0, []byte(nil), error(nil)
		tried := !f.skip && len(text) > 0 && (len(text) >= f.want || f.eof || f.ended)
		switch {
		case tried:
			advance, record, err = f.splitter.split(text, f.eof)
			f.want = 0
			if advance == 0 && len(text) > 1<<20 {
				f.want = min(len(text)+len(text)/2, MaxRecord+1)
			}
		case f.skip:
			advance = f.skipLine(text)
		}
		if advance == 0 {
			if tried && len(text) > MaxRecord {
				f.tooLong(c, text, baseOffset+int64(base))
				continue
			}
			if stop, err := f.more(ctx, len(c.records) > 0); err != nil {
				return nil, err
			} else if stop {
				break
			}
			continue
		}
		f.take(c, base, baseOffset, text, record, err)
		f.pass(&base, advance)
	}
	if len(c.records) == 0 && len(c.rejects) == 0 && f.ended && (base == 0 || !f.keeps) {
		return nil, io.EOF
	}
	if len(c.records) == 0 && len(c.rejects) == 0 && f.eof && base >= len(f.buf) && (base == 0 || !f.keeps) {
		if f.err == nil {
			return nil, io.EOF
		}
		if f.told {
			return nil, f.err
		}
		f.told = true
		c.rejects = append(c.rejects, newReject(f.source, f.line, f.offset, reject(BrokenOff, "%v: what is behind is not read", f.err), nil))
	}
	return f.finish(c, base, baseOffset), nil
}

// pass moves on behind a record.
func (f *framer) pass(base *int, advance int) {
	f.line += int64(bytes.Count(f.buf[*base:*base+advance], []byte{'\n'}))
	*base += advance
}

// take adds the record, or why there is none, to the chunk.
func (f *framer) take(c *chunk, base int, baseOffset int64, text, record []byte, err error) {
	if err == nil && len(record) > MaxRecord {
		err = errTooLong
	}
	if err != nil {
		c.rejects = append(c.rejects, newReject(f.source, f.line, baseOffset+int64(base), err, record))
		return
	}
	if len(record) == 0 {
		return
	}
	// Where in the buffer the record lies: it is a part of text.
	start := base + cap(text) - cap(record)
	line := f.line + int64(bytes.Count(f.buf[base:start], []byte{'\n'}))
	end := start + len(record)
	cut := f.err != nil && len(trim(f.buf[end:])) == 0
	c.records = append(c.records, span{start, end, line, f.splitter.header(), cut})
	if f.eof && bytes.IndexByte(f.buf[end:], '\n') < 0 {
		c.tail = &resume{offset: baseOffset + int64(base), line: f.line}
	}
}

// finish hands the text of the chunk over to it and keeps the rest.
func (f *framer) finish(c *chunk, base int, baseOffset int64) *chunk {
	c.buf, c.offset = f.buf[:base], baseOffset // with what is behind, to be used again
	c.next = resume{offset: baseOffset + int64(base), line: f.line, skip: f.skip}
	if k, ok := f.splitter.(keeper); ok && f.keeps {
		c.next.state = k.save()
	}
	rest := f.buf[base:]
	var next []byte
	select {
	case next = <-f.recycle:
	default:
	}
	// The next chunk will be about as long as this one.
	f.buf = append(slices.Grow(next[:0], max(len(rest), base)+512<<10), rest...)
	f.offset = baseOffset + int64(base)
	return c
}

// reuse takes back the text of a chunk that nobody reads any more.
func (f *framer) reuse(c *chunk) {
	select {
	case f.recycle <- c.buf:
	default:
	}
}

// more reads on. It reports stop when the chunk should go out as it is.
func (f *framer) more(ctx context.Context, some bool) (stop bool, err error) {
	wait := time.Duration(0)
	p, waits := f.splitter.(patient)
	switch {
	case f.ended && f.end == endQuiet && waits && !f.hurried:
		p.hurry()
		f.hurried = true
		return false, nil
	case f.ended:
		return true, nil
	case some, f.want > 0:
		wait = f.wait
	case waits && len(f.buf) > 0 && !f.hurried:
		wait = p.patience()
	}
	buf, err := f.pump.more(ctx, f.buf, wait)
	f.buf = buf
	switch {
	case err == nil:
		f.hurried = false
		return false, nil
	case err == errIdle && (some || f.want > 0):
		f.want = 0
		return some, nil
	case err == errIdle:
		p.hurry()
		f.hurried = true // once is enough until more comes
		return false, nil
	case err == ctx.Err():
		return false, err
	}
	if f.end != endFinal || err == errReplaced {
		f.ended = true
		return false, nil
	}
	f.eof = true
	if err != io.EOF {
		f.err = err
	}
	return false, nil
}

var errTooLong = reject(TooLong, "the record is longer than %d bytes", MaxRecord)

// tooLong rejects a record that exceeds the limit and begins to skip it.
func (f *framer) tooLong(c *chunk, text []byte, offset int64) {
	c.rejects = append(c.rejects, newReject(f.source, f.line, offset, errTooLong, text))
	f.skip = true
}

// skipLine passes over text up to the end of the line.
func (f *framer) skipLine(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		f.skip = false
		return i + 1
	}
	return len(text)
}

// lines is the splitter of formats with a record a line.
type lines struct{ head any }

func (l *lines) header() any { return l.head }

func (l *lines) split(text []byte, eof bool) (int, []byte, error) {
	i := bytes.IndexByte(text, '\n')
	if i < 0 {
		if !eof {
			return 0, nil, nil
		}
		return len(text), trim(text), nil
	}
	return i + 1, trim(text[:i]), nil
}

// whole is the splitter of formats whose record is the whole input.
type whole struct{ head any }

func (w *whole) header() any { return w.head }

func (w *whole) split(text []byte, eof bool) (int, []byte, error) {
	if !eof {
		return 0, nil, nil
	}
	return len(text), trim(text), nil
}
