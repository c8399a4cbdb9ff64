package storage

import "slices"

// order puts extents and tail in order of the sequence numbers of their first
// rows, and sums up the tail.
func (v *view) order() {
	slices.SortFunc(v.extents, func(a, b *extent) int { return cmpRuns(a.runs, b.runs) })
	slices.SortFunc(v.tail, func(a, b *tailEntry) int { return cmpRuns(a.runs, b.runs) })
	v.tailRows, v.tailBytes = 0, 0
	for _, e := range v.tail {
		v.tailRows += e.rows
		v.tailBytes += e.bytes
	}
}

func cmpRuns(a, b []run) int {
	switch x, y := firstSeq(a), firstSeq(b); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// firstSeq is the least sequence number of runs, which need not be in order.
func firstSeq(runs []run) uint64 {
	least := ^uint64(0)
	for _, r := range runs {
		least = min(least, r.seq)
	}
	return least
}

// add returns the view with entries and extents added.
func (v *view) add(tail []*tailEntry, extents []*extent) *view {
	n := &view{extents: v.extents, tail: v.tail, tailRows: v.tailRows, tailBytes: v.tailBytes}
	// Only the committer makes views, each from the last: appending to the
	// shared array does not touch what older views see of it.
	n.tail = append(n.tail, tail...)
	n.extents = append(n.extents, extents...)
	for _, e := range tail {
		n.tailRows += e.rows
		n.tailBytes += e.bytes
	}
	return n
}

// replace returns the view with some tail entries gone and others, or an
// extent, in their place. It reports false when they are not all there.
func (v *view) replace(gone []*tailEntry, tail []*tailEntry, extents []*extent) (*view, bool) {
	out := make(map[*tailEntry]bool, len(gone))
	for _, e := range gone {
		out[e] = true
	}
	n := &view{extents: slices.Clone(v.extents)}
	found := 0
	for _, e := range v.tail {
		if out[e] {
			found++
		} else {
			n.tail = append(n.tail, e)
		}
	}
	n.tail = append(n.tail, tail...)
	n.extents = append(n.extents, extents...)
	n.order()
	return n, found == len(gone)
}
