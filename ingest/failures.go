package ingest

import (
	"context"
	"fmt"

	"tidemark/internal/dyn"
	"tidemark/table"
)

// failures puts rejected records into _IngestionFailures, with the batch whose
// records they stood among. So that a flood of them does not fill the
// database, so many of a load are kept an hour; a row says how many others
// there were.
type failures struct {
	most  int64
	hour  table.Time // begin of the one that is counted
	kept  int64
	left  int64 // not kept, and not told yet
	total int64 // not kept, in all
}

const failuresAnHour = 10000 // kept where the options do not say

// failuresLeftOut is the class of rows that tell of failures not kept.
const failuresLeftOut = "left out"

// add adds rows for records that were rejected, to be stored with w's.
func (f *failures) add(w *writer, format string) {
	if f.most < 0 {
		f.left, f.total = 0, f.total+int64(len(w.rejects))
		return
	}
	for i := range w.rejects {
		if w.now-f.hour >= table.Time(table.Hour) || f.hour == 0 {
			f.tell(w, format)
			f.hour, f.kept = w.now, 0
		}
		if f.kept >= f.most {
			f.left++
			f.total++
			continue
		}
		f.kept++
		f.row(w, &w.rejects[i], format, 1)
	}
}

// tell adds the row that says how many were left out.
func (f *failures) tell(w *writer, format string) {
	if f.left == 0 {
		return
	}
	f.row(w, &Reject{
		Source: w.options.Source, Class: failuresLeftOut,
		Reason: fmt.Sprintf("%d more records were rejected: of a load %d an hour are kept", f.left, f.most),
	}, format, f.left)
	f.left = 0
}

// row adds a row. A table of the user's own by this name gets what it has
// columns for.
func (f *failures) row(w *writer, r *Reject, format string, count int64) {
	out := w.failures()
	if out == nil {
		return
	}
	number := func(column string, v int64) {
		if i, ok := out.index[column]; ok && out.schema.Column(i).Type == table.Long {
			out.touch(i).setInt(out.n, v)
		}
	}
	text := func(column, v string) {
		if i, ok := out.index[column]; ok && out.schema.Column(i).Type == table.String {
			out.touch(i).setText(out.n, []byte(v))
		}
	}
	if r.Line > 0 {
		number("Line", r.Line)
		number("Offset", r.Offset)
	}
	number("Count", count)
	text("Source", r.Source)
	text("Format", format)
	text("Class", string(r.Class))
	text("Reason", r.Reason)
	text("RawRecord", r.Raw)
	text("TargetTable", w.options.Table)
	text("Computer", first(rejectedComputer(r.Raw), w.options.Computer))
	out.commit(&origin{now: w.now})
}

// rejectedComputer looks for the computer in a record of which not much is
// sure.
func rejectedComputer(raw string) string {
	fields, err := new(dyn.Splitter).Object([]byte(raw), nil)
	if err != nil && err != dyn.ErrIncomplete {
		return ""
	}
	for _, name := range []string{"Computer", "hostIdentifier", "hostname", "Hostname"} {
		if f := member(fields, name); f != nil && f.Kind == dyn.KindString {
			return string(f.Text)
		}
	}
	return ""
}

// failures returns the rows for _IngestionFailures, whatever table the options
// name; nil where the destination has no such table.
func (w *writer) failures() *rows {
	for _, r := range w.tables {
		if r.table == table.IngestionFailures {
			return r
		}
	}
	p, like := w.plans.get(table.IngestionFailures)
	if p == nil {
		return nil
	}
	r := newRows(p, like)
	w.tables = append(w.tables, r)
	return r
}

// endFailures stores what is to be told of failures when a load ends.
func (l *load) endFailures(ctx context.Context) error {
	if l.failures.left == 0 {
		return nil
	}
	w := &writer{env: l.env, now: table.FromGo(l.options.Now())}
	l.failures.tell(w, l.stats.Format)
	_, _, err := l.loader.commit(context.WithoutCancel(ctx), w, nil, map[string][]byte{}, func(map[string][]byte) error { return nil })
	return err
}
