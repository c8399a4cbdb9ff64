package main

import (
	"context"
	"errors"
	"fmt"

	"tidemark"
	"tidemark/alert"
	"tidemark/output"
)

var runCommand = &command{
	name: "run",
	doc:  "Runs as a service: alert rules and what they send, from one configuration file.",
	more: `All is in one configuration file in YAML; docs/rules.md describes it:

  database: /var/lib/tidemark
  rules: [rules]
  targets:
    soc: {type: webhook, url: "https://soc.example/hook", secretEnv: SOC_SECRET}
  defaultTargets: [soc]

The first Ctrl-C or SIGTERM ends it in an orderly way: the tick that runs is finished, what could not be sent is sent by the
next run.`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		r := &serviceRun{}
		r.db.add(f)
		f.StringVar(&r.config, "config", "", "`FILE` with the configuration")
		f.BoolVar(&r.allowExec, "allow-exec", false, "let targets run programs")
		f.BoolVar(&r.check, "check", false, "check configuration and rules and end")
		return r.run
	},
}

type serviceRun struct {
	db        database
	config    string
	allowExec bool
	check     bool
}

func (r *serviceRun) run(ctx context.Context, e *env, args []string) (err error) {
	if len(args) > 0 {
		return usagef("run takes no argument; what it does is in --config FILE")
	}
	if r.config == "" {
		return usagef("--config FILE says what to run")
	}
	c, err := readConfig(e, r.config)
	if err != nil {
		return err
	}
	if r.db.dir == "" {
		r.db.dir = c.database
	}
	var mode []tidemark.Option
	if r.check {
		mode = []tidemark.Option{tidemark.ReadOnly(), tidemark.Lazy()}
	}
	db, err := r.db.open(e, mode...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	files := ruleFiles{parameters: c.params}
	set, err := files.load(e, db, c.rules, c.names())
	if err != nil {
		return err
	}
	targets, err := c.open(e, r.allowExec)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTargets(targets)) }()
	if r.check {
		fmt.Fprintf(e.out, "%s, %s: all is well\n", output.Plural(int64(len(set.Rules)), "rule"), output.Plural(int64(len(targets)), "target"))
		return nil
	}
	o := serviceOptions(e, c)
	o.Jitter = true
	s, err := alert.New(ctx, db, set.Rules, targets, o)
	if err != nil {
		return err
	}
	stop, err := serveControl(db, o.Log)
	if err != nil {
		return err
	}
	defer stop()
	o.Log("%s run, %s", output.Plural(int64(s.Rules()), "rule"), output.Plural(int64(len(targets)), "target"))
	err = s.Run(ctx)
	o.Log("ended")
	return err
}
