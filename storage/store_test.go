package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/dgraph-io/badger/v4"

	"tidemark/table"
)

func commit(t testing.TB, s *Store, name string, rows ...map[string]any) {
	t.Helper()
	err := s.Commit(context.Background(), &table.Batch{Parts: []table.Part{{Table: name, Rows: record(testSchema, testSchema.Names(), rows, false)}}})
	if err != nil {
		t.Fatal(err)
	}
}

func newStore(t testing.TB, o Options) *Store {
	t.Helper()
	o.Create, o.DiskReserve = true, -1
	s := open(t, t.TempDir(), o)
	t.Cleanup(func() { s.Close() })
	if err := s.CreateTable("T", testSchema); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOpenErrors(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	os.MkdirAll(dir, 0o700)
	os.WriteFile(filepath.Join(dir, "letter.txt"), nil, 0o600)
	if _, err := Open(dir, Options{Create: true}); err == nil {
		t.Error("a directory with other files was made a database")
	}
	os.Remove(filepath.Join(dir, "letter.txt"))
	s := open(t, dir, Options{Create: true})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(context.Background(), &table.Batch{}); !errors.Is(err, ErrClosed) {
		t.Errorf("commit after close: %v", err)
	}
	meta := filepath.Join(dir, metaFile)
	b, _ := os.ReadFile(meta)
	os.WriteFile(meta, []byte(strings.Replace(string(b), fmt.Sprintf(`"format": %d`, formatVersion), `"format": 99`, 1)), 0o600)
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrVersion) {
		t.Errorf("version: %v", err)
	}
	os.WriteFile(meta, []byte("{"), 0o600)
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("broken description: %v", err)
	}
}

func TestReadOnly(t *testing.T) {
	s := newStore(t, Options{})
	commit(t, s, "T", map[string]any{"Computer": "a"})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r := open(t, s.dir, Options{ReadOnly: true})
	defer r.Close()
	r2 := open(t, s.dir, Options{ReadOnly: true})
	defer r2.Close()
	if got := readAll(t, r, "T"); len(got) != 1 {
		t.Errorf("rows %q", got)
	}
	check(t, r)
	if err := r.Commit(context.Background(), &table.Batch{}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("commit: %v", err)
	}
	if err := r.CreateTable("U", testSchema); !errors.Is(err, ErrReadOnly) {
		t.Errorf("create: %v", err)
	}
}

func TestRefusedBatches(t *testing.T) {
	s := newStore(t, Options{})
	good := record(testSchema, testSchema.Names(), []map[string]any{{"Computer": "a"}}, false)
	for name, part := range map[string]table.Part{
		"unknown table":  {Table: "t", Rows: good},
		"unknown column": {Table: "T", Rows: record(table.MustSchema(table.Column{Name: "computer", Type: table.String}), []string{"computer"}, []map[string]any{{"computer": "x"}}, false)},
		"wrong layout":   {Table: "T", Rows: record(table.MustSchema(table.Column{Name: "Size", Type: table.String}), []string{"Size"}, []map[string]any{{"Size": "x"}}, true)},
		"reserved":       {Table: "T", Rows: record(table.MustSchema(table.Column{Name: IngestionTime, Type: table.Datetime}), []string{IngestionTime}, []map[string]any{{IngestionTime: int64(5)}}, false)},
	} {
		err := s.Commit(context.Background(), &table.Batch{Parts: []table.Part{{Table: "T", Rows: good}, part}, Marks: map[string][]byte{"m": {1}}})
		if err == nil {
			t.Errorf("%s: committed", name)
		}
	}
	if m, err := s.Mark("m"); m != nil || err != nil {
		t.Errorf("mark %q, %v", m, err)
	}
	if got := readAll(t, s, "T"); len(got) != 0 {
		t.Errorf("rows of refused batches: %q", got)
	}
	commit(t, s, "T", map[string]any{"Computer": "a"}) // refusals do no harm
	check(t, s)
}

