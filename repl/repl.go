package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"tidemark/output"
	"tidemark/service"
)

// Config is what a prompt needs.
type Config struct {
	// Open opens the database for reading, or finds the service that has it
	// open. It is called again after the prompt has closed the database because
	// nobody used it, and where a service has begun or ended.
	Open func() (service.Database, error)
	// OpenForWriting opens it for commands that change it; the one that Open
	// opened is closed then. Nil where nothing may be changed.
	OpenForWriting func() (service.Database, error)
	In             io.Reader // unused on a terminal that can edit lines
	Out            io.Writer
	Err            io.Writer
	// Interactive says that a person types: there are prompts, results are
	// timed and long ones cut, Ctrl-C stops a query and not the program.
	Interactive bool
	// Dumb says that the terminal cannot edit lines.
	Dumb bool
	// Screen describes Out; it is asked before each result, since people
	// resize windows.
	Screen func() output.Options
	// Format is the name of the format that results are shown in.
	Format string
	// History is the file that keeps what was typed; empty keeps nothing.
	History string
	// Library answers .help and completes names; may be nil.
	Library Library
}

// ErrFailed says that one of the queries failed, after all has been said.
var ErrFailed = errors.New("a query failed")

// errInterrupt is what a lineReader gives for Ctrl-C.
var errInterrupt = errors.New("interrupted")

// errQuit ends the loop.
var errQuit = errors.New("quit")

// lineReader reads what is typed.
type lineReader interface {
	// Read returns the next line, without its end. Text that was pasted or
	// comes from the history may have several. It returns io.EOF at the end
	// and errInterrupt for Ctrl-C.
	Read(prompt string) (string, error)
	// Remember adds an entry to the history.
	Remember(entry string) error
	Close() error
}

// session is a prompt at work.
type session struct {
	Config
	db     database
	lines  lineReader
	entry  collector
	format *output.Format
	timer  bool
	limit  int64     // rows shown of a result; 0 shows all
	file   *saveFile // where results go, or nil for Out
	depth  int       // of .read
	failed bool
}

// defaultLimit is how many rows of a result a person is shown.
const defaultLimit = 1000

func newSession(c Config) (*session, error) {
	f, ok := output.Lookup(c.Format)
	if !ok {
		return nil, fmt.Errorf("unknown format %q", c.Format)
	}
	s := &session{Config: c, db: database{open: c.Open}, format: f, timer: c.Interactive}
	if c.Interactive {
		s.limit = defaultLimit
	}
	return s, nil
}

// Run reads and answers until the end of the input. When the input is not
// interactive and a query failed, it goes on but returns ErrFailed in the end.
func Run(ctx context.Context, c Config) error {
	s, err := newSession(c)
	if err != nil {
		return err
	}
	switch {
	case c.Interactive && !c.Dumb:
		s.lines, err = newEditor(c.History, s.complete)
	case c.Interactive:
		s.lines = newPlain(c.In, c.Out)
	default:
		s.lines = newPlain(c.In, nil)
	}
	if err != nil {
		return err
	}
	err = s.loop(ctx)
	return errors.Join(err, s.closeFile(), s.db.close(), s.lines.Close())
}

func (s *session) loop(ctx context.Context) error {
	s.entry = collector{read: s.lines.Read, live: s.Interactive}
	for {
		text, err := s.entry.next()
		switch {
		case errors.Is(err, io.EOF):
			return s.verdict()
		case errors.Is(err, errInterrupt):
			if s.entry.idle > 1 {
				return s.verdict()
			}
			if s.entry.idle == 1 {
				fmt.Fprintln(s.Err, "Ctrl-D, .quit or Ctrl-C once more leaves")
			}
			continue
		case err != nil:
			return err
		}
		if err := s.lines.Remember(text); err != nil {
			fmt.Fprintf(s.Err, "the history could not be kept: %v\n", err)
		}
		if err := s.do(ctx, text); errors.Is(err, errQuit) {
			return s.verdict()
		} else if err != nil {
			return err
		}
	}
}

func (s *session) verdict() error {
	if s.failed && !s.Interactive {
		return ErrFailed
	}
	return nil
}

// do runs one entry. It returns an error only where the loop has to end.
func (s *session) do(ctx context.Context, text string) error {
	if strings.HasPrefix(text, ".") {
		c, args, ok := findCommand(text)
		switch {
		case ok:
			err := c.run(s, ctx, args)
			if errors.Is(err, errQuit) || errors.Is(err, context.Canceled) {
				return err
			}
			s.report("", err)
			return nil
		case !managementCommand(text):
			s.report("", unknownCommand(text))
			return nil
		}
	}
	return s.query(ctx, text)
}
