package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"strings"

	"tidemark"
	"tidemark/internal/near"
	"tidemark/output"
	"tidemark/parser"
	"tidemark/service"
)

// The exit statuses.
const (
	exitDone    = 0
	exitWrong   = 1 // the query or the input
	exitUsage   = 2
	exitNoStore = 3
	// exitInterrupted is what shells give for a program ended by Ctrl-C.
	exitInterrupted = 130
)

// usageError says that the command line is wrong.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// statusError ends the program with a status, after all has been said.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// openError is any failure to open the database.
type openError struct {
	dir string
	err error
}

func (e *openError) Error() string {
	return fmt.Sprintf("cannot open the database %s: %v", e.dir, e.err)
}
func (e *openError) Unwrap() error { return e.err }

// queryError is a wrong query together with its text, to point into.
type queryError struct {
	text string
	errs parser.Errors
}

func (e *queryError) Error() string { return e.errs.Error() }

func unknownCommand(args []string) error {
	name := args[0]
	var names, below []string
	for _, c := range commands() {
		names = append(names, c.name)
		if second, ok := strings.CutPrefix(c.name, name+" "); ok {
			below = append(below, second)
		}
	}
	if below != nil {
		return usagef("%s is followed by one of %s", name, strings.Join(below, ", "))
	}
	if n := near.Closest(name, names); n != "" {
		return usagef("unknown command %q; did you mean %q?", name, n)
	}
	return usagef("unknown command %q; tidemark help lists the commands", name)
}

// report says on standard error what went wrong and returns the exit status.
func report(e *env, c *command, err error) int {
	var status statusError
	var wrong *usageError
	var query *queryError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &status):
		return int(status)
	case errors.Is(err, flag.ErrHelp):
		printHelp(e.out, c)
		return exitDone
	case errors.As(err, &wrong):
		name := "tidemark"
		if c != nil && c != promptCommand {
			name += " " + c.name
		}
		fmt.Fprintf(e.err, "%s: %s\n", name, output.Clean(wrong.msg))
		if c != nil {
			fmt.Fprintf(e.err, "usage: %s\n", usageLine(c))
		}
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(e.err, "interrupted")
		return exitInterrupted
	case errors.As(err, &query):
		printDiagnostics(e.err, query.text, query.errs)
		return exitWrong
	}
	fmt.Fprintf(e.err, "tidemark: %s\n", output.CleanLines(err.Error()))
	if noStore(err) {
		return exitNoStore
	}
	return exitWrong
}

// noStore reports whether err comes from a database that cannot be opened,
// whether at once or when a query first touched it, or from a service that has
// it open and ended.
func noStore(err error) bool {
	var open *openError
	if errors.As(err, &open) {
		return true
	}
	for _, s := range []error{tidemark.ErrLocked, tidemark.ErrNotExist, tidemark.ErrCorrupt, tidemark.ErrVersion, service.ErrNobody, service.ErrLost, service.ErrEnding} {
		if errors.Is(err, s) {
			return true
		}
	}
	return false
}

// fileError is an error of the file system as "file: reason".
func fileError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}
