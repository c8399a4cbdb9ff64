package agg

import "math/bits"

// tally counts equal keys, by open addressing.
type tally struct {
	slots []tallySlot // a power of two of them
	shift int
	n     int // distinct keys
}

// tallySlot is a key and how much of it there is; 0: the slot is free.
type tallySlot struct{ key, weight int64 }

// newTally makes a tally of keys that are distinct.
func newTally(keys, weights []int64) *tally {
	t := &tally{}
	t.resize(2*len(keys) + 1)
	for i, k := range keys {
		t.add(k, weights[i])
	}
	return t
}

func (t *tally) resize(n int) {
	old := t.slots
	width := max(4, bits.Len(uint(n-1)))
	t.slots, t.shift, t.n = make([]tallySlot, 1<<width), 64-width, 0
	for _, s := range old {
		if s.weight > 0 {
			t.add(s.key, s.weight)
		}
	}
}

// place is the slot of a key, or the free one that it would get.
func (t *tally) place(key int64) *tallySlot {
	mask := uint64(len(t.slots) - 1)
	for i := uint64(key) * 0x9e3779b97f4a7c15 >> t.shift; ; i++ {
		if s := &t.slots[i&mask]; s.key == key || s.weight == 0 {
			return s
		}
	}
}

// more adds to a key that is there, and reports whether it is.
func (t *tally) more(key, weight int64) bool {
	s := t.place(key)
	if s.weight == 0 {
		return false
	}
	s.weight += weight
	return true
}

func (t *tally) add(key, weight int64) {
	if t.more(key, weight) {
		return
	}
	if t.n*2 >= len(t.slots) {
		t.resize(2 * len(t.slots))
	}
	*t.place(key) = tallySlot{key, weight}
	t.n++
}

// all returns the keys and their weights, in ascending order.
func (t *tally) all() (keys, weights []int64) {
	keys, weights = make([]int64, 0, t.n), make([]int64, t.n)
	for _, s := range t.slots {
		if s.weight > 0 {
			keys = append(keys, s.key)
		}
	}
	sortKeys(keys)
	for i, k := range keys {
		weights[i] = t.place(k).weight
	}
	return keys, weights
}

func (t *tally) size() int64 { return 16 * int64(len(t.slots)) }
