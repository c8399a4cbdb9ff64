package storage

import (
	"context"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidemark/table"
)

// TestFormerVersion: a database of version 1 is read as it is, and raised to
// this one when it is opened for writing.
func TestFormerVersion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, Options{Create: true, DiskReserve: -1})
	s.wholeChunks = true
	if err := s.CreateTable("T", testSchema); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewSource(8))
	var rows []map[string]any
	for i := range 6000 {
		rows = append(rows, randomRow(r, int64(table.FromUnix(1_750_000_000+int64(i), 0))))
	}
	commit(t, s, "T", rows...)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	tt, _ := s.lookup("T")
	for _, c := range tt.current.Load().extents[0].cols {
		if c != nil && c.parts != nil {
			t.Fatal("the extent is not one of version 1")
		}
	}
	want := readAll(t, s, "T")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	meta := filepath.Join(dir, metaFile)
	b, _ := os.ReadFile(meta)
	if err := os.WriteFile(meta, []byte(strings.Replace(string(b), `"format": 3`, `"format": 1`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		o      Options
		format string
	}{{Options{ReadOnly: true}, `"format": 1`}, {Options{DiskReserve: -1}, `"format": 3`}, {Options{ReadOnly: true}, `"format": 3`}} {
		s := open(t, dir, c.o)
		if got := readAll(t, s, "T"); !slices.Equal(got, want) {
			t.Errorf("%+v: %d rows, want %d", c.o, len(got), len(want))
		}
		if _, err := s.Verify(context.Background(), func(p Problem) { t.Errorf("%+v: %v", c.o, p.Err) }); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if b, _ := os.ReadFile(meta); !strings.Contains(string(b), c.format) {
			t.Errorf("%+v leaves %s", c.o, b)
		}
	}
}
