package tidemark

import (
	"context"
	"fmt"
	"time"

	"tidemark/storage"
	"tidemark/table"
	"tidemark/window"
)

// AsOf runs a query as of a moment: now() gives now, and stored tables show
// the rows within the view. The cache, which may be nil, is for many queries
// of settled views: see window.Cache.
func AsOf(now time.Time, v window.View, cache *window.Cache) QueryOption {
	return func(o *queryOptions) { o.asOf = &asOf{now, v, cache} }
}

type asOf struct {
	now   time.Time
	view  window.View
	cache *window.Cache
}

// Arrivals returns the distinct values of TimeGenerated among the rows of a
// table within a view, in ascending order, and at most limit of them. A table
// that does not exist has none.
func (db *DB) Arrivals(ctx context.Context, name string, v window.View, limit int) ([]table.Time, error) {
	c := &catalog{db: db}
	src, ok := c.Table(name)
	if c.err != nil || !ok {
		return nil, c.err
	}
	return window.Arrivals(ctx, src, v, limit)
}

// Fence draws a line through the ingestion times: rows that are committed
// after it returns are stamped after t, whatever the clock does. t must not be
// in the future. See storage.Store.Fence.
func (db *DB) Fence(ctx context.Context, t time.Time) error {
	s, err := db.writable()
	if err != nil {
		return err
	}
	return s.Fence(ctx, table.FromGo(t))
}

// Mark returns what was stored under key together with a batch, or nil: see
// table.Batch.
func (db *DB) Mark(key string) ([]byte, error) {
	s, err := db.open()
	if err != nil {
		return nil, err
	}
	return s.Mark(key)
}

// Now is the database's clock: see Clock.
func (db *DB) Now() time.Time { return db.opts.now() }

// EnsureTable makes a built-in table where the database has none of its name.
func (db *DB) EnsureTable(name string) error {
	s, err := db.writable()
	if err != nil {
		return err
	}
	if _, ok := (&destination{Store: s}).Schema(name); !ok {
		return fmt.Errorf("%w: %s", storage.ErrNoTable, name)
	}
	return nil
}

// Dir is the directory of the database.
func (db *DB) Dir() string { return db.dir }
