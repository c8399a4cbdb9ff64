package op

import (
	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/table"
)

const activityExample = `datatable(u:string, t:long)["a", 1, "b", 1, "a", 2, "c", 2] | evaluate `

func longColumn(name string) table.Column { return table.Column{Name: name, Type: table.Long} }
func realColumn(name string) table.Column {
	return table.Column{Name: name, Type: table.Real}
}

func init() {
	registerPlugin(Plugin{
		Name: "activity_counts_metrics", Doc: "Counts rows, users and new users in each period, and all users up to it.",
		Params: []string{"IdColumn", "TimelineColumn", "Start", "End", "Step"}, Least: 5, Rest: "dim",
		Examples: []fn.Example{{Query: activityExample + `activity_counts_metrics(u, t, 1, 2, 1) | where t == 2 | project aggregated_dcount`, Want: `3`}},
		bind:     bindActivityCounts,
	})
	registerPlugin(Plugin{
		Name: "sliding_window_counts", Doc: "Counts rows and users in a window that ends with each period.",
		Params: []string{"IdColumn", "TimelineColumn", "Start", "End", "LookbackWindow", "Bin"}, Least: 6, Rest: "dim",
		Examples: []fn.Example{{Query: activityExample + `sliding_window_counts(u, t, 1, 3, 2, 1) | where t == 3 | project Dcount`, Want: `2`}},
		bind:     bindSlidingWindow,
	})
	registerPlugin(Plugin{
		Name: "session_count", Doc: "Counts the sessions that are active in each period.",
		Params: []string{"IdColumn", "TimelineColumn", "Start", "End", "Bin", "LookBackWindow"}, Least: 6, Rest: "dim",
		Examples: []fn.Example{{Query: activityExample + `session_count(u, t, 1, 2, 5, 3) | project count_sessions`, Want: `3`}},
		bind:     bindSessionCount,
	})
	registerPlugin(Plugin{
		Name: "active_users_count", Doc: "Counts in each period the users that were active in enough periods of the time before.",
		Params: []string{"IdColumn", "TimelineColumn", "Start", "End", "LookbackWindow", "Period", "ActivePeriodsCount", "Bin"}, Least: 8, Rest: "dim",
		Examples: []fn.Example{{Query: activityExample + `active_users_count(u, t, 1, 2, 5, 1, 2, 5) | project dcount`, Want: `1`}},
		bind:     bindActiveUsers,
	})
}

func bindActivityCounts(c *pluginCall) Node {
	a, ok := c.activity(c.rest())
	if !ok {
		return nil
	}
	bins, ok := a.bins(c.args[4])
	if !ok {
		return nil
	}
	return a.node(named(a.only()), []table.Column{longColumn("count"), longColumn("dcount"), longColumn("new_dcount"), longColumn("aggregated_dcount")}, func(t *timeline, rows []moment) (out []activityRow) {
		seen := map[int32]bool{}
		for _, p := range t.periods(rows, false) {
			ids := distinctIDs(p.rows)
			fresh := int64(0)
			for id := range ids {
				if !seen[id] {
					seen[id] = true
					fresh++
				}
			}
			out = append(out, activityRow{[]any{p.bin}, []any{int64(len(p.rows)), int64(len(ids)), fresh, int64(len(seen))}})
		}
		return out
	}, bins)
}

// only is the column of the time, as a list.
func (a *activity) only() []*expr.Column { return []*expr.Column{a.at} }

// window holds the rows of a stretch of time that moves forward.
type window struct {
	rows     []moment
	from, to int
	count    map[int32]int
}

// move makes it hold the rows from a time on and before another.
func (w *window) move(from, to int64) {
	for w.to < len(w.rows) && w.rows[w.to].at < to {
		if id := w.rows[w.to].id; id >= 0 {
			w.count[id]++
		}
		w.to++
	}
	for w.from < w.to && w.rows[w.from].at < from {
		if id := w.rows[w.from].id; id >= 0 {
			if w.count[id]--; w.count[id] == 0 {
				delete(w.count, id)
			}
		}
		w.from++
	}
}