func TestMarks(t *testing.T) {
	s := newStore(t, Options{})
	set := func(m map[string][]byte) {
		if err := s.Commit(context.Background(), &table.Batch{Marks: m}); err != nil {
			t.Fatal(err)
		}
	}
	set(map[string][]byte{"a": []byte("1"), "empty": {}, "": []byte("no name")})
	if b, _ := s.Mark("empty"); b == nil || len(b) > 0 {
		t.Errorf("empty mark: %v", b)
	}
	if b, _ := s.Mark(""); string(b) != "no name" {
		t.Errorf("mark without a name: %q", b)
	}
	set(map[string][]byte{"a": nil})
	if b, _ := s.Mark("a"); b != nil {
		t.Errorf("deleted mark: %q", b)
	}
}

func TestAddColumns(t *testing.T) {
	s := newStore(t, Options{})
	commit(t, s, "T", map[string]any{"Computer": "a"})
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	commit(t, s, "T", map[string]any{"Computer": "b"})
	old, _ := s.Table("T")
	if err := s.AddColumns("T", table.Column{Name: "Who", Type: table.String}, table.Column{Name: "N", Type: table.Long, Hidden: true, Doc: "how many"}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddColumns("T", table.Column{Name: "Who", Type: table.String}); err == nil {
		t.Error("the same column was added twice")
	}
	wide := table.MustSchema(append(slices.Clone(testSchema.Columns()), table.Column{Name: "Who", Type: table.String}, table.Column{Name: "N", Type: table.Long})...)
	err := s.Commit(context.Background(), &table.Batch{Parts: []table.Part{{Table: "T", Rows: record(wide, []string{"Computer", "Who", "N"}, []map[string]any{{"Computer": "c", "Who": "me", "N": int64(7)}}, false)}}})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		got := readAll(t, s, "T")
		if len(got) != 3 || !strings.HasSuffix(got[0], "||<nil>|") || !strings.HasSuffix(got[1], "||<nil>|") || !strings.HasSuffix(got[2], "|me|7|") {
			t.Fatalf("rows %q", got)
		}
		if err := s.Seal(context.Background()); err != nil { // all three together
			t.Fatal(err)
		}
		s.Close()
		s = open(t, s.dir, Options{})
		defer s.Close()
	}
	src, _ := s.Table("T")
	if c := src.Schema().Column(8); c.Name != "N" || !c.Hidden || c.Doc != "how many" {
		t.Errorf("column %+v", c)
	}
	if old.Schema().Len() != testSchema.Len()+1 {
		t.Error("a schema changed in use")
	}
	check(t, s)
}

