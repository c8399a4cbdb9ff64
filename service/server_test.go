package service

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark"
	"tidemark/output"
	"tidemark/parser"
	"tidemark/table"
)

// slow is a database whose answers never end by themselves: after so many
// records they fail, or wait until they are given up.
type slow struct {
	Database
	records int
	err     error         // nil waits
	waits   chan struct{} // is closed when it waits
	ended   chan error    // gets why the waiting ended
}

func (s *slow) Query(context.Context, Question) (Result, error) { return &slowResult{s}, nil }

type slowResult struct{ *slow }

func (r *slowResult) Warnings() parser.Errors { return nil }
func (r *slowResult) Tables() []Table         { return []Table{&slowTable{slow: r.slow}} }
func (r *slowResult) Stats() tidemark.Stats   { return tidemark.Stats{} }
func (r *slowResult) Close() error            { return nil }

type slowTable struct {
	*slow
	n int
}

func (t *slowTable) Name() string             { return "T" }
func (t *slowTable) Columns() []table.Column  { return []table.Column{{Name: "n", Type: table.Long}} }
func (t *slowTable) Render() *tidemark.Render { return nil }
func (t *slowTable) Next(ctx context.Context) (arrow.Record, error) {
	if t.n < t.records {
		t.n++
		return output.Rows("T", t.Columns(), [][]any{{int64(t.n)}}).Next(ctx)
	}
	if t.err != nil {
		return nil, t.err
	}
	close(t.waits)
	<-ctx.Done()
	t.ended <- ctx.Err()
	return nil, ctx.Err()
}

func waiting(records int) *slow {
	return &slow{records: records, waits: make(chan struct{}), ended: make(chan error, 1)}
}

// What fails in the middle comes with the rows before it, as what it was.
func TestFailureInTheMiddle(t *testing.T) {
	for _, want := range []error{tidemark.ErrCorrupt, context.DeadlineExceeded, parser.Errors{{Msg: "wrong", Span: parser.Span{Start: 3, End: 5}, Code: "KS1", Hint: "right"}}, errors.New("no more memory")} {
		c := serve(t, &slow{records: 2, err: want})
		a, err := answer(t.Context(), c, Question{})
		var es parser.Errors
		if known := errors.Is(err, tidemark.ErrCorrupt) || errors.Is(err, context.DeadlineExceeded); err == nil || err.Error() != want.Error() ||
			known != (errors.Is(want, tidemark.ErrCorrupt) || errors.Is(want, context.DeadlineExceeded)) {
			t.Errorf("%v comes as %v", want, err)
		}
		if errors.As(want, &es) && (!errors.As(err, &es) || es[0].Hint != "right" || es[0].Span.End != 5) {
			t.Errorf("%v comes as %#v", want, err)
		}
		if len(a.tables) != 1 {
			t.Errorf("%+v", a)
		}
	}
}

// Who gives a question up ends it in the service.
func TestCancel(t *testing.T) {
	db := waiting(3)
	c := serve(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-db.waits
		cancel()
	}()
	if _, err := answer(ctx, c, Question{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := <-db.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("in the service: %v", err)
	}
}

// Who closes a result does, too.
func TestClose(t *testing.T) {
	db := waiting(1)
	c := serve(t, db)
	res, err := c.Query(t.Context(), Question{})
	if err != nil {
		t.Fatal(err)
	}
	if rec, err := res.Tables()[0].Next(t.Context()); err != nil || rec.NumRows() != 1 {
		t.Errorf("%v, %v", rec, err)
	}
	<-db.waits
	res.Close()
	if err := <-db.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("in the service: %v", err)
	}
}

// stopOnce serves a database until asked says that it is at work.
func stopOnce(t *testing.T, db Database, asked <-chan struct{}) (c *Client, stopped <-chan struct{}) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	stop, err := Serve(path, Handler(db))
	if err != nil {
		t.Fatal(err)
	}
	if c, err = Dial(path); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		<-asked
		stop()
		close(done)
	}()
	return c, done
}

