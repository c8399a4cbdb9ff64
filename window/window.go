// Package window shows tables as of a moment: the rows of a span of time that
// had been taken in by an instant. Alert rules are evaluated on such views, so
// that a rule gives the same answer for a tick whenever it is asked.
//
//	window.go  View, the catalog and source that show it
//	block.go   the rows of a block that are within a view
//	cache.go   views that several queries share
package window

import (
	"context"
	"io"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// The columns that a view is about. A table that lacks one is not bounded by it.
const (
	TimeColumn    = "TimeGenerated"
	ArrivalColumn = "$IngestionTime"
)

// View says which rows of stored tables a query sees. The zero value is all of
// them; a bound that is 0 (the year 1) is none.
type View struct {
	// From and To bound TimeGenerated: From <= t < To.
	From, To table.Time
	// After and Upto bound the time of ingestion: After < t <= Upto.
	After, Upto table.Time
	// MaxAge leaves out rows that were older than this when they came.
	MaxAge table.Duration
	// Silent are spans of ingestion time, After < t <= Upto each, whose rows
	// are left out: back-fills that are to alert nobody.
	Silent []Span
	// Generated takes rows to have come when they were generated: for what
	// was imported long after. $IngestionTime then is TimeGenerated.
	Generated bool
}

// Span is a span of time without its beginning and with its end.
type Span struct{ After, Upto table.Time }

// byTime and byArrival report which columns the view is about.
func (v *View) byTime() bool { return v.From != 0 || v.To != 0 }
func (v *View) byArrival() bool {
	return v.After != 0 || v.Upto != 0 || v.MaxAge != 0 || len(v.Silent) > 0
}

// Catalog shows the tables of another through a view, and notes which of them
// were looked up.
type Catalog struct {
	inner table.Catalog
	view  View
	cache *Cache

	mu   sync.Mutex
	read []string
}

// NewCatalog shows the tables of inner through v. The cache may be nil.
func NewCatalog(inner table.Catalog, v View, cache *Cache) *Catalog {
	return &Catalog{inner: inner, view: v, cache: cache}
}

// Table returns the table named name as the view shows it.
func (c *Catalog) Table(name string) (table.Source, bool) {
	src, ok := c.inner.Table(name)
	if !ok {
		return nil, false
	}
	c.mu.Lock()
	if !slices.Contains(c.read, name) {
		c.read = append(c.read, name)
	}
	c.mu.Unlock()
	return newSource(src, c.view, c.cache), true
}

// Tables returns the names of all tables.
func (c *Catalog) Tables() []string { return c.inner.Tables() }

// Read returns the names of the tables that were looked up, in that order.
func (c *Catalog) Read() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.read)
}

// Function finds a stored function; it reads its tables through the view, too.
func (c *Catalog) Function(name string) (*table.Function, bool) {
	if f, ok := c.inner.(table.FunctionCatalog); ok {
		return f.Function(name)
	}
	return nil, false
}

// Functions lists the stored functions.
func (c *Catalog) Functions() []string {
	if f, ok := c.inner.(table.FunctionCatalog); ok {
		return f.Functions()
	}
	return nil
}

// source is a table as a view shows it.
type source struct {
	table.Source
	view          View
	cache         *Cache
	time, arrival int // places of the columns, -1 where they do not matter
	hidden        int // the place of $IngestionTime, where TimeGenerated stands for it; else -1
}

func newSource(src table.Source, v View, cache *Cache) *source {
	s := &source{Source: src, view: v, cache: cache, time: -1, arrival: -1, hidden: -1}
	column := func(name string) int {
		i := src.Schema().Index(name)
		if i >= 0 && src.Schema().Column(i).Type != table.Datetime {
			return -1
		}
		return i
	}
	if v.byTime() || v.MaxAge != 0 {
		s.time = column(TimeColumn)
	}
	if v.byArrival() {
		s.arrival = column(ArrivalColumn)
	}
	if t, a := column(TimeColumn), column(ArrivalColumn); v.Generated && t >= 0 && a >= 0 {
		s.hidden, s.time = a, t
		if s.arrival >= 0 {
			s.arrival = t
		}
	}
	return s
}

