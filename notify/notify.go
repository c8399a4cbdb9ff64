// Package notify sends what alert rules raise to where people see it. A target
// is configured in YAML; each kind is one file with one registered entry.
//
//	notify.go        targets, kinds, configuration
//	webhook.go       HTTP, in the common alert schema of Azure Monitor
//	schema.go        that schema
//	alertmanager.go  Prometheus' Alertmanager, API v2
//	syslog.go        RFC 5424 over UDP, TCP and TLS
//	smtp.go          mail
//	exec.go          a program
//	file.go stdout.go
//	client.go        what those that use HTTP and TLS share
//
// What rows hold is hostile: names of files are chosen by whoever made the
// files. Each kind escapes for its own wire.
package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tidemark/internal/tree"
	"tidemark/rule"
)

// Target is somewhere that events go.
type Target interface {
	// Send delivers events, in order, and returns how many were delivered.
	// With an error, the next one is the one that failed. It is called by
	// one goroutine at a time.
	Send(ctx context.Context, events []*rule.Event) (int, error)
	// Close ends the use of the target.
	Close() error
}

// Refresher is a target that forgets what is not said again: Alertmanager.
type Refresher interface {
	// Refresh repeats the alerts that are open. It may be called during Send.
	Refresh(ctx context.Context, firing []*rule.Event) error
}

// Permanent is an error that trying again will not change: the receiver has
// refused the message.
type Permanent struct{ Err error }

func (p *Permanent) Error() string { return p.Err.Error() }
func (p *Permanent) Unwrap() error { return p.Err }

// RetryAfter is an error of a receiver that says when to come again.
type RetryAfter struct {
	Err  error
	Wait time.Duration
}

func (r *RetryAfter) Error() string { return r.Err.Error() }
func (r *RetryAfter) Unwrap() error { return r.Err }

// Env is what targets have of the world.
type Env struct {
	// BaseURL is where people reach this database, for links; may be empty.
	BaseURL string
	// AllowExec lets targets run programs.
	AllowExec bool
	// Getenv looks up variables of the environment, where secrets are.
	Getenv func(string) string
	// Stdout is where the target stdout writes.
	Stdout interface{ Write([]byte) (int, error) }
	// Host is the name of this machine.
	Host string
	// Version is the program's.
	Version string
}

// Kind is a kind of target.
type Kind struct {
	Name string
	Doc  string // one sentence
	// setup declares the keys and returns what makes the target of them.
	setup func(n *tree.Node) ([]tree.Field, func(name string, env Env) (Target, error))
}

var kinds []*Kind

