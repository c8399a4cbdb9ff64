package op

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestActiveMoments compares with a count of the periods for each row anew.
func TestActiveMoments(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		var rows []moment
		at := int64(0)
		for range rnd.IntN(60) {
			at += int64(rnd.IntN(4))
			rows = append(rows, moment{at, int32(rnd.IntN(4) - 1)})
		}
		start, look, step, enough := int64(rnd.IntN(9)), int64(rnd.IntN(20)), int64(1+rnd.IntN(5)), int64(1+rnd.IntN(4))
		cut := &timeline{start: start, step: step}
		var want []moment
		for i, m := range rows {
			periods := map[int64]bool{cut.bin(m.at): true}
			for _, before := range rows[:i] {
				if before.id == m.id && before.at > m.at-look {
					periods[cut.bin(before.at)] = true
				}
			}
			if m.id >= 0 && int64(len(periods)) >= enough {
				want = append(want, m)
			}
		}
		if got := activeMoments(rows, start, look, step, enough); !slices.Equal(got, want) {
			t.Fatalf("%v in %d by %d, %d of them:\n%v, want\n%v", rows, look, step, enough, got, want)
		}
	}
}
