package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"
)

// textFile is an open file and what is known of the text in it.
type textFile struct {
	f     *os.File
	id    string
	info  fs.FileInfo
	plain bool  // the text is in the file as it is, behind start bytes
	start int64 // length of the byte order mark
	read  atomic.Int64
}

func newTextFile(f *os.File) (*textFile, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	t := &textFile{f: f, id: fileID(f.Name(), info), info: info, plain: true}
	magic := make([]byte, 4)
	n, err := f.ReadAt(magic, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch magic = magic[:n]; {
	case bytes.HasPrefix(magic, []byte{0xef, 0xbb, 0xbf}):
		t.start = 3
	case isPacked(magic), isUTF16(magic):
		t.plain = false
	}
	return t, nil
}

// size is how long the text is, of a plain file.
func (t *textFile) size() int64 { return t.info.Size() - t.start }

// text returns the text from an offset on, and what is to be called in the
// end. Unless check is nil it is called after each read of a plain file, and
// what has been read is only given if it has no objection.
func (t *textFile) text(offset int64, check func() error) (io.Reader, func(), error) {
	if t.plain {
		return &fileReader{t: t, at: t.start + offset, check: check}, func() {}, nil
	}
	r, done, err := open(&fileReader{t: t})
	if err == nil {
		if _, err = io.CopyN(io.Discard, r, offset); err != nil {
			done()
			err = fmt.Errorf("read up to where the last load ended: %w", err)
		}
	}
	return r, done, err
}

// fileReader reads a file from a place on, without moving the file's own.
type fileReader struct {
	t     *textFile
	at    int64
	check func() error
}

func (r *fileReader) Read(p []byte) (int, error) {
	n, err := r.t.f.ReadAt(p, r.at)
	if n > 0 {
		err = nil // of a short read, the next one tells
	}
	if r.check != nil && n > 0 {
		if err := r.check(); err != nil {
			return 0, err
		}
	}
	r.at += int64(n)
	r.t.read.Add(int64(n))
	return n, err
}

// errReplaced says that what was read is not what had been there before: the
// file has been cut off and written anew.
var errReplaced = errors.New("the file has been cut off and written anew while it was read")

// same reports whether a plain file still begins with head.
func (t *textFile) same(head rung) error {
	if head.Bytes == 0 {
		return nil
	}
	b := make([]byte, head.Bytes)
	if n, err := t.f.ReadAt(b, t.start); n < len(b) {
		if err == io.EOF {
			return errReplaced
		}
		return err
	}
	if xxhash.Sum64(b) != head.Sum {
		return errReplaced
	}
	return nil
}

// tail returns what a plain file has before an offset, as a trail keeps it.
func (t *textFile) tail(offset int64) ([]byte, error) {
	b := make([]byte, min(offset, tailBytes))
	n, err := t.f.ReadAt(b, t.start+offset-int64(len(b)))
	if n == len(b) {
		err = nil
	}
	return b[:n], err
}

// probe is the beginning of a text, as much as formats are told from.
type probe struct {
	*trail
	prefix []byte
	all    bool  // that is the whole text
	err    error // that ended it: a broken archive, or one that is being written
}

func (t *textFile) probe() (*probe, error) {
	p := &probe{trail: newTrail()}
	r, done, err := t.text(0, nil)
	if err != nil {
		return nil, err
	}
	defer done()
	buf := make([]byte, 64<<10)
	for p.n < prefixBytes {
		n, err := r.Read(buf[:min(int64(len(buf)), prefixBytes-p.n)])
		p.write(buf[:n])
		p.prefix = append(p.prefix, buf[:n]...)
		if err == io.EOF {
			p.all = true
			break
		}
		if err != nil {
			p.err = err
			break
		}
	}
	return p, nil
}

// verify returns the last of some positions, in order of their offsets, before
// which the file has the very text that the position had.
func (t *textFile) verify(positions []position) (*position, []byte, error) {
	if len(positions) == 0 {
		return nil, nil, nil
	}
	r, done, err := t.text(0, nil)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	var best *position
	var tail []byte
	trail := newTrail()
	buf := make([]byte, 256<<10)
	for i := range positions {
		p := &positions[i]
		for trail.n < p.Offset {
			n, err := r.Read(buf[:min(int64(len(buf)), p.Offset-trail.n)])
			trail.write(buf[:n])
			if err != nil && trail.n < p.Offset {
				return best, tail, nil // what is wrong with it, the load will tell
			}
		}
		if trail.digest.Sum64() != p.Sum {
			continue
		}
		if p.Whole {
			if n, err := r.Read(buf[:1]); n > 0 || err != io.EOF {
				return best, tail, nil // a longer text is another one
			}
		}
		best, tail = p, bytes.Clone(trail.tail)
	}
	return best, tail, nil
}