// Scan begins to read the rows within the view.
func (s *source) Scan(ctx context.Context, r table.Request) (table.Scan, error) {
	if s.time < 0 && s.arrival < 0 {
		return s.Source.Scan(ctx, r)
	}
	if s.cache != nil {
		if w, err := s.cache.open(ctx, s); w != nil || err != nil {
			return w, err
		}
	}
	inner, err := s.begin(ctx, r)
	if err != nil {
		return nil, err
	}
	return &scan{inner: inner, src: s}, nil
}

// begin starts a scan of the table with what the view says as hints. A limit and
// counts are of rows within the view, which the table cannot count.
func (s *source) begin(ctx context.Context, r table.Request) (table.Scan, error) {
	r.Limit, r.Count = 0, nil
	r.Where = append(slices.Clone(r.Where), s.bounds()...)
	if s.hidden >= 0 {
		r.Where = s.shown(r.Where)
	}
	r.Columns = slices.Clone(r.Columns)
	for _, c := range []int{s.time, s.arrival} {
		if c >= 0 && !slices.Contains(r.Columns, c) {
			r.Columns = append(r.Columns, c)
		}
	}
	return s.Source.Scan(ctx, r)
}

// shown are predicates with TimeGenerated in the place of $IngestionTime.
func (s *source) shown(ps []table.Predicate) []table.Predicate {
	out := slices.Clone(ps)
	for i := range out {
		if out[i].Column == s.hidden {
			out[i].Column = s.time
		}
		out[i].Of = s.shown(out[i].Of)
	}
	return out
}

func (s *source) bounds() []table.Predicate {
	var out []table.Predicate
	add := func(column int, op table.PredicateOp, t table.Time) {
		if column >= 0 && t != 0 {
			out = append(out, table.Predicate{Column: column, Op: op, Values: []any{int64(t)}})
		}
	}
	add(s.time, table.GreaterEqual, s.view.From)
	add(s.time, table.Less, s.view.To)
	add(s.arrival, table.Greater, s.view.After)
	add(s.arrival, table.LessEqual, s.view.Upto)
	return out
}

// scan hands out the blocks of a table cut to the view.
type scan struct {
	inner table.Scan
	src   *source
}

func (s *scan) Next(ctx context.Context) (table.Block, error) {
	for {
		b, err := s.inner.Next(ctx)
		if err != nil {
			return nil, err
		}
		cut, err := s.src.cut(b, false)
		if err != nil || cut != nil {
			return cut, err
		}
	}
}

func (s *scan) Stats() table.ScanStats { return s.inner.Stats() }
func (s *scan) Close() error           { return s.inner.Close() }

// Arrivals returns the distinct values of TimeGenerated among the rows of a
// table within a view, in ascending order, and at most limit of them.
func Arrivals(ctx context.Context, src table.Source, v View, limit int) ([]table.Time, error) {
	s := newSource(src, v, nil)
	at := src.Schema().Index(TimeColumn)
	if at < 0 || src.Schema().Column(at).Type != table.Datetime {
		return nil, nil
	}
	rows, err := s.Scan(ctx, table.Request{Columns: []int{at}})
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	seen := map[table.Time]bool{}
	for len(seen) < limit {
		b, err := rows.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := noteTimes(b, at, seen); err != nil {
			return nil, err
		}
	}
	out := make([]table.Time, 0, len(seen))
	for t := range seen {
		out = append(out, t)
	}
	slices.Sort(out)
	return out[:min(limit, len(out))], nil
}

func noteTimes(b table.Block, at int, seen map[table.Time]bool) error {
	times, err := readTimes(b, at)
	if err != nil {
		return err
	}
	for i := range times.Len() {
		if times.IsValid(i) {
			seen[table.Time(times.Value(i))] = true
		}
	}
	return nil
}

// readTimes reads a column of datetimes.
func readTimes(b table.Block, column int) (*array.Int64, error) {
	a, err := b.Column(column, nil)
	if err != nil {
		return nil, err
	}
	return a.(*array.Int64), nil
}
