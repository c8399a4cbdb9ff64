package service

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tidemark"
	"tidemark/parser"
	"tidemark/table"
)

// An answer with rows is a sequence of frames: a byte that tells the kind, the
// length of what follows as four bytes, least first, and what follows.
//
//	H  head as JSON: warnings and tables; always the first unless it is F
//	S  stats as JSON: the figures as of the rows that follow
//	D  a piece of the Arrow stream of a table, in the layout of
//	   table.Type.Arrow; pieces are cut anywhere
//	T  the end of a table; the next D begins the next one
//	E  stats as JSON: the answer is whole
//	F  failure as JSON: there will be no more
//
// An answer that ends without E or F was cut off.
const (
	frameHead    = 'H'
	frameStats   = 'S'
	frameData    = 'D'
	frameTable   = 'T'
	frameEnd     = 'E'
	frameFailure = 'F'
)

const (
	// pieceSize is how much of an Arrow stream goes into a frame.
	pieceSize = 64 << 10
	// maxFrame is the longest frame that is read; JSON has the columns of all
	// tables in one.
	maxFrame = 256 << 20
)

// head is what is known of a result before its rows.
type head struct {
	Warnings parser.Errors `json:"warnings,omitempty"`
	Tables   []tableHead   `json:"tables"`
}

type tableHead struct {
	Name    raw              `json:"name"`
	Columns []column         `json:"columns"`
	Render  *tidemark.Render `json:"render,omitempty"`
}

// column is a table.Column with the name of its type.
type column struct {
	Name   raw    `json:"name"`
	Type   string `json:"type"`
	Hidden bool   `json:"hidden,omitempty"`
	Doc    string `json:"doc,omitempty"`
}

func toColumns(cols []table.Column) []column {
	out := make([]column, len(cols))
	for i, c := range cols {
		out[i] = column{raw(c.Name), c.Type.String(), c.Hidden, c.Doc}
	}
	return out
}

func fromColumns(cols []column) ([]table.Column, error) {
	out := make([]table.Column, len(cols))
	for i, c := range cols {
		t, ok := table.TypeNamed(c.Type)
		if !ok {
			return nil, fmt.Errorf("the answer of the service has a column of type %q", c.Type)
		}
		out[i] = table.Column{Name: string(c.Name), Type: t, Hidden: c.Hidden, Doc: c.Doc}
	}
	return out, nil
}

// framer writes frames.
type framer struct{ w io.Writer }

func (f framer) frame(kind byte, payload []byte) error {
	var start [5]byte
	start[0] = kind
	binary.LittleEndian.PutUint32(start[1:], uint32(len(payload)))
	if _, err := f.w.Write(start[:]); err != nil {
		return err
	}
	_, err := f.w.Write(payload)
	return err
}

func (f framer) json(kind byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return f.frame(kind, b)
}

// Write sends a piece of an Arrow stream.
func (f framer) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), pieceSize)
		if err := f.frame(frameData, rest[:n]); err != nil {
			return 0, err
		}
		rest = rest[n:]
	}
	return len(p), nil
}

// unframer reads frames.
type unframer struct{ r *bufio.Reader }

// next reads the start of a frame.
func (u unframer) next() (kind byte, size int, err error) {
	var start [5]byte
	if _, err := io.ReadFull(u.r, start[:]); err != nil {
		return 0, 0, lost(err)
	}
	n := binary.LittleEndian.Uint32(start[1:])
	if n > maxFrame {
		return 0, 0, fmt.Errorf("the answer of the service cannot be read: a frame of %d bytes", n)
	}
	return start[0], int(n), nil
}

// payload reads what a frame holds.
func (u unframer) payload(size int) ([]byte, error) {
	b := make([]byte, size)
	if _, err := io.ReadFull(u.r, b); err != nil {
		return nil, lost(err)
	}
	return b, nil
}

func (u unframer) json(size int, into any) error {
	b, err := u.payload(size)
	if err == nil {
		if err = json.Unmarshal(b, into); err != nil {
			err = fmt.Errorf("the answer of the service cannot be read: %w", err)
		}
	}
	return err
}

// lost is ErrLost with why the connection broke. It does not wrap the end of
// the stream, which would pass for the end of a table.
func lost(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrLost
	}
	return fmt.Errorf("%w: %v", ErrLost, err)
}
