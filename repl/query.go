package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark"
	"tidemark/output"
	"tidemark/parser"
	"tidemark/service"
)

// query runs a query and shows its results. While it runs, Ctrl-C stops it;
// where nobody types, that ends the loop, too.
func (s *session) query(ctx context.Context, text string) error {
	running, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	use := s.db.use
	if s.OpenForWriting != nil && tidemark.Writes(text) {
		use = func(f func(service.Database) error) error { return s.db.change(s.OpenForWriting, f) }
	}
	err := use(func(db service.Database) error { return s.show(running, db, text) })
	if err != nil && running.Err() != nil {
		s.failed = true
		if ctx.Err() != nil || !s.Interactive {
			return context.Canceled
		}
		fmt.Fprintln(s.Err, "interrupted")
		return nil
	}
	s.report(text, err)
	return nil
}

func (s *session) show(ctx context.Context, db service.Database, text string) error {
	q := service.Question{Text: text}
	if s.file == nil {
		q.Enough = s.limit
	}
	res, err := db.Query(ctx, q)
	if err != nil {
		return err
	}
	defer res.Close()
	s.diagnose(text, res.Warnings())
	cut, chart := false, ""
	w := s.writer()
	for _, t := range res.Tables() {
		l := &limited{Table: t, left: s.limit, all: q.Enough == 0}
		if _, err := output.Copy(ctx, w, l); err != nil {
			return err
		}
		cut = cut || l.cut
		if r := t.Render(); r != nil && r.Kind != "table" {
			chart = r.Kind
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if cut {
		s.note(fmt.Sprintf("only the first %s are shown; .rows all shows all", output.Plural(s.limit, "row")))
	}
	if s.Interactive && chart != "" {
		s.note(chart + " is shown as a table here")
	}
	if s.timer {
		s.note(timing(res.Stats()))
	}
	return nil
}

// list shows a table about the database.
func (s *session) list(ctx context.Context, make func(service.Database) (output.Table, error)) error {
	var t output.Table
	err := s.db.use(func(db service.Database) (err error) {
		t, err = make(db)
		return err
	})
	if err != nil {
		return err
	}
	w := s.writer()
	if _, err := output.Copy(ctx, w, t); err != nil {
		return err
	}
	return w.Close()
}

// writer writes a result to where results go now.
func (s *session) writer() output.Writer {
	if s.file != nil {
		return s.file.format.New(s.file.f, output.Options{})
	}
	return s.format.New(s.Out, s.Screen())
}

// timing says what a query took.
func timing(st tidemark.Stats) string {
	parts := []string{fmt.Sprintf("%.3f s", st.ElapsedMS/1000)}
	if st.ExtentsTotal > 0 {
		parts = append(parts, fmt.Sprintf("%s scanned in %s of %s", output.Plural(st.RowsScanned, "row"),
			output.Count(st.ExtentsScanned), output.Plural(st.ExtentsTotal, "extent")))
	} else if st.RowsScanned > 0 {
		parts = append(parts, output.Plural(st.RowsScanned, "row")+" scanned")
	}
	if n := st.Pruned.ExtentsByCount; n > 0 {
		parts = append(parts, output.Plural(n, "extent")+" counted")
	}
	if st.BytesRead > 0 {
		parts = append(parts, output.Bytes(st.BytesRead)+" read")
	}
	if st.PeakMemoryBytes > 0 {
		parts = append(parts, output.Bytes(st.PeakMemoryBytes)+" memory")
	}
	return strings.Join(parts, ", ")
}

// note says something beside the results, dim where that can be.
func (s *session) note(text string) {
	if s.Interactive && s.Screen().Color {
		text = "\x1b[2m" + text + "\x1b[0m"
	}
	fmt.Fprintln(s.Err, text)
}

// report says what went wrong, if anything.
func (s *session) report(text string, err error) {
	if err == nil {
		return
	}
	s.failed = true
	var es parser.Errors
	if errors.As(err, &es) {
		s.diagnose(text, es)
		return
	}
	fmt.Fprintln(s.Err, "error: "+output.CleanLines(err.Error()))
}

func (s *session) diagnose(text string, es parser.Errors) {
	for _, e := range es {
		io.WriteString(s.Err, output.CleanLines(e.Render(text, output.CleanWidth)))
	}
}

// limited is a table that ends after so many rows, and knows whether more
// would have come.
type limited struct {
	output.Table
	left int64 // rows
	all  bool  // no limit
	cut  bool
}

func (l *limited) Next(ctx context.Context) (arrow.Record, error) {
	if l.cut {
		return nil, io.EOF
	}
	rec, err := l.Table.Next(ctx)
	if err != nil || l.all {
		return rec, err
	}
	if n := rec.NumRows(); n > l.left {
		rec = rec.NewSlice(0, l.left)
		l.cut = true
	}
	l.left -= rec.NumRows()
	return rec, nil
}
