package storage

import (
	"context"
	"errors"
	"io"
	"math/rand"
	"slices"
	"testing"
	"time"

	"tidemark/table"
)

// TestMerge: many small extents become few; their rows stay, in the same
// order, and a scan that began before goes on.
func TestMerge(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{})
	r := rand.New(rand.NewSource(9))
	add := func() {
		var rows []map[string]any
		for i := range 50 + r.Intn(300) {
			rows = append(rows, randomRow(r, int64(table.FromUnix(1_750_000_000+int64(i), 0))))
		}
		commit(t, s, "T", rows...)
		if err := s.Seal(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		add()
	}
	src, _ := s.Table("T")
	old, err := src.Scan(context.Background(), table.Request{Columns: []int{0, 1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	held := len(readAll(t, s, "T"))
	for range 30 {
		add()
	}
	want := readAll(t, s, "T")
	tt, _ := s.lookup("T")
	for deadline := time.Now().Add(30 * time.Second); len(tt.current.Load().extents) > 9; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d extents are left of 33", len(tt.current.Load().extents))
		}
	}
	if err := s.mergeAll(); err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, s, "T"); !slices.Equal(got, want) {
		t.Errorf("%d rows after merging, %d before", len(got), len(want))
	}
	if n := rowsOfScan(t, old); n != held {
		t.Errorf("a scan that began before merging saw %d rows of %d", n, held)
	}
	if _, err := s.Verify(context.Background(), func(p Problem) { t.Error(p.Err) }); err != nil {
		t.Error(err)
	}
}

// rowsOfScan reads a scan to its end and closes it.
func rowsOfScan(t *testing.T, sc table.Scan) (n int) {
	t.Helper()
	defer sc.Close()
	for {
		b, err := sc.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Column(1, nil); err != nil {
			t.Fatal(err)
		}
		n += b.Rows()
	}
}

func TestMergeable(t *testing.T) {
	for _, c := range []struct {
		rows []int
		want int // rows of those chosen
	}{
		{nil, 0}, {[]int{5}, 0}, {[]int{5, 4}, 0}, {[]int{5, 5}, 10}, {[]int{90, 5, 5}, 10}, {[]int{90, 50, 40}, 0}, {[]int{60, 60}, 0}, {[]int{30, 20, 10}, 60},
	} {
		var es []*extent
		for i, n := range c.rows {
			es = append(es, &extent{id: uint64(i), rows: n})
		}
		got := 0
		for _, e := range mergeable(es, 100, nil) {
			got += e.rows
		}
		if got != c.want {
			t.Errorf("%v: %d rows are merged, want %d", c.rows, got, c.want)
		}
	}
}
