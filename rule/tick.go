package rule

import (
	"time"

	"tidemark/table"
	"tidemark/window"
)

// Tick is one look of a rule: what now() is, and which rows it sees. It
// follows from the rule and the time of the tick alone.
type Tick struct {
	Now  time.Time // the tick
	From time.Time // event times seen: From <= t < Now; the zero time means all
	AsOf time.Time // arrivals seen: up to this time
	// After is where the arrivals of an NRT rule begin: After < t <= AsOf.
	After time.Time
}

// TickAt is the rule's tick at a time, of those that TickBefore gives.
func (r *Rule) TickAt(now time.Time) Tick {
	t := Tick{Now: now, From: now.Add(-r.Period), AsOf: now.Add(r.Delay)}
	if r.Kind == NRT {
		t.From, t.After = time.Time{}, now.Add(-r.Frequency)
	}
	return t
}

// TickBefore is the last tick that is due by a time: one that the rule's delay
// has passed since.
func (r *Rule) TickBefore(now time.Time) time.Time {
	now = now.Add(-r.Delay)
	origin := r.Start
	if origin.IsZero() {
		origin = time.Unix(0, 0)
	}
	n := now.Sub(origin) / r.Frequency
	t := origin.Add(n * r.Frequency)
	if t.After(now) {
		t = t.Add(-r.Frequency)
	}
	return t.UTC()
}

// Due is when the rule runs for a tick.
func (r *Rule) Due(tick time.Time) time.Time { return tick.Add(r.Delay) }

// Started reports whether a tick is not before the rule's startTimeUtc.
func (r *Rule) Started(tick time.Time) bool { return r.Start.IsZero() || !tick.Before(r.Start) }

// View is what the tick lets a query see.
func (t Tick) View(maxAge time.Duration) window.View {
	v := window.View{Upto: ticks(t.AsOf), After: ticks(t.After), MaxAge: table.FromGoDuration(maxAge)}
	if !t.From.IsZero() {
		v.From, v.To = ticks(t.From), ticks(t.Now)
	}
	return v
}

func ticks(t time.Time) table.Time {
	if t.IsZero() {
		return 0
	}
	return table.FromGo(t)
}