// A service that ends lets a question go on for a while and then gives it up.
func TestEnding(t *testing.T) {
	defer func(was time.Duration) { endTime = was }(endTime)
	endTime = 50 * time.Millisecond
	db := waiting(1)
	c, stopped := stopOnce(t, db, db.waits)
	if _, err := answer(t.Context(), c, Question{}); !errors.Is(err, ErrEnding) {
		t.Errorf("%v", err)
	}
	<-stopped
	if _, err := answer(t.Context(), c, Question{}); !errors.Is(err, ErrNobody) {
		t.Errorf("afterwards: %v", err)
	}
}

// stubborn is a question that does not end when it is given up.
type stubborn struct {
	Database
	asked, over chan struct{}
}

func (s stubborn) Functions(context.Context) ([]string, error) {
	close(s.asked)
	<-s.over
	return nil, nil
}

// The socket ends when nobody asks the database any more, and not before.
func TestStubborn(t *testing.T) {
	defer func(was time.Duration) { endTime = was }(endTime)
	endTime = 10 * time.Millisecond
	db := stubborn{asked: make(chan struct{}), over: make(chan struct{})}
	c, stopped := stopOnce(t, db, db.asked)
	if _, err := c.Functions(t.Context()); !errors.Is(err, ErrLost) {
		t.Errorf("%v", err)
	}
	select {
	case <-stopped:
		t.Error("the service has ended while it is asked")
	default:
	}
	close(db.over)
	<-stopped
}

// Rows that are of no use are not sent, and the next table comes.
func TestEnough(t *testing.T) {
	c := serve(t, &slow{records: 100, err: errors.New("asked for more")})
	if _, err := answer(t.Context(), c, Question{Enough: 5}); err != nil {
		t.Error(err)
	}
	db := serve(t, Local(stored(t)))
	a, err := answer(t.Context(), db, Question{Text: "range n from 1 to 100000000000 step 1; print 7", Enough: 5})
	if err != nil || len(a.rows[0]) <= 5 || len(a.rows[1]) != 1 || a.rows[1][0] != "7|" {
		t.Errorf("%+v, %v", shorten(a), err)
	}
}

// A table need not be read to its end to come to the next one.
func TestSkip(t *testing.T) {
	c := serve(t, Local(stored(t)))
	res, err := c.Query(t.Context(), Question{Text: "range n from 1 to 50000 step 1; print 7; Kept"})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	tables := res.Tables()
	if _, err := tables[0].Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	rec, err := tables[1].Next(t.Context())
	if err != nil || strings.Join(exact(rec, tables[1].Columns()), "") != "7|" {
		t.Errorf("%v, %v", rec, err)
	}
	if _, err := tables[0].Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("a table that was passed over gives %v", err)
	}
	if _, err := tables[2].Next(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	if _, err := Dial(path); !errors.Is(err, ErrNobody) {
		t.Errorf("no socket: %v", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil { // as dead as that of a service that was killed
		t.Fatal(err)
	}
	if _, err := Dial(path); !errors.Is(err, ErrNobody) {
		t.Errorf("a dead socket: %v", err)
	}
	stop, err := Serve(path, Handler(Local(stored(t))))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Tables(t.Context()); err != nil {
		t.Error(err)
	}
	stop()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
	if _, err := c.Tables(t.Context()); !errors.Is(err, ErrNobody) {
		t.Errorf("afterwards: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	c := serve(t, Local(stored(t)))
	if _, err := c.Query(t.Context(), Question{Text: strings.Repeat(" ", maxRequest)}); err == nil || !strings.Contains(err.Error(), "up to 16 MiB") {
		t.Errorf("too long: %v", err)
	}
	if err := c.Ask(t.Context(), "/weather", "tomorrow", new(string)); err == nil || !strings.Contains(err.Error(), "cannot answer this: 404") {
		t.Errorf("unknown: %v", err)
	}
	if err := c.Ask(t.Context(), "/query", 7, new(string)); err == nil || !strings.Contains(err.Error(), "cannot read the question") {
		t.Errorf("another type: %v", err)
	}
}
