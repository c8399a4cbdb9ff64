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
// since is advised now and then: when a query begins and while it runs.
//
// Huge pages cost memory, as all of a page is there once a byte of it is.
// TIDEMARK_HUGEPAGES=off leaves the heap as it is.
package huge

import (
	"os"
	"runtime/metrics"
	"sync"
	"time"
)

// Variable is the environment variable that turns huge pages off.
const Variable = "TIDEMARK_HUGEPAGES"

const (
	pause = 2 * time.Millisecond // between two looks at how large the heap is
	piece = 4 << 20              // the least that the runtime maps at once
)

var (
	off    = os.Getenv(Variable) == "off"
	mu     sync.Mutex
	looked time.Time
	known  uint64 // bytes mapped when the heap was last advised
	sample = []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
)

// Heap asks for huge pages for what the heap has grown by. It is cheap where it
// has not, and may be called often.
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
	if n := sample[0].Value.Uint64(); n >= known+max(piece, known/32) {
		known = n
		adviseHeap()
	}
}
