package storage

import (
	"context"
	"errors"
	"slices"
	"testing"

	"tidemark/table"
)

// TestReclaim drops a table and reclaims space, while the rows of another are
// not harmed. How much comes back is up to badger, so that is logged only.
func TestReclaim(t *testing.T) {
	dir := t.TempDir()
	o := Options{Create: true, DiskReserve: -1}
	s := open(t, dir, o)
	for _, name := range []string{"Keep", "Drop"} {
		if err := s.CreateTable(name, crashSchema); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 8 {
		rec := crashRecord(29*i + 11) // 2.4 MB each
		name := "Drop"
		if i == 3 {
			name = "Keep"
		}
		if err := s.Commit(context.Background(), &table.Batch{Parts: []table.Part{{Table: name, Rows: rec}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.Seal(context.Background()), s.DropTable("Drop")); err != nil {
		t.Fatal(err)
	}
	want := readAll(t, s, "Keep")
	for range 2 {
		if err := errors.Join(s.Reclaim(context.Background()), s.Close()); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d KB on disk", diskUsage(dir)>>10)
		s = open(t, dir, o)
	}
	defer s.Close()
	if got := readAll(t, s, "Keep"); !slices.Equal(got, want) {
		t.Error("rows differ")
	}
	check(t, s)
}