// TestIngestionTime: the hidden column rises, also when the clock does not.
func TestIngestionTime(t *testing.T) {
	now := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	s := newStore(t, Options{Now: func() time.Time { return now }})
	for i, step := range []time.Duration{0, time.Hour, -2 * time.Hour, 3 * time.Hour} {
		now = now.Add(step)
		commit(t, s, "T", map[string]any{"Size": int64(i)}, map[string]any{"Size": int64(i)})
		if i == 2 {
			s.Seal(context.Background())
		}
	}
	src, _ := s.Table("T")
	last := src.Schema().Len() - 1
	if c := src.Schema().Column(last); c.Name != IngestionTime || !c.Hidden || c.Type != table.Datetime {
		t.Fatalf("column %+v", c)
	}
	sc, err := src.Scan(context.Background(), table.Request{Columns: []int{0, 1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	defer sc.Close()
	var got []string
	for {
		b, err := sc.Next(context.Background())
		if err == io.EOF {
			break
		}
		a, err := b.Column(last, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range a.Len() {
			got = append(got, table.Time(a.(*array.Int64).Value(i)).Go().Format("15"))
		}
	}
	if want := "12 12 13 13 13 13 14 14"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// TestScanWhileSealing: a scan goes on over what it saw when it began, while
// the tail is sealed and the table dropped.
func TestScanWhileSealing(t *testing.T) {
	s := newStore(t, Options{BlockRows: 10, CacheBytes: -1})
	for i := range 30 {
		commit(t, s, "T", map[string]any{"Size": int64(i), "Path": fmt.Sprint("p", i)}, map[string]any{"Size": int64(i)})
		if i == 15 {
			s.Seal(context.Background())
		}
	}
	src, _ := s.Table("T")
	sc, err := src.Scan(context.Background(), table.Request{Columns: []int{0, 1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.DropTable("T"); err != nil {
		t.Fatal(err)
	}
	if err := s.collect(); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for {
		b, err := sc.Next(context.Background())
		if err == io.EOF {
			break
		}
		for i := range testSchema.Len() {
			if _, err := b.Column(i, []int32{0}); err != nil {
				t.Fatal(err)
			}
		}
		rows += b.Rows()
	}
	if rows != 60 {
		t.Errorf("%d rows, want 60", rows)
	}
	if _, err := src.Scan(context.Background(), table.Request{Columns: []int{0, 1, 2, 3}}); !errors.Is(err, ErrNoTable) {
		t.Errorf("scan of a dropped table: %v", err)
	}
	sc.Close()
	if err := s.collect(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []byte{kindChunk, kindTail, kindTailData, kindManifest, kindHead} {
		if n, _ := count(s.db, newKey(kind)); n != 0 {
			t.Errorf("%d keys of kind %c are left", n, kind)
		}
	}
	check(t, s)
}

// TestConcurrent commits from many goroutines while others scan.
func TestConcurrent(t *testing.T) {
	s := newStore(t, Options{SealRows: 300, BlockRows: 50})
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			for i := range 40 {
				rec := record(testSchema, testSchema.Names(), []map[string]any{{"Size": int64(w), "Computer": fmt.Sprint(i)}, {"Size": int64(w)}}, false)
				if err := s.Commit(context.Background(), &table.Batch{Parts: []table.Part{{Table: "T", Rows: rec}}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			last := 0
			for range 30 {
				rows, err := readRows(s, "T")
				if err != nil || len(rows) < last || len(rows)%2 != 0 {
					t.Errorf("%d rows after %d, %v", len(rows), last, err)
				}
				last = len(rows)
			}
		})
	}
	wg.Wait()
	if got := readAll(t, s, "T"); len(got) != 480 {
		t.Errorf("%d rows", len(got))
	}
	v, _ := s.tables["T"].view()
	if len(v.tail) > 200 {
		t.Errorf("tail of %d entries was not folded", len(v.tail))
	}
	check(t, s)
}

func TestGroupCommitAndContext(t *testing.T) {
	s := newStore(t, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	rec := record(testSchema, []string{"Size"}, []map[string]any{{"Size": int64(1)}}, false)
	if err := s.Commit(ctx, &table.Batch{Parts: []table.Part{{Table: "T", Rows: rec}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if got := readAll(t, s, "T"); len(got) != 0 {
		t.Errorf("rows %q", got)
	}
}

// TestFailed: after an error of badger nothing more is written.
func TestFailed(t *testing.T) {
	s := newStore(t, Options{})
	commit(t, s, "T", map[string]any{"Size": int64(1)})
	s.fail(badger.ErrBlockedWrites)
	rec := record(testSchema, []string{"Size"}, []map[string]any{{"Size": int64(1)}}, false)
	if err := s.Commit(context.Background(), &table.Batch{Parts: []table.Part{{Table: "T", Rows: rec}}}); !errors.Is(err, ErrFailed) || !errors.Is(err, badger.ErrBlockedWrites) {
		t.Errorf("commit: %v", err)
	}
	if got := readAll(t, s, "T"); len(got) != 1 {
		t.Errorf("rows %q", got)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s = open(t, s.dir, Options{DiskReserve: -1})
	defer s.Close()
	commit(t, s, "T", map[string]any{"Size": int64(2)})
}

func TestDiskReserve(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{Create: true, DiskReserve: 1 << 60})
	defer s.Close()
	if err := s.CreateTable("T", testSchema); !errors.Is(err, ErrDiskSpace) {
		t.Errorf("create: %v", err)
	}
	if err := s.Commit(context.Background(), &table.Batch{}); !errors.Is(err, ErrDiskSpace) {
		t.Errorf("commit: %v", err)
	}
}

func TestStats(t *testing.T) {
	s := newStore(t, Options{})
	a, b := int64(table.FromUnix(1_750_000_000, 0)), int64(table.FromUnix(1_750_000_100, 0))
	commit(t, s, "T", map[string]any{"TimeGenerated": b}, map[string]any{"TimeGenerated": nil})
	s.Seal(context.Background())
	commit(t, s, "T", map[string]any{"TimeGenerated": a})
	st, err := s.Stats("T")
	if err != nil || st.Rows != 3 || st.Extents != 1 || st.TailRows != 1 || int64(st.MinTime) != a || int64(st.MaxTime) != b || st.Bytes == 0 {
		t.Errorf("%+v, %v", st, err)
	}
}
