package main

import (
	"context"
	"errors"
	"fmt"

	"tidemark"
	"tidemark/alert"
	"tidemark/output"
	"tidemark/rule"
	"tidemark/service"
)

var runCommand = &command{
	name: "run",
	doc:  "Runs as a service: follows files, runs alert rules and sends what they raise.",
	more: `All is in one configuration file in YAML; docs/service.md describes it:

  database: /var/lib/tidemark
  sources:
  - /var/log/osquery/osqueryd.results.log
  - {paths: ["/var/ossec/logs/alerts/alerts.json"], format: wazuh}
  rules: [rules]
  targets:
    soc: {type: webhook, url: "https://soc.example/hook", secretEnv: SOC_SECRET}
  defaultTargets: [soc]

Queries of other commands on the database are answered meanwhile. The first
Ctrl-C or SIGTERM ends it in an orderly way: what is being loaded and the tick
that runs are finished, and what could not be sent is sent by the next run.`,
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
	if r.check {
		return r.checkAll(ctx, e, c)
	}
	db, err := r.db.openService(ctx, e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	set, err := c.load(ctx, e, service.Local(db))
	if err != nil {
		return err
	}
	targets, err := c.open(e, r.allowExec)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTargets(targets)) }()
	o := serviceOptions(e, c)
	o.Jitter = true
	s, err := alert.New(ctx, db, set.Rules, targets, o)
	if err != nil {
		return err
	}
	defer serveControl(db, o.Log)()
	o.Log("%s followed, %s run, %s", output.Plural(int64(len(c.sources)), "source"), output.Plural(int64(s.Rules()), "rule"), output.Plural(int64(len(targets)), "target"))
	err = together(ctx, s.Run, func(ctx context.Context) error { return c.follow(ctx, db, o.Log) })
	o.Log("ended")
	return err
}

// checkAll looks at what a service would run, while one may be running.
func (r *serviceRun) checkAll(ctx context.Context, e *env, c *config) error {
	db, err := r.db.ask(e, tidemark.ReadOnly(), tidemark.Lazy())
	if err != nil {
		return err
	}
	defer db.Close()
	set, err := c.load(ctx, e, db)
	if err != nil {
		return err
	}
	targets, err := c.open(e, r.allowExec)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s, %s, %s: all is well\n", output.Plural(int64(len(c.sources)), "source"), output.Plural(int64(len(set.Rules)), "rule"), output.Plural(int64(len(targets)), "target"))
	return closeTargets(targets)
}

// load reads the rules of the configuration, which may have none if it has
// sources.
func (c *config) load(ctx context.Context, e *env, db service.Database) (*rule.Set, error) {
	switch {
	case len(c.rules) > 0:
		files := ruleFiles{parameters: c.params}
		return files.load(ctx, e, db, c.rules, c.names())
	case len(c.sources) > 0:
		return &rule.Set{}, nil
	}
	return nil, fmt.Errorf("%s has neither sources nor rules: there is nothing to run", c.file.Name)
}

// together runs all until ctx ends; where one fails, the others are ended, too.
func together(ctx context.Context, run ...func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ends := make(chan error)
	for _, f := range run {
		go func() { ends <- f(ctx) }()
	}
	var err error
	for range run {
		if e := <-ends; e != nil {
			err = errors.Join(err, e)
			stop()
		}
	}
	return err
}
