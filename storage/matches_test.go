package storage

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// TestMatches asks for texts in a large dictionary, few and many rows of which
// have them, again and again: no row that has one is left out, and when few
// have it no others come; and what was found is tested once.
func TestMatches(t *testing.T) {
	s := newStore(t, Options{})
	r := rand.New(rand.NewSource(9))
	var rows []map[string]any
	for i := range 40_000 {
		rows = append(rows, map[string]any{"Path": fmt.Sprintf("/opt/%x/f%06x", i%5, r.Intn(1<<24))})
	}
	commit(t, s, "T", rows...)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"f00", "ab", "/opt/", "3/f1", "nowhere", "fade", "a"} {
		has := 0
		for _, row := range rows {
			if strings.Contains(row["Path"].(string), want) {
				has++
			}
		}
		tested := 0
		p := table.Predicate{Column: 2, Op: table.Contains, Values: []any{want}, Same: "contains " + want}
		p.Match = func(values *array.String) []bool {
			pass := make([]bool, values.Len())
			for i := range pass {
				pass[i] = strings.Contains(values.Value(i), want)
			}
			tested += len(pass)
			return pass
		}
		var first []string
		for i := range 3 {
			got := readAll(t, s, "T", p)
			if i == 0 {
				first = got
			}
			n := 0
			for _, row := range got {
				if strings.Contains(row, want) {
					n++
				}
			}
			if n != has || !slices.Equal(got, first) || has < len(rows)/fewRows && len(got) != has {
				t.Fatalf("%q: %d of %d rows have it, want %d", want, n, len(got), has)
			}
			if tested > len(rows) {
				t.Fatalf("%q: %d strings were tested", want, tested)
			}
		}
	}
}
