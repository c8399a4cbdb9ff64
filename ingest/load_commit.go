package ingest

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"tidemark/table"
)

// commit stores the rows of a job and counts them. Lists that do not fit into a
// batch go ahead, the rest comes together in the last.
func (l *load) commit(ctx context.Context, j *job, reuse func(*chunk)) error {
	w := j.rows
	var next position
	var keys []string
	var err error
	if l.place != nil {
		if next, keys, err = l.place.advance(j.chunk, j.upTo); err != nil {
			return err
		}
		reuse(j.chunk)
	}
	decoded, fed := w.tables, w.fed()
	for last := false; !last; {
		w.tables = nil
		b, dropped, err := l.loader.commit(ctx, w, keys, map[string][]byte{}, func(marks map[string][]byte) error {
			if err := l.compare(ctx, w, marks); err != nil {
				return err
			}
			if last = len(w.lists) == 0; !last {
				return nil
			}
			w.tables = append(decoded, w.tables...)
			slices.SortStableFunc(w.rejects, func(a, b Reject) int { return int(a.Line - b.Line) })
			given := w.rows()
			l.failures.add(w, l.stats.Format)
			if l.place == nil {
				return nil
			}
			next.fed(w.epochs, fed)
			next.Rows += int64(given)
			next.Rejected += int64(len(w.rejects))
			next.At = l.options.Now()
			return l.place.mark(l.loader, next, marks)
		})
		if err != nil {
			return err
		}
		if len(b.Parts) > 0 || len(b.Marks) > 0 {
			l.stats.Batches++
		}
		for _, p := range b.Parts {
			if p.Table != table.IngestionFailures {
				l.stats.RowsIn += p.Rows.NumRows()
				l.stats.Tables[p.Table] += p.Rows.NumRows()
			}
		}
		l.stats.RowsDuplicate += int64(dropped)
	}
	for _, r := range decoded {
		l.stats.RowsDuplicate += int64(r.skipped)
	}
	if l.place != nil {
		l.place.at, l.place.top = next, l.place.trail.top
	}
	for what, n := range w.passed {
		l.stats.Passed[what] += n
	}
	l.stats.BytesIn, l.stats.FileBytes = j.upTo.offset-l.from, l.read.Load()
	if err := l.rejected(w.rejects); err != nil {
		return err
	}
	if l.options.Progress != nil {
		l.options.Progress(l.stats.clone())
	}
	return nil
}

// compare compares the lists of w, or as many of them as fit into a batch, and
// takes them out of w. Lists may go ahead of the rest of their records: read
// again, they change nothing.
func (l *load) compare(ctx context.Context, w *writer, marks map[string][]byte) error {
	t := &tracker{dst: l.loader.dst}
	for len(w.lists) > 0 && t.size < marksAhead {
		n := w.lists[0]
		w.lists, w.line = w.lists[1:], n.line
		if err := t.compare(ctx, n, w, marks); err != nil {
			return err
		}
	}
	return nil
}

// rejected counts the rejected records and writes them where the caller wants
// them.
func (l *load) rejected(rejects []Reject) error {
	var out []byte
	for _, r := range rejects {
		l.stats.RowsRejected++
		l.stats.Reasons[r.Class]++
		if len(l.stats.Rejects) < keptRejects {
			l.stats.Rejects = append(l.stats.Rejects, r)
		}
		if l.options.Rejects != nil {
			out = r.appendJSON(out)
		}
	}
	if len(out) > 0 {
		if _, err := l.options.Rejects.Write(out); err != nil {
			return fmt.Errorf("write rejected records: %w", err)
		}
	}
	return nil
}

func appendInt(b []byte, v int64) []byte { return strconv.AppendInt(b, v, 10) }
