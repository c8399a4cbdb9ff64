package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tidemark/output"
	"tidemark/parser"
)

var fmtCommand = &command{
	name:  "fmt",
	usage: "[KQL | -]",
	doc:   "Formats a query.",
	more: `The formatted query goes to standard output, or with --write back to the file
of -f. Nothing but the layout and the spelling changes: comments are kept, and
the query means the same. A query that does not parse is left alone and the
exit status is 1. With --check nothing is printed or written, and the exit
status is 1 where the query is not formatted.

  tidemark fmt 'T|filter a<>1|limit 5'
  tidemark fmt -f report.kql --write`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		c := &format{}
		f.StringVar(&c.file, "f", "", "read the query from `FILE`")
		f.BoolVar(&c.write, "write", false, "write the formatted query to the file it came from")
		f.BoolVar(&c.check, "check", false, "only see whether the query is formatted")
		return c.run
	},
}

// format is what the flags of the fmt command ask for.
type format struct {
	file         string
	write, check bool
}

func (c *format) run(_ context.Context, e *env, args []string) error {
	switch {
	case c.write && c.check:
		return usagef("both --write and --check")
	case c.write && (c.file == "" || c.file == "-"):
		return usagef("--write needs -f FILE")
	}
	text, err := queryText(e, c.file, args)
	if err != nil {
		return err
	}
	out, errs := parser.FormatText(text)
	if errs.Fatal() {
		return &queryError{text, errs}
	}
	// A query on the command line has no end of line.
	same := out == text || c.file == "" && args[0] != "-" && out == text+"\n"
	switch {
	case c.check && !same:
		fmt.Fprintf(e.err, "%s is not formatted\n", output.Clean(c.source(args)))
		return statusError(exitWrong)
	case c.check:
		return nil
	case c.write && same:
		return nil
	case c.write:
		return replaceFile(c.file, out)
	}
	if isTerminal(e.out) {
		out = output.CleanLines(out)
	}
	_, err = io.WriteString(e.out, out)
	return err
}

// source names where the query came from.
func (c *format) source(args []string) string {
	switch {
	case c.file == "-" || c.file == "" && args[0] == "-":
		return "standard input"
	case c.file != "":
		return c.file
	}
	return "the query"
}

// replaceFile writes a file anew, so that it holds the old or the new text
// whatever happens meanwhile. Its permissions stay.
func replaceFile(name, text string) error {
	err := rewrite(name, text)
	if err != nil {
		return fmt.Errorf("write the query: %w", fileError(err))
	}
	return nil
}

func rewrite(name, text string) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Chmod(info.Mode().Perm())
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
