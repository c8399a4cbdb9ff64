package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

var helpCommand *command

func init() { // not in its declaration, since help lists the commands, itself among them
	helpCommand = &command{
		name:  "help",
		usage: "[COMMAND]",
		doc:   "Shows this, or how to use a command.",
		setup: func(*flags) func(context.Context, *env, []string) error { return help },
	}
}

func help(_ context.Context, e *env, args []string) error {
	switch len(args) {
	case 0:
		printHelp(e.out, nil)
	case 1, 2:
		c, ok := commandNamed(strings.Join(args, " "))
		if !ok {
			return unknownCommand(args)
		}
		printHelp(e.out, c)
	default:
		return usagef("help takes one command")
	}
	return nil
}

// usageLine is how a command is called.
func usageLine(c *command) string {
	line := "tidemark"
	if c != promptCommand {
		line += " " + c.name
	}
	f := newFlags(c.name)
	c.setup(f)
	any := false
	f.VisitAll(func(*flag.Flag) { any = true })
	if any {
		line += " [flags]"
	}
	return strings.TrimSpace(line + " " + c.usage)
}

// printHelp writes the help of a command, or of all.
func printHelp(w io.Writer, c *command) {
	if c == nil || c == helpCommand {
		printOverview(w)
		return
	}
	fmt.Fprintf(w, "%s\n\nusage: %s\n", c.doc, usageLine(c))
	f := newFlags(c.name)
	c.setup(f)
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	first := true
	f.VisitAll(func(x *flag.Flag) {
		if first {
			fmt.Fprintln(tab)
			first = false
		}
		value, doc := flag.UnquoteUsage(x)
		fmt.Fprintf(tab, "  %s\t%s\n", strings.TrimSpace(dashed(x.Name)+" "+value), doc)
	})
	tab.Flush()
	if c.more != "" {
		fmt.Fprintf(w, "\n%s\n", c.more)
	}
}

func printOverview(w io.Writer) {
	fmt.Fprint(w, `Tidemark answers questions in KQL about what changed on your computers.

usage: tidemark [command] [flags]

`)
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, c := range commands() {
		name := c.name
		if c == promptCommand {
			name = "(none)"
		}
		fmt.Fprintf(tab, "  %s\t%s\n", name, c.doc)
	}
	tab.Flush()
	fmt.Fprint(w, `
tidemark help COMMAND shows the flags of a command. The database is --db DIR,
else $TIDEMARK_DB, else tidemark in $XDG_DATA_HOME (~/.local/share).

exit status: 0 done; 1 the query or input is wrong, or records were rejected;
2 wrong usage; 3 the database cannot be opened
`)
}
