package repl

import (
	"bytes"
	"io"
	"strings"
)

// A query that is pasted must arrive whole, but the line editor takes a line
// end for Enter and a tab for completion. So where the terminal marks pasted
// text (bracketed paste), both are replaced by signs that no query has, and
// put back when the line is read.
const (
	lineMark = '\u2028' // Unicode's line separator
	tabMark  = '\u2029'
)

var (
	packer   = strings.NewReplacer("\n", string(lineMark), "\t", string(tabMark))
	unpacker = strings.NewReplacer(string(lineMark), "\n", string(tabMark), "\t")
)

func packLines(s string) string   { return packer.Replace(s) }
func unpackLines(s string) string { return unpacker.Replace(s) }

var (
	pasteBegin = []byte("\x1b[200~")
	pasteEnd   = []byte("\x1b[201~")
)

// pasteReader reads what a terminal sends and replaces line ends and tabs in
// pasted text; other control characters there are dropped.
type pasteReader struct {
	in      io.ReadCloser
	out     []byte // ready to be read
	held    []byte // may be the beginning of a mark
	pasting bool
	cr      bool // the last pasted byte was a carriage return
	buf     [4096]byte
}

func newPasteReader(in io.ReadCloser) *pasteReader { return &pasteReader{in: in} }

func (p *pasteReader) Close() error { return p.in.Close() }

func (p *pasteReader) Read(b []byte) (int, error) {
	for len(p.out) == 0 {
		n, err := p.in.Read(p.buf[:])
		for _, c := range p.buf[:n] {
			p.take(c)
		}
		// An escape that ends what has come is held back, which nobody sees:
		// the line editor would wait for the next byte, too.
		if err != nil && len(p.out) == 0 {
			if len(p.held) == 0 {
				return 0, err
			}
			for _, c := range p.held {
				p.pass(c)
			}
			p.held = nil
		}
	}
	n := copy(b, p.out)
	p.out = p.out[n:]
	return n, nil
}

// take takes in one byte.
func (p *pasteReader) take(c byte) {
	p.held = append(p.held, c)
	mark := pasteBegin
	if p.pasting {
		mark = pasteEnd
	}
	switch {
	case bytes.Equal(p.held, mark):
		p.held, p.pasting, p.cr = nil, !p.pasting, false
	case !bytes.HasPrefix(mark, p.held):
		p.release()
	}
}

// release hands on what turned out to be no mark. Its last byte may begin one.
func (p *pasteReader) release() {
	held := p.held
	p.held = nil
	for i, c := range held {
		if i > 0 && i == len(held)-1 && c == pasteBegin[0] {
			p.held = []byte{c}
			return
		}
		p.pass(c)
	}
}

func (p *pasteReader) pass(c byte) {
	if !p.pasting {
		p.out = append(p.out, c)
		return
	}
	switch {
	case c == '\n' && p.cr:
	case c == '\n' || c == '\r':
		p.out = append(p.out, string(lineMark)...)
	case c == '\t':
		p.out = append(p.out, string(tabMark)...)
	case c >= ' ' && c != 0x7f:
		p.out = append(p.out, c)
	}
	p.cr = c == '\r'
}
