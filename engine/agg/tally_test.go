package agg

import (
	"math/rand/v2"
	"slices"
	"testing"

	"tidemark/table"
)

// Percentiles of values that repeat are those of the sorted values, however
// many there were at once.
func TestRepeatedSamples(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	for _, distinct := range []int64{1, 3, 400, 5000, 60000} {
		var parts [3]samples
		var all []int64
		for i := range 150000 {
			k := r.Int64N(distinct) - distinct/2
			weight := int64(1)
			if i%1000 == 999 {
				weight = 3
			}
			for range weight {
				all = append(all, k)
			}
			if p := &parts[i%3]; !p.quick(k, weight) {
				p.add(table.Long, k, weight)
			}
		}
		s := &parts[0]
		if s.tally == nil && distinct < 60000 {
			t.Errorf("%d distinct values are not counted", distinct)
		}
		for i := range parts[1:] {
			s.merge(table.Long, &parts[i+1])
		}
		slices.Sort(all)
		ps := []float64{0.01, 1, 25, 50, 75, 99, 100}
		got, ok := s.percentiles(table.Long, ps)
		for i, p := range ps {
			if want := all[max(1, int(float64(len(all))*p/100+0.9999999))-1]; !ok || got[i] != want {
				t.Errorf("%d distinct values: percentile %g is %d, want %d", distinct, p, got[i], want)
			}
		}
	}
}