func bindSlidingWindow(c *pluginCall) Node {
	a, ok := c.activity(c.rest())
	if !ok {
		return nil
	}
	back, ok1 := a.distance(c.args[4])
	bins, ok2 := a.bins(c.args[5])
	if !ok1 || !ok2 {
		return nil
	}
	return a.node(named(a.only()), []table.Column{longColumn("Count"), longColumn("Dcount")}, func(t *timeline, rows []moment) (out []activityRow) {
		look, _ := valueOf(back).(int64)
		if t.step > 0 {
			look -= look % t.step
		}
		w := &window{rows: rows, count: map[int32]int{}}
		for bin := t.bin(t.start); bin <= t.end; bin = t.next(bin) {
			end := t.next(bin)
			w.move(end-look, end)
			if n := w.to - w.from; n > 0 {
				out = append(out, activityRow{[]any{bin}, []any{int64(n), int64(len(w.count))}})
			}
		}
		return out
	}, bins)
}

// bindSessionCount counts sessions: a user's session goes on as long as no
// more than the window lies between its rows.
func bindSessionCount(c *pluginCall) Node {
	a, ok := c.activity(c.rest())
	if !ok {
		return nil
	}
	bins, ok1 := a.bins(c.args[4])
	back, ok2 := a.distance(c.args[5])
	if !ok1 || !ok2 {
		return nil
	}
	return a.node(named(a.only()), []table.Column{longColumn("count_sessions")}, func(t *timeline, rows []moment) (out []activityRow) {
		look, _ := valueOf(back).(int64)
		last := map[int32]int64{}
		for _, p := range t.periods(rows, false) {
			n := int64(0)
			here := map[int32]bool{}
			for _, m := range p.rows {
				if m.id < 0 {
					continue
				}
				was, known := last[m.id]
				if !here[m.id] || !known || m.at-was > look {
					n++
				}
				here[m.id], last[m.id] = true, m.at
			}
			out = append(out, activityRow{[]any{p.bin}, []any{n}})
		}
		return out
	}, bins)
}

func bindActiveUsers(c *pluginCall) Node {
	a, ok := c.activity(c.rest())
	if !ok {
		return nil
	}
	back, ok1 := a.distance(c.args[4])
	each, ok2 := a.distance(c.args[5])
	least, ok3 := c.fixed(c.args[6], table.Long)
	bins, ok4 := a.bins(c.args[7])
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return nil
	}
	return a.node(named(a.only()), []table.Column{longColumn("dcount")}, func(t *timeline, rows []moment) (out []activityRow) {
		look, _ := valueOf(back).(int64)
		step, _ := valueOf(each).(int64)
		enough, _ := valueOf(least).(int64)
		active := activeMoments(rows, t.start, look, max(1, step), enough)
		for _, p := range t.periods(active, false) {
			out = append(out, activityRow{[]any{p.bin}, []any{int64(len(distinctIDs(p.rows)))}})
		}
		return out
	}, bins)
}

// activeMoments are the rows whose user was seen in enough periods of the
// window that ends with the row.
func activeMoments(rows []moment, start, look, step, enough int64) []moment {
	users := map[int32]*recent{}
	cut := &timeline{start: start, step: step}
	var out []moment
	for _, m := range rows {
		if m.id < 0 {
			continue
		}
		r := users[m.id]
		if r == nil {
			r = &recent{}
			users[m.id] = r
		}
		r.add(m.at, cut.bin(m.at), m.at-look)
		if int64(len(r.periods)) >= enough {
			out = append(out, m)
		}
	}
	return out
}

// recent is what there was of a user in the window: the times, ascending, and
// the periods that they are in.
type recent struct {
	times   []int64
	periods []activePeriod
}

type activePeriod struct {
	bin   int64
	times int
}

// add takes in a time, and lets go of those up to another one.
func (r *recent) add(at, bin, upTo int64) {
	r.times = append(r.times, at)
	if n := len(r.periods); n > 0 && r.periods[n-1].bin == bin {
		r.periods[n-1].times++
	} else {
		r.periods = append(r.periods, activePeriod{bin, 1})
	}
	for len(r.times) > 1 && r.times[0] <= upTo {
		r.times = r.times[1:]
		if r.periods[0].times--; r.periods[0].times == 0 {
			r.periods = r.periods[1:]
		}
	}
}
