package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"tidemark/internal/tree"
	"tidemark/rule"
)

func init() {
	register(&Kind{
		Name: "exec",
		Doc:  "Runs a program for each event, with the event as JSON on its standard input. Only where exec is allowed by --allow-exec.",
		setup: func(*tree.Node) ([]tree.Field, func(string, Env) (Target, error)) {
			t := &program{timeout: 30 * time.Second}
			return []tree.Field{
				{Name: "command", Doc: "Program and arguments, as a list; no shell reads it.", Read: textsField(&t.argv)},
				{Name: "timeout", Doc: "How long the program may take; 30s.", Read: durationField(&t.timeout)},
				{Name: "env", Doc: "Variables of its environment, beside PATH, HOME, LANG and TZ.", Read: mapField(&t.vars)},
				{Name: "dir", Doc: "Its working directory.", Read: textField(&t.dir)},
			}, func(_ string, env Env) (Target, error) { return t.open(env) }
		},
	})
}

// program runs a program for each event, one at a time. What rows hold reaches
// it only as JSON on standard input, never as an argument.
type program struct {
	argv    []string
	timeout time.Duration
	vars    []rule.Pair
	dir     string
	environ []string
}

func (p *program) open(env Env) (Target, error) {
	if !env.AllowExec {
		return nil, errors.New("programs are run only where that is allowed: start with --allow-exec")
	}
	if len(p.argv) == 0 || p.argv[0] == "" {
		return nil, errors.New("it has no command")
	}
	if _, err := exec.LookPath(p.argv[0]); err != nil {
		return nil, err
	}
	for _, name := range []string{"PATH", "HOME", "LANG", "TZ"} {
		if v := env.Getenv(name); v != "" {
			p.environ = append(p.environ, name+"="+v)
		}
	}
	for _, v := range p.vars {
		p.environ = append(p.environ, v.Name+"="+v.Value)
	}
	return p, nil
}

func (p *program) Send(ctx context.Context, events []*rule.Event) (int, error) {
	return each(events, func(e *rule.Event) error { return p.run(ctx, e) })
}

func (p *program) run(ctx context.Context, e *rule.Event) error {
	ctx, stop := context.WithTimeout(ctx, p.timeout)
	defer stop()
	c := exec.CommandContext(ctx, p.argv[0], p.argv[1:]...)
	c.Dir = p.dir
	c.Env = append(p.environ[:len(p.environ):len(p.environ)],
		"TIDEMARK_ALERT_ID="+e.AlertID, "TIDEMARK_CONDITION="+string(e.Condition), "TIDEMARK_SEVERITY="+e.Severity.String(), "TIDEMARK_KEY="+e.Key())
	c.Stdin = bytes.NewReader(Line(e))
	out := &limited{left: 64 << 10}
	c.Stdout, c.Stderr = out, out
	ownGroup(c)
	c.WaitDelay = 5 * time.Second
	err := c.Run()
	if ctx.Err() != nil && err != nil {
		return fmt.Errorf("%s took more than %s and was ended", p.argv[0], p.timeout)
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", p.argv[0], err, line(cut(strings.TrimSpace(out.text.String()), 500)))
	}
	return nil
}

func (p *program) Close() error { return nil }

// limited keeps the first bytes and swallows the rest.
type limited struct {
	text bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.text.Write(p[:n])
	l.left -= n
	return len(p), nil
}
