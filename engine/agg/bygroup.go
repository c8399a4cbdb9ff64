package agg

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

// byGroup collects a value of each of many rows, hashes or numbers, to be taken
// in group by group: where groups are many, each row would otherwise touch
// memory that is not in the processor's cache. Rows wait in chunks, which are
// never copied.
type byGroup[V int32 | uint64] struct {
	chunks []rowChunk[V]
	n      int
	room   int // rows that the chunks have room for
}

type rowChunk[V int32 | uint64] struct {
	groups []int32
	values []V
}

const chunkOfRows = 1 << 15

// mostRows is how many rows wait at most, at all workers together, and
// leastRows at one.
const (
	mostRows  = 1 << 24
	leastRows = 1 << 20
)

// full reports whether the rows should be taken in: few groups need no wait.
func (b *byGroup[V]) full(groups, threads int) bool {
	return b.n >= max(leastRows, mostRows/max(1, threads)) || groups <= 16 && b.n >= 1<<16
}

// chunk is one that has room for n more rows.
func (b *byGroup[V]) chunk(n int) *rowChunk[V] {
	if k := len(b.chunks); k > 0 {
		if c := &b.chunks[k-1]; cap(c.groups)-len(c.groups) >= n {
			return c
		}
	}
	n = max(n, chunkOfRows)
	b.chunks = append(b.chunks, rowChunk[V]{make([]int32, 0, n), make([]V, 0, n)})
	b.room += n
	return &b.chunks[len(b.chunks)-1]
}

// forget forgets the rows, and gives back the memory they were in.
func (b *byGroup[V]) forget() { *b = byGroup[V]{} }

// size is the memory held, and what it takes to sort the rows.
func (b *byGroup[V]) size() int64 {
	width := int64(unsafe.Sizeof(*new(V)))
	return (4+width)*int64(b.room) + width*int64(b.n)
}

// sortedRows are the values of rows by group.
type sortedRows[V int32 | uint64] struct {
	ends   []int32 // by group: where its values end
	values []V
}

// sort gives the values of all rows by group. They go on waiting.
func (b *byGroup[V]) sort(groups int) (out sortedRows[V]) {
	if b.n == 0 {
		return out
	}
	start := make([]int32, groups+1)
	for _, c := range b.chunks {
		for _, g := range c.groups {
			start[g+1]++
		}
	}
	for g := range groups {
		start[g+1] += start[g]
	}
	sorted := make([]V, b.n)
	for _, c := range b.chunks {
		for i, g := range c.groups {
			sorted[start[g]] = c.values[i]
			start[g]++
		}
	}
	return sortedRows[V]{start[:groups], sorted} // each group now starts where it ends
}

// of is the values of a group.
func (s *sortedRows[V]) of(g int32) []V {
	if int(g) >= len(s.ends) {
		return nil
	}
	from := int32(0)
	if g > 0 {
		from = s.ends[g-1]
	}
	return s.values[from:s.ends[g]]
}

// parallel calls f for 0…n-1 in several goroutines, each of which has a number.
func parallel(n, threads int, f func(worker, i int)) {
	if threads = min(threads, n); threads <= 1 {
		for i := range n {
			f(0, i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	panics := make([]any, threads)
	for w := range threads {
		wg.Go(func() {
			defer func() { panics[w] = recover() }()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(w, i)
			}
		})
	}
	wg.Wait()
	for _, p := range panics {
		if p != nil {
			panic(p) // whoever waits is guarded, a goroutine is not
		}
	}
}

// eachGroup calls f for all groups, some at a time.
func eachGroup(groups, threads int, f func(worker int, g int32)) {
	const some = 32
	parallel((groups+some-1)/some, threads, func(worker, i int) {
		for g := i * some; g < min(groups, (i+1)*some); g++ {
			f(worker, int32(g))
		}
	})
}

// inverse gives for each of n groups here the one there that it is, or -1.
func inverse(to []int32, n int) []int32 {
	out := make([]int32, n)
	for g := range out {
		out[g] = -1
	}
	for there, here := range to {
		out[here] = int32(there)
	}
	return out
}

// muchToMerge is from how many rows or values on a state is kept beside the one
// that it is merged into until results are asked for: all workers can take part
// then.
const muchToMerge = 1 << 16
