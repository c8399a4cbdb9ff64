package alert

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"tidemark"
	"tidemark/rule"
	"tidemark/table"
	"tidemark/window"
)

// Data answers the questions of rules from a database.
type Data struct {
	DB *tidemark.DB
	// Cache, where not nil, keeps windows that several rules look at.
	Cache *window.Cache
	// Silent are back-fills that alert nobody.
	Silent []window.Span
	// Generated takes rows to have come when they were generated.
	Generated bool

	mu       sync.Mutex
	arrivals map[string]*arrivals
}

type arrivals struct {
	once  sync.Once
	times []table.Time
	err   error
}

func (d *Data) view(v window.View) window.View {
	v.Silent, v.Generated = d.Silent, d.Generated
	return v
}

// Query implements rule.Data.
func (d *Data) Query(ctx context.Context, text string, now time.Time, v window.View, rows rule.Receiver) ([]string, error) {
	res, err := d.DB.Query(ctx, text, tidemark.AsOf(now, d.view(v), d.Cache))
	if err != nil {
		return nil, err
	}
	defer res.Close()
	tables := res.Tables()
	if len(tables) != 1 {
		return nil, fmt.Errorf("the query gives %d tables; a rule looks at one", len(tables))
	}
	t := tables[0]
	cols := t.Columns()
	if err := rows.Columns(cols); err != nil {
		return nil, err
	}
	values := make([]any, len(cols))
	for {
		b, err := t.NextBatch(ctx)
		if errors.Is(err, io.EOF) {
			return res.TablesRead(), nil
		}
		if err != nil {
			return nil, err
		}
		for i := range b.N {
			for c := range cols {
				values[c] = typed(b.Cols[c].Value(i), cols[c].Type)
			}
			if err := rows.Row(values); err != nil {
				return nil, err
			}
		}
	}
}

// typed tells times and spans of time from numbers.
func typed(v any, t table.Type) any {
	if n, ok := v.(int64); ok {
		switch t {
		case table.Datetime:
			return table.Time(n)
		case table.Timespan:
			return table.Duration(n)
		}
	}
	return v
}

// maxArrivals is how many event times of rows that came between two ticks are
// told apart.
const maxArrivals = 1_000_000

// Arrivals implements rule.Data. Many rules ask about the same table and time.
func (d *Data) Arrivals(ctx context.Context, name string, v window.View) ([]table.Time, error) {
	key := fmt.Sprint(name, "\x00", v)
	d.mu.Lock()
	if d.arrivals == nil {
		d.arrivals = map[string]*arrivals{}
	}
	a := d.arrivals[key]
	if a == nil {
		a = &arrivals{}
		d.arrivals[key] = a
	}
	d.mu.Unlock()
	a.once.Do(func() { a.times, a.err = d.DB.Arrivals(ctx, name, d.view(v), maxArrivals) })
	if a.err != nil { // of a query that was cancelled, perhaps
		d.mu.Lock()
		delete(d.arrivals, key)
		d.mu.Unlock()
	}
	return a.times, a.err
}
