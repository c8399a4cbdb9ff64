package repl

import (
	"context"
	"fmt"
	"slices"
	"strings"

	management "tidemark/command"
	"tidemark/internal/near"
)

const intro = `A query ends with a semicolon or an empty line; a line that ends in a pipe or
within brackets goes on. Ctrl-C clears what was typed or stops a query, Ctrl-R
searches the history, Tab completes.

`

// help is the command .help.
func (s *session) help(_ context.Context, args []string) error {
	if len(args) > 0 {
		return s.helpOn(strings.Join(args, " "))
	}
	fmt.Fprint(s.Out, intro)
	width := 0
	for _, c := range commands {
		width = max(width, len(c.synopsis()))
	}
	for _, c := range commands {
		fmt.Fprintf(s.Out, "  %-*s  %s\n", width, c.synopsis(), c.doc)
	}
	fmt.Fprint(s.Out, "\nKusto's management commands, such as .create function, are listed by .help commands.\n")
	if s.Library != nil {
		fmt.Fprint(s.Out, "\n.help operators, .help functions, .help aggregations and .help plugins list what KQL has here.\n")
	}
	return nil
}

// helpOnManagement explains the commands of the database that begin with name,
// or lists them all.
func (s *session) helpOnManagement(name string) bool {
	if name == "commands" {
		for _, c := range management.All() {
			fmt.Fprintf(s.Out, "%s\n    %s\n", c.Usage, c.Doc)
		}
		return true
	}
	words := strings.Fields("." + strings.TrimPrefix(name, "."))
	found := false
	for _, c := range management.All() {
		head := strings.Fields(c.Head)
		if len(words) <= len(head) && slices.Equal(words, head[:len(words)]) {
			fmt.Fprintf(s.Out, "%s\n    %s\n    %s\n", c.Usage, c.Doc, strings.ReplaceAll(c.Example, "\n", "\n    "))
			found = true
		}
	}
	return found
}

func (c *command) synopsis() string { return strings.TrimSpace(c.name + " " + c.usage) }

// helpOn explains one name: of a command, or of the language.
func (s *session) helpOn(name string) error {
	name = strings.TrimSuffix(name, "()")
	if s.Library != nil && !strings.HasPrefix(name, ".") {
		for _, k := range kinds {
			if name == string(k) || name == string(k)+"s" {
				columns(s.Out, s.Library.Names(k), s.Screen().Width)
				return nil
			}
		}
		found := false
		for _, k := range kinds { // count is an operator and an aggregation
			t, ok := s.Library.Topic(k, name)
			if ok && found {
				fmt.Fprintln(s.Out)
			}
			if ok {
				t.print(s.Out, s.Screen().Width)
				found = true
			}
		}
		if found {
			return nil
		}
	}
	if s.helpOnManagement(name) {
		return nil
	}
	if c, _, ok := findCommand("." + strings.TrimPrefix(name, ".")); ok {
		fmt.Fprintf(s.Out, "%s: %s\n", c.synopsis(), c.doc)
		return nil
	}
	var all []string
	if s.Library != nil {
		for _, k := range kinds {
			all = append(all, s.Library.Names(k)...)
		}
	}
	if n := near.Closest(name, all); n != "" {
		return fmt.Errorf("there is no help on %s; did you mean %s?", name, n)
	}
	return fmt.Errorf("there is no help on %s", name)
}
