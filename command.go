package tidemark

import (
	"context"
	"path/filepath"
	"runtime/debug"

	"tidemark/command"
	"tidemark/engine"
	"tidemark/engine/fn"
	"tidemark/storage"
	"tidemark/table"
)

// Writes reports whether a text is a management command that changes the
// database, which then must not be open for reading only.
func Writes(text string) bool { return command.Writes(text) }

// Function finds a function that is kept in the database.
func (c *catalog) Function(name string) (*table.Function, bool) {
	s := c.store()
	if s == nil {
		return nil, false
	}
	f, err := c.db.library.Function(s, name)
	if err != nil {
		c.err = err
	}
	return f, f != nil
}

// Functions lists the functions that are kept in the database.
func (c *catalog) Functions() []string {
	s := c.store()
	if s == nil {
		return nil
	}
	names, err := c.db.library.Functions(s)
	if err != nil {
		c.err = err
	}
	return names
}

// Functions returns the functions that are kept in the database, by name.
func (db *DB) Functions() ([]*table.Function, error) {
	c := &catalog{db: db}
	var out []*table.Function
	for _, name := range c.Functions() {
		if f, ok := c.Function(name); ok {
			out = append(out, f)
		}
	}
	return out, c.err
}

// run runs a query, on the tables that it is to see, or a management command.
func (db *DB) run(ctx context.Context, text string, c *catalog, seen table.Catalog, o engine.Options) (*engine.Result, error) {
	if !command.Is(text) {
		return engine.Run(ctx, text, seen, o)
	}
	p, errs := command.Parse(text)
	if errs.Fatal() {
		return nil, errs
	}
	res, err := p.Run(ctx, db.commandEnv(c, o))
	if p.Writes {
		db.freeSpace()
	}
	if err == nil {
		res.Warnings = append(errs, res.Warnings...)
	}
	return res, err
}

func (db *DB) commandEnv(c *catalog, o engine.Options) *command.Env {
	return &command.Env{
		Catalog: c, Library: &db.library, Database: db.name(), Dir: db.dir, Version: moduleVersion(),
		ReadOnly: db.opts.readOnly, Functions: &fn.Env{Now: table.FromGo(o.Now)},
		Read: func() (*storage.Store, error) {
			s := c.store()
			return s, c.err
		},
		Write: func() (*storage.Store, error) { return db.open() },
		Retain: func(ctx context.Context) error {
			s, err := db.open()
			if err == nil {
				_, err = db.retain(ctx, s)
			}
			return err
		},
		Query: func(ctx context.Context, text string, c table.Catalog) (*engine.Result, error) {
			return engine.Run(ctx, text, c, o)
		},
	}
}

// name is what commands call the database.
func (db *DB) name() string {
	if db.scratch {
		return "scratch"
	}
	if dir, err := filepath.Abs(db.dir); err == nil {
		return filepath.Base(dir)
	}
	return filepath.Base(db.dir)
}

// moduleVersion is what the Go tool knows of the program.
func moduleVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// checkCommand says what is wrong with a management command, as far as that is
// known before it runs.
func checkCommand(text string) *Checked {
	_, errs := command.Parse(text)
	return &Checked{Diagnostics: errs}
}
