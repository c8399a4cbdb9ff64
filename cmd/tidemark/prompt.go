package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"tidemark"
	"tidemark/output"
	"tidemark/repl"
	"tidemark/service"
)

var promptCommand = &command{
	name: "prompt",
	doc:  "Without a command: a prompt on a terminal; else runs the queries on standard input.",
	more: `Queries on standard input are separated by empty lines or semicolons.`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		p := &prompt{}
		p.db.add(f)
		p.display.add(f, "json")
		return p.run
	},
}

type prompt struct {
	db      database
	display display
}

func (p *prompt) run(ctx context.Context, e *env, args []string) error {
	if len(args) > 0 {
		return usagef("a command stands before its flags: tidemark %s --db DIR", args[0])
	}
	_, format, err := p.display.writer(e)
	if err != nil {
		return err
	}
	open := func() (service.Database, error) { return p.db.ask(e, tidemark.ReadOnly(), tidemark.Lazy()) }
	db, err := open() // Wrong flags are told at once.
	if err != nil {
		return err
	}
	_, asked := db.(*service.Client)
	db.Close()
	interactive := isTerminal(e.in) && isTerminal(e.out)
	if interactive {
		dir, _ := p.db.path(e) // opening it has named it already
		has := ""
		if asked {
			has = ", which a service has open"
		}
		fmt.Fprintf(e.err, "tidemark %s, database %s%s\n.help helps; a query ends with ; or an empty line\n", versionText(), output.Clean(dir), has)
	}
	err = repl.Run(ctx, repl.Config{
		Open: open, OpenForWriting: func() (service.Database, error) { return p.db.ask(e) }, In: e.in, Out: e.out, Err: e.err,
		Interactive: interactive,
		Dumb:        e.getenv("TERM") == "dumb",
		Screen: func() output.Options {
			o, _ := screen(e)
			o.AllColumns = p.display.all
			return o
		},
		Format:  format.Name,
		History: historyFile(e),
		Library: library{},
	})
	if errors.Is(err, repl.ErrFailed) {
		return statusError(exitWrong)
	}
	return err
}

// historyFile is where the prompt keeps what was typed.
func historyFile(e *env) string {
	if dir := e.getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "tidemark", "history")
	}
	if home := e.getenv("HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "tidemark", "history")
	}
	if dir := e.getenv("LOCALAPPDATA"); dir != "" { // Windows
		return filepath.Join(dir, "tidemark", "history")
	}
	return ""
}
