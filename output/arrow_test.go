package output

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/ipc"
)

func TestArrow(t *testing.T) {
	var b bytes.Buffer
	w := newArrow(&b, Options{})
	for _, x := range []Table{every(), Rows("none", cols("s:string"), nil), every()} {
		if _, err := Copy(context.Background(), w, x); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var rows []int64
	for b.Len() > 0 {
		r, err := ipc.NewReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for r.Next() {
			n += r.Record().NumRows()
			if got := fmt.Sprint(r.Record().Column(6)); got != "[1770113702307000 (null)]" {
				t.Errorf("datetime: %s", got)
			}
		}
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
		rows = append(rows, n)
	}
	if fmt.Sprint(rows) != "[2 0 2]" {
		t.Errorf("rows per stream: %v", rows)
	}
}
