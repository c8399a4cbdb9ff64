package op

import (
	"math"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

func init() {
	registerPlugin(Plugin{
		Name: "activity_metrics", Doc: "Counts users and new users in each period, and how many came back or stayed away.",
		Params: []string{"IdColumn", "TimelineColumn", "Start", "End", "Window"}, Least: 5, Rest: "dim",
		Examples: []fn.Example{{Query: activityExample + `activity_metrics(u, t, 1, 2, 1) | where t == 2 | project retention_rate`, Want: `0.5`}},
		bind:     bindActivityMetrics,
	})
	registerPlugin(Plugin{
		Name: "activity_engagement", Doc: "Counts users in each period and in a longer window that ends with it, and the ratio of the two.",
		Params: []string{"IdColumn", "TimelineColumn", "Start", "End", "InnerActivityWindow", "OuterActivityWindow"}, Least: 6, Rest: "dim",
		Examples: []fn.Example{{Query: activityExample + `activity_engagement(u, t, 1, 2, 1, 2) | where t == 2 | project dcount_activities_outer`, Want: `3`}},
		bind:     bindActivityEngagement,
	})
	registerPlugin(Plugin{
		Name: "new_activity_metrics", Doc: "Follows the users that were new in each period through the periods after.",
		Params: []string{"IdColumn", "TimelineColumn", "Start", "End", "Window"}, Least: 5, Rest: "Cohort, dim, Lookback",
		Examples: []fn.Example{{Query: activityExample + `new_activity_metrics(u, t, 1, 2, 1) | where from_t == 1 and to_t == 2 | project dcount_retained_values`, Want: `1`}},
		bind:     bindNewActivity,
	})
}

func ratio(n, of int) float64 {
	if of == 0 {
		return math.NaN()
	}
	return float64(n) / float64(of)
}

func bindActivityMetrics(c *pluginCall) Node {
	a, ok := c.activity(c.rest())
	if !ok {
		return nil
	}
	bins, ok := a.bins(c.args[4])
	if !ok {
		return nil
	}
	return a.node(named(a.only()), []table.Column{longColumn("dcount_values"), longColumn("dcount_newvalues"), realColumn("retention_rate"), realColumn("churn_rate")}, func(t *timeline, rows []moment) (out []activityRow) {
		var before map[int32]bool
		end := int64(math.MinInt64) // of the period before
		for _, p := range t.periods(rows, false) {
			if p.bin != end {
				before = nil
			}
			ids := distinctIDs(p.rows)
			stayed := 0
			for id := range ids {
				if before[id] {
					stayed++
				}
			}
			rate := ratio(stayed, len(before))
			out = append(out, activityRow{[]any{p.bin}, []any{int64(len(ids)), int64(len(ids) - stayed), rate, 1 - rate}})
			before, end = ids, t.next(p.bin)
		}
		return out
	}, bins)
}

func bindActivityEngagement(c *pluginCall) Node {
	a, ok := c.activity(c.rest())
	if !ok {
		return nil
	}
	bins, ok1 := a.bins(c.args[4])
	outer, ok2 := a.distance(c.args[5])
	if !ok1 || !ok2 {
		return nil
	}
	return a.node(named(a.only()), []table.Column{longColumn("dcount_activities_inner"), longColumn("dcount_activities_outer"), realColumn("activity_ratio")}, func(t *timeline, rows []moment) (out []activityRow) {
		look, _ := valueOf(outer).(int64)
		w := &window{rows: rows, count: map[int32]int{}}
		for _, p := range t.periods(rows, false) {
			end := t.next(p.bin)
			w.move(end-look, end)
			inner := distinctIDs(p.rows)
			out = append(out, activityRow{[]any{p.bin}, []any{int64(len(inner)), int64(len(w.count)), ratio(len(inner), len(w.count))}})
		}
		return out
	}, bins)
}

// bindNewActivity sorts out the arguments at the end: a value is the cohort, a
// table the users that are not new, columns are dimensions.
func bindNewActivity(c *pluginCall) Node {
	dims := c.rest()
	var cohort parser.Expr
	if len(dims) > 0 {
		if n, ok := dims[0].(*parser.Name); (!ok || !c.rs.has(n.Name)) && !c.b.isTabular(dims[0]) {
			cohort, dims = dims[0], dims[1:]
		}
	}
	seen := &expr.Cell{}
	if n := len(dims); n > 0 && c.b.isTabular(dims[n-1]) {
		if !c.lookback(dims[n-1], seen) {
			return nil
		}
		dims = dims[:n-1]
	}
	a, ok := c.activity(dims)
	if !ok {
		return nil
	}
	bins, ok := a.bins(c.args[4])
	if !ok {
		return nil
	}
	var only expr.Expr
	if cohort != nil {
		if only, ok = c.fixed(cohort, a.at.T); !ok {
			return nil
		}
	}
	a.old = seen
	before := []table.Column{{Name: "from_" + a.at.Name, Type: a.at.T}, {Name: "to_" + a.at.Name, Type: a.at.T}}
	after := []table.Column{longColumn("dcount_new_values"), longColumn("dcount_retained_values"), longColumn("dcount_churn_values"), realColumn("retention_rate"), realColumn("churn_rate")}
	return a.node(before, after, func(t *timeline, rows []moment) []activityRow { return cohorts(t, rows, only) }, bins)
}

// lookback binds the table of users that are not new; its first column is
// read before the plugin runs.
func (c *pluginCall) lookback(x parser.Expr, seen *expr.Cell) bool {
	n := c.b.tabular(x)
	if n == nil {
		return false
	}
	i, ok := (&rowScope{cols: visible(n).Columns()}).find(resultName(c.args[0]))
	if !ok {
		c.b.fail(x.Span(), "KS142", "", "the look back table has no column named %s", resultName(c.args[0]))
		return false
	}
	id, ok := c.column(c.args[0])
	if !ok {
		return false
	}
	if t := visible(n).Columns()[i].Type; t != id.T {
		c.b.fail(x.Span(), "KS141", "", "the look back table has a %s as %s, and the input a %s", t, id.Name, id.T)
		return false
	}
	c.b.deferred = append(c.b.deferred, &Deferred{Node: visible(n), Set: func(r *rowsOf) error {
		all := flat(vec.Concat(r.rows.batches, Types(r.node.Columns())))
		seen.Col, seen.Set = all.Cols[i], true
		return nil
	}})
	return true
}

// cohorts compares the users that were new in each period with each period
// from it on.
func cohorts(t *timeline, rows []moment, only expr.Expr) (out []activityRow) {
	periods := t.periods(rows, true)
	first := map[int32]int{} // the period that a user was new in
	sets := make([]map[int32]bool, len(periods))
	size := make([]int, len(periods))
	for i, p := range periods {
		sets[i] = distinctIDs(p.rows)
		for id := range sets[i] {
			if _, known := first[id]; !known {
				first[id] = i
				size[i]++
			}
		}
	}
	for from, p := range periods {
		if only != nil {
			if at, ok := valueOf(only).(int64); !ok || t.bin(at) != p.bin {
				continue
			}
		}
		for to := from; to < len(periods); to++ {
			fresh, stayed := int64(0), 0
			for id := range sets[to] {
				switch {
				case first[id] == from:
					stayed++
				case first[id] > from:
					fresh++
				}
			}
			if to == from {
				fresh = int64(stayed)
			}
			gone := size[from] - stayed
			out = append(out, activityRow{[]any{p.bin, periods[to].bin}, []any{fresh, int64(stayed), int64(gone), ratio(stayed, size[from]), ratio(gone, size[from])}})
		}
	}
	return out
}
