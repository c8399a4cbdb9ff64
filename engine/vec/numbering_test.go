package vec

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
)

// TestWorth: a dictionary gets its numbers when as many rows have been asked
// for as it has values, and has them from then on.
func TestWorth(t *testing.T) {
	texts := make([]string, 100)
	for i := range texts {
		texts[i] = fmt.Sprint("v", i)
	}
	values := NewStrings(texts, nil).(*array.String)
	other := NewStrings(texts[:50], nil).(*array.String)
	n := NewNumbering()
	for i, rows := range []int{30, 60, 10} {
		if got, want := n.Worth(values, rows), i == 2; got != want {
			t.Errorf("after call %d: worth %t, want %t", i+1, got, want)
		}
	}
	if n.Worth(other, 49) {
		t.Error("rows of one dictionary count for another")
	}
	of, most := n.Of(values)
	if !n.Worth(values, 0) {
		t.Error("a dictionary with numbers is not worth having them")
	}
	seen := map[int32]bool{}
	for i, number := range of {
		if number != n.Number(texts[i]) || number > most || int(number) >= n.Most() || seen[number] {
			t.Errorf("%s has the number %d, of %d at most", texts[i], number, most)
		}
		seen[number] = true
	}
}
