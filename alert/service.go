package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"runtime"
	"slices"
	"sync"
	"time"

	"tidemark"
	"tidemark/notify"
	"tidemark/parser"
	"tidemark/rule"
	"tidemark/table"
	"tidemark/window"
)

// Options say how rules run; the zero value is useful.
type Options struct {
	// MaxCatchup is how far back ticks that were missed are run; 0 is 24 hours.
	MaxCatchup time.Duration
	// Timeout bounds one evaluation; 0 is a minute.
	Timeout time.Duration
	// Workers is how many rules are evaluated at once; 0 is all cores.
	Workers int
	// Default are the targets of rules that name none; with OnlyDefault, of
	// all rules.
	Default     []string
	OnlyDefault bool
	// Log tells what happens; nil is silence.
	Log func(format string, args ...any)
	// Jitter delays runs a little, each rule by its own span, so that not all
	// run at once.
	Jitter bool
}

func (o Options) withDefaults() Options {
	if o.MaxCatchup <= 0 {
		o.MaxCatchup = 24 * time.Hour
	}
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Log == nil {
		o.Log = func(string, ...any) {}
	}
	return o
}

// Service runs rules on a database and sends what they raise.
type Service struct {
	db     *tidemark.DB
	o      Options
	rules  []*running
	outbox *outbox
	silent []window.Span

	commit sync.Mutex // batches are made and committed one at a time
	caches map[time.Time]*shared
	fired  int
}

// running is a rule and how far it is.
type running struct {
	*rule.Rule
	state  *rule.State
	next   time.Time // its next tick
	jitter time.Duration
	sum    tally
}

// tally sums up successful ticks for RuleHealth.
type tally struct {
	since      time.Time
	runs       int64
	rows       int64
	alerts     int64
	durationMS float64
}

// shared is what rules that look at the same moment share.
type shared struct {
	data *Data
	used time.Time
}

func stateMark(id string) string { return "rules/state/" + id }

// New makes a service of the rules that are enabled. The targets are the
// caller's to close, after Run has returned.
func New(ctx context.Context, db *tidemark.DB, rules []*rule.Rule, targets []*Target, o Options) (*Service, error) {
	s := &Service{db: db, o: o.withDefaults(), caches: map[time.Time]*shared{}}
	for _, name := range []string{table.Alerts, table.RuleHealth} {
		if err := db.EnsureTable(name); err != nil {
			return nil, err
		}
	}
	var err error
	if s.outbox, err = newOutbox(db, targets, s.o.Log); err != nil {
		return nil, err
	}
	if s.silent, err = closeSilent(ctx, db); err != nil {
		return nil, err
	}
	for _, r := range rules {
		if !r.Enabled {
			continue
		}
		if err := s.add(r); err != nil {
			return nil, err
		}
	}
	return s, s.begin(ctx)
}

// add takes up a rule where it left off.
func (s *Service) add(r *rule.Rule) error {
	run := &running{Rule: r}
	var err error
	if run.state, err = readState(s.db, r.ID); err != nil {
		return err
	}
	if s.o.Jitter {
		h := fnv.New32a()
		h.Write([]byte(r.ID))
		run.jitter = time.Duration(h.Sum32()) % min(max(r.Frequency/60, 1), 5*time.Second)
	}
	s.rules = append(s.rules, run)
	return nil
}

// readState reads what a rule knows from its earlier ticks.
func readState(db *tidemark.DB, id string) (*rule.State, error) {
	st := &rule.State{}
	b, err := db.Mark(stateMark(id))
	if err == nil && b != nil {
		if e := json.Unmarshal(b, st); e != nil {
			err = fmt.Errorf("%w: mark %s: %v", tidemark.ErrCorrupt, stateMark(id), e)
		}
	}
	return st, err
}

