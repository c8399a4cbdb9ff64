package storage

import (
	"context"
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// TestCounted asks for numbers of rows by conditions that can tell and one that
// cannot: then rows are handed out, to whoever sees why.
func TestCounted(t *testing.T) {
	s := newStore(t, Options{})
	var rows []map[string]any
	for i := range 5000 {
		rows = append(rows, map[string]any{"Computer": fmt.Sprint("h", i%3), "Path": fmt.Sprint("p", i)})
	}
	commit(t, s, "T", rows...)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	is := func(want string) func(*array.String) []bool {
		return func(values *array.String) []bool {
			pass := make([]bool, values.Len())
			for i := range pass {
				pass[i] = values.Value(i) == want
			}
			return pass
		}
	}
	const computer, path = 1, 2
	for _, c := range []struct {
		what    string
		where   []table.Predicate
		counted bool
		n       int
	}{
		{"all", nil, true, 5000},
		{"one of few", []table.Predicate{{Column: computer, Op: table.Equal, Values: []any{"h1"}}}, true, 1667},
		{"two of few", []table.Predicate{{Column: computer, Op: table.Equal, Values: []any{"h1", "h2"}}}, true, 3333},
		{"a condition", []table.Predicate{{Column: computer, Op: table.Matches, Match: is("h0"), Same: "is h0"}}, true, 1667},
		{"two conditions", []table.Predicate{{Column: computer, Op: table.Matches, Match: is("h0"), Same: "is h0"},
			{Column: computer, Op: table.Matches, Match: is("h1"), Same: "is h1"}}, true, 0},
		{"a condition without a name", []table.Predicate{{Column: computer, Op: table.Matches, Match: is("h0")}}, false, 5000},
		{"a condition that cannot tell", []table.Predicate{{Column: computer, Op: table.Matches,
			Match: func(*array.String) []bool { return nil }, Same: "fails"}}, false, 5000},
		{"one of many", []table.Predicate{{Column: path, Op: table.Matches,
			Match: func(v *array.String) []bool { return make([]bool, v.Len()) }, Same: "none of many"}}, false, 0},
	} {
		for range 2 {
			n := 0
			stats := read(t, s, table.Request{Columns: []int{computer, path}, Where: c.where, Count: &table.Count{By: -1}}, func(b table.Block) {
				if _, ok := b.(*counted); ok != c.counted {
					t.Errorf("%s: counted without the rows: %t", c.what, ok)
				}
				n += b.Rows()
			})
			if got := stats.Pruned.ExtentsByCount > 0; got != c.counted || n != c.n {
				t.Errorf("%s: %d rows, want %d; counted %t", c.what, n, c.n, got)
			}
		}
	}
}
