package fn

import (
	"math/rand/v2"
	"slices"
	"testing"

	"tidemark/engine/vec"
	"tidemark/table"
)

// odd are texts of which some are the same value.
var odd = []string{`1`, `1.0`, `1e0`, `2`, `-0`, `0`, `1.5`, `99999999999999999999`, `1e20`, `"a"`, `"\u0061"`, `"1"`, `"é"`, `"\u00e9"`, `""`, `null`, `true`, `"null"`,
	`[1]`, `[1.0]`, `{"a":1,"b":"c"}`, `{"b":"\u0063","a":1.0}`, `{}`, `[]`}

// TestSameValue: the quick ways out agree with the canonical texts.
func TestSameValue(t *testing.T) {
	same := 0
	for _, a := range odd {
		for _, b := range odd {
			if got, want := sameValue(a, b), canonical(a) == canonical(b); got != want {
				t.Errorf("%s and %s: %t", a, b, got)
			} else if got && a != b {
				same++
			}
		}
	}
	if same < 10 {
		t.Errorf("only %d pairs are the same", same)
	}
}

// TestSetsOfRows compares with a search one by one, over rows of few and of many
// values that share their memory.
func TestSetsOfRows(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	const rows = 200
	var arrays [2][][]string
	a := &Args{N: rows, Types: []table.Type{table.Dynamic, table.Dynamic}}
	for k := range arrays {
		b := vec.NewBuilder(table.Dynamic, rows)
		for range rows {
			var values []string
			for range rnd.IntN([]int{3, 20, 90}[rnd.IntN(3)]) {
				if values = append(values, odd[rnd.IntN(len(odd))]); rnd.IntN(2) == 0 {
					values[len(values)-1] = string(quote(string(rune('a' + rnd.IntN(60)))))
				}
			}
			arrays[k] = append(arrays[k], values)
			b.Value(string(joinElements(values)))
		}
		a.Cols = append(a.Cols, vec.Column{Arr: b.Done()})
	}
	has := func(values []string, v string) bool {
		return slices.ContainsFunc(values, func(w string) bool { return canonical(v) == canonical(w) })
	}
	distinct := func(values []string, keep func(v string) bool) []string {
		var out []string
		for _, v := range values {
			if !has(out, v) && keep(v) {
				out = append(out, v)
			}
		}
		return out
	}
	for name, want := range map[string]func(x, y []string) []string{
		"set_union":      func(x, y []string) []string { return distinct(slices.Concat(x, y), func(string) bool { return true }) },
		"set_intersect":  func(x, y []string) []string { return distinct(x, func(v string) bool { return has(y, v) }) },
		"set_difference": func(x, y []string) []string { return distinct(x, func(v string) bool { return !has(y, v) }) },
	} {
		f, _ := Lookup(name)
		got := f.Overloads[0].Kernel(a)
		for i := range rows {
			if g, w := got.Str(i), string(joinElements(want(arrays[0][i], arrays[1][i]))); g != w {
				t.Fatalf("%s of %s and %s:\n%s, want\n%s", name, arrays[0][i], arrays[1][i], g, w)
			}
		}
	}
}
