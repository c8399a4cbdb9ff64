package storage

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"tidemark/table"
)

// TestPostings compares what postings list with a loop over the codes.
func TestPostings(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	for _, distinct := range []int{1, 7, 256, 300, 70_000} {
		n := 90_000
		c := newCodes(n, distinct)
		for i := range n {
			v := r.Intn(distinct)
			if r.Intn(3) == 0 {
				v = 0
			}
			c.set(i, int32(v))
		}
		p := newPostings(c, distinct)
		for _, k := range []int{1, 2, 50, 5000} {
			var codes []int32
			for range min(k, distinct) {
				codes = append(codes, int32(r.Intn(distinct)))
			}
			slices.Sort(codes)
			codes = slices.Compact(codes)
			want := []int32{77}
			for i := range n {
				if _, ok := slices.BinarySearch(codes, c.at(i)); ok {
					want = append(want, int32(i))
				}
			}
			listed := !slices.ContainsFunc(codes, func(code int32) bool { return slices.Contains(p.often, code) })
			got, ok := p.of(codes, n, []int32{77})
			if ok != listed || ok && !slices.Equal(got, want) {
				t.Fatalf("%d strings, %d codes: %d rows, %t; want %d, %t", distinct, len(codes), len(got), ok, len(want), listed)
			}
		}
	}
}

// TestPostingsScan asks the same again and again: the rows stay the same when
// they are looked up instead of searched.
func TestPostingsScan(t *testing.T) {
	s := newStore(t, Options{})
	r := rand.New(rand.NewSource(6))
	var rows []map[string]any
	for i := range pageRows + 20_000 {
		row := map[string]any{"Size": int64(i), "Computer": fmt.Sprint("host-", r.Intn(3000))}
		if r.Intn(4) == 0 {
			row["Path"] = fmt.Sprintf("/etc/%d/%d", i%7, r.Intn(40_000))
		}
		rows = append(rows, row)
	}
	commit(t, s, "T", rows...)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	path := rows[slices.IndexFunc(rows, func(row map[string]any) bool { return row["Path"] != nil })]["Path"]
	for _, where := range [][]table.Predicate{
		{{Column: 2, Op: table.Equal, Values: []any{path}}},
		{{Column: 2, Op: table.Equal, Values: []any{"/etc/1/8", "/etc/2/9", "/etc/3/10", path}}},
		{{Column: 1, Op: table.Equal, Values: []any{"host-7"}}, {Column: 0, Op: table.GreaterEqual, Values: []any{int64(0)}}},
		{{Op: table.Or, Of: []table.Predicate{{Column: 1, Op: table.Equal, Values: []any{"host-7"}}, {Column: 2, Op: table.Equal, Values: []any{path}}}}},
	} {
		first := readAll(t, s, "T", where...)
		for i := range 3 {
			if again := readAll(t, s, "T", where...); !slices.Equal(again, first) {
				t.Fatalf("%+v: %d rows, %d when asked again (%d)", where, len(first), len(again), i)
			}
		}
	}
	made := 0
	for k := range s.cache.items {
		if k.kind == cachedPostings {
			made++
		}
	}
	if made != 2 {
		t.Errorf("postings of %d columns were made, want 2", made)
	}
}

// BenchmarkPostings is about an extent of 1,000,000 rows with 200,000 values.
func BenchmarkPostings(b *testing.B) {
	r := rand.New(rand.NewSource(7))
	const n, distinct = 1_000_000, 200_000
	c := newCodes(n, distinct)
	vals := make([]int64, n)
	for i := range n {
		c.set(i, r.Int31n(distinct))
		vals[i] = int64(c.at(i))
	}
	p := newPostings(c, distinct)
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			newPostings(c, distinct)
		}
	})
	b.Run("look up", func(b *testing.B) {
		var out []int32
		for b.Loop() {
			out, _ = p.of([]int32{77_777}, n, out[:0])
		}
	})
	pages := make([]*page, 0, n/pageRows)
	for a := 0; a+pageRows <= n; a += pageRows {
		pages = append(pages, decodedPage(b, vals[a:a+pageRows], nil))
	}
	b.Run("search", func(b *testing.B) {
		var out []int32
		test := &codeTest{one: 77_777}
		for b.Loop() {
			out = out[:0]
			for k, pg := range pages {
				out = test.rowsOf(pg, k*pageRows, k*pageRows, (k+1)*pageRows, out)
			}
		}
	})
}
