package agg

import (
	"math/rand/v2"
	"testing"

	"tidemark/engine/vec"
	"tidemark/table"
)

// TestPairRows: the rows of groups that wait in parts, at several workers and
// with groups told apart on the way, are those that a state finds.
func TestPairRows(t *testing.T) {
	const rows, lefts, rights = 200_000, 7, 900
	r := rand.New(rand.NewPCG(1, 2))
	want := &argRow{t: table.Long}
	want.Grow(lefts * rights)
	var waits []*PairRows
	var to [][2][]int32
	for range 2 {
		waits = append(waits, (&argRow{t: table.Long}).Wait(nil, nil, nil))
		to = append(to, [2][]int32{numbers(r, lefts), numbers(r, rights)})
	}
	to[0] = [2][]int32{}
	for at := 0; at < rows; {
		n, w := 1+r.IntN(5000), r.IntN(2)
		left, right, parts, groups := make([]int32, n), make([]int32, n), make([]int32, n), make([]int32, n)
		keys, valid, places := make([]int64, n), make([]bool, n), make([]int64, n)
		for i := range n {
			left[i], right[i] = int32(r.IntN(lefts)), int32(r.IntN(rights))
			l, r2 := left[i], right[i]
			if w > 0 {
				l, r2 = to[w][0][l], to[w][1][r2]
			}
			groups[i], parts[i] = l*rights+r2, (l+r2)%3
			keys[i], valid[i], places[i] = int64(r.IntN(50)), r.IntN(3) > 0, int64(at)
			at++
		}
		c := vec.Column{Arr: vec.NewInt64s(keys, valid)}
		want.AddPlaced(groups, c, places)
		waits[w].Add(left, right, parts, c, places)
		if size := waits[w].Size(); size > 24*8*lefts*rights+24*roomy*4 {
			t.Fatalf("%d bytes wait", size)
		}
	}
	waits[1].Compact()
	left := map[int64]bool{}
	for _, k := range want.best {
		if k.place != 0 {
			left[k.place&^nullPlace-1] = true
		}
	}
	var picker PairPicker
	for part := range Parts {
		picker.Pick(waits, to, part, func(place int64) {
			if !left[place] {
				t.Fatalf("the row at %d is none of those that remain", place)
			}
			delete(left, place)
		})
	}
	if len(left) > 0 {
		t.Errorf("%d rows were not picked", len(left))
	}
}

func numbers(r *rand.Rand, n int) []int32 {
	out := make([]int32, n)
	for i, k := range r.Perm(n) {
		out[i] = int32(k)
	}
	return out
}
