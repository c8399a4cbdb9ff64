// Package huge asks the system to back Go's heap with huge pages.
//
// What queries read and fill is hundreds of megabytes that nobody touches
// between two queries. With pages of 4 KB each of them costs a fault when it is
// first used, and walks through cold page tables, twice as deep in a virtual
// machine, when it is used again after a second or more; with pages of 2 MB both
// are five hundred times rarer.
//
// Go does not ask for them, and where the system gives them only to those who do
// (transparent_hugepage/enabled is madvise, as on most servers) its heap has
// none. The heap is not ours to give advice about, but this advice is no more
// than a hint on how addresses are backed: the runtime never unmaps its heap, and
// pages that it hands back (MADV_DONTNEED, MADV_FREE) leave the advice standing.
// It maps the heap in pieces of 4 MB or more as it grows, so what was mapped
// since is advised now and then: when a query begins and while it runs. And it is
// made to map more than it needs, so that this has been advised once it is needed.
//
// Huge pages cost memory, as all of a page is there once a byte of it is.
// TIDEMARK_HUGEPAGES=off leaves the heap as it is.
package huge

import (
	"os"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"time"
)

// Variable is the environment variable that turns huge pages off.
const Variable = "TIDEMARK_HUGEPAGES"

const (
	pause = 2 * time.Millisecond // between two looks at how large the heap is
	piece = 4 << 20              // the least that the runtime maps at once
)

// The heap is grown ahead of what fills it: what is advised before it is touched
// is backed by huge pages from the first byte on, while what the system moves
// later it moves slowly, if at all. ahead is by how much, room how much is left
// in it when it is.
const (
	ahead = 256 << 20
	room  = 48 << 20
)

var (
	off    = os.Getenv(Variable) == "off"
	mu     sync.Mutex
	looked time.Time
	known  uint64 // bytes mapped when the heap was last advised
	sample = []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/gc/gomemlimit:bytes"}}
)

// Heap asks for huge pages for what the heap has grown by, and is going to. It
// is cheap where it has not, and may be called often.
func Heap() {
	if off || !mu.TryLock() {
		return
	}
	defer mu.Unlock()
	now := time.Now()
	if now.Sub(looked) < pause {
		return
	}
	looked = now
	metrics.Read(sample)
	at := func(i int) uint64 { return sample[i].Value.Uint64() }
	total, objects, left, limit := at(0), at(1), at(2)+at(3), at(4)
	switch {
	case advises && growth(objects, left, limit):
		var b strings.Builder
		b.Grow(ahead) // neither cleared nor touched: it takes addresses, and no memory
		adviseHeap()
		runtime.KeepAlive(&b)
		known = total + ahead
	case total >= known+max(piece, known/32):
		known = total
		adviseHeap()
	}
}

// growth reports that a heap with so many bytes of objects and so many left is
// to be grown. What it is grown by counts as used until it has been collected,
// so that it must be far from the bound of memory.
func growth(objects, left, limit uint64) bool {
	return left < room && objects+ahead < limit/4*3
}
