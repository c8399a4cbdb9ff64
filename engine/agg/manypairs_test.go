package agg

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/vec"
	"tidemark/internal/wire"
)

// TestManyPairs: distinct values of many groups, at several workers with groups
// and dictionaries of their own, are counted right when the workers' states are
// merged, be they kept until results are asked for or written out before.
func TestManyPairs(t *testing.T) {
	for _, name := range []string{"count_distinct", "dcount"} {
		for _, known := range []int{-1, 0, 300} { // strings that have numbers before; -1: none ever get any
			for _, threads := range []int{1, 3} {
				for _, written := range []bool{false, true} {
					t.Run(fmt.Sprint(name, known, threads, written), func(t *testing.T) { manyPairs(t, name, known, threads, written) })
				}
			}
		}
	}
}

func manyPairs(t *testing.T, name string, known, threads int, written bool) {
	const ngroups, nvalues = 3000, 60_000
	r := rand.New(rand.NewPCG(3, 4))
	args := []arg{{t: s, values: []any{"a"}}}
	_, o, spec, _ := choose(t, name, args)
	numbers := vec.NewNumbering()
	for i := range known {
		numbers.Number("value " + strconv.Itoa(i))
	}
	fresh := func() State {
		st := o.New(spec)
		st.(Shared).Share(threads)
		if n, ok := st.(Numbered); ok && known >= 0 {
			n.Number(numbers)
		}
		return st
	}
	want := map[int32]map[int32]bool{}
	all := fresh()
	all.Grow(ngroups)
	for worker, rows := range []int{150_000, 90_000, 5_000} {
		part, order := fresh(), r.Perm(ngroups)
		part.Grow(ngroups)
		to := make([]int32, ngroups)
		for g, there := range order {
			to[there] = int32(g)
		}
		for at := 0; at < rows; {
			n := 1 + r.IntN(20_000)
			at += n
			values := make([]string, 25_000)
			base := r.IntN(nvalues - len(values))
			for i := range values {
				values[i] = "value " + strconv.Itoa(base+i)
			}
			groups, codes := make([]int32, n), make([]int32, n)
			for i := range groups {
				g := int32(r.IntN(ngroups))
				if r.IntN(4) == 0 {
					g = 7
				}
				codes[i] = int32(r.IntN(len(values)))
				if want[g] == nil {
					want[g] = map[int32]bool{}
				}
				want[g][int32(base)+codes[i]] = true
				groups[i] = int32(order[g])
			}
			a := vec.NewStrings(values, nil)
			coded := &vec.Coded{Packed: &vec.Packed{B32: codes, Values: a.(*array.String)}, Kin: len(values)}
			if c, ok := part.(Coder); !ok || worker == 1 || !c.AddCoded(groups, coded) {
				part.Add(groups, []vec.Column{{Arr: vec.NewDict(codes, a, nil)}}, n)
			}
		}
		all.Merge(part, to)
	}
	if written {
		again := fresh()
		again.Grow(ngroups)
		for g := range int32(ngroups) {
			one := o.New(spec)
			one.Grow(1)
			one.Decode(wire.NewReader(all.Encode(nil, []int32{g})), 1)
			again.Merge(one, []int32{g})
		}
		all = again
	}
	got := vec.Int64s(all.Results()[0].Arr)
	for g := range int32(ngroups) {
		exact := int64(len(want[g]))
		if off := got[g] - exact; off != 0 && (name == "count_distinct" || exact <= 2048 || max(off, -off) > exact/25) {
			t.Fatalf("group %d has %d distinct values, want %d", g, got[g], exact)
		}
	}
	if all.Size() <= 0 {
		t.Error("nothing is held")
	}
}
