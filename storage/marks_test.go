package storage

import (
	"context"
	"fmt"
	"io"
	"math/rand"
	"testing"

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
	src, _ := s.Table("T")
	sc, err := src.Scan(context.Background(), table.Request{})
	if err != nil {
		t.Fatal(err)
	}
	defer sc.Close()
	marked, declined := 0, 0
	for {
		next, err := sc.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b := next.(*block)
		for _, column := range []int{1, 2} {
			wanted := map[string]bool{}
			got, ok := b.Marked(column, func(values *array.String) []uint8 {
				pass := make([]uint8, values.Len())
				odds := 1 + r.Intn(10)
				for i := range pass {
					if r.Intn(odds) == 0 {
						pass[i], wanted[values.Value(i)] = 1, true
					}
				}
				return pass
			})
			if !ok {
				declined++
				continue
			}
			marked++
			values, err := b.Column(column, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 64 * len(got) {
				is := got[i/64]>>(i%64)&1 != 0
				if want := i < b.Rows() && wanted[value(values, i).(string)]; is != want {
					t.Fatalf("column %d, row %d of %d: marked %t, want %t", column, i, b.Rows(), is, want)
				}
			}
		}
	}
	if marked == 0 || declined == 0 {
		t.Errorf("%d columns of blocks were marked, %d were not", marked, declined)
	}
}
