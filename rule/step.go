package rule

import (
	"context"
	"maps"
	"slices"
	"time"

	"tidemark/table"
)

// Result is what a tick gave.
type Result struct {
	Events []*Event
	Rows   int64       // of the query
	Left   int         // alerts that a summary stands for, beyond the caps
	Late   []time.Time // ticks that were looked at again
	Missed int         // event times of rows that came too late for that
	Rested bool        // the rule was suppressed and did not look
}

// Most alerts of one evaluation; the last is then a summary of all others.
const (
	maxAlerts  = 300
	maxResults = 150 // of AlertPerResult
)

// Step does one tick: it evaluates the rule, looks again at windows that rows
// came late for, and moves the state on. The state is not changed; where
// Step fails, there is no new one.
func (r *Rule) Step(ctx context.Context, st *State, tick time.Time, d Data) (*State, *Result, error) {
	t := r.TickAt(tick)
	if r.Kind == NRT && !st.AsOf.IsZero() {
		t.After = st.AsOf
	}
	res := &Result{Rested: st.rests(tick)}
	var outcomes []*Outcome
	if !res.Rested {
		out, err := r.Evaluate(ctx, t, d)
		if err != nil {
			return nil, nil, err
		}
		res.Rows = out.Rows
		outcomes = append(outcomes, out)
		if err = r.reopened(ctx, st, t, out.Read, d, res); err != nil {
			return nil, nil, err
		}
		for _, late := range res.Late {
			again := r.TickAt(late)
			again.AsOf = t.AsOf
			if out, err = r.Evaluate(ctx, again, d); err != nil {
				return nil, nil, err
			}
			outcomes = append(outcomes, out)
		}
	}
	// From here on nothing can fail.
	next := r.moved(st, t, res)
	for i, out := range outcomes {
		r.apply(next, out, t, i > 0, res)
	}
	if !res.Rested {
		next.Retry = nil
	}
	next.forget(r, tick)
	return next, res, nil
}

// moved is the state at a new tick, before its outcome.
func (r *Rule) moved(st *State, t Tick, res *Result) *State {
	next := st.clone()
	if next.First.IsZero() {
		next.First = t.Now
	}
	if h := r.Hash(); next.Hash != h {
		for _, key := range slices.Sorted(maps.Keys(next.Open)) {
			if key != healthKey {
				res.Events = append(res.Events, next.resolve(key, t.AsOf, "ruleChanged")...)
			}
		}
		next.Hash = h
	}
	next.RuleID, next.RuleName = r.ID, r.Name
	next.Tick, next.AsOf = t.Now, t.AsOf
	if !res.Rested {
		res.Events = append(res.Events, next.recovered(t.AsOf)...)
	}
	return next
}

// reopened finds the ticks before t, oldest first, that are to be looked at
// again: those that failed, and those whose window got rows after it had been
// looked at.
func (r *Rule) reopened(ctx context.Context, st *State, t Tick, read []string, d Data, res *Result) error {
	if r.Kind == NRT || st.Tick.IsZero() {
		return nil
	}
	again := map[time.Time]bool{}
	for _, tick := range st.Retry {
		again[tick] = true
	}
	if r.Lateness > 0 && !r.ByArrival() && !st.AsOf.IsZero() {
		for _, name := range read {
			v := Tick{AsOf: t.AsOf, After: st.AsOf}.View(r.MaxAge)
			times, err := d.Arrivals(ctx, name, v)
			if err != nil {
				return err
			}
			res.Missed += r.late(st, t, times, again)
		}
	}
	maps.DeleteFunc(again, func(tick time.Time, _ bool) bool { return st.rests(tick) || !tick.Before(t.Now) })
	res.Late = slices.SortedFunc(maps.Keys(again), time.Time.Compare)
	return nil
}

// late notes the ticks whose window has one of the event times of rows that
// came since. It returns how many are in no window that is looked at again.
func (r *Rule) late(st *State, t Tick, times []table.Time, again map[time.Time]bool) int {
	oldest := t.Now.Add(-r.Lateness)
	if t.Now.Before(st.ReopenUntil) && st.Reopen.Before(oldest) {
		oldest = st.Reopen
	}
	missed := len(times)
	for tick := t.Now; !tick.Before(oldest); tick = tick.Add(-r.Frequency) {
		from, _ := slices.BinarySearch(times, ticks(tick.Add(-r.Period)))
		missed = min(missed, from)
		if from < len(times) && times[from] < ticks(tick) && !tick.Before(st.First) {
			again[tick] = true
		}
	}
	return missed
}

