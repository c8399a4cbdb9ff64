package main

import (
	"strings"
	"testing"

	"tidemark/repl"
)

// Whatever the catalogues have can be completed at the prompt, and .help on its
// name says what it does, how it is called, with an example and where
// Microsoft describes it.
func TestLibrary(t *testing.T) {
	const pages = "https://learn.microsoft.com/kusto/query/"
	for _, kind := range []repl.Kind{repl.Operator, repl.Function, repl.Aggregation, repl.Plugin} {
		names := library{}.Names(kind)
		if len(names) < 20 {
			t.Errorf("%d names of the kind %s", len(names), kind)
		}
		for _, name := range names {
			topic, ok := library{}.Topic(kind, name)
			switch {
			case !ok:
				t.Errorf("there is no help on the %s %s", kind, name)
			case topic.Doc == "" || len(topic.Usage) == 0 || topic.Usage[0] == "":
				t.Errorf("the %s %s lacks a sentence or its usage", kind, name)
			case !strings.HasPrefix(topic.URL, pages) || strings.ContainsAny(topic.URL[len(pages):], " _/"):
				t.Errorf("the %s %s leads to %s", kind, name, topic.URL)
			case kind != repl.Operator && len(topic.Examples) == 0:
				t.Errorf("the %s %s lacks an example", kind, name)
			}
		}
	}
}
