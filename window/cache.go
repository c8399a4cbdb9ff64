package window

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/apache/arrow/go/v15/arrow/memory"

	"tidemark/table"
)

var allocator = memory.DefaultAllocator

// Cache keeps what views show, so that the many rules that look at the same
// window of the same table read it once. It may only be used for views whose
// rows are settled: Upto has passed and nothing comes before it any more.
type Cache struct {
	mu      sync.Mutex
	shared  map[string]*shared
	maxRows int
}

// NewCache makes a cache of windows of up to maxRows rows each; larger ones
// are read anew by each query. It must be closed.
func NewCache(maxRows int) *Cache {
	return &Cache{shared: map[string]*shared{}, maxRows: maxRows}
}

// Close forgets all windows; those that are being read, when that ends.
func (c *Cache) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.shared {
		w.release()
	}
	clear(c.shared)
	return nil
}

// shared is the rows of one view of one table.
type shared struct {
	once   sync.Once
	err    error
	inner  table.Scan
	blocks []table.Block
	large  bool // has too many rows to be shared

	mu   sync.Mutex
	refs int
}

func (w *shared) release() {
	w.mu.Lock()
	w.refs--
	last := w.refs == 0
	w.mu.Unlock()
	if last && w.inner != nil {
		w.inner.Close()
	}
}

// open returns a scan of the window, or nil where it is too large to share.
func (c *Cache) open(ctx context.Context, s *source) (table.Scan, error) {
	key := fmt.Sprint(s.Name(), "\x00", s.view)
	c.mu.Lock()
	w := c.shared[key]
	if w == nil {
		w = &shared{refs: 1}
		c.shared[key] = w
	}
	w.mu.Lock()
	w.refs++
	w.mu.Unlock()
	c.mu.Unlock()
	w.once.Do(func() { w.read(ctx, s, c.maxRows) })
	if w.err != nil || w.large {
		err := w.err
		w.release()
		if err != nil {
			c.forget(key, w) // a query that was cancelled must not spoil the next
		}
		return nil, err
	}
	return &sharedScan{window: w}, nil
}

func (c *Cache) forget(key string, w *shared) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shared[key] == w {
		delete(c.shared, key)
		w.release()
	}
}

// read finds the rows of the window.
func (w *shared) read(ctx context.Context, s *source, maxRows int) {
	all := make([]int, s.Schema().Len())
	for i := range all {
		all[i] = i
	}
	w.inner, w.err = s.begin(ctx, table.Request{Columns: all})
	rows := 0
	for w.err == nil && rows <= maxRows {
		b, err := w.inner.Next(ctx)
		if err == io.EOF {
			return
		}
		if err == nil {
			b, err = s.cut(b, true)
		}
		if w.err = err; b != nil && err == nil {
			rows += b.Rows()
			w.blocks = append(w.blocks, b)
		}
	}
	w.large, w.blocks = w.err == nil, nil
}

// sharedScan hands out the blocks of a window to one query.
type sharedScan struct {
	window *shared
	mu     sync.Mutex
	next   int
	rows   int64
	closed bool
}

func (s *sharedScan) Next(ctx context.Context) (table.Block, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.closed || s.next == len(s.window.blocks) {
		return nil, io.EOF
	}
	b := s.window.blocks[s.next]
	s.next++
	s.rows += int64(b.Rows())
	return b, nil
}

// Stats counts the rows handed out; the extents were read for all queries.
func (s *sharedScan) Stats() table.ScanStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return table.ScanStats{RowsScanned: s.rows}
}

func (s *sharedScan) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		s.window.release()
	}
	return nil
}
