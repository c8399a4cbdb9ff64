package storage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"tidemark/table"
)

func TestJoinStretches(t *testing.T) {
	const k = readThrough
	got := joinStretches([]stretch{{2, 0, 10}, {1, 5 * k, 6 * k}, {0, 3, 4}, {1, 0, k}, {1, 2 * k, 3 * k}, {1, 2*k + 5, 2*k + 6}})
	want := []stretch{{1, 0, 3 * k}, {1, 5 * k, 6 * k}, {2, 0, 10}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestPlaces: the manifest tells where in the value log the pieces of columns
// are, on Linux, and of none elsewhere; and what a reader asks for ahead are the
// pieces that it then reads.
func TestPlaces(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{})
	var rows []map[string]any
	for i := range 40_000 {
		rows = append(rows, map[string]any{"Computer": fmt.Sprint("host-", i%600), "Path": fmt.Sprintf("/srv/%d/of/%d", uint32(i)*2654435761, i), "Size": int64(i) * 1_000_003})
	}
	commit(t, s, "T", rows...)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	tt, _ := s.lookup("T")
	e := tt.current.Load().extents[0]
	read, err := decodeManifest(e.id, e.encode())
	if err != nil {
		t.Fatal(err)
	}
	placed := 0
	for id, c := range read.cols {
		if c == nil || c.parts == nil {
			continue
		}
		for part, ps := range c.parts.pieces {
			for i, p := range ps {
				if p.at != e.cols[id].parts.pieces[part][i].at {
					t.Fatalf("column %d: %v after reading the manifest, %v before", id, p.at, e.cols[id].parts.pieces[part][i].at)
				}
				if p.at.file == 0 {
					continue
				}
				placed++
				f, err := os.ReadFile(filepath.Join(s.dir, dataDir, fmt.Sprintf("%06d.vlog", p.at.file)))
				if err != nil {
					t.Fatal(err)
				}
				v := f[p.at.at : int(p.at.at)+p.size+envelope]
				if _, err := unwrap(partKey(tt.id, e, uint32(id), part, i), v); err != nil || valueSum(v) != p.sum {
					t.Errorf("column %d, part %d: the piece is not where its place says: %v", id, part, err)
				}
			}
		}
	}
	if linux := runtime.GOOS == "linux"; linux && placed < 5 || !linux && placed > 0 {
		t.Errorf("%d pieces with a place on %s", placed, runtime.GOOS)
	}

	b := firstBlock(t, s)
	sizes := func(columns ...int) (n int) {
		for _, i := range columns {
			c, _ := b.unit.inParts(i)
			n += sizeOf(c.missing(nil, true))
		}
		return n
	}
	if sizes(2) < 300_000 || sizes(3) < 50_000 {
		t.Errorf("%d bytes of paths and %d of sizes are missing before they are read", sizes(2), sizes(3))
	}
	b.Ahead([]int{1, 2, 3})
	for _, i := range []int{2, 3} {
		if _, err := b.Column(i, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := sizes(2, 3); n != 0 {
		t.Errorf("%d bytes are missing after columns were read", n)
	}
	if sizes(1) == 0 {
		t.Error("nothing is missing of a column that was not read")
	}
}

// TestWrongPlaces: places are advice. Where they are wrong, rows are read as
// before.
func TestWrongPlaces(t *testing.T) {
	t.Parallel()
	s := ledStore(t, 0, 20_000, 500)
	want := readAll(t, s, "T")
	tt, _ := s.lookup("T")
	for _, c := range tt.current.Load().extents[0].cols {
		if c == nil || c.parts == nil {
			continue
		}
		for _, ps := range c.parts.pieces {
			for i := range ps {
				ps[i].at = place{uint32(1 + i%900), 4_000_000_000}
			}
		}
	}
	s.cache = newCache(0)
	firstBlock(t, s).Ahead([]int{0, 1, 2, 3})
	if got := readAll(t, s, "T"); !slices.Equal(got, want) {
		t.Error("other rows")
	}
}

// firstBlock is the first block of table T, good until the end of the test.
func firstBlock(t *testing.T, s *Store) *block {
	t.Helper()
	src, _ := s.Table("T")
	sc, err := src.Scan(context.Background(), table.Request{Columns: []int{0, 1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sc.Close() })
	b, err := sc.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return b.(*block)
}

// TestNextExtent: what is fetched with the columns of an extent is the next one
// that nobody has looked into, and none where that is likely to be in vain.
func TestNextExtent(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{MergeRows: 1})
	for i := range 4 {
		var rows []map[string]any
		for k := range 3000 {
			rows = append(rows, map[string]any{"TimeGenerated": int64(i*3000 + k), "Computer": fmt.Sprint("host-", k%7), "Size": int64(k)})
		}
		commit(t, s, "T", rows...)
		if err := s.Seal(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	begin := func(r table.Request) *scan {
		src, _ := s.Table("T")
		r.Columns = []int{0, 1, 3}
		sc, err := src.Scan(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { sc.Close() })
		return sc.(*scan)
	}
	at := func(u *unit) int {
		if u == nil {
			return -1
		}
		return u.at
	}
	sc := begin(table.Request{})
	if len(sc.all) != 4 {
		t.Fatalf("%d extents", len(sc.all))
	}
	sc.all[1].begun.Store(true) // by somebody else
	if got := at(sc.all[0].next()); got != 2 {
		t.Errorf("extent %d is fetched, want 2", got)
	}
	if got := at(sc.all[0].next()); got != 3 {
		t.Errorf("then extent %d, want 3", got)
	}
	if got := at(sc.all[2].next()); got != -1 {
		t.Errorf("then extent %d", got)
	}
	sc = begin(table.Request{Where: []table.Predicate{{Column: 0, Op: table.GreaterEqual, Values: []any{int64(9000)}}}})
	if got := at(sc.all[0].next()); got != 3 {
		t.Errorf("extent %d is fetched, of which one has times that are wanted", got)
	}
	sc = begin(table.Request{Limit: 10})
	if got := at(sc.all[0].next()); got != -1 {
		t.Errorf("extent %d is fetched though ten rows are enough", got)
	}
	sc = begin(table.Request{})
	sc.skipped.Add(3)
	sc.passed.Add(5)
	if got := at(sc.all[0].next()); got != -1 {
		t.Errorf("extent %d is fetched though conditions leave nothing of many", got)
	}
}
