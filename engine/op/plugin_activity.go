package op

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// The plugins that count who did something when. All take a column that says
// who, one that says when, the bounds of the time looked at, and columns to
// slice the counts by (dimensions).

// activity is a call of one of them.
type activity struct {
	c     *pluginCall
	id    *expr.Column
	at    *expr.Column
	dims  []*expr.Column
	start expr.Expr
	end   expr.Expr
	old   *expr.Cell // users that do not count, where set
}

// activity binds the first four parameters and the dimensions.
func (c *pluginCall) activity(dims []parser.Expr) (a *activity, ok bool) {
	a = &activity{c: c}
	if a.id, ok = c.column(c.args[0]); !ok {
		return nil, false
	}
	if a.at, ok = c.column(c.args[1]); !ok {
		return nil, false
	}
	if a.at.T.Physical() != table.Int64s {
		c.b.fail(c.args[1].Span(), "KS141", "", "the column that says when must be a datetime, timespan or whole number, not a %s", a.at.T)
		return nil, false
	}
	if a.start, ok = c.fixed(c.args[2], a.at.T); !ok {
		return nil, false
	}
	if a.end, ok = c.fixed(c.args[3], a.at.T); !ok {
		return nil, false
	}
	a.dims, ok = c.columns(dims)
	return a, ok
}

// distance binds an argument that is a length of time: a timespan, or a number
// where time is counted in numbers.
func (a *activity) distance(x parser.Expr) (expr.Expr, bool) {
	t := a.at.T
	if t == table.Datetime {
		t = table.Timespan
	}
	return a.c.fixed(x, t)
}

// bins binds the argument that says how time is cut up: a length of time, or
// "week", "month" or "year".
func (a *activity) bins(x parser.Expr) (expr.Expr, bool) {
	if e := a.c.b.scalar(x, &rowScope{}); e.Type() == table.String {
		k, ok := e.(*expr.Const)
		if !ok || !slices.Contains([]string{"week", "month", "year"}, fmt.Sprint(k.Value())) || a.at.T != table.Datetime {
			a.c.b.fail(x.Span(), "KS141", "a timespan such as 1d, or week, month or year where the timeline is a datetime", "this is not a period of time")
			return nil, false
		}
		return e, true
	}
	return a.distance(x)
}

// moment is one row: who, when.
type moment struct {
	at int64
	id int32 // -1 for null
}

// activityRow is a row of the result.
type activityRow struct {
	at     []any // the columns before the dimensions
	values []any // those after
}

// node makes the plugin's node. count is called for each combination of
// dimensions, with its rows in order of time.
func (a *activity) node(before, after []table.Column, count func(t *timeline, rows []moment) []activityRow, bins expr.Expr) Node {
	cols := slices.Clone(before)
	for _, d := range named(a.dims) {
		d.Name = uniqueName(cols, d.Name)
		cols = append(cols, d)
	}
	for _, x := range after {
		x.Name = uniqueName(cols, x.Name)
		cols = append(cols, x)
	}
	exprs := append(asExprs(a.id, a.at), asExprs(a.dims...)...)
	return a.c.over(exprs, cols, func(b *vec.Batch) (*vec.Batch, error) {
		t, err := a.timeline(bins)
		if err != nil {
			return nil, err
		}
		groups, keys := a.moments(b)
		type row struct {
			activityRow
			dim int
		}
		var all []row
		for dim, rows := range groups {
			for _, x := range count(t, rows) {
				all = append(all, row{x, dim})
			}
		}
		slices.SortStableFunc(all, func(l, r row) int { return cmp.Compare(l.at[0].(int64), r.at[0].(int64)) })
		out := newBuilders(cols, len(all))
		for _, x := range all {
			values := x.at
			for _, k := range keys {
				values = append(values, k.Value(x.dim))
			}
			out.add(append(values, x.values...)...)
		}
		return out.batch(), nil
	})
}

