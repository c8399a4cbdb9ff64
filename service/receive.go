package service

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/ipc"

	"tidemark"
	"tidemark/parser"
	"tidemark/table"
)

// received is a result that comes as frames.
type received struct {
	ctx      context.Context
	in       unframer
	close    func() error
	warnings parser.Errors
	tables   []*receivedTable
	stats    tidemark.Stats

	reading int   // the table whose frames come next
	left    int   // bytes of the data frame that is being read
	err     error // what ended the answer; io.EOF where it is whole
}

// receive reads the head of an answer.
func receive(ctx context.Context, r io.Reader, close func() error) (*received, error) {
	res := &received{ctx: ctx, in: unframer{bufio.NewReaderSize(r, pieceSize)}, close: close}
	kind, size, err := res.in.next()
	if err != nil {
		return nil, res.fail(err)
	}
	switch kind {
	case frameFailure:
		return nil, res.failure(size)
	case frameHead:
	default:
		return nil, unexpected(kind)
	}
	var h head
	if err := res.in.json(size, &h); err != nil {
		return nil, res.fail(err)
	}
	res.warnings = h.Warnings
	for i, t := range h.Tables {
		cols, err := fromColumns(t.Columns)
		if err != nil {
			return nil, err
		}
		res.tables = append(res.tables, &receivedTable{of: res, place: i, name: string(t.Name), cols: cols, render: t.Render})
	}
	return res, res.finish()
}

func (r *received) Warnings() parser.Errors { return r.warnings }
func (r *received) Stats() tidemark.Stats   { return r.stats }
func (r *received) Close() error            { return r.close() }

func (r *received) Tables() []Table {
	var out []Table
	for _, t := range r.tables {
		out = append(out, t)
	}
	return out
}

// fail remembers what ended the answer. What a cancelled question ended with
// is the cancellation.
func (r *received) fail(err error) error {
	if r.ctx.Err() != nil {
		err = r.ctx.Err()
	}
	r.err = err
	return err
}

func (r *received) failure(size int) error {
	var f failure
	if err := r.in.json(size, &f); err != nil {
		return r.fail(err)
	}
	return r.fail(f.err())
}

func unexpected(kind byte) error {
	return fmt.Errorf("the answer of the service cannot be read: a frame of kind %q", kind)
}

// Read reads the Arrow stream of the table whose turn it is, up to its end.
func (r *received) Read(p []byte) (int, error) {
	for r.err == nil && r.left == 0 {
		kind, size, err := r.in.next()
		if err != nil {
			return 0, r.fail(err)
		}
		switch kind {
		case frameData:
			r.left = size
		case frameStats:
			if err := r.in.json(size, &r.stats); err != nil {
				return 0, r.fail(err)
			}
		case frameTable:
			r.reading++
			if err := r.finish(); err != nil {
				return 0, err
			}
			return 0, io.EOF
		case frameFailure:
			return 0, r.failure(size)
		default:
			return 0, r.fail(unexpected(kind))
		}
	}
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.in.r.Read(p[:min(len(p), r.left)])
	r.left -= n
	if err != nil {
		err = r.fail(lost(err))
	}
	return n, err
}

// finish reads the end of the answer behind the last table.
func (r *received) finish() error {
	if r.reading < len(r.tables) {
		return nil
	}
	kind, size, err := r.in.next()
	switch {
	case err != nil:
		return r.fail(err)
	case kind == frameFailure:
		return r.failure(size)
	case kind != frameEnd:
		return r.fail(unexpected(kind))
	}
	if err := r.in.json(size, &r.stats); err != nil {
		return r.fail(err)
	}
	r.err = io.EOF
	return nil
}

// skipTo passes over what is left of the tables before one.
func (r *received) skipTo(place int) error {
	for r.reading < place {
		if _, err := io.Copy(io.Discard, r); err != nil {
			return err
		}
	}
	return nil
}

// receivedTable is a table of a received result.
type receivedTable struct {
	of     *received
	place  int
	name   string
	cols   []table.Column
	render *tidemark.Render
	rows   *ipc.Reader
}

func (t *receivedTable) Name() string             { return t.name }
func (t *receivedTable) Columns() []table.Column  { return t.cols }
func (t *receivedTable) Render() *tidemark.Render { return t.render }

// Next returns the next rows. The context is that of the question: it cannot
// be another one in the middle of the answer.
func (t *receivedTable) Next(context.Context) (arrow.Record, error) {
	r := t.of
	if err := r.skipTo(t.place); err != nil {
		return nil, err
	}
	if r.reading > t.place {
		return nil, io.EOF
	}
	if t.rows == nil {
		rows, err := ipc.NewReader(r, ipc.WithSchema(layout(t.cols)))
		if err != nil {
			return nil, t.broken(err)
		}
		t.rows = rows
	}
	if t.rows.Next() {
		rec := t.rows.Record()
		rec.Retain() // the reader takes back what it gave; the garbage collector knows better
		return rec, nil
	}
	if err := t.rows.Err(); err != nil && !errors.Is(err, io.EOF) {
		return nil, t.broken(err)
	}
	if err := r.skipTo(t.place + 1); err != nil {
		return nil, err
	}
	return nil, io.EOF
}

// broken is why an Arrow stream could not be read.
func (t *receivedTable) broken(err error) error {
	if r := t.of; r.err == nil || errors.Is(r.err, io.EOF) {
		r.fail(fmt.Errorf("the answer of the service cannot be read: %v", err))
	}
	return t.of.err
}
