package rule

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidemark/table"
	"tidemark/window"
)

// Data answers the questions of rules. Values of rows are nil, bool, int64,
// float64, string, table.Time or table.Duration.
type Data interface {
	// Query runs a query as of a moment and hands out its rows, first their
	// columns. It tells which stored tables the query read.
	Query(ctx context.Context, text string, now time.Time, v window.View, rows Receiver) (read []string, err error)
	// Arrivals gives the distinct event times of the rows of a table within a
	// view, in ascending order.
	Arrivals(ctx context.Context, table string, v window.View) ([]table.Time, error)
}

// Receiver takes the rows of a query.
type Receiver interface {
	Columns(cols []table.Column) error
	Row(values []any) error
}

// Outcome is what a query gave at a tick, group by group.
type Outcome struct {
	Tick    Tick
	Columns []table.Column
	Read    []string // tables
	Rows    int64
	Groups  []*Group // in the order of their keys
}

// Bounds of one evaluation.
const (
	maxGroups = 20_000 // combinations of dimensions
	maxKept   = 10_000 // rows of a group that are told apart
)

// Evaluate runs the query of a rule for a tick and works out its measure.
func (r *Rule) Evaluate(ctx context.Context, t Tick, d Data) (*Outcome, error) {
	e := &evaluation{rule: r, tick: t, groups: map[string]*Group{}}
	read, err := d.Query(ctx, r.Query, t.Now, t.View(r.MaxAge), e)
	if err != nil {
		return nil, err
	}
	if len(r.Measure.Dimensions) == 0 && len(e.groups) == 0 {
		e.groups[""] = newGroup("", nil, r.Measure.Periods)
	}
	out := &Outcome{Tick: t, Columns: e.cols, Read: read, Rows: e.rows}
	for _, g := range e.groups {
		g.settle(&r.Measure)
		out.Groups = append(out.Groups, g)
	}
	slices.SortFunc(out.Groups, func(a, b *Group) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// evaluation sorts the rows of a query into groups as they come.
type evaluation struct {
	rule   *Rule
	tick   Tick
	cols   []table.Column
	dims   []int // places of the dimensions
	metric int   // of the measured column, -1 for Count
	time   int   // of TimeGenerated, -1 where there is none
	binned bool  // rows are told apart by time: a value is of less than all that the query sees
	corr   int   // of CorrelationId
	steady []int // columns that make a row's fingerprint
	groups map[string]*Group
	rows   int64
}

// volatileColumns differ between two copies of the same event.
var volatileColumns = []string{"_ItemId", "_TimeReceived", "TenantId", "IngestionTime", window.ArrivalColumn}

// Columns finds the columns that the measure is about.
func (e *evaluation) Columns(cols []table.Column) error {
	if e.cols != nil {
		return fmt.Errorf("the query gives more than one table; a rule looks at one")
	}
	e.cols = cols
	at := func(name string) int {
		return slices.IndexFunc(cols, func(c table.Column) bool { return c.Name == name })
	}
	m := &e.rule.Measure
	for _, d := range m.Dimensions {
		i := at(d.Name)
		if i < 0 {
			return fmt.Errorf("the query gives no column %s, which is a dimension", d.Name)
		}
		e.dims = append(e.dims, i)
	}
	e.metric = -1
	if m.Aggregation != "Count" {
		if e.metric = at(m.Column); e.metric < 0 || !cols[e.metric].Type.IsNumeric() {
			return fmt.Errorf("the query gives no column %s of numbers, which is to be measured", m.Column)
		}
	}
	e.time = at(window.TimeColumn)
	if e.time >= 0 && cols[e.time].Type != table.Datetime {
		e.time = -1
	}
	if m.Periods > 1 && e.time < 0 {
		return fmt.Errorf("the query gives no column %s, which failing periods need", window.TimeColumn)
	}
	e.binned = e.time >= 0 && (m.Periods > 1 || m.Bin > 0 && m.Bin < e.rule.Period)
	e.corr = at("CorrelationId")
	for i, c := range cols {
		if !slices.Contains(volatileColumns, c.Name) {
			e.steady = append(e.steady, i)
		}
	}
	return nil
}

// Row puts a row into its group.
func (e *evaluation) Row(values []any) error {
	e.rows++
	bin := 0
	if e.binned {
		if bin = e.bin(values[e.time]); bin < 0 {
			return nil
		}
	}
	dims := make([]string, len(e.dims))
	for i, c := range e.dims {
		dims[i] = Text(values[c])
		if !e.rule.Measure.Dimensions[i].takes(dims[i]) {
			return nil
		}
	}
	key := joined(dims)
	g := e.groups[key]
	if g == nil {
		if len(e.groups) >= maxGroups {
			return fmt.Errorf("the dimensions have more than %d combinations of values", maxGroups)
		}
		g = newGroup(key, dims, e.rule.Measure.Periods)
		e.groups[key] = g
	}
	if e.metric >= 0 {
		v, ok := number(values[e.metric])
		if !ok {
			return nil
		}
		g.bins[bin].add(v)
	} else {
		g.bins[bin].add(0)
	}
	g.take(e.row(key, values))
	return nil
}

// bin is which of the last spans of time a row is in: 0 the newest, -1 none.
func (e *evaluation) bin(v any) int {
	t, ok := v.(table.Time)
	if !ok {
		return -1
	}
	back := ticks(e.tick.Now) - 1 - t
	n := int64(back) / int64(table.FromGoDuration(e.rule.Measure.Bin))
	if back < 0 || n >= int64(e.rule.Measure.Periods) {
		return -1
	}
	return int(n)
}

// row makes the row of a group: its values and fingerprint.
func (e *evaluation) row(key string, values []any) row {
	out := row{values: slices.Clone(values)}
	if e.time >= 0 {
		if t, ok := values[e.time].(table.Time); ok {
			out.at = t
		}
	}
	if e.corr >= 0 {
		if c := Text(values[e.corr]); c != "" {
			out.print = hash(key, "CorrelationId", c)
			return out
		}
	}
	parts := make([]string, 0, 1+2*len(e.steady))
	parts = append(parts, key)
	for _, i := range e.steady {
		parts = append(parts, e.cols[i].Name, Text(values[i]))
	}
	out.print = hash(parts...)
	return out
}

// joined makes one text of several, different for different ones.
func joined(parts []string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(strconv.Itoa(len(p)))
		b.WriteByte(':')
		b.WriteString(p)
	}
	return b.String()
}

// Text is a value of a row as a text.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return table.FormatReal(v)
	case table.Time:
		return v.String()
	case table.Duration:
		return v.String()
	}
	return fmt.Sprint(v)
}

// number is a value of a row as a number.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, v == v
	case string: // decimal
		return table.ParseReal(v)
	}
	return 0, false
}

func itoa(n int) string { return strconv.Itoa(n) }
