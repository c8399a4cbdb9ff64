package rule

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// State is what a rule knows from its earlier ticks. The zero value is that of
// a rule that never ran.
type State struct {
	RuleID   string `json:"ruleId"`
	RuleName string `json:"ruleName"`
	Hash     string `json:"hash"` // of query and measure, when it last ran

	First time.Time `json:"first"` // the first tick
	Tick  time.Time `json:"tick"`  // the last one that was done
	AsOf  time.Time `json:"asOf"`  // arrivals that it saw

	Open  map[string]*Open     `json:"open,omitempty"`  // alerts that are not resolved, by key
	Seen  Seen                 `json:"seen,omitempty"`  // rows that raised an alert, and at which tick
	Muted map[string]time.Time `json:"muted,omitempty"` // until when, by group

	// Between these ticks the rule rests: it is suppressed.
	RestFrom  time.Time `json:"restFrom,omitzero"`
	RestUntil time.Time `json:"restUntil,omitzero"`

	// After the program was down, windows since Reopen are looked at again
	// until ReopenUntil: what agents wrote meanwhile comes late.
	Reopen      time.Time `json:"reopen,omitzero"`
	ReopenUntil time.Time `json:"reopenUntil,omitzero"`

	Retry    []time.Time `json:"retry,omitempty"` // ticks that failed and are to be looked at again
	Failures int         `json:"failures,omitempty"`
}

// Open is an alert that has fired and is not resolved.
type Open struct {
	Event *Event `json:"event,omitempty"` // nil for one that a summary stands for
	Unmet int    `json:"unmet,omitempty"` // ticks in a row at which the condition was not met
}

func (s *State) clone() *State {
	out := *s
	out.Open = maps.Clone(s.Open)
	if out.Open == nil {
		out.Open = map[string]*Open{}
	}
	for k, o := range out.Open {
		c := *o
		out.Open[k] = &c
	}
	out.Seen, out.Muted = maps.Clone(s.Seen), maps.Clone(s.Muted)
	if out.Seen == nil {
		out.Seen = Seen{}
	}
	if out.Muted == nil {
		out.Muted = map[string]time.Time{}
	}
	out.Retry = slices.Clone(s.Retry)
	return &out
}

// Firing are the alerts that are not resolved, in the order of their keys.
func (s *State) Firing() []*Event {
	var out []*Event
	for _, k := range slices.Sorted(maps.Keys(s.Open)) {
		if e := s.Open[k].Event; e != nil {
			out = append(out, e)
		}
	}
	return out
}

// Gap tells the state that the program was down since its last tick, until
// now.
func (s *State) Gap(r *Rule, now time.Time) *State {
	next := s.clone()
	next.Reopen, next.ReopenUntil = s.Tick, now.Add(r.Lateness)
	return next
}

// fresh reports whether any of the fingerprints is new to a window that ends
// at a tick: none was seen in a window that overlaps it.
func (s *State) fresh(prints []uint64, tick time.Time, period time.Duration) bool {
	return slices.ContainsFunc(prints, func(p uint64) bool {
		seen, ok := s.Seen[p]
		return !ok || tick.Sub(time.UnixMilli(seen)).Abs() >= period
	})
}

// saw notes fingerprints. One that was noted before for an overlapping window
// keeps its tick, so that what stays the same for ever is raised again once a
// period and not never.
func (s *State) saw(prints []uint64, tick time.Time, period time.Duration) {
	for _, p := range prints {
		if seen, ok := s.Seen[p]; !ok || tick.Sub(time.UnixMilli(seen)) >= period {
			s.Seen[p] = tick.UnixMilli()
		}
	}
}

// forget drops what cannot matter any more.
func (s *State) forget(r *Rule, tick time.Time) {
	horizon := tick.Add(-r.Period - r.Lateness)
	maps.DeleteFunc(s.Seen, func(_ uint64, at int64) bool { return at < horizon.UnixMilli() })
	s.Seen.trim()
	maps.DeleteFunc(s.Muted, func(_ string, until time.Time) bool { return !until.After(tick) })
}

// rests reports whether the rule is suppressed at a tick.
func (s *State) rests(tick time.Time) bool {
	return tick.After(s.RestFrom) && tick.Before(s.RestUntil)
}

// Hash identifies what a rule looks for: when it changes, alerts of the old
// rule mean nothing any more.
func (r *Rule) Hash() string {
	m := r.Measure
	parts := []string{r.Query, string(r.Kind), m.Aggregation, m.Column, m.Operator, strconv.FormatFloat(m.Threshold, 'g', -1, 64),
		m.Bin.String(), itoa(m.Periods), itoa(m.MinFailing), string(r.Grouping), strconv.FormatBool(r.AutoMitigate)}
	for _, d := range m.Dimensions {
		parts = append(parts, d.Name, strconv.FormatBool(d.Exclude), joined(d.Values), strconv.FormatBool(d.Values == nil))
	}
	return strconv.FormatUint(hash(parts...), 16)
}

// unmetTicks is at how many ticks in a row the condition must not be met until
// an alert is resolved: Azure's table, or what the rule says.
// See https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-types#stateful-alerts
func (r *Rule) unmetTicks() int {
	if r.Resolve > 0 {
		return max(1, int((r.Resolve+r.Frequency-1)/r.Frequency))
	}
	switch f := r.Frequency; {
	case f < 5*time.Minute:
		return int((10*time.Minute + f - 1) / f)
	case f <= 15*time.Minute:
		return 3
	case f <= 11*time.Hour:
		return 2
	}
	return 1
}

// MaxFailures is how many ticks may fail in a row before that is an alert.
const MaxFailures = 3

// maxRetry is how many failed ticks are kept to be looked at again.
const maxRetry = 300

// healthKey is the key of the alert that a rule fails.
const healthKey = "health"

// Fail is the state after a tick that could not be evaluated: nothing fires
// and nothing is resolved; the tick will be looked at again. When ticks keep
// failing, that is an alert of its own.
func (r *Rule) Fail(st *State, tick time.Time, why error) (*State, []*Event) {
	next := st.clone()
	next.RuleID, next.RuleName = r.ID, r.Name
	if next.First.IsZero() {
		next.First = tick
	}
	next.Tick = tick // but not AsOf: what came since is still to be looked at
	if r.Kind != NRT {
		next.Retry = append(next.Retry, tick)
		next.Retry = next.Retry[max(0, len(next.Retry)-maxRetry):]
	}
	next.Failures++
	if next.Failures < MaxFailures || next.Open[healthKey] != nil {
		return next, nil
	}
	t := r.TickAt(tick)
	e := r.event(t, t.AsOf, healthKey)
	e.Title = fmt.Sprintf("The rule %q fails", r.Subject())
	e.Description = fmt.Sprintf("The query of the rule has failed at %d ticks in a row: %s", next.Failures, firstLines(why.Error(), 1000))
	e.Stateful = true
	e.Tactics, e.Techniques = nil, nil
	next.Open[healthKey] = &Open{Event: e}
	return next, []*Event{e}
}

// recovered resolves the alert that the rule fails.
func (s *State) recovered(at time.Time) []*Event {
	s.Failures = 0
	return s.resolve(healthKey, at, "recovered")
}

// resolve ends an open alert.
func (s *State) resolve(key string, at time.Time, reason string) []*Event {
	o := s.Open[key]
	delete(s.Open, key)
	if o == nil || o.Event == nil {
		return nil
	}
	e := *o.Event
	e.Condition, e.Number, e.Resolved, e.Reason = Resolved, e.Number+1, at, reason
	e.Rows = nil
	return []*Event{&e}
}

func firstLines(s string, n int) string {
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}