// begin decides at which ticks the rules go on, and tells of those that are
// left out.
func (s *Service) begin(ctx context.Context) error {
	now := s.db.Now()
	var health []fields
	skipped, rules := 0, 0
	var from, to time.Time
	for _, r := range s.rules {
		last := r.TickBefore(now)
		if r.state.Tick.IsZero() {
			r.next = last
			for !r.Started(r.next) {
				r.next = r.next.Add(r.Frequency)
			}
			continue
		}
		r.next = r.Next(r.state.Tick)
		if last.Sub(r.state.Tick) <= r.Frequency {
			continue
		}
		r.state = r.state.Gap(r.Rule, now)
		oldest := now.Add(-s.o.MaxCatchup)
		if !r.next.Before(oldest) {
			continue
		}
		resume := r.Next(oldest)
		n := int(resume.Sub(r.next) / r.Frequency)
		row := healthRow(now, r.Rule, statusSkipped, fmt.Sprintf("%d ticks from %s were not run: they are more than %s ago",
			n, r.next.Format(time.RFC3339), rule.FormatDuration(s.o.MaxCatchup)))
		row["Tick"], row["Runs"] = r.next, int64(n)
		health = append(health, row)
		if from.IsZero() || r.next.Before(from) {
			from = r.next
		}
		if resume.After(to) {
			to = resume
		}
		skipped, rules = skipped+n, rules+1
		r.next = resume
	}
	health = append(health, healthRow(now, nil, statusStarted, fmt.Sprintf("%d rules run", len(s.rules))))
	return s.announce(ctx, now, skipped, rules, from, to, health)
}

// announce writes what begin found; ticks that are left out are one notice.
func (s *Service) announce(ctx context.Context, now time.Time, skipped, rules int, from, to time.Time, health []fields) error {
	s.commit.Lock()
	defer s.commit.Unlock()
	batch := &table.Batch{Marks: map[string][]byte{}, Parts: []table.Part{part(table.RuleHealth, health)}}
	tails := map[*queue]uint64{}
	if skipped > 0 {
		e := rule.Notice(now, "Alert rules were not run", fmt.Sprintf("%d ticks of %d rules between %s and %s were not run, for the program was down too long.",
			skipped, rules, from.Format(time.RFC3339), to.Format(time.RFC3339)))
		batch.Parts = append(batch.Parts, part(table.Alerts, []fields{alertRow(e)}))
		if err := s.outbox.put(batch.Marks, tails, e, s.o.Default, maxMessage); err != nil {
			return err
		}
		s.o.Log("%s", e.Description)
	}
	if err := s.db.Append(ctx, batch); err != nil {
		return err
	}
	s.outbox.moved(tails)
	return nil
}

// Rules is how many rules run.
func (s *Service) Rules() int { return len(s.rules) }

// Run runs the rules as their ticks become due and sends what they raise,
// until ctx ends. What was not sent then is sent by the next run.
func (s *Service) Run(ctx context.Context) error {
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.outbox.start(sending)
	defer func() {
		stop()
		s.outbox.wait()
		s.closeCaches(true)
	}()
	refresh := time.NewTicker(notify.RefreshEvery)
	defer refresh.Stop()
	for {
		if err := s.RunDue(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		s.closeCaches(false)
		wait := time.Hour
		if next, ok := s.nextRun(); ok {
			wait = max(0, next.Sub(s.db.Now()))
		}
		select {
		case <-time.After(wait):
		case <-refresh.C:
			s.outbox.refresh(ctx, s.Firing(), s.actions)
		case <-ctx.Done():
			return nil
		}
	}
}

// Drain sends what waits, until nothing does or ctx ends, and returns how many
// messages are left.
func (s *Service) Drain(ctx context.Context) uint64 {
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.outbox.start(sending)
	for s.outbox.waiting() > 0 && ctx.Err() == nil {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	stop()
	s.outbox.wait()
	return s.outbox.waiting()
}

func (s *Service) nextRun() (time.Time, bool) {
	var first time.Time
	for _, r := range s.rules {
		if due := r.Due(r.next).Add(r.jitter); first.IsZero() || due.Before(first) {
			first = due
		}
	}
	return first, !first.IsZero()
}

// Firing are the alerts of all rules that are not resolved.
func (s *Service) Firing() []*rule.Event {
	s.commit.Lock()
	defer s.commit.Unlock()
	var out []*rule.Event
	for _, r := range s.rules {
		out = append(out, r.state.Firing()...)
	}
	return out
}

// Fired is how many alerts have fired since the service was made.
func (s *Service) Fired() int {
	s.commit.Lock()
	defer s.commit.Unlock()
	return s.fired
}

// actions are the targets of an event.
func (s *Service) actions(e *rule.Event) []string {
	if len(e.Actions) > 0 && !s.o.OnlyDefault {
		return e.Actions
	}
	return s.o.Default
}

// RunDue runs all ticks that are due, in the order of their times.
func (s *Service) RunDue(ctx context.Context) error {
	defer s.closeCaches(false)
	for {
		due := s.due(s.db.Now())
		if len(due) == 0 {
			return nil
		}
		s.closeCaches(false)
		if err := s.round(ctx, due); err != nil {
			return err
		}
	}
}

// due are the rules whose next tick is due and looks at the earliest moment.
func (s *Service) due(now time.Time) []*running {
	var out []*running
	var first time.Time
	for _, r := range s.rules {
		at := r.Due(r.next)
		if at.Add(r.jitter).After(now) {
			continue
		}
		if len(out) > 0 && at.Before(first) {
			out = out[:0]
		}
		if len(out) == 0 || at.Equal(first) {
			first, out = at, append(out, r)
		}
	}
	return out
}

// outcome is a tick of a rule that is to be committed.
type outcome struct {
	rule    *running
	tick    time.Time
	state   *rule.State
	res     *rule.Result // nil where the tick failed
	events  []*rule.Event
	err     error
	elapsed time.Duration
}

// round evaluates one tick of each of some rules that look at the same moment,
// and commits it.
func (s *Service) round(ctx context.Context, rules []*running) error {
	asOf := rules[0].Due(rules[0].next)
	data, err := s.dataAt(ctx, asOf)
	if err != nil {
		return err
	}
	work := make(chan *running)
	outcomes := make(chan *outcome, s.o.Workers)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var workers sync.WaitGroup
	for range min(s.o.Workers, len(rules)) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for r := range work {
				outcomes <- s.evaluate(ctx, r, data)
			}
		}()
	}
	go func() {
		for _, r := range rules {
			work <- r
		}
		close(work)
		workers.Wait()
		close(outcomes)
	}()
	c := s.newCommitter()
	for o := range outcomes {
		if err == nil && ctx.Err() != nil {
			err = ctx.Err()
		}
		if err == nil { // else only wait for the others to end
			if err = c.add(o); err != nil {
				stop()
			}
		}
	}
	if err != nil {
		return err
	}
	return c.flush()
}

