package agg

import (
	"cmp"
	"math"
	"slices"

	"tidemark/engine/agg/sketch"
	"tidemark/internal/wire"
	"tidemark/table"
)

// samples are the values of one group, as keys. They are kept exactly, equal
// ones together once there are many, up to exactSamples distinct values; what
// is more goes into a t-digest.
type samples struct {
	keys    []int64
	weights []int64 // nil while all are 1
	next    int     // the number of keys at which they are packed
	digest  *sketch.Digest
	tally   *tally // has the keys and weights instead, where most are equal ones; nil until then
}

const (
	exactSamples = 1 << 17
	leastPacked  = 1 << 10
)

func (s *samples) size() int64 {
	n := 8 * int64(cap(s.keys)+cap(s.weights))
	if s.digest != nil {
		n += 8 * int64(cap(s.digest.Means)+cap(s.digest.Weights))
	}
	if s.tally != nil {
		n += s.tally.size()
	}
	return n
}

// quick adds a key that is in the tally, and reports whether it is.
func (s *samples) quick(key, weight int64) bool {
	return s.tally != nil && s.tally.more(key, weight)
}

func (s *samples) add(t table.Type, key, weight int64) {
	if s.tally != nil {
		if s.tally.add(key, weight); s.tally.n > exactSamples {
			s.settle(t)
		}
		return
	}
	if weight != 1 && s.weights == nil {
		s.weights = ones(len(s.keys), cap(s.keys))
	}
	s.keys = append(s.keys, key)
	if s.weights != nil {
		s.weights = append(s.weights, weight)
	}
	s.settle(t)
}

// settle packs the keys where there are many, and folds them where they still are.
func (s *samples) settle(t table.Type) {
	many := len(s.keys)
	if s.tally == nil && many < max(s.next, leastPacked) {
		return
	}
	s.pack()
	if s.digest != nil || len(s.keys) > exactSamples {
		s.fold(t)
	}
	s.next = 2 * len(s.keys)
	switch {
	case s.digest != nil:
		s.next = exactSamples / 2
	case s.weights != nil && len(s.keys)*4 <= many*3: // many that come are there
		s.tally = newTally(s.keys, s.weights)
		s.keys, s.weights = nil, nil
	}
}

func ones(n, capacity int) []int64 {
	out := make([]int64, n, max(n, capacity))
	for i := range out {
		out[i] = 1
	}
	return out
}

// pack sorts the keys and puts equal ones together where that saves memory.
func (s *samples) pack() {
	if s.tally != nil {
		s.keys, s.weights = s.tally.all()
		s.tally = nil
		return
	}
	if s.weights == nil {
		sortKeys(s.keys)
		distinct := 0
		for i, k := range s.keys {
			if i == 0 || k != s.keys[i-1] {
				distinct++
			}
		}
		if distinct*2 > len(s.keys) {
			return
		}
		s.weights = ones(len(s.keys), 0)
	} else {
		s.sortWeighted()
	}
	n := 0
	for i, k := range s.keys {
		if n > 0 && s.keys[n-1] == k {
			s.weights[n-1] += s.weights[i]
			continue
		}
		s.keys[n], s.weights[n] = k, s.weights[i]
		n++
	}
	s.keys, s.weights = s.keys[:n], s.weights[:n]
}

// sortWeighted sorts keys with their weights. What was packed before is sorted
// already, at the front; what came since is sorted by itself and merged in.
func (s *samples) sortWeighted() {
	sorted := 1
	for sorted < len(s.keys) && s.keys[sorted-1] <= s.keys[sorted] {
		sorted++
	}
	if sorted >= len(s.keys) {
		return
	}
	fresh := slices.Clone(s.keys[sorted:])
	weights := slices.Clone(s.weights[sorted:])
	if slices.ContainsFunc(weights, func(w int64) bool { return w != 1 }) {
		if !slices.IsSorted(fresh) {
			sortBoth(fresh, weights)
		}
	} else {
		sortKeys(fresh)
	}
	i, j := sorted-1, len(fresh)-1
	for k := len(s.keys) - 1; j >= 0; k-- { // from the end, so that nothing is written over
		if i >= 0 && s.keys[i] > fresh[j] {
			s.keys[k], s.weights[k] = s.keys[i], s.weights[i]
			i--
			continue
		}
		s.keys[k], s.weights[k] = fresh[j], weights[j]
		j--
	}
}

