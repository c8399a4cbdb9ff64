package agg

import (
	"tidemark/engine/vec"
)

// byGroup collects the hashes of rows, to be taken in group by group: where
// groups are many, each row would otherwise touch memory that is not in the
// processor's cache.
type byGroup struct {
	groups []int32
	hashes []uint64
	sorted []uint64
	start  []int32
}

// mostRows is how many rows wait at most.
const mostRows = 1 << 21

// addCoded adds rows whose hashes are known by code.
func (b *byGroup) addCoded(groups []int32, c *vec.Coded, hashes []uint64) {
	if b.groups == nil {
		b.groups, b.hashes = make([]int32, 0, mostRows+1<<16), make([]uint64, 0, mostRows+1<<16)
	}
	b.groups = append(b.groups, groups...)
	b.hashes = vec.AppendByCode(b.hashes, c, hashes)
}

// full reports whether the rows should be taken in: few groups need no wait.
func (b *byGroup) full(groups int) bool {
	return len(b.groups) >= mostRows || groups <= 16 && len(b.groups) >= 1<<16
}

// take calls f for each group that has rows, with their hashes, and forgets
// the rows.
func (b *byGroup) take(groups int, f func(group int32, hashes []uint64)) {
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
		b.sorted = make([]uint64, cap(b.hashes))
	}
	sorted := b.sorted[:len(b.groups)]
	for i, g := range b.groups {
		sorted[start[g]] = b.hashes[i]
		start[g]++
	}
	from := int32(0) // start[g] is now where group g ends
	for g, to := range start[:groups] {
		if to > from {
			f(int32(g), sorted[from:to])
		}
		from = to
	}
	b.groups, b.hashes = b.groups[:0], b.hashes[:0]
}

func (b *byGroup) size() int64 {
	return 4*int64(cap(b.groups)+cap(b.start)) + 8*int64(cap(b.hashes)+cap(b.sorted))
}
