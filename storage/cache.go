package storage

import (
	"container/list"
	"sync"

	"tidemark/internal/huge"
)

// cache keeps what has been read of extents, up to a number of bytes; what has
// not been used for longest goes first. A thing that several goroutines want is
// read once.
type cache struct {
	mu     sync.Mutex
	limit  int64
	most   int64 // that limit may grow to
	told   int64 // what tell was last told
	tell   func(bytes int64)
	used   int64
	items  map[cacheKey]*cacheItem
	recent list.List // of *cacheItem, newest first; loaded ones only
}

type cacheKey struct {
	extent *extent
	column uint32
	kind   cacheKind
	page   int32
	same   string // of what is remembered of conditions: what they are
}

// cacheKind is what is kept of a column.
type cacheKind uint8

const (
	cachedColumn cacheKind = iota // all of it, decoded: *column
	cachedNumbers
	cachedShape // numbers without what is apart
	cachedHead
	cachedDict
	cachedText   // a page of the dictionary
	cachedCodes  // a page of narrow codes, decoded
	cachedCounts //
	cachedFilter //
	cachedPostings
	cachedMarks // of a value in a page
	cachedMatches
	cachedMarkedRows
	cachedPlaces
	cachedFine // the finest ranges of a page
	cachedRowCount
)

// sized is something to keep; size is the memory it takes.
type sized interface{ size() int64 }

type cacheItem struct {
	key   cacheKey
	ready chan struct{} // closed when loaded
	value sized
	err   error
	place *list.Element
}

// What a cache may hold that nobody has set a bound for: as much as the table on
// disk that is read, within these.
const (
	cacheLeast = 704 << 20
	cacheShare = 4 // of the machine's memory
)

// newCache makes a cache with a bound; 0 is the one above.
func newCache(limit int64) *cache {
	c := &cache{limit: limit, most: limit, items: map[cacheKey]*cacheItem{}}
	if limit == 0 {
		c.limit, c.most = cacheLeast, max(cacheLeast, MemoryOfMachine()/cacheShare)
	}
	return c
}

// serve is told that a table is going to be read which has so much on disk.
func (c *cache) serve(stored int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = max(c.limit, min(stored, c.most))
}

// get returns what is kept, calling load when it is not there.
func (c *cache) get(k cacheKey, load func() (sized, error)) (sized, error) {
	c.mu.Lock()
	it := c.items[k]
	if it != nil {
		if it.place != nil {
			c.recent.MoveToFront(it.place)
		}
		c.mu.Unlock()
		<-it.ready
		return it.value, it.err
	}
	it = &cacheItem{key: k, ready: make(chan struct{})}
	c.items[k] = it
	c.mu.Unlock()

	it.value, it.err = load()
	close(it.ready)
	huge.Heap()

	c.keep(it)
	return it.value, it.err
}

// cacheStep is by how much the bytes kept change until somebody is told.
const cacheStep = 8 << 20

// keep keeps a thing that has been loaded. How many bytes there are is told with
// the lock held, so that the last who is told something is told the latest.
func (c *cache) keep(it *cacheItem) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if it.err != nil || it.value.size() > c.limit {
		delete(c.items, it.key)
		return
	}
	it.place = c.recent.PushFront(it)
	c.used += it.value.size()
	for c.used > c.limit {
		c.remove(c.recent.Back().Value.(*cacheItem))
	}
	if d := c.used - c.told; c.tell != nil && (d >= cacheStep || -d >= cacheStep) {
		c.told = c.used
		c.tell(c.used)
	}
}

// peek returns what is kept, nil where nothing is.
func (c *cache) peek(k cacheKey) sized {
	c.mu.Lock()
	defer c.mu.Unlock()
	if it := c.items[k]; it != nil && it.place != nil {
		c.recent.MoveToFront(it.place)
		return it.value
	}
	return nil
}

// forget drops all that is kept of an extent.
func (c *cache) forget(e *extent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, it := range c.items {
		if k.extent == e && it.place != nil {
			c.remove(it)
		}
	}
}

func (c *cache) remove(it *cacheItem) {
	c.recent.Remove(it.place)
	c.used -= it.value.size()
	delete(c.items, it.key)
}