func register(k *Kind) {
	if slices.ContainsFunc(kinds, func(o *Kind) bool { return o.Name == k.Name }) {
		panic("BUG: two kinds of targets are called " + k.Name)
	}
	kinds = append(kinds, k)
	slices.SortFunc(kinds, func(a, b *Kind) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
}

// Kinds lists the kinds of targets by name.
func Kinds() []*Kind { return kinds }

// Keys are the keys that the configuration of a kind takes.
func (k *Kind) Keys() []tree.Field {
	fields, _ := k.setup(&tree.Node{})
	return fields
}

// Config is a target as a file describes it.
type Config struct {
	Name string
	Kind string
	Opts Delivery
	node *tree.Node
	make func(name string, env Env) (Target, error)
}

// Delivery says how hard to try.
type Delivery struct {
	// Retry is for how long a message is tried; 0 is 24 hours.
	Retry time.Duration
	// MinSeverity leaves out events that are less severe; 4 is all.
	MinSeverity rule.Severity
	// NoResolved leaves out the news that an alert is resolved.
	NoResolved bool
}

// Takes reports whether the target is to get an event.
func (d Delivery) Takes(e *rule.Event) bool {
	return e.Severity <= d.MinSeverity && !(d.NoResolved && e.Condition == rule.Resolved)
}

// DefaultRetry is for how long a message is tried.
const DefaultRetry = 24 * time.Hour

// Read reads a mapping of names to targets. What is wrong is noted in the file.
func Read(n *tree.Node) []*Config {
	if n.Kind != tree.Map {
		n.Fail("", "targets are a mapping of names to their settings, and this is %s", n.Kind)
		return nil
	}
	var out []*Config
	for i, k := range n.Keys {
		if c := readTarget(k.Text, n.Items[i]); c != nil {
			if slices.ContainsFunc(out, func(o *Config) bool { return o.Name == c.Name }) {
				k.Fail("", "the target %q is there twice", k.Text)
			}
			out = append(out, c)
		}
	}
	return out
}

func readTarget(name string, n *tree.Node) *Config {
	c := &Config{Name: name, node: n, Opts: Delivery{Retry: DefaultRetry, MinSeverity: 4}}
	var names []string
	for _, k := range kinds {
		names = append(names, k.Name)
	}
	typ := n.Get("type")
	if n.Kind != tree.Map || typ == nil {
		n.Fail("for example {type: webhook, url: …}", "a target is a mapping with a type")
		return nil
	}
	if typ.Word(&c.Kind, names...); c.Kind == "" {
		return nil
	}
	i := slices.IndexFunc(kinds, func(k *Kind) bool { return k.Name == c.Kind })
	fields, make := kinds[i].setup(n)
	c.make = make
	n.Fields("a target of type "+c.Kind, append(fields, commonFields(c)...))
	return c
}

// commonFields are the keys of all kinds.
func commonFields(c *Config) []tree.Field {
	return []tree.Field{
		{Name: "type", Doc: "The kind of target."},
		{Name: "retry", Doc: "For how long a message is tried; 24h.", Read: durationField(&c.Opts.Retry)},
		{Name: "minSeverity", Doc: "Leave out what is less severe: Sev0 to Sev4 or High, Medium, Low, Informational.", Read: func(n *tree.Node) {
			s, err := rule.ParseSeverity(n.Text)
			if err != nil {
				n.Fail("", "%v", err)
				return
			}
			c.Opts.MinSeverity = s
		}},
		{Name: "sendResolved", Doc: "false: say nothing when an alert is resolved.", Read: func(n *tree.Node) {
			send := true
			n.Bool(&send)
			c.Opts.NoResolved = !send
		}},
	}
}

// CommonKeys are the keys that every target takes.
func CommonKeys() []tree.Field { return commonFields(&Config{}) }

// Open makes the target.
func (c *Config) Open(env Env) (Target, error) {
	t, err := c.make(c.Name, env)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", c.Name, err)
	}
	return t, nil
}

func durationField(into *time.Duration) func(n *tree.Node) {
	return func(n *tree.Node) {
		d, err := rule.ParseDuration(n.Text)
		if err != nil {
			n.Fail("", "%v", err)
			return
		}
		*into = d
	}
}

func textField(into *string) func(n *tree.Node)    { return func(n *tree.Node) { n.String(into) } }
func textsField(into *[]string) func(n *tree.Node) { return func(n *tree.Node) { n.Strings(into) } }
func boolField(into *bool) func(n *tree.Node)      { return func(n *tree.Node) { n.Bool(into) } }
func mapField(into *[]rule.Pair) func(n *tree.Node) {
	return func(n *tree.Node) {
		if n.Kind != tree.Map {
			n.Fail("", "a mapping of names to values is expected here, and this is %s", n.Kind)
			return
		}
		for i, k := range n.Keys {
			p := rule.Pair{Name: k.Text}
			n.Items[i].String(&p.Value)
			*into = append(*into, p)
		}
	}
}

// each sends events one by one.
func each(events []*rule.Event, send func(e *rule.Event) error) (int, error) {
	for i, e := range events {
		if err := send(e); err != nil {
			return i, err
		}
	}
	return len(events), nil
}

// isPermanent reports whether trying again is of no use.
func isPermanent(err error) bool { return errors.As(err, new(*Permanent)) }

// IsPermanent reports whether a receiver has refused a message for good.
func IsPermanent(err error) bool { return isPermanent(err) }
