package rule

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidemark/parser"
)

// Replay runs the ticks of a rule after from up to until, as if it had started
// then, and hands out what happens at each.
func (r *Rule) Replay(ctx context.Context, from, until time.Time, d Data, tick func(t time.Time, res *Result) error) error {
	st := &State{}
	for t := r.Next(from); !t.After(until); t = t.Add(r.Frequency) {
		next, res, err := r.Step(ctx, st, t, d)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("rule %q, tick %s: %w", r.Subject(), t.Format(time.RFC3339), err)
		}
		st = next
		if err := tick(t, res); err != nil {
			return err
		}
	}
	return nil
}

// Next is the first tick after a time.
func (r *Rule) Next(from time.Time) time.Time {
	t := r.TickBefore(from.Add(r.Delay))
	for !t.After(from) || !r.Started(t) {
		t = t.Add(r.Frequency)
	}
	return t
}

// RunTest runs a test of the rule on data that holds its rows, and returns how
// the outcome differs from what the test expects.
func (r *Rule) RunTest(ctx context.Context, t *Test, d Data) ([]string, error) {
	from := t.From
	if from.IsZero() { // the last tick only
		from = r.TickBefore(t.Now.Add(r.Delay)).Add(-1)
	}
	var events []*Event
	err := r.Replay(ctx, from, t.Now, d, func(_ time.Time, res *Result) error {
		events = append(events, res.Events...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t.Want.differences(events), nil
}

func (want *Expected) differences(events []*Event) []string {
	var out []string
	differ := func(what string, want, got any) {
		out = append(out, fmt.Sprintf("%s: want %v, got %v", what, want, got))
	}
	var fired []*Event
	resolved := 0
	for _, e := range events {
		if e.Condition == Fired {
			fired = append(fired, e)
		} else {
			resolved++
		}
	}
	if want.Alerts != nil && *want.Alerts != len(fired) {
		var titles []string
		for _, e := range fired {
			titles = append(titles, e.Fired.Format(time.RFC3339)+" "+e.Title)
		}
		differ("alerts", *want.Alerts, strings.TrimSpace(fmt.Sprintf("%d %v", len(fired), strings.Join(titles, "; "))))
	}
	if want.Resolved != nil && *want.Resolved != resolved {
		differ("resolved", *want.Resolved, resolved)
	}
	if want.Dimensions != nil {
		var a, b []string
		for _, p := range want.Dimensions {
			a = append(a, describePairs(p))
		}
		for _, e := range fired {
			b = append(b, describePairs(e.Dimensions))
		}
		compare("dimensions", a, b, differ)
	}
	if want.Titles != nil {
		var b []string
		for _, e := range fired {
			b = append(b, e.Title)
		}
		compare("titles", slices.Clone(want.Titles), b, differ)
	}
	for _, e := range fired {
		if want.Severity != nil && *want.Severity != e.Severity {
			differ("severity", want.Severity, e.Severity)
		}
		if want.Late != nil && *want.Late != e.Late {
			differ("late", *want.Late, e.Late)
		}
	}
	return out
}

// compare compares two lists without regard to their order.
func compare(what string, want, got []string, differ func(what string, want, got any)) {
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		differ(what, strings.Join(want, "; "), strings.Join(got, "; "))
	}
}

func describePairs(pairs []Pair) string {
	var parts []string
	for _, p := range pairs {
		parts = append(parts, p.Name+"="+p.Value)
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

// Span is where the test stands in its file.
func (t *Test) Span() parser.Span { return t.node.Span }
