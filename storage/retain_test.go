package storage

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"tidemark/table"
)

// TestDropBefore: what was ingested before a time goes, from extents and tail;
// the sequence stays whole, and a scan that began before sees all.
func TestDropBefore(t *testing.T) {
	t.Parallel()
	var day atomic.Int64
	clock := func() time.Time { return time.Unix(1_750_000_000+86400*day.Load(), 0) }
	dir := t.TempDir()
	o := Options{Create: true, DiskReserve: -1, Now: clock, MergeRows: -1}
	s := open(t, dir, o)
	if err := s.CreateTable("T", testSchema); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for d := range int64(6) {
		day.Store(d)
		commit(t, s, "T", map[string]any{"TimeGenerated": int64(1e12), "Computer": string(rune('a' + d))}, map[string]any{"Computer": "x"})
		if d < 4 { // the last two days stay in the tail
			if err := s.Seal(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	all := readAll(t, s, "T")
	src, _ := s.Table("T")
	old, err := src.Scan(ctx, table.Request{Columns: []int{0, 1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		day, gone int64
	}{{-1, 0}, {3, 6}, {3, 0}, {5, 4}} {
		n, err := s.DropBefore(ctx, "T", table.FromGo(time.Unix(1_750_000_000+86400*c.day, 0)))
		if err != nil || n != c.gone {
			t.Errorf("before day %d: %d rows went, want %d, %v", c.day, n, c.gone, err)
		}
	}
	if n := rowsOfScan(t, old); n != len(all) {
		t.Errorf("a scan that began before saw %d rows of %d", n, len(all))
	}
	check := func() {
		t.Helper()
		if got := readAll(t, s, "T"); !slices.Equal(got, all[10:]) {
			t.Errorf("left are %q", got)
		}
		if _, err := s.Verify(ctx, func(p Problem) { t.Error(p.Err) }); err != nil {
			t.Error(err)
		}
	}
	check()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, o)
	defer s.Close()
	check()
}
