package fn

import (
	"testing"

	"tidemark/engine/vec"
)

// TestTextsAreEmpty uses slices of strings again and again: what one loop left
// must not show in the results of another, where a row has none.
func TestTextsAreEmpty(t *testing.T) {
	const n = 2 * minTexts
	values := make([]string, n)
	for i := range values {
		values[i] = []string{"", "x"}[i%2]
	}
	in := vec.Column{Arr: vec.NewStrings(values, nil)}
	kernels := map[string]Kernel{
		"one":   Of1(func(s string) string { return s + "y" }).Kernel,
		"none":  Try1(func(s string) (string, bool) { return "left", s != "" }).Kernel,
		"other": Try2(func(a, b string) (string, bool) { return a + b, a == "" }).Kernel,
	}
	want := map[string][2]string{"one": {"y", "xy"}, "none": {"", "left"}, "other": {"", ""}}
	for range 5 {
		for name, k := range kernels {
			c := k(&Args{Cols: []vec.Column{in, in}, N: n})
			for i, s := range vec.StringSlice(c.Arr) {
				if s != want[name][i%2] {
					t.Fatalf("%s, row %d: %q, want %q", name, i, s, want[name][i%2])
				}
			}
		}
	}
	for _, n := range []int{0, 1, minTexts, minTexts + 5, maxTexts, maxTexts + 1} {
		for _, s := range textsFor(n) {
			if s != "" {
				t.Fatalf("%q is left in a slice of %d", s, n)
			}
		}
	}
}
