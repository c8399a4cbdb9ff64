package op_test

import (
	"context"
	"slices"
	"testing"

	"tidemark/engine"
)

// TestForkNames checks what the tables of a fork are called.
func TestForkNames(t *testing.T) {
	for query, want := range map[string][]string{
		`print a=1 | fork (count) B=(take 1) (project a | as C)`:           {"PrimaryResult", "B", "C"},
		`print a=1 | facet by a with (take 1); print b=2 | fork A=(count)`: {"PrimaryResult", "Table_1", "A"},
	} {
		r, err := engine.Run(context.Background(), query, noTables{}, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range r.Tables() {
			got = append(got, x.Name())
		}
		r.Close()
		if !slices.Equal(got, want) {
			t.Errorf("%s\n gives tables named %q, want %q", query, got, want)
		}
	}
}
