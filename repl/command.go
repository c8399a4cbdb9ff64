package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	management "tidemark/command"
	"tidemark/internal/near"
	"tidemark/output"
	"tidemark/service"
)

// command is a line that begins with a point.
type command struct {
	name    string
	aliases []string
	usage   string // what stands after the name
	doc     string
	run     func(s *session, ctx context.Context, args []string) error
}

// commands in the order in which .help lists them; init breaks the circle of
// .help, which reads them.
var commands []*command

func init() {
	commands = []*command{
		{name: ".help", usage: "[NAME]", doc: "this, or about an operator, function or command", run: (*session).help},
		{name: ".tables", doc: "the tables of the database", run: (*session).tables},
		{name: ".schema", usage: "TABLE", doc: "the columns of a table", run: (*session).schema},
		{name: ".mode", usage: "[FORMAT]", doc: "how results are shown; alone it lists the formats", run: (*session).mode},
		{name: ".rows", usage: "[N | all]", doc: "how many rows of a result are shown", run: (*session).rows},
		{name: ".timer", usage: "[on | off]", doc: "whether time and work are shown after a result", run: (*session).setTimer},
		{name: ".output", usage: "[FILE]", doc: "results go to a file, in its format; alone: here again", run: (*session).output},
		{name: ".read", usage: "FILE", doc: "runs the queries in a file", run: (*session).readFile},
		{name: ".quit", aliases: []string{".exit"}, doc: "leaves; Ctrl-D does, too", run: func(*session, context.Context, []string) error { return errQuit }},
	}
}

// findCommand finds the command that a line begins with.
func findCommand(line string) (*command, []string, bool) {
	fields := strings.Fields(strings.TrimRight(line, "; "))
	for _, c := range commands {
		for _, name := range append([]string{c.name}, c.aliases...) {
			words := strings.Fields(name)
			if len(fields) >= len(words) && slices.Equal(fields[:len(words)], words) {
				return c, fields[len(words):], true
			}
		}
	}
	return nil, nil, false
}

// managementVerbs begin Kusto's own commands, which the database answers, if
// only to say what there is instead.
var managementVerbs = func() []string {
	all := []string{".rename", ".purge", ".export", ".add", ".move", ".replace", ".undo", ".execute", ".cancel", ".update"}
	for _, c := range management.All() {
		if verb, _, _ := strings.Cut(c.Head, " "); !slices.Contains(all, verb) {
			all = append(all, verb)
		}
	}
	return all
}()

func managementCommand(line string) bool {
	words := strings.Fields(line)
	return len(words) > 0 && slices.Contains(managementVerbs, strings.TrimRight(words[0], ";"))
}

func unknownCommand(line string) error {
	word, _, _ := strings.Cut(strings.TrimRight(line, "; "), " ")
	var names []string
	for _, c := range commands {
		names = append(append(names, c.name), c.aliases...)
	}
	if n := near.Closest(word, names); n != "" {
		return fmt.Errorf("there is no command %s; did you mean %s?", word, n)
	}
	return fmt.Errorf("there is no command %s; .help lists them", word)
}

func (s *session) tables(ctx context.Context, _ []string) error {
	return s.list(ctx, func(db service.Database) (output.Table, error) { return TablesTable(ctx, db, s.forPeople()) })
}

func (s *session) schema(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("which table? .schema TABLE")
	}
	return s.list(ctx, func(db service.Database) (output.Table, error) {
		return SchemaTable(ctx, db, args[0], s.forPeople())
	})
}

// forPeople reports whether results are read rather than processed.
func (s *session) forPeople() bool { return s.file == nil && s.format.Name == "table" }

func (s *session) mode(_ context.Context, args []string) error {
	if len(args) == 0 {
		for _, f := range output.Formats() {
			mark := " "
			if f == s.format {
				mark = "*"
			}
			fmt.Fprintf(s.Out, "%s %-9s %s\n", mark, f.Name, f.Doc)
		}
		return nil
	}
	f, ok := output.Lookup(args[0])
	switch {
	case !ok:
		return fmt.Errorf("unknown format %s; there are %s", args[0], strings.Join(output.Names(), ", "))
	case f.Binary && s.Screen().Terminal:
		return fmt.Errorf("%s is not for a terminal; .output FILE%s writes it to a file", f.Name, f.Extensions[0])
	}
	s.format = f
	return nil
}

func (s *session) rows(_ context.Context, args []string) error {
	switch {
	case len(args) == 0 && s.limit == 0:
		fmt.Fprintln(s.Out, "all rows are shown")
	case len(args) == 0:
		fmt.Fprintf(s.Out, "up to %s are shown\n", output.Plural(s.limit, "row"))
	case args[0] == "all":
		s.limit = 0
	default:
		n, err := strconv.ParseInt(strings.ReplaceAll(args[0], ",", ""), 10, 64)
		if err != nil || n < 1 {
			return fmt.Errorf("%s is not a number of rows; .rows N or .rows all", args[0])
		}
		s.limit = n
	}
	return nil
}

func (s *session) setTimer(_ context.Context, args []string) error {
	switch {
	case len(args) == 0 && s.timer:
		fmt.Fprintln(s.Out, "the timer is on")
	case len(args) == 0:
		fmt.Fprintln(s.Out, "the timer is off")
	case args[0] == "on" || args[0] == "off":
		s.timer = args[0] == "on"
	default:
		return errors.New(".timer on or .timer off")
	}
	return nil
}

// saveFile is where results go instead of the screen.
type saveFile struct {
	f      *os.File
	format *output.Format
}

func (s *session) output(_ context.Context, args []string) error {
	if err := s.closeFile(); err != nil || len(args) == 0 {
		return err
	}
	format, ok := output.ForFile(args[0])
	if !ok {
		format = s.format
	}
	f, err := os.Create(args[0])
	if err != nil {
		return err
	}
	s.file = &saveFile{f, format}
	s.note(fmt.Sprintf("results go to %s as %s; .output alone ends that", output.Clean(args[0]), format.Name))
	return nil
}

func (s *session) closeFile() error {
	if s.file == nil {
		return nil
	}
	err := s.file.f.Close()
	s.file = nil
	return err
}

// readDepth is how deep files may read files.
const readDepth = 8

// readFile runs the queries in a file as if they were piped in.
func (s *session) readFile(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("which file? .read FILE")
	}
	if s.depth == readDepth {
		return fmt.Errorf("%s: files read files %d deep", args[0], readDepth)
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	s.depth++
	defer func() { s.depth-- }()
	entries := collector{read: newPlain(f, nil).Read}
	for {
		text, err := entries.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.do(ctx, text); err != nil {
			return err
		}
	}
}
