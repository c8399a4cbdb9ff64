package storage

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidemark/table"
)

// TestFormerVersion: a database of a former version is read as it is, and
// raised to this one when it is opened for writing.
func TestFormerVersion(t *testing.T) {
	t.Parallel()
	t.Run("1", func(t *testing.T) {
		testFormer(t, 1, func(c *extentColumn) bool { return c.parts == nil })
	})
	t.Run("3", func(t *testing.T) {
		testFormer(t, 3, func(c *extentColumn) bool { return c.parts == nil || len(c.parts.pieces[partApart]) == 0 })
	})
	t.Run("4", func(t *testing.T) {
		testFormer(t, 4, func(c *extentColumn) bool { return c.parts == nil || !c.parts.follows })
	})
}

func testFormer(t *testing.T, version int, like func(*extentColumn) bool) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, Options{Create: true, DiskReserve: -1})
	s.former = version
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
		if c != nil && !like(c) {
			t.Fatalf("the extent is not one of version %d", version)
		}
	}
	want := readAll(t, s, "T")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	format := func(v int) string { return fmt.Sprintf(`"format": %d`, v) }
	meta := filepath.Join(dir, metaFile)
	b, _ := os.ReadFile(meta)
	if err := os.WriteFile(meta, []byte(strings.Replace(string(b), format(formatVersion), format(version), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		o      Options
		format int
	}{{Options{ReadOnly: true}, version}, {Options{DiskReserve: -1}, formatVersion}, {Options{ReadOnly: true}, formatVersion}} {
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
		if b, _ := os.ReadFile(meta); !strings.Contains(string(b), format(c.format)) {
			t.Errorf("%+v leaves %s", c.o, b)
		}
	}
}
