package repl

import (
	"fmt"
	"io"
	"strings"

	"tidemark/output"
)

// Library is what is known of the language.
type Library interface {
	// Topic describes an operator, function, aggregation or plugin.
	Topic(kind Kind, name string) (Topic, bool)
	// Names returns the names of all topics of a kind, sorted.
	Names(kind Kind) []string
}

// Kind is what a topic is about.
type Kind string

// The kinds of topics.
const (
	Operator    Kind = "operator"
	Function    Kind = "function"
	Aggregation Kind = "aggregation"
	Plugin      Kind = "plugin"
)

var kinds = []Kind{Operator, Aggregation, Function, Plugin}

// Topic is what .help says about one name.
type Topic struct {
	Name     string
	Kind     Kind
	Aliases  []string
	Doc      string
	Slow     string // when and why it takes long
	Usage    []string
	Examples []Example
	URL      string
}

// Example is a query and what it gives.
type Example struct{ Query, Result string }

func (t Topic) print(w io.Writer, width int) {
	fmt.Fprintln(w, wrap(fmt.Sprintf("%s (%s): %s", t.Name, t.Kind, t.Doc), width))
	if t.Slow != "" {
		fmt.Fprintln(w, wrap(t.Slow, width))
	}
	if len(t.Aliases) > 0 {
		fmt.Fprintf(w, "also: %s\n", strings.Join(t.Aliases, ", "))
	}
	if len(t.Usage) > 0 {
		fmt.Fprintln(w)
	}
	for _, u := range t.Usage {
		fmt.Fprintf(w, "  %s\n", u)
	}
	for _, e := range t.Examples {
		fmt.Fprintf(w, "\n  %s\n    → %s\n", output.Clean(e.Query), output.Clean(e.Result))
	}
	if t.URL != "" {
		fmt.Fprintf(w, "\n%s\n", t.URL)
	}
}

// wrap breaks text between words into lines of at most width columns.
func wrap(text string, width int) string {
	if width <= 0 {
		return text
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case output.Width(line)+1+output.Width(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return strings.Join(append(lines, line), "\n")
}

// columns writes words next to one another, down before across.
func columns(w io.Writer, words []string, width int) {
	if width <= 0 {
		width = 80
	}
	longest := 0
	for _, x := range words {
		longest = max(longest, output.Width(x))
	}
	across := max(1, (width-2)/(longest+2))
	down := (len(words) + across - 1) / across
	for r := range down {
		var line strings.Builder
		for i := r; i < len(words); i += down {
			fmt.Fprintf(&line, "  %s%s", words[i], strings.Repeat(" ", longest-output.Width(words[i])))
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}