// moments sorts the rows by dimensions and time. Rows without a time are left
// out.
func (a *activity) moments(b *vec.Batch) ([][]moment, []vec.Column) {
	users := vec.NewGrouper([]table.Type{a.id.T})
	ids := users.IDs(b.Cols[:1], b.N)
	left := map[int32]bool{}
	if a.old != nil && a.old.Set {
		for _, id := range users.Find([]vec.Column{a.old.Col}, a.old.Col.Arr.Len()) {
			left[id] = true
		}
	}
	dims, n := make([]int32, b.N), 1
	var keys []vec.Column
	if len(a.dims) > 0 {
		by := vec.NewGrouper(Types(named(a.dims)))
		dims = by.IDs(b.Cols[2:], b.N)
		keys, n = by.Keys(), by.Len()
	}
	out := make([][]moment, n)
	for row, id := range ids {
		if b.Cols[1].IsNull(row) || left[id] {
			continue
		}
		if b.Cols[0].IsNull(row) {
			id = -1
		}
		out[dims[row]] = append(out[dims[row]], moment{b.Cols[1].Int64(row), id})
	}
	for _, rows := range out {
		slices.SortStableFunc(rows, func(l, r moment) int { return cmp.Compare(l.at, r.at) })
	}
	return out, keys
}

// timeline is the time looked at, both ends included, cut up into bins.
type timeline struct {
	start, end int64
	step       int64
	unit       string // week, month, year; else bins of step from start
}

func (a *activity) timeline(bins expr.Expr) (*timeline, error) {
	start, ok1 := valueOf(a.start).(int64)
	end, ok2 := valueOf(a.end).(int64)
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("%s needs a start and an end, and one of them is null", a.c.plugin.Name)
	}
	t := &timeline{start: start, end: end}
	if t.unit, ok1 = valueOf(bins).(string); ok1 {
		return t, nil
	}
	if t.step, ok1 = valueOf(bins).(int64); !ok1 || t.step <= 0 {
		return nil, fmt.Errorf("%s cannot cut time into periods that are not longer than nothing", a.c.plugin.Name)
	}
	const most = 10_000_000
	if (end-start)/t.step > most {
		return nil, fmt.Errorf("%s would cut time into more than %d periods; take longer ones", a.c.plugin.Name, most)
	}
	return t, nil
}

// bin is the start of the bin that holds a time.
func (t *timeline) bin(at int64) int64 {
	if t.unit == "" {
		n := (at - t.start) / t.step
		if (at-t.start)%t.step < 0 {
			n--
		}
		return t.start + n*t.step
	}
	g := table.Time(at).Go()
	year, month, day := g.Date()
	switch t.unit {
	case "week":
		day -= int(g.Weekday())
	case "month":
		day = 1
	default:
		month, day = 1, 1
	}
	return date(year, int(month), day)
}

// next is the start of the bin after.
func (t *timeline) next(bin int64) int64 {
	if t.unit == "" {
		return bin + t.step
	}
	year, month, day := table.Time(bin).Go().Date()
	switch t.unit {
	case "week":
		return date(year, int(month), day+7)
	case "month":
		return date(year, int(month)+1, 1)
	}
	return date(year+1, 1, 1)
}

// inside are the rows within the time looked at.
func (t *timeline) inside(rows []moment) []moment {
	for len(rows) > 0 && rows[0].at < t.start {
		rows = rows[1:]
	}
	for len(rows) > 0 && rows[len(rows)-1].at > t.end {
		rows = rows[:len(rows)-1]
	}
	return rows
}

// period is a bin and its rows.
type period struct {
	bin  int64
	rows []moment
}

// distinctIDs are the distinct ids of rows.
func distinctIDs(rows []moment) map[int32]bool {
	out := make(map[int32]bool, len(rows))
	for _, r := range rows {
		if r.id >= 0 {
			out[r.id] = true
		}
	}
	return out
}

// periods cuts up the rows; empty tells to give bins without any too.
func (t *timeline) periods(rows []moment, empty bool) []period {
	rows = t.inside(rows)
	var out []period
	if empty {
		for bin := t.bin(t.start); bin <= t.end; bin = t.next(bin) {
			end := t.next(bin)
			n := 0
			for n < len(rows) && rows[n].at < end {
				n++
			}
			out = append(out, period{bin, rows[:n]})
			rows = rows[n:]
		}
		return out
	}
	for len(rows) > 0 {
		bin := t.bin(rows[0].at)
		end := t.next(bin)
		n := 0
		for n < len(rows) && rows[n].at < end {
			n++
		}
		out = append(out, period{bin, rows[:n]})
		rows = rows[n:]
	}
	return out
}

// date is the start of a day as a datetime's number.
func date(year, month, day int) int64 {
	return int64(table.FromGo(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)))
}