// dataAt is the database as it was at a moment that has passed: the line is
// drawn so that nothing comes before it any more.
func (s *Service) dataAt(ctx context.Context, asOf time.Time) (*Data, error) {
	sh := s.caches[asOf]
	if sh == nil {
		if err := s.db.Fence(ctx, asOf); err != nil {
			return nil, err
		}
		sh = &shared{data: &Data{DB: s.db, Cache: window.NewCache(sharedRows), Silent: s.silent}}
		s.caches[asOf] = sh
	}
	sh.used = time.Now()
	return sh.data, nil
}

// sharedRows is how many rows a window may have to be kept for several rules.
const sharedRows = 200_000

// closeCaches forgets moments that no rule looks at any more.
func (s *Service) closeCaches(all bool) {
	for at, sh := range s.caches {
		if all || time.Since(sh.used) > 10*time.Second || len(s.caches) > 4 {
			sh.data.Cache.Close()
			delete(s.caches, at)
		}
	}
}

// tries is how often a tick is evaluated before it counts as failed.
const tries = 3

// evaluate does the tick of a rule. What fails for a reason that may pass is
// tried again.
func (s *Service) evaluate(ctx context.Context, r *running, d *Data) *outcome {
	o := &outcome{rule: r, tick: r.next}
	start := time.Now()
	for try := 1; ; try++ {
		limit, stop := context.WithTimeout(ctx, s.o.Timeout)
		o.state, o.res, o.err = r.Step(limit, r.state, o.tick, d)
		timedOut := limit.Err() != nil
		stop()
		if o.err == nil {
			o.events = o.res.Events
			break
		}
		if timedOut && ctx.Err() == nil {
			o.err = fmt.Errorf("it took more than %s", s.o.Timeout)
		}
		if try == tries || timedOut || errors.As(o.err, new(parser.Errors)) || ctx.Err() != nil {
			o.state, o.events = r.Fail(r.state, o.tick, o.err)
			break
		}
		select {
		case <-time.After(time.Duration(try) * 200 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	o.elapsed = time.Since(start)
	return o
}

// Names lists the targets.
func Names(targets []*Target) []string {
	out := []string{}
	for _, t := range targets {
		out = append(out, t.Name)
	}
	slices.Sort(out)
	return out
}