// apply moves the state on by what an evaluation gave.
func (r *Rule) apply(st *State, out *Outcome, now Tick, late bool, res *Result) {
	var raised []*raise
	met := map[string]bool{}
	for _, g := range out.Groups {
		if !g.Met {
			continue
		}
		if r.Grouping == AlertPerResult && g.Count > 0 {
			for i := range g.rows {
				key := joined([]string{g.Key, itoa64(g.rows[i].print)})
				met[key] = true
				raised = append(raised, &raise{group: g, rows: g.rows[i : i+1], count: 1, key: key, prints: []uint64{g.rows[i].print}})
			}
			if over := g.Count - int64(len(g.rows)); over > 0 {
				raised = append(raised, &raise{group: g, count: over, key: joined([]string{g.Key, "rest"}), prints: []uint64{g.rest}})
			}
			continue
		}
		met[g.Key] = true
		raised = append(raised, &raise{group: g, rows: g.rows, count: g.Count, key: g.Key, prints: g.prints()})
	}
	raised = r.news(st, out.Tick.Now, late, raised)
	fired := r.fire(st, out, now, late, raised, res)
	if r.AutoMitigate && !late {
		r.mitigate(st, met, now, res)
	}
	if fired && r.Suppression > 0 {
		st.RestFrom, st.RestUntil = now.Now, now.Now.Add(r.Suppression)
	}
}

// news are those of what met the condition that have not been raised.
func (r *Rule) news(st *State, tick time.Time, late bool, all []*raise) []*raise {
	var out []*raise
	for _, c := range all {
		if len(c.prints) == 0 { // no rows: the tick itself is what is seen
			c.prints = []uint64{hash("tick", c.key, tick.UTC().Format(time.RFC3339Nano))}
		}
		open := st.Open[c.key]
		if r.AutoMitigate {
			if open == nil && (!late || st.fresh(c.prints, tick, r.Period)) {
				out = append(out, c)
			}
		} else if r.Kind == NRT || st.fresh(c.prints, tick, r.Period) {
			out = append(out, c)
		}
	}
	return out
}

// fire raises alerts, and at most as many as the caps allow; the last then
// stands for all others.
func (r *Rule) fire(st *State, out *Outcome, now Tick, late bool, raised []*raise, res *Result) bool {
	most := maxAlerts
	if r.Grouping == AlertPerResult {
		most = maxResults
	}
	muted := maps.Clone(st.Muted)
	for i, c := range raised {
		st.saw(c.prints, out.Tick.Now, r.Period)
		if i == most-1 && len(raised) > most {
			rest := raised[i:]
			res.Left += len(rest)
			res.Events = append(res.Events, r.summary(out, now, late, rest))
			for _, c := range rest {
				st.saw(c.prints, out.Tick.Now, r.Period)
				if r.AutoMitigate {
					st.Open[c.key] = &Open{}
				}
			}
			break
		}
		e := r.alert(out, now, late, c)
		if until, ok := muted[c.group.Key]; ok && now.Now.Before(until) {
			e.Muted = true
		} else if r.Mute > 0 {
			st.Muted[c.group.Key] = now.Now.Add(r.Mute)
		}
		if r.AutoMitigate {
			kept := *e
			kept.Rows = nil // the state stays small
			st.Open[c.key] = &Open{Event: &kept}
		}
		res.Events = append(res.Events, e)
	}
	return len(raised) > 0
}

// mitigate resolves alerts whose condition has not been met for long enough.
func (r *Rule) mitigate(st *State, met map[string]bool, now Tick, res *Result) {
	for _, key := range slices.Sorted(maps.Keys(st.Open)) {
		o := st.Open[key]
		switch {
		case key == healthKey:
		case met[key]:
			o.Unmet = 0
		default:
			if o.Unmet++; o.Unmet >= r.unmetTicks() {
				res.Events = append(res.Events, st.resolve(key, now.AsOf, "conditionNotMet")...)
			}
		}
	}
}
