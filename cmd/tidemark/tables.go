package main

import (
	"context"

	"tidemark"
	"tidemark/output"
	"tidemark/repl"
	"tidemark/service"
)

var tablesCommand = &command{
	name: "tables",
	doc:  "Lists the tables of the database.",
	setup: func(f *flags) func(context.Context, *env, []string) error {
		l := &listing{}
		l.add(f)
		return func(ctx context.Context, e *env, args []string) error {
			if len(args) > 0 {
				return usagef("tables takes no argument")
			}
			return l.print(ctx, e, repl.TablesTable)
		}
	},
}

var schemaCommand = &command{
	name:  "schema",
	usage: "TABLE",
	doc:   "Shows the columns of a table.",
	more:  `Hidden columns can be named in a query but are not part of "*".`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		l := &listing{}
		l.add(f)
		return func(ctx context.Context, e *env, args []string) error {
			if len(args) != 1 {
				return usagef("schema takes the name of one table")
			}
			return l.print(ctx, e, func(ctx context.Context, db service.Database, forPeople bool) (output.Table, error) {
				return repl.SchemaTable(ctx, db, args[0], forPeople)
			})
		}
	},
}

// listing prints a table about the database.
type listing struct {
	db      database
	display display
}

func (l *listing) add(f *flags) {
	l.db.addDir(f)
	l.display.add(f, "table")
}

func (l *listing) print(ctx context.Context, e *env, make func(ctx context.Context, db service.Database, forPeople bool) (output.Table, error)) error {
	w, format, err := l.display.writer(e)
	if err != nil {
		return err
	}
	db, err := l.db.ask(e, tidemark.ReadOnly())
	if err != nil {
		return err
	}
	defer db.Close()
	t, err := make(ctx, db, format.Name == "table" || format.Name == "markdown")
	if err != nil {
		return err
	}
	if _, err := output.Copy(ctx, w, t); err != nil {
		return err
	}
	return w.Close()
}
