package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/examples/queries"
)

// The second time the tour finds the database as it left it.
func TestTour(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shop")
	var sizes []string
	for range 2 {
		var out bytes.Buffer
		if err := (tour{out: &out, width: 100}).run(context.Background(), dir, ""); err != nil {
			t.Fatal(err)
		}
		for _, q := range queries.All() {
			if !strings.Contains(out.String(), "── "+q.Name+": ") {
				t.Errorf("%s is not shown", q.Name)
			}
		}
		before, _, _ := strings.Cut(out.String(), "\n\n")
		lines := strings.Split(before, "\n")
		sizes = append(sizes, lines[len(lines)-1])
	}
	if sizes[0] != "849 rows" || sizes[1] != sizes[0] {
		t.Errorf("rows: %q", sizes)
	}
}
