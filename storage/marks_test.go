package storage

import (
	"context"
	"fmt"
	"io"
	"math/rand"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// TestMarked compares the rows that blocks mark with their values.
func TestMarked(t *testing.T) {
	s := newStore(t, Options{BlockRows: 640})
	r := rand.New(rand.NewSource(8))
	var rows []map[string]any
	for i := range pageRows + 5000 {
		rows = append(rows, map[string]any{"Computer": fmt.Sprint("h", max(0, r.Intn(12)-3)), "Path": fmt.Sprint(i / 9000)})
	}
	commit(t, s, "T", rows...)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	marked, declined := 0, 0
	for _, b := range blocksOf(t, s) {
		for _, column := range []int{1, 2} {
			wanted := map[string]bool{}
			got, n, conditions := b.Marked([]int{column}, []string{""}, func(_ int, values *array.String) []uint8 {
				pass := make([]uint8, values.Len())
				odds := 1 + r.Intn(10)
				for i := range pass {
					if r.Intn(odds) == 0 {
						pass[i], wanted[values.Value(i)] = 1, true
					}
				}
				return pass
			})
			if conditions == 0 {
				declined++
				continue
			}
			marked++
			values, err := b.Column(column, nil)
			if err != nil {
				t.Fatal(err)
			}
			count := 0
			for i := range 64 * len(got) {
				is := got[i/64]>>(i%64)&1 != 0
				if want := i < b.Rows() && wanted[value(values, i).(string)]; is != want {
					t.Fatalf("column %d, row %d of %d: marked %t, want %t", column, i, b.Rows(), is, want)
				}
				if is {
					count++
				}
			}
			if n != count {
				t.Errorf("column %d: %d rows, want %d", column, n, count)
			}
		}
	}
	if marked == 0 || declined == 0 {
		t.Errorf("%d columns of blocks were marked, %d were not", marked, declined)
	}
}

// TestMarkedByName asks for the rows of several conditions, with names and
// without, again and again.
func TestMarkedByName(t *testing.T) {
	s := newStore(t, Options{})
	r := rand.New(rand.NewSource(9))
	var rows []map[string]any
	for range pageRows + 5001 {
		rows = append(rows, map[string]any{"Computer": fmt.Sprint("h", r.Intn(3)), "Path": fmt.Sprint("p", r.Intn(4))})
	}
	commit(t, s, "T", rows...)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		computer, path := fmt.Sprint("h", r.Intn(4)), fmt.Sprint("p", r.Intn(5))
		names := []string{"== " + computer, "== " + path}
		names[r.Intn(2)] = names[r.Intn(2)] // two of the columns may have one name
		if names[0] != "== "+computer {
			computer = path
		} else if names[1] != "== "+path {
			path = computer
		}
		if r.Intn(4) == 0 {
			names[r.Intn(2)] = ""
		}
		want := []string{computer, path}
		for _, b := range blocksOf(t, s) {
			got, n, conditions := b.Marked([]int{1, 2}, names, func(k int, values *array.String) []uint8 {
				pass := make([]uint8, values.Len())
				for i := range pass {
					if values.Value(i) == want[k] {
						pass[i] = 1
					}
				}
				return pass
			})
			if conditions != 2 {
				t.Fatalf("%d conditions of 2 were applied", conditions)
			}
			if count := checkMarked(t, b, got, want); n != count {
				t.Errorf("%d rows, want %d", n, count)
			}
		}
	}
}

// blocksOf are the blocks of T.
func blocksOf(t *testing.T, s *Store) (blocks []*block) {
	src, _ := s.Table("T")
	sc, err := src.Scan(context.Background(), table.Request{Columns: []int{0, 1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sc.Close() })
	for {
		b, err := sc.Next(context.Background())
		if err == io.EOF {
			return blocks
		}
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, b.(*block))
	}
}

// checkMarked compares the rows of a block that are marked with those whose
// first columns have the values wanted, and counts them.
func checkMarked(t *testing.T, b *block, got []uint64, want []string) (n int) {
	t.Helper()
	var columns []arrow.Array
	for k := range want {
		a, err := b.Column(k+1, nil)
		if err != nil {
			t.Fatal(err)
		}
		columns = append(columns, a)
	}
	for i := range 64 * len(got) {
		is := i < b.Rows()
		for k := range want {
			is = is && value(columns[k], i) == want[k]
		}
		if marked := got[i/64]>>(i%64)&1 != 0; marked != is {
			t.Fatalf("row %d of %d: marked %t, want %t", i, b.Rows(), marked, is)
		}
		if is {
			n++
		}
	}
	return n
}

// TestNewMarks compares marks with the codes that a page was made of, in each
// of its forms.
func TestNewMarks(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	for _, bits := range []int{1, 3, 8} {
		for form, vals := range codePages(r, bits) {
			p := decodedPage(t, vals, nil)
			for range 3 {
				code := int32(r.Intn(1 << bits))
				got := newMarks(p, code)
				for i := range 64 * len(got) {
					is := got[i/64]>>(i%64)&1 != 0
					if want := i < len(vals) && vals[i] == int64(code); is != want {
						t.Fatalf("%d bits, %s: row %d of %d is marked %t, want %t", bits, form, i, len(vals), is, want)
					}
				}
			}
		}
	}
}

func BenchmarkNewMarks(b *testing.B) {
	r := rand.New(rand.NewSource(5))
	for form, vals := range codePages(r, 3) {
		p := decodedPage(b, vals, nil)
		b.Run(form, func(b *testing.B) {
			for b.Loop() {
				newMarks(p, 2)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(vals)), "ns/row")
		})
	}
}
