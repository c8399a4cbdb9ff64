package storage

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"tidemark/table"
)

// ledRow is a row whose path depends on its computer.
func ledRow(r *rand.Rand, computers int) map[string]any {
	k := r.Intn(computers)
	return map[string]any{"Computer": fmt.Sprint("host-", k), "Path": fmt.Sprint("/of/", uint32(k)*2654435761>>12), "Size": r.Int63()}
}

// ledStore has an extent of rows in which paths follow computers.
func ledStore(t testing.TB, former, rows, computers int) *Store {
	t.Helper()
	s := newStore(t, Options{})
	s.former = former
	r := rand.New(rand.NewSource(31))
	var all []map[string]any
	for range rows {
		all = append(all, ledRow(r, computers))
	}
	commit(t, s, "T", all...)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

// pathParts is how the paths of the only extent are stored.
func pathParts(t testing.TB, s *Store) *columnParts {
	t.Helper()
	tt, err := s.lookup("T")
	if err != nil {
		t.Fatal(err)
	}
	extents := tt.current.Load().extents
	if len(extents) != 1 {
		t.Fatalf("%d extents", len(extents))
	}
	return extents[0].cols[tt.def.Load().Columns[2].ID].parts
}

// TestFollow: a column that follows another reads as one with numbers of its
// own, by rows, by blocks and by conditions, and survives merging.
func TestFollow(t *testing.T) {
	t.Parallel()
	led, own := ledStore(t, 0, 40_000, 500), ledStore(t, 4, 40_000, 500)
	if p := pathParts(t, led); !p.follows {
		t.Fatal("paths do not follow computers")
	}
	if pathParts(t, own).follows {
		t.Fatal("version 4 has no columns that follow others")
	}
	check(t, led)
	like := func(p table.Predicate) []table.Predicate { return []table.Predicate{p} }
	first := readAll(t, own, "T")[0]
	path := first[strings.Index(first, "/of/"):]
	path = path[:strings.IndexAny(path, "\" |,;")]
	for _, where := range [][]table.Predicate{
		nil,
		like(table.Predicate{Column: 1, Op: table.Equal, Values: []any{"host-7"}}),
		like(table.Predicate{Column: 2, Op: table.Equal, Values: []any{path}}),
		like(table.Predicate{Column: 2, Op: table.Contains, Values: []any{path[:len(path)-2]}}),
		like(table.Predicate{Column: 2, Op: table.Equal, Values: []any{"/of/nobody"}}),
	} {
		for range 3 { // postings come with the third
			got, err := readRows(led, "T", where...)
			want, err2 := readRows(own, "T", where...)
			if err != nil || err2 != nil || !slices.Equal(got, want) {
				t.Fatalf("where %v: %d rows, %d where nothing follows; %v, %v", where, len(got), len(want), err, err2)
			}
		}
	}
	want := readAll(t, led, "T")
	r := rand.New(rand.NewSource(32))
	var more []map[string]any
	for range 40_000 {
		more = append(more, ledRow(r, 600))
	}
	commit(t, led, "T", more...)
	if err := led.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := led.mergeAll(); err != nil {
		t.Fatal(err)
	}
	if !pathParts(t, led).follows {
		t.Error("paths do not follow computers after the merge")
	}
	if got := readAll(t, led, "T"); len(got) != 80_000 || !slices.Equal(got[:len(want)], want) {
		t.Errorf("%d rows after the merge, or other ones", len(got))
	}
	check(t, led)
}

// TestNoFollower: one row that disagrees, few strings, and a string that most
// rows have keep a column from following or leading.
func TestNoFollower(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(33))
	for name, change := range map[string]func(i int, row map[string]any){
		"a row that disagrees": func(i int, row map[string]any) {
			row["Path"] = map[bool]any{true: "/of/9", false: row["Path"]}[i == 4999]
		},
		"few strings": func(i int, row map[string]any) { row["Path"] = fmt.Sprint("/", len(row["Computer"].(string))) },
		"most rows of one kind": func(i int, row map[string]any) {
			row["Computer"], row["Path"] = keep(i%4 == 0, row["Computer"]), keep(i%4 == 0, row["Path"])
		},
	} {
		s := newStore(t, Options{})
		var rows []map[string]any
		for i := range 5000 {
			row := ledRow(r, 300)
			change(i, row)
			rows = append(rows, row)
		}
		commit(t, s, "T", rows...)
		if err := s.Seal(context.Background()); err != nil {
			t.Fatal(err)
		}
		if pathParts(t, s).follows {
			t.Errorf("%s: paths follow computers", name)
		}
	}
}

func keep(yes bool, v any) any {
	if yes {
		return v
	}
	return ""
}

// TestUnsoundFollower: a manifest in which a column follows what cannot lead,
// and places that are not in a dictionary, are damage.
func TestUnsoundFollower(t *testing.T) {
	t.Parallel()
	s := ledStore(t, 0, 5000, 300)
	tt, _ := s.lookup("T")
	e := tt.current.Load().extents[0]
	p := pathParts(t, s)
	sound := p.leader
	if _, err := decodeManifest(e.id, e.encode()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []uint32{0, tt.def.Load().Columns[2].ID, tt.def.Load().Columns[3].ID, 999} {
		if id == sound {
			continue
		}
		p.leader = id
		if _, err := decodeManifest(e.id, e.encode()); err == nil {
			t.Errorf("column %d leads", id)
		}
	}
	p.leader = sound
	w := encodeNumbers(3, nil, true, nil, func(a, b int, buf []int64) []int64 { return append(buf, 0, 7, 3) })
	if _, err := decodePlaces(w, 3, 7); err == nil {
		t.Error("a place beyond the dictionary")
	}
	if err := (places{4, 5}).of([]int32{1, 2}); err == nil {
		t.Error("a code beyond the places")
	}
}

// BenchmarkFollower reads rows of a column that follows another, and all of it.
func BenchmarkFollower(b *testing.B) {
	led := ledStore(b, 0, 200_000, 5000)
	tt, _ := led.lookup("T")
	src, _ := led.Table("T")
	sc, err := src.Scan(context.Background(), table.Request{Columns: []int{0, 1, 2, 3}})
	if err != nil {
		b.Fatal(err)
	}
	defer sc.Close()
	u := sc.(*scan).units[0]
	c, _ := u.inParts(2)
	if !c.m.parts.follows {
		b.Fatal("paths do not follow computers", tt.id)
	}
	var rows []int32
	for i := 0; i < u.rows; i += 100 {
		rows = append(rows, int32(i))
	}
	b.Run("rows", func(b *testing.B) {
		for range b.N {
			if _, _, _, err := c.codesOf(rows); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(rows)), "ns/row")
	})
	b.Run("all", func(b *testing.B) {
		for range b.N {
			if _, err := c.followed(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*u.rows), "ns/row")
	})
}
