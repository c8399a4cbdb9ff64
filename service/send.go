package service

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/ipc"

	"tidemark/table"
)

// sliceRows is how many rows are sent at a time: what sorts or groups gives
// all its rows in one record.
const sliceRows = 16384

// sender writes an answer as frames. What went wrong with writing is kept
// apart from what went wrong with the query, which the client is told.
type sender struct {
	out   framer
	flush func() error
	res   Result
}

// send writes a result, or why there is none any more. flush is called where
// the reader should see what has been written. The error is that of w.
func send(ctx context.Context, w io.Writer, flush func() error, res Result, enough int64) error {
	s := &sender{framer{w}, flush, res}
	h := head{Warnings: res.Warnings()}
	for _, t := range res.Tables() {
		h.Tables = append(h.Tables, tableHead{raw(t.Name()), toColumns(t.Columns()), t.Render()})
	}
	if err := errors.Join(s.out.json(frameHead, h), flush()); err != nil {
		return err
	}
	for _, t := range res.Tables() {
		failed, err := s.table(ctx, t, enough)
		if err != nil {
			return err
		}
		if failed != nil {
			return s.out.json(frameFailure, toFailure(because(ctx, failed)))
		}
	}
	return s.out.json(frameEnd, res.Stats())
}

// table writes the rows of a table. Where they failed, the answer ends.
func (s *sender) table(ctx context.Context, t Table, enough int64) (failed, err error) {
	pieces := bufio.NewWriterSize(s.out, pieceSize)
	w := &rowWriter{ipc: ipc.NewWriter(pieces, ipc.WithSchema(layout(t.Columns()))), cols: t.Columns()}
	var rows int64
	for enough == 0 || rows <= enough {
		rec, failed := t.Next(ctx)
		if errors.Is(failed, io.EOF) {
			break
		}
		if failed != nil {
			return failed, nil
		}
		rows += rec.NumRows()
		if err := s.out.json(frameStats, s.res.Stats()); err != nil {
			return nil, err
		}
		if err := errors.Join(w.write(rec), pieces.Flush(), s.flush()); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(w.ipc.Close(), pieces.Flush()); err != nil {
		return nil, err
	}
	return nil, s.out.frame(frameTable, nil)
}

// layout is the Arrow schema of a table's rows on the wire.
func layout(cols []table.Column) *arrow.Schema {
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

// rowWriter writes records to an Arrow stream, in slices.
type rowWriter struct {
	ipc  *ipc.Writer
	cols []table.Column
}

func (w *rowWriter) write(rec arrow.Record) error {
	for from := int64(0); from < rec.NumRows(); from += sliceRows {
		if err := table.InHalves(rec.NewSlice(from, min(from+sliceRows, rec.NumRows())), w.slice); err != nil {
			return err
		}
	}
	return nil
}

// slice writes a few rows.
func (w *rowWriter) slice(rec arrow.Record) error {
	flat, err := table.Flat(rec, w.cols)
	if err != nil {
		return err
	}
	if err := w.ipc.Write(flat); err != nil {
		return fmt.Errorf("write arrow: %w", err)
	}
	return nil
}
