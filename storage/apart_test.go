package storage

import (
	"context"
	"fmt"
	"io"
	"math/rand"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// TestApart: numbers that are set apart come back, are not needed for rows that
// have none, and their lack or damage is told.
func TestApart(t *testing.T) {
	r := rand.New(rand.NewSource(12))
	n := 2*pageRows + 100
	vals, valid := make([]int64, n), make([]byte, (n+7)/8)
	for i := range vals {
		if i < pageRows || i%4 == 0 { // the first page has no nulls
			vals[i] = int64(r.Intn(1 << 30))
			valid[i/8] |= 1 << (i % 8)
		}
	}
	apart := &writer{}
	b := encodeNumbers(n, valid, false, apart, func(a, b int, buf []int64) []int64 { return append(buf, vals[a:b]...) })
	shape, err := decodeNumbers(b, n)
	if err != nil || !shape.lacks || shape.pages[0].apart || !shape.pages[1].apart {
		t.Fatalf("%v, %+v", err, shape)
	}
	for _, c := range []struct {
		rows []int32
		want bool
	}{{nil, true}, {[]int32{0, 7, pageRows + 1, 2*pageRows + 3}, true}, {[]int32{5, pageRows + 4}, false}, {[]int32{pageRows + 1, 2*pageRows + 4}, false}} {
		if got := shape.tells(c.rows); got != c.want {
			t.Errorf("rows %v: %v", c.rows, got)
		}
	}
	whole, err := decodeAllNumbers(b, apart.b, n)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]int64, n)
	readNumbers(whole, 0, got)
	if !slices.Equal(got, vals) || !whole.tells([]int32{pageRows + 4}) {
		t.Error("other numbers come back")
	}
	for _, bad := range [][]byte{nil, apart.b[:len(apart.b)-1], append(slices.Clone(apart.b), 0)} {
		if _, err := decodeAllNumbers(b, bad, n); err == nil {
			t.Errorf("%d bytes where %d are set apart", len(bad), len(apart.b))
		}
	}
}

// TestApartIsNotRead: rows that have nothing in a column are read without what
// other rows have there.
func TestApartIsNotRead(t *testing.T) {
	s := newStore(t, Options{})
	r := rand.New(rand.NewSource(13))
	var rows []map[string]any
	for i := range 20_000 {
		row := map[string]any{"Computer": fmt.Sprint("file-", i%50), "Size": r.Int63(), "Path": fmt.Sprint("/", r.Uint64())}
		if i%3 == 0 {
			row = map[string]any{"Computer": fmt.Sprint("service-", i%900)}
		}
		rows = append(rows, row)
	}
	commit(t, s, "T", rows...)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	read := func(computer string) (bytes, nulls int64) {
		src, _ := s.Table("T")
		s.cache = newCache(s.opts.CacheBytes)
		sc, err := src.Scan(context.Background(), table.Request{Where: []table.Predicate{{Column: 1, Op: table.Equal, Values: []any{computer}}}})
		if err != nil {
			t.Fatal(err)
		}
		defer sc.Close()
		for {
			b, err := sc.Next(context.Background())
			if err == io.EOF {
				return sc.Stats().BytesRead, nulls
			}
			if err != nil {
				t.Fatal(err)
			}
			paths, err := b.Column(2, nil)
			if err != nil {
				t.Fatal(err)
			}
			sizes, err := b.Column(3, nil)
			if err != nil {
				t.Fatal(err)
			}
			if d := paths.(*array.Dictionary); sizes.NullN() > 0 && d.Dictionary().(*array.String).Value(d.GetValueIndex(0)) != "" {
				t.Error("a service has a path")
			}
			nulls += int64(sizes.NullN())
		}
	}
	none, nulls := read("service-3")
	some, values := read("file-4")
	if nulls == 0 || values != 0 || none*4 > some {
		t.Errorf("%d bytes for rows with nothing, of which %d are null; %d bytes for others, %d", none, nulls, some, values)
	}
}
