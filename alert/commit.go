package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tidemark/rule"
	"tidemark/table"
)

// committer makes batches of outcomes: everything of a tick is in one, and one
// may hold many ticks, so that many rules share the wait for the disk.
type committer struct {
	s        *Service
	outcomes []*outcome
	states   map[string][]byte
	alerts   []fields
	health   []fields
	events   int // messages, at most, that the events make
	size     int
}

// Bounds of a batch. The marks of one, which are states and messages, may take
// 2 MiB.
const (
	batchTicks    = 128
	batchBytes    = 400 << 10 // of states
	messagesBytes = 1 << 20   // of messages
	hourly        = time.Hour
)

func (s *Service) newCommitter() *committer {
	return &committer{s: s, states: map[string][]byte{}}
}

// add takes an outcome, and commits when there are enough.
func (c *committer) add(o *outcome) error {
	state, err := json.Marshal(o.state)
	if err != nil {
		return fmt.Errorf("keep the state of rule %q: %w", o.rule.Subject(), err)
	}
	messages := len(o.events) * max(1, len(c.s.outbox.queues))
	if c.size > 0 && (c.size+len(state) > batchBytes || len(c.outcomes) >= batchTicks || c.events+messages > messagesBytes/8192) {
		if err := c.flush(); err != nil {
			return err
		}
	}
	c.outcomes = append(c.outcomes, o)
	c.states[stateMark(o.rule.ID)] = state
	c.size += len(state)
	c.events += messages
	for _, e := range o.events {
		c.alerts = append(c.alerts, alertRow(e))
	}
	c.health = append(c.health, c.s.healthOf(o)...)
	return nil
}

// flush commits: states, alerts, health and messages become true together.
func (c *committer) flush() error {
	if len(c.outcomes) == 0 {
		return nil
	}
	s := c.s
	s.commit.Lock()
	defer s.commit.Unlock()
	batch := &table.Batch{Marks: c.states}
	tails := map[*queue]uint64{}
	bytes := min(maxMessage, messagesBytes/max(1, c.events))
	for _, o := range c.outcomes {
		for _, e := range o.events {
			if err := s.outbox.put(batch.Marks, tails, e, s.actions(e), bytes); err != nil {
				return err
			}
		}
	}
	if c.alerts != nil {
		batch.Parts = append(batch.Parts, part(table.Alerts, c.alerts))
	}
	if c.health != nil {
		batch.Parts = append(batch.Parts, part(table.RuleHealth, c.health))
	}
	// Not the caller's context: a tick that has been worked out is kept.
	if err := s.db.Append(context.Background(), batch); err != nil {
		return fmt.Errorf("keep a tick: %w", err)
	}
	s.outbox.moved(tails)
	for _, o := range c.outcomes {
		o.rule.state, o.rule.next = o.state, o.rule.Next(o.tick)
		for _, e := range o.events {
			if e.Condition == rule.Fired {
				s.fired++
			}
			s.o.Log("%s %s: %s", e.Condition, e.Severity, e.Title)
		}
	}
	*c = *s.newCommitter()
	return nil
}

// healthOf is what RuleHealth says of a tick. Ticks that went well are summed
// up hour by hour.
func (s *Service) healthOf(o *outcome) []fields {
	r, now := o.rule, s.db.Now()
	var out []fields
	row := func(status, format string, args ...any) fields {
		f := healthRow(now, r.Rule, status, fmt.Sprintf(format, args...))
		t := r.TickAt(o.tick)
		f["Tick"], f["WindowStart"], f["WindowEnd"] = o.tick, t.From, t.Now
		f["DurationMs"], f["Runs"] = float64(o.elapsed.Microseconds())/1000, int64(1)
		f["Failures"] = int64(o.state.Failures)
		out = append(out, f)
		return f
	}
	if o.err != nil {
		row(statusFailure, "%v", o.err)
		s.o.Log("rule %q failed at %s: %v", r.Subject(), o.tick.Format(time.RFC3339), o.err)
		return out
	}
	if r.state.Hash != "" && r.state.Hash != r.Hash() {
		row(statusChanged, "the query or condition of the rule has changed; alerts of the old one are resolved")
	}
	if n := r.state.Failures; n > 0 {
		row(statusRecovered, "after %d failed ticks", n)
	}
	if o.res.Left > 0 {
		row(statusLimited, "%d alerts are in one summary, for an evaluation may not raise more", o.res.Left)
	}
	if o.res.Missed > 0 {
		row(statusSkipped, "rows of %d times came too late: their windows are not looked at again (lateness %s)", o.res.Missed, rule.FormatDuration(r.Lateness))
	}
	t := &r.sum
	t.runs++
	t.rows += o.res.Rows
	t.durationMS += float64(o.elapsed.Microseconds()) / 1000
	for _, e := range o.events {
		if e.Condition == rule.Fired {
			t.alerts++
		}
	}
	if now.Sub(t.since) >= hourly {
		f := row(statusSuccess, "")
		f["Runs"], f["Rows"], f["Alerts"], f["DurationMs"] = t.runs, t.rows, t.alerts, t.durationMS
		*t = tally{since: now}
	}
	return out
}
