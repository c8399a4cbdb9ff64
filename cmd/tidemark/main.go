// Command tidemark queries, fills and checks a Tidemark database from the
// command line. Without a command it is a prompt, or runs the queries on its
// standard input.
//
// Each command is one entry in commands and has its own file. Results go to
// standard output, everything else to standard error. The exit status is 0
// when all went well, 1 when the query or input is wrong or records were
// rejected, 2 for wrong usage, and 3 when the database cannot be opened, or the
// service that has it open has ended.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// command describes one command.
type command struct {
	name  string
	usage string // what stands after the name, flags aside
	doc   string // one sentence
	more  string // further help, after the flags
	// setup declares the flags and returns what runs the command with what
	// is left on the command line.
	setup func(f *flags) func(ctx context.Context, e *env, args []string) error
}

// commands in the order in which help lists them.
func commands() []*command {
	return []*command{
		promptCommand, queryCommand, checkCommand, fmtCommand, ingestCommand, runCommand,
		ruleLintCommand, ruleListCommand, ruleTestCommand, ruleBacktestCommand, ruleRunCommand, ruleConvertCommand,
		alertsCommand, alertsShowCommand, alertsAckCommand, alertsCommentCommand, alertsCloseCommand,
		tablesCommand, schemaCommand, verifyCommand, versionCommand, helpCommand,
	}
}

func commandNamed(name string) (*command, bool) {
	all := commands()
	i := slices.IndexFunc(all, func(c *command) bool { return c.name == name })
	if i < 0 {
		return nil, false
	}
	return all[i], true
}

// env is what a command has of the world.
type env struct {
	in     io.Reader
	out    io.Writer
	err    io.Writer
	getenv func(string) string
}

func main() {
	e := &env{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv}
	os.Exit(run(context.Background(), e, os.Args[1:]))
}

// run runs one command line and returns the exit status.
func run(ctx context.Context, e *env, args []string) int {
	c, args, err := choose(args)
	if err != nil {
		return report(e, nil, err)
	}
	f := newFlags(c.name)
	do := c.setup(f)
	rest, err := f.parse(args)
	if err != nil {
		return report(e, c, err)
	}
	if c != promptCommand { // which deals with Ctrl-C query by query
		// The first signal stops what is running in an orderly way; once that
		// has begun, the next one ends the program at once.
		var stop context.CancelFunc
		ctx, stop = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(ctx, stop)
		defer stop()
	}
	return report(e, c, do(ctx, e, rest))
}

// choose finds the command that args begin with.
func choose(args []string) (*command, []string, error) {
	if len(args) == 0 {
		return promptCommand, nil, nil
	}
	switch name := args[0]; {
	case name == "--version":
		return versionCommand, args[1:], nil
	case name == "-h" || name == "--help" || name == "-help":
		return helpCommand, args[1:], nil
	case strings.HasPrefix(name, "-"):
		return promptCommand, args, nil
	default:
		if len(args) > 1 { // such as rule lint
			if c, ok := commandNamed(name + " " + args[1]); ok {
				return c, args[2:], nil
			}
		}
		c, ok := commandNamed(name)
		if !ok {
			return nil, nil, unknownCommand(args)
		}
		return c, args[1:], nil
	}
}
