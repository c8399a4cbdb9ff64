package ingest

import (
	"bytes"
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

	"github.com/klauspost/compress/gzip"

	"tidemark/table"
)

// plainRows makes rows without EventIds from first on.
func plainRows(first, n int) string {
	var b strings.Builder
	for i := first; i < first+n; i++ {
		fmt.Fprintf(&b, `{"TimeGenerated":"2026-03-11T07:%02d:00Z","Computer":"web%02d","ConfigChangeType":"Files","FileSystemPath":"/f%d"}`+"\n", i%60, i%7, i)
	}
	return b.String()
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	z.Close()
	return b.String()
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// loadFile loads a file with a loader of its own, as another process would.
func (m *fake) loadFile(t testing.TB, path string, o Options) Stats {
	t.Helper()
	s, err := NewLoader(m).LoadFile(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// whole fails the test unless the paths /f0 to /f(n-1) are stored once each.
func (m *fake) whole(t testing.TB, n int) {
	t.Helper()
	got := m.paths()
	for i := range n {
		if path := fmt.Sprintf("/f%d", i); got[path] != 1 {
			t.Fatalf("%s is stored %d times", path, got[path])
		}
	}
	if len(got) != n {
		t.Fatalf("%d paths are stored, want %d", len(got), n)
	}
}

func TestFileAgain(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.jsonl")
	o := testOptions()
	o.BatchRows = 100
	m := newFake()
	expect := func(what, path string, in, duplicate int64) {
		t.Helper()
		if s := m.loadFile(t, path, o); s.RowsIn != in || s.RowsDuplicate != duplicate || s.RowsRejected != 0 {
			t.Fatalf("%s: %d in, %d there already, %d rejected", what, s.RowsIn, s.RowsDuplicate, s.RowsRejected)
		}
	}
	write(t, path, plainRows(0, 1000))
	expect("first", path, 1000, 0)
	expect("again", path, 0, 1000)
	write(t, path, plainRows(0, 1500))
	expect("grown", path, 500, 1000)
	write(t, filepath.Join(dir, "copy"), plainRows(0, 1500))
	expect("copy", filepath.Join(dir, "copy"), 0, 1500)
	write(t, filepath.Join(dir, "packed.gz"), gzipped(plainRows(0, 1700)))
	expect("packed and longer", filepath.Join(dir, "packed.gz"), 200, 1500)
	expect("packed again", filepath.Join(dir, "packed.gz"), 0, 1700)
	expect("shorter than what was packed", path, 1500, 0) // nobody knows its end
	m.batches = nil
	os.Rename(path, path+".1")
	write(t, path, plainRows(5000, 10))
	expect("renamed", path+".1", 0, 1500)
	expect("another under its name", path, 10, 0)
	o.Computer = "other"
	expect("for another computer", path, 10, 0)
	o.Again = true
	expect("by force", path, 10, 0)
	os.Remove(path)
	if _, err := NewLoader(m).LoadFile(t.Context(), path, o); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestFileBreaks breaks off loads of each of the formats at every batch, and
// goes on with another loader.
func TestFileBreaks(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	one := plainRows(0, 40)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"array.json":    "[" + strings.ReplaceAll(strings.TrimSpace(one), "\n", ",\n") + "]",
		"envelope.json": `{"records": [` + strings.ReplaceAll(strings.TrimSpace(one), "\n", ",") + `]}`,
		"query.json":    `{"tables":[{"columns":[{"name":"ConfigChangeType"},{"name":"FileSystemPath"}],"rows":[["Files","/a"],["Files","/b"],["Files","/c"]]}]}`,
		"rows.csv":      "ConfigChangeType,FileSystemPath\nFiles,/a\nFiles,\"/b\nc\"\n\nFiles,/d\n",
		"packed.gz":     gzipped(one),
		"long.jsonl":    one + strings.Repeat("x", MaxRecord+1000) + "\n" + plainRows(40, 5),
	} {
		path := filepath.Join(dir, name)
		write(t, path, text)
		files = append(files, path)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			o := testOptions()
			o.BatchRows, o.Format = 1, ""
			if f := formatOf(path); f != "" && strings.HasPrefix(path, "testdata") {
				o.Format = f
			}
			want, got := newFake(), newFake()
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			ws, err := Load(t.Context(), want, f, o)
			if err != nil {
				t.Skip(err)
			}
			refused, n := errors.New("refused"), 0
			got.refuse = func(*table.Batch) error {
				if n++; n%3 == 2 {
					return refused
				}
				return nil
			}
			var sum Stats
			for range 10000 {
				s, err := NewLoader(got).LoadFile(t.Context(), path, o)
				sum.RowsIn += s.RowsIn
				sum.RowsDuplicate = s.RowsDuplicate
				if err == nil {
					break
				}
				if !errors.Is(err, refused) {
					t.Fatal(err)
				}
			}
			if sum.RowsIn != ws.RowsIn {
				t.Errorf("%d rows, want %d", sum.RowsIn, ws.RowsIn)
			}
			for _, name := range []string{"ConfigurationChange", "ConfigurationData"} {
				if a, b := want.lines(name), got.lines(name); !slices.Equal(a, b) {
					t.Errorf("%s differs: %d rows, want %d", name, len(b), len(a))
				}
			}
		})
	}
}

// TestFileConcurrent loads the same text from several files at the same time,
// twice: when it is half as long, and when it is whole.
func TestFileConcurrent(t *testing.T) {
	dir := t.TempDir()
	m := newFake()
	l := NewLoader(m)
	o := testOptions()
	o.BatchRows = 100
	for _, n := range []int{1500, 3000} {
		text := plainRows(0, n)
		for i, content := range []string{text, text, gzipped(text)} {
			write(t, filepath.Join(dir, fmt.Sprint(i)), content)
		}
		var wg sync.WaitGroup
		for i := range 9 {
			wg.Go(func() {
				s, err := l.LoadFile(t.Context(), filepath.Join(dir, fmt.Sprint(i%3)), o)
				if err != nil || s.RowsIn+s.RowsDuplicate != int64(n) {
					t.Errorf("%+v: %v", s, err)
				}
			})
		}
		wg.Wait()
		m.whole(t, n)
	}
	if len(l.texts) > 0 || len(l.claims) > 0 {
		t.Errorf("left: %v %v", l.texts, l.claims)
	}
}

// TestFileAlike loads files that begin alike and differ behind.
func TestFileAlike(t *testing.T) {
	dir := t.TempDir()
	m := newFake()
	o := testOptions()
	head := plainRows(0, 2000)
	want := int64(0)
	for round := range 2 {
		for i := range 5 {
			path := filepath.Join(dir, fmt.Sprint(i))
			if round == 0 {
				write(t, path, head+plainRows(10000+100*i, 100))
			}
			s := m.loadFile(t, path, o)
			if want += s.RowsIn; round == 0 && s.RowsIn != 2100 || round == 1 && s.RowsIn != 0 {
				t.Errorf("round %d, file %d: %+v", round, i, s)
			}
		}
	}
	// Written anew in the same place, as long and with the same ends.
	path := filepath.Join(dir, "0")
	text, _ := os.ReadFile(path)
	write(t, path, strings.Replace(string(text), "/f1500", "/g1500", 1))
	os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour))
	if s := m.loadFile(t, path, o); s.RowsIn != 2100 {
		t.Errorf("changed in the middle: %+v", s)
	}
}
