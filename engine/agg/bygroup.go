package agg

import "unsafe"

// byGroup collects a value of each of many rows, hashes or numbers, to be taken
// in group by group: where groups are many, each row would otherwise touch
// memory that is not in the processor's cache.
type byGroup[V int32 | uint64] struct {
	groups []int32
	values []V
	sorted []V
	start  []int32
}

// mostRows is how many rows wait at most.
const mostRows = 1 << 21

// full reports whether the rows should be taken in: few groups need no wait.
func (b *byGroup[V]) full(groups int) bool {
	return len(b.groups) >= mostRows || groups <= 16 && len(b.groups) >= 1<<16
}

// take calls f for each group that has rows, with their values, and forgets
// the rows.
func (b *byGroup[V]) take(groups int, f func(group int32, values []V)) {
	if len(b.groups) == 0 {
		return
	}
	if len(b.start) < groups+1 {
		b.start = make([]int32, groups+1+groups/4)
	}
	start := b.start[:groups+1]
	clear(start)
	for _, g := range b.groups {
		start[g+1]++
	}
	for g := range groups {
		start[g+1] += start[g]
	}
	if cap(b.sorted) < len(b.groups) {
		b.sorted = make([]V, cap(b.values))
	}
	sorted := b.sorted[:len(b.groups)]
	for i, g := range b.groups {
		sorted[start[g]] = b.values[i]
		start[g]++
	}
	from := int32(0) // start[g] is now where group g ends
	for g, to := range start[:groups] {
		if to > from {
			f(int32(g), sorted[from:to])
		}
		from = to
	}
	b.groups, b.values = b.groups[:0], b.values[:0]
}

func (b *byGroup[V]) size() int64 {
	return 4*int64(cap(b.groups)+cap(b.start)) + int64(unsafe.Sizeof(*new(V)))*int64(cap(b.values)+cap(b.sorted))
}
