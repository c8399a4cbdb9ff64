package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tidemark/alert"
	"tidemark/internal/tree"
	"tidemark/notify"
	"tidemark/output"
	"tidemark/rule"
)

// config is what a configuration file says: that of tidemark run, and of the
// commands that only need its targets.
type config struct {
	file     *tree.File
	database string
	baseURL  string
	rules    []string
	params   string
	targets  []*notify.Config
	standard []string // targets of rules that name none
	sources  []*source
	rejects  string
	catchup  time.Duration
	timeout  time.Duration
}

// fields are the keys of the file.
func (c *config) fields() []tree.Field {
	span := func(into *time.Duration) func(n *tree.Node) {
		return func(n *tree.Node) {
			d, err := rule.ParseDuration(n.Text)
			if err != nil {
				n.Fail("", "%v", err)
				return
			}
			*into = d
		}
	}
	return []tree.Field{
		{Name: "database", Doc: "Directory of the database.", Read: func(n *tree.Node) { n.String(&c.database) }},
		{Name: "baseURL", Doc: "Where people reach this database, for links in messages.", Read: func(n *tree.Node) { n.String(&c.baseURL) }},
		{Name: "rules", Doc: "Rule files and folders of them, from the folder of this file.", Read: func(n *tree.Node) { n.Strings(&c.rules) }},
		{Name: "parameters", Doc: "File with values for the parameters of Azure templates.", Read: func(n *tree.Node) { n.String(&c.params) }},
		{Name: "targets", Doc: "Where alerts are sent, by name.", Read: func(n *tree.Node) { c.targets = notify.Read(n) }},
		{Name: "defaultTargets", Doc: "Targets of rules that name none.", Read: func(n *tree.Node) { n.Strings(&c.standard) }},
		{Name: "maxCatchup", Doc: "How far back ticks that were missed are run; 24h.", Read: span(&c.catchup)},
		{Name: "ruleTimeout", Doc: "How long an evaluation may take; 1m.", Read: span(&c.timeout)},
		{Name: "sources", Doc: "What is followed and loaded: a list of paths, or of mappings of paths and how they are read.", Read: func(n *tree.Node) { c.sources = readSources(n) }},
		{Name: "rejects", Doc: "File to which rejected records are added.", Read: func(n *tree.Node) { n.String(&c.rejects) }},
	}
}

// readConfig reads a configuration file. What is wrong with it is printed.
func readConfig(e *env, path string) (*config, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fileError(err)
	}
	c := &config{file: &tree.File{Name: path, Text: string(b)}}
	docs := c.file.Documents()
	if len(docs) > 0 {
		docs[0].Fields("the configuration", c.fields())
	}
	if len(docs) > 1 {
		docs[1].Fail("", "a configuration file has one document")
	}
	for _, name := range c.standard {
		if !slices.Contains(c.names(), name) {
			c.file.Fail(docs[0].Get("defaultTargets").Span, "", "there is no target %q", name)
		}
	}
	c.resolve(filepath.Dir(path))
	printFileErrors(e.err, c.file)
	if c.file.Errs.Fatal() {
		return nil, statusError(exitWrong)
	}
	return c, nil
}

// resolve makes paths those below the folder of the file.
func (c *config) resolve(dir string) {
	for i, r := range c.rules {
		c.rules[i] = below(dir, r)
	}
	for _, p := range []*string{&c.params, &c.database, &c.rejects} {
		*p = below(dir, *p)
	}
	for _, s := range c.sources {
		s.resolve(dir)
	}
}

func (c *config) names() []string {
	out := []string{}
	for _, t := range c.targets {
		out = append(out, t.Name)
	}
	return out
}

// open makes the targets.
func (c *config) open(e *env, allowExec bool) ([]*alert.Target, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	env := notify.Env{BaseURL: c.baseURL, AllowExec: allowExec, Getenv: e.getenv, Stdout: e.out, Host: host, Version: versionText()}
	var out []*alert.Target
	for _, t := range c.targets {
		made, err := t.Open(env)
		if err != nil {
			closeTargets(out)
			return nil, err
		}
		out = append(out, &alert.Target{Name: t.Name, Target: made, Delivery: t.Opts})
	}
	return out, nil
}

func closeTargets(targets []*alert.Target) error {
	var first error
	for _, t := range targets {
		if err := t.Close(); err != nil && first == nil {
			first = fmt.Errorf("target %s: %w", t.Name, err)
		}
	}
	return first
}

// toStdout is the configuration where no file is named.
func toStdout() *config {
	f := &tree.File{Name: "standard", Text: `{"stdout": {"type": "stdout", "format": "text"}}`}
	return &config{file: f, targets: notify.Read(f.Documents()[0]), standard: []string{"stdout"}}
}

// targetsFile is the flag that names the file with the targets.
type targetsFile struct{ path string }

func (t *targetsFile) add(f *flags) {
	f.StringVar(&t.path, "targets", "", "`FILE` with the targets that alerts go to, such as that of tidemark run")
}

// names are the names of the targets, or nil where no file is named.
func (t *targetsFile) names(e *env) ([]string, error) {
	if t.path == "" {
		return nil, nil
	}
	c, err := readConfig(e, t.path)
	if err != nil {
		return nil, err
	}
	return c.names(), nil
}

// config is what the file says, or standard output where none is named.
func (t *targetsFile) config(e *env) (*config, error) {
	if t.path == "" {
		return toStdout(), nil
	}
	return readConfig(e, t.path)
}

// logger prints what a service tells, with the time.
func logger(e *env) func(format string, args ...any) {
	return func(format string, args ...any) {
		fmt.Fprintf(e.err, "%s %s\n", time.Now().UTC().Format(time.RFC3339), output.CleanLines(fmt.Sprintf(format, args...)))
	}
}
