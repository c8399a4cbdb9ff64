package alert

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tidemark"
	"tidemark/rule"
)

// Arrival says when a replay takes rows to have come.
type Arrival string

// The arrivals.
const (
	// Ingested: when they were taken in, as for the live run.
	Ingested Arrival = "ingested"
	// Generated: when they were generated: for what was imported later.
	Generated Arrival = "generated"
	// Auto: Ingested, unless all rows of the time were imported after it.
	Auto Arrival = "auto"
)

// Replay runs a rule over the past, as the live run did or would have done,
// and hands out what happens after from. It leaves no trace. It returns the
// arrival that was taken.
func Replay(ctx context.Context, db *tidemark.DB, r *rule.Rule, from, to time.Time, arrival Arrival, event func(*rule.Event) error) (Arrival, error) {
	silent, err := Silent(db)
	if err != nil {
		return arrival, err
	}
	if arrival == Auto {
		if arrival, err = guess(ctx, db, r, from, to); err != nil {
			return arrival, err
		}
	}
	d := &Data{DB: db, Silent: silent}
	begin := from
	if arrival == Generated {
		d = &Data{DB: db, Generated: true}
	} else if begin, err = warmUp(db, r, from); err != nil {
		return arrival, err
	}
	err = r.Replay(ctx, begin, to, d, func(tick time.Time, res *rule.Result) error {
		if !tick.After(from) { // only to know what the live run knew at from
			return nil
		}
		for _, e := range res.Events {
			if err := event(e); err != nil {
				return err
			}
		}
		return nil
	})
	return arrival, err
}

// warmUp is where a replay begins so that at from it knows what the live run
// knew: which rows had raised an alert, what was open, muted, suppressed. Where
// the rule has never run, that is nothing. What was open for longer than a week
// fires again.
func warmUp(db *tidemark.DB, r *rule.Rule, from time.Time) (time.Time, error) {
	st, err := readState(db, r.ID)
	if err != nil || st.First.IsZero() || !st.First.Before(from) {
		return from, err
	}
	back := r.Period + r.Lateness + r.Suppression + r.Mute
	if r.AutoMitigate {
		back += 7 * 24 * time.Hour
	}
	begin := from.Add(-back)
	if first := st.First.Add(-1); begin.Before(first) {
		begin = first
	}
	return begin, nil
}

// guess finds out whether rows of a time came in it.
func guess(ctx context.Context, db *tidemark.DB, r *rule.Rule, from, to time.Time) (Arrival, error) {
	out, err := r.Evaluate(ctx, r.TickAt(to), &Data{DB: db})
	if err != nil {
		return Auto, fmt.Errorf("rule %q: %w", r.Subject(), err)
	}
	imported := false
	for _, name := range out.Read {
		v := rule.Tick{From: from.Add(-r.Period), Now: to, AsOf: to.Add(r.Delay)}.View(0)
		inTime, err := db.Arrivals(ctx, name, v, 1)
		if err != nil {
			return Auto, err
		}
		if len(inTime) > 0 {
			return Ingested, nil
		}
		v.Upto = 0
		ever, err := db.Arrivals(ctx, name, v, 1)
		if err != nil {
			return Auto, err
		}
		imported = imported || len(ever) > 0
	}
	if imported {
		return Generated, nil
	}
	return Ingested, nil
}

// Rerun runs the query of an alert as the alert saw it.
func Rerun(ctx context.Context, db *tidemark.DB, a *Alert) (*tidemark.Result, error) {
	silent, err := Silent(db)
	if err != nil {
		return nil, err
	}
	t := rule.Tick{Now: a.Tick, From: a.WindowStart, AsOf: a.AsOf, After: a.ArrivedAfter}
	v := t.View(rule.DefaultMaxAge)
	v.Silent = slices.Clone(silent)
	return db.Query(ctx, a.Query, tidemark.AsOf(a.Tick, v, nil))
}
