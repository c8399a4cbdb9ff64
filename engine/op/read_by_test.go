package op

import (
	"errors"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/vec"
)

var errColumn = errors.New("the column cannot be read")

// wideBlock is a block whose column i has i in all rows, but for one that fails.
type wideBlock struct{ rows, fails int }

func (w wideBlock) Rows() int { return w.rows }

func (w wideBlock) Column(i int, sel []int32) (arrow.Array, error) {
	if i == w.fails {
		return nil, errColumn
	}
	n := w.rows
	if sel != nil {
		n = len(sel)
	}
	values := make([]int64, n)
	for k := range values {
		values[k] = int64(i)
	}
	return vec.NewInt64s(values, nil), nil
}

// TestReadBy reads columns of rows that are left by several goroutines.
func TestReadBy(t *testing.T) {
	const rows, left, width = 2000, 1500, 40
	columns := make([]int, 0, width)
	for i := range width {
		columns = append(columns, width-1-i)
	}
	for _, threads := range []int{1, 2, 100} {
		for _, fails := range []int{-1, 17} {
			r := newBlockReader(wideBlock{rows, fails}, width, &buffers{})
			r.sel = vec.Every(rows)[:left]
			if _, err := r.column(5); err != nil { // one is there already
				t.Fatal(err)
			}
			err := r.readBy(threads, columns)
			if want := fails >= 0 && threads > 1; errors.Is(err, errColumn) != want {
				t.Fatalf("%d goroutines, column %d fails: %v", threads, fails, err)
			}
			if err != nil {
				continue
			}
			if threads > 1 && len(r.cache) != width || threads == 1 && len(r.cache) != 1 {
				t.Errorf("%d goroutines have read %d columns of %d", threads, len(r.cache), width)
			}
			for _, i := range columns {
				if i == fails {
					continue
				}
				c, err := r.column(i)
				if err != nil || c.Arr.Len() != left || c.Arr.(*array.Int64).Value(left-1) != int64(i) {
					t.Errorf("column %d: %v, %v", i, c.Arr, err)
				}
			}
		}
	}
}
