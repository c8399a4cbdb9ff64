package rule

import (
	"cmp"
	"slices"

	"tidemark/table"
)

// Group is the rows of one combination of dimensions.
type Group struct {
	Key        string   // of the dimensions
	Dimensions []string // their values
	Met        bool     // whether the condition is
	Value      float64  // of the newest span
	Count      int64    // rows

	bins []bin
	rows []row  // the first by time; all where they are not too many
	rest uint64 // a fingerprint of those that are too many
}

// bin adds up the values of one span of time.
type bin struct {
	n             int64
	sum, min, max float64
}

func (b *bin) add(v float64) {
	if b.n == 0 || v < b.min {
		b.min = v
	}
	if b.n == 0 || v > b.max {
		b.max = v
	}
	b.n++
	b.sum += v
}

// value is what the measure makes of a span; without rows only Count has one.
func (b *bin) value(aggregation string) (float64, bool) {
	switch aggregation {
	case "Count":
		return float64(b.n), true
	case "Average":
		return b.sum / float64(b.n), b.n > 0
	case "Minimum":
		return b.min, b.n > 0
	case "Maximum":
		return b.max, b.n > 0
	}
	return b.sum, b.n > 0
}

// row is a row of a group.
type row struct {
	at     table.Time
	print  uint64 // the same for the same row at another tick
	values []any
}

// before is the order in which rows are kept and shown. It is total but for
// rows that are the same, so that what is left out of too many rows does not
// depend on the order in which they came.
func (a row) before(b row) int {
	if c := cmp.Compare(a.at, b.at); c != 0 {
		return c
	}
	return cmp.Compare(a.print, b.print)
}

func newGroup(key string, dims []string, periods int) *Group {
	return &Group{Key: key, Dimensions: dims, bins: make([]bin, max(1, periods))}
}

// take keeps a row.
func (g *Group) take(r row) {
	g.Count++
	g.rows = append(g.rows, r)
	if len(g.rows) >= 2*maxKept {
		g.trim()
	}
}

// trim keeps the first rows. The others leave the sum of their fingerprints,
// which changes when one of them does.
func (g *Group) trim() {
	slices.SortFunc(g.rows, row.before)
	if len(g.rows) <= maxKept {
		return
	}
	for _, r := range g.rows[maxKept:] {
		g.rest += r.print
	}
	clear(g.rows[maxKept:])
	g.rows = g.rows[:maxKept]
}

// settle works out whether the condition is met.
func (g *Group) settle(m *Measure) {
	g.trim()
	failing := 0
	for i := range g.bins {
		v, ok := g.bins[i].value(m.Aggregation)
		if i == 0 {
			g.Value = v
		}
		if ok && m.meets(v) {
			failing++
		}
	}
	g.Met = failing >= max(1, m.MinFailing)
	if g.bins[0].n == 0 && m.Aggregation != "Count" {
		g.Value = 0
	}
}

// prints are what tells whether the group has anything that an earlier tick
// did not have.
func (g *Group) prints() []uint64 {
	out := make([]uint64, 0, len(g.rows)+1)
	for _, r := range g.rows {
		out = append(out, r.print)
	}
	if g.rest != 0 {
		out = append(out, g.rest)
	}
	return out
}
