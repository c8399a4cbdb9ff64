package storage

import (
	"container/list"
	"sync"
)

// cache keeps decoded columns of extents, up to a number of bytes; what has
// not been used for longest goes first. A column that several goroutines want
// is read once.
type cache struct {
	mu     sync.Mutex
	limit  int64
	used   int64
	items  map[cacheKey]*cacheItem
	recent list.List // of *cacheItem, newest first; loaded ones only
}

type cacheKey struct {
	extent *extent
	column uint32
}

type cacheItem struct {
	key   cacheKey
	ready chan struct{} // closed when loaded
	col   *column
	err   error
	place *list.Element
}

func newCache(limit int64) *cache {
	return &cache{limit: limit, items: map[cacheKey]*cacheItem{}}
}

// get returns a column, calling load when it is not there.
func (c *cache) get(k cacheKey, load func() (*column, error)) (*column, error) {
	c.mu.Lock()
	it := c.items[k]
	if it != nil {
		if it.place != nil {
			c.recent.MoveToFront(it.place)
		}
		c.mu.Unlock()
		<-it.ready
		return it.col, it.err
	}
	it = &cacheItem{key: k, ready: make(chan struct{})}
	c.items[k] = it
	c.mu.Unlock()

	it.col, it.err = load()
	close(it.ready)

	c.mu.Lock()
	defer c.mu.Unlock()
	if it.err != nil || it.col.size() > c.limit {
		delete(c.items, k)
		return it.col, it.err
	}
	it.place = c.recent.PushFront(it)
	c.used += it.col.size()
	for c.used > c.limit {
		c.remove(c.recent.Back().Value.(*cacheItem))
	}
	return it.col, nil
}

// peek returns a column if it is there.
func (c *cache) peek(k cacheKey) *column {
	c.mu.Lock()
	defer c.mu.Unlock()
	if it := c.items[k]; it != nil && it.place != nil {
		return it.col
	}
	return nil
}

func (c *cache) remove(it *cacheItem) {
	c.recent.Remove(it.place)
	c.used -= it.col.size()
	delete(c.items, it.key)
}
