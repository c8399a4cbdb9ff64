package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tidemark"
	"tidemark/alert"
	"tidemark/output"
	"tidemark/service"
	"tidemark/table"
)

// exitFired is the status of rule run --once when alerts fired.
const exitFired = 2

var ruleRunCommand = &command{
	name:  "rule run",
	usage: "PATH...",
	doc:   "Runs alert rules as their times come, and sends what they raise.",
	more: `The rules go on where they left off: ticks that were missed are run first, as
far back as --max-catchup. Without --targets alerts are printed. The first
Ctrl-C or SIGTERM ends the run in an orderly way.

With --once all ticks that are due are run and the program ends, as for cron;
the exit status is then 2 when alerts fired and 0 when none did.

With all settings in one file, see tidemark run.`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		r := &ruleRun{}
		r.db.add(f)
		r.files.add(f)
		r.targets.add(f)
		f.BoolVar(&r.once, "once", false, "run what is due and end")
		f.DurationVar(&r.wait, "wait", 30*time.Second, "with --once, how long to wait until messages are sent: `SPAN`")
		f.BoolVar(&r.allowExec, "allow-exec", false, "let targets run programs")
		f.DurationVar(&r.catchup, "max-catchup", 0, "how far back missed ticks are run: `SPAN` (default 24h)")
		f.BoolVar(&r.quiet, "quiet", false, "tell of failures only")
		return r.run
	},
}

type ruleRun struct {
	db        database
	files     ruleFiles
	targets   targetsFile
	once      bool
	wait      time.Duration
	allowExec bool
	catchup   time.Duration
	quiet     bool
}

func (r *ruleRun) run(ctx context.Context, e *env, args []string) (err error) {
	c, err := r.targets.config(e)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return usagef("name rule files or folders of them")
	}
	open := r.db.openService
	if r.once { // the next time comes
		open = func(_ context.Context, e *env) (*tidemark.DB, error) { return r.db.open(e) }
	}
	db, err := open(ctx, e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var names []string
	if r.targets.path != "" {
		names = c.names()
	}
	set, err := r.files.load(ctx, e, service.Local(db), args, names)
	if err != nil {
		return err
	}
	targets, err := c.open(e, r.allowExec)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTargets(targets)) }()
	if r.catchup > 0 {
		c.catchup = r.catchup
	}
	o := serviceOptions(e, c)
	o.OnlyDefault = r.targets.path == ""
	if r.once || r.quiet {
		o.Log = func(string, ...any) {}
	}
	o.Jitter = !r.once
	s, err := alert.New(ctx, db, set.Rules, targets, o)
	if err != nil {
		return err
	}
	if !r.once {
		defer serveControl(db, o.Log)()
		fmt.Fprintf(e.err, "%s run; Ctrl-C ends\n", output.Plural(int64(s.Rules()), "rule"))
		return s.Run(ctx)
	}
	return r.runOnce(ctx, e, s)
}

func (r *ruleRun) runOnce(ctx context.Context, e *env, s *alert.Service) error {
	if err := s.RunDue(ctx); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, r.wait)
	defer stop()
	if left := s.Drain(ctx); left > 0 {
		fmt.Fprintf(e.err, "tidemark: %s could not be sent yet; the next run tries again\n", output.Plural(int64(left), "message"))
	}
	if s.Fired() > 0 {
		return statusError(exitFired)
	}
	return nil
}

// serviceOptions are the options of a service that a configuration asks for.
func serviceOptions(e *env, c *config) alert.Options {
	return alert.Options{MaxCatchup: c.catchup, Timeout: c.timeout, Default: c.standard, Log: logger(e)}
}

// sortRows orders what rules gave by time, and by name and identifier.
func sortRows(rows [][]any) {
	slices.SortStableFunc(rows, func(a, b []any) int {
		x, y := a[0].(table.Time), b[0].(table.Time)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}
