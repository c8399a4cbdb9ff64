package notify

import (
	"context"
	"fmt"
	"io"
	"time"

	"tidemark/internal/tree"
	"tidemark/rule"
)

func init() {
	register(&Kind{
		Name: "stdout",
		Doc:  "Writes each event to standard output: a line of text, or of JSON.",
		setup: func(*tree.Node) ([]tree.Field, func(string, Env) (Target, error)) {
			format := "json"
			return []tree.Field{
				{Name: "format", Doc: "json or text.", Read: func(n *tree.Node) { n.Word(&format, "json", "text") }},
			}, func(_ string, env Env) (Target, error) { return &stdout{env.Stdout, format}, nil }
		},
	})
}

type stdout struct {
	w      io.Writer
	format string
}

func (s *stdout) Send(_ context.Context, events []*rule.Event) (int, error) {
	return each(events, func(e *rule.Event) error {
		b := Line(e)
		if s.format == "text" {
			b = []byte(Summary(e) + "\n")
		}
		_, err := s.w.Write(b)
		return err
	})
}

func (s *stdout) Close() error { return nil }

// Summary is an event as one line for people.
func Summary(e *rule.Event) string {
	text := fmt.Sprintf("%s %s %s %s", e.At().UTC().Format(time.RFC3339), e.Severity, e.Condition, line(e.Title))
	if e.Computer != "" {
		text += " on " + line(e.Computer)
	}
	if e.Late {
		text += " (late)"
	}
	return text
}
