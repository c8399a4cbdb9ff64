package main

import (
	"context"
	"errors"
	"io"
	"time"

	"tidemark"
)

// worker holds the database between requests.
type worker struct {
	db      *tidemark.DB
	dir     string
	threads int
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// open times the way to the first answer.
func (w *worker) open(ctx context.Context, r request) (answer, error) {
	start := time.Now()
	w.dir, w.threads = r.DB, r.Threads
	if err := w.reopen(); err != nil {
		return nil, err
	}
	if _, _, err := w.run(ctx, "print 1"); err != nil {
		return nil, err
	}
	return answer{"ms": ms(time.Since(start))}, nil
}

// reopen opens the database for reading with the number of threads set.
func (w *worker) reopen() error {
	if w.db != nil {
		if err := w.db.Close(); err != nil {
			return err
		}
		w.db = nil
	}
	db, err := tidemark.Open(w.dir, tidemark.ReadOnly(), tidemark.SoftMemory(tidemark.DefaultSoftMemory), tidemark.Threads(w.threads))
	if err == nil {
		w.db = db
	}
	return err
}

// setThreads opens the database again: the number of threads is fixed when it
// is opened.
func (w *worker) setThreads(_ context.Context, r request) (answer, error) {
	w.threads = r.N
	return nil, w.reopen()
}

// query makes the whole answer in the engine's own columns.
func (w *worker) query(ctx context.Context, r request) (answer, error) {
	start, cpu := time.Now(), cpuTime()
	rows, bytes, err := w.run(ctx, r.Text)
	if err != nil {
		return nil, err
	}
	return answer{"ms": ms(time.Since(start)), "cpu_ms": ms(cpuTime() - cpu), "rows": rows, "bytes_read": bytes}, nil
}

var errClosed = errors.New("no database is open")

func (w *worker) run(ctx context.Context, text string) (rows, bytes int64, err error) {
	if w.db == nil {
		return 0, 0, errClosed
	}
	result, err := w.db.Query(ctx, text)
	if err != nil {
		return 0, 0, err
	}
	defer result.Close()
	for _, t := range result.Tables() {
		for {
			rec, err := t.Next(ctx)
			if err == io.EOF {
				break
			}
			if err != nil {
				return 0, 0, err
			}
			rows += rec.NumRows()
		}
	}
	return rows, result.Stats().BytesRead, nil
}

// answer makes the checksum that answers of engines are compared by.
func (w *worker) answer(ctx context.Context, r request) (answer, error) {
	if w.db == nil {
		return nil, errClosed
	}
	result, err := w.db.Query(ctx, r.Text)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	t := result.Tables()[0]
	sum := newChecksum(t.Columns(), r.Ordered, r.Drop)
	for row, err := range t.Rows(ctx) {
		if err != nil {
			return nil, err
		}
		if err := sum.add(row); err != nil {
			return nil, err
		}
	}
	return sum.answer(), nil
}

func (w *worker) size(context.Context, request) (answer, error) { return nil, nil }

func (w *worker) close(context.Context, request) (answer, error) {
	if w.db == nil {
		return nil, nil
	}
	return nil, w.db.Close()
}
