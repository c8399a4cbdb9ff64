package parser

import (
	lru "container/list"
	"sync"
)

// Cache keeps the trees of texts that were parsed without a complaint, so that
// what is asked again and again, as alert rules and dashboards do, is read
// once. The texts used last stay. Its trees are shared: nobody may change them.
// A nil Cache keeps nothing. It may be used from many goroutines.
type Cache struct {
	mu     sync.Mutex
	bytes  int // of texts
	trees  map[string]*lru.Element
	recent lru.List // of *Query, newest first
}

// How many bytes of text are kept, a tree takes some fifty times as much memory, and
// up to which length.
const (
	cachedBytes = 256 << 10
	cachedText  = 16 << 10
)

// NewCache makes an empty cache.
func NewCache() *Cache { return &Cache{trees: map[string]*lru.Element{}} }

// Parse is the function Parse.
func (c *Cache) Parse(text string) (*Query, Errors) {
	if c == nil || len(text) > cachedText {
		return Parse(text)
	}
	if q := c.find(text); q != nil {
		return q, nil
	}
	q, errs := Parse(text)
	if len(errs) == 0 {
		c.keep(q)
	}
	return q, errs
}

func (c *Cache) find(text string) *Query {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.trees[text]
	if e == nil {
		return nil
	}
	c.recent.MoveToFront(e)
	return e.Value.(*Query)
}

func (c *Cache) keep(q *Query) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.trees[q.Text] != nil {
		return // somebody was faster
	}
	c.trees[q.Text] = c.recent.PushFront(q)
	for c.bytes += len(q.Text); c.bytes > cachedBytes; {
		last := c.recent.Remove(c.recent.Back()).(*Query)
		delete(c.trees, last.Text)
		c.bytes -= len(last.Text)
	}
}