func sortBoth(keys, weights []int64) {
	type sample struct{ key, weight int64 }
	both := make([]sample, len(keys))
	for i, k := range keys {
		both[i] = sample{k, weights[i]}
	}
	slices.SortFunc(both, func(a, b sample) int { return cmp.Compare(a.key, b.key) })
	for i, b := range both {
		keys[i], weights[i] = b.key, b.weight
	}
}

// fold moves the keys, which are sorted, into the digest.
func (s *samples) fold(t table.Type) {
	if s.digest == nil {
		s.digest = &sketch.Digest{}
	}
	means, weights := make([]float64, len(s.keys)), make([]float64, len(s.keys))
	for i, k := range s.keys {
		means[i], weights[i] = float64(k), 1
		if t == table.Real {
			if means[i] = keyReal(k); math.IsNaN(means[i]) {
				means[i] = math.Inf(-1)
			}
		}
		if s.weights != nil {
			weights[i] = float64(s.weights[i])
		}
	}
	s.digest.Merge(means, weights)
	s.keys, s.weights = s.keys[:0], nil
}

// merge takes in the samples of another group.
func (s *samples) merge(t table.Type, o *samples) {
	if s.tally != nil && o.tally != nil && o.digest == nil {
		for _, slot := range o.tally.slots {
			if slot.weight > 0 {
				s.add(t, slot.key, slot.weight)
			}
		}
		return
	}
	// Keys that are sorted on both sides are merged instead of sorted.
	s.pack()
	o.pack()
	if o.weights != nil && s.weights == nil {
		s.weights = ones(len(s.keys), 0)
	}
	s.keys = append(s.keys, o.keys...)
	switch {
	case o.weights != nil:
		s.weights = append(s.weights, o.weights...)
	case s.weights != nil:
		s.weights = append(s.weights, ones(len(o.keys), 0)...)
	}
	s.settle(t)
	if o.digest == nil {
		return
	}
	s.pack()
	s.fold(t)
	s.digest.Merge(o.digest.Means, o.digest.Weights)
	s.next = exactSamples / 2
}

// percentiles returns the keys of the percentiles ps, ascending or not, or
// false where there are no values.
func (s *samples) percentiles(t table.Type, ps []float64) ([]int64, bool) {
	s.pack()
	if s.digest != nil {
		s.fold(t)
	}
	out := make([]int64, len(ps))
	for i, p := range ps {
		switch {
		case s.digest != nil:
			v, _ := s.digest.Percentile(p)
			if t == table.Real {
				out[i] = realKey(v)
			} else {
				out[i] = int64(math.Round(v))
			}
		case len(s.keys) == 0:
			return nil, false
		case s.weights == nil:
			out[i] = s.keys[int(sketch.Rank(p, float64(len(s.keys))))-1]
		default:
			out[i] = s.weighted(p)
		}
	}
	return out, true
}

// weighted is a percentile of sorted keys with weights.
func (s *samples) weighted(p float64) int64 {
	total := int64(0)
	for _, w := range s.weights {
		total += w
	}
	rank := int64(sketch.Rank(p, float64(total)))
	for i, w := range s.weights {
		if rank -= w; rank <= 0 {
			return s.keys[i]
		}
	}
	return s.keys[len(s.keys)-1]
}

func (s *samples) encode(b []byte) []byte {
	if s.tally != nil {
		s.pack()
	}
	b = wire.Uint(wire.Fixeds(b, s.keys), uint64(s.next))
	if b = wire.Bool(b, s.weights != nil); s.weights != nil {
		b = wire.Fixeds(b, s.weights)
	}
	if b = wire.Bool(b, s.digest != nil); s.digest != nil {
		b = wire.Reals(wire.Reals(b, s.digest.Means), s.digest.Weights)
	}
	return b
}

func decodeSamples(r *wire.Reader) samples {
	s := samples{keys: r.Int64s(), next: int(r.Uint())}
	if r.Bool() {
		s.weights = r.Int64s()
	}
	if r.Bool() {
		s.digest = &sketch.Digest{Means: r.Reals(), Weights: r.Reals()}
	}
	return s
}
