package command

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tidemark/storage"
	"tidemark/table"
)

func registerCreate() {
	register(&Command{
		Head: ".create table T", Usage: ".create table T (column:type, …) [with (docstring=\"…\", folder=\"…\")]", Writes: true,
		Doc: "Makes a table; one that is there stays as it is.", Example: `.create table Host (Name:string, Seen:datetime) with (docstring="what we own")`,
		read: func(r *reader, n [][]name) action { return readTables(r, createTables, n[0][0]) },
	})
	register(&Command{
		Head: ".create tables", Usage: ".create tables T (column:type, …), U (…) [with (docstring=\"…\", folder=\"…\")]", Writes: true,
		Doc: "Makes several tables; those that are there stay as they are.", Example: ".create tables Owner (Name:string), Site (Name:string, Floors:int)",
		read: func(r *reader, _ [][]name) action { return readTables(r, createTables) },
	})
	register(&Command{
		Head: ".create-merge table T", Usage: ".create-merge table T (column:type, …) [with (docstring=\"…\", folder=\"…\")]", Writes: true,
		Doc: "Makes a table, or adds the columns that it lacks.", Example: ".create-merge table Host (Name:string, Room:string)",
		read: func(r *reader, n [][]name) action { return readTables(r, mergeTables, n[0][0]) },
	})
	register(&Command{
		Head: ".create-merge tables", Usage: ".create-merge tables T (column:type, …), U (…) [with (docstring=\"…\", folder=\"…\")]", Writes: true,
		Doc: "Makes several tables, or adds the columns that they lack.", Example: ".create-merge tables Owner (Mail:string), Site (City:string)",
		read: func(r *reader, _ [][]name) action { return readTables(r, mergeTables) },
	})
	register(&Command{
		Head: ".alter-merge table T", Usage: ".alter-merge table T (column:type, …) [with (docstring=\"…\", folder=\"…\")]", Writes: true,
		Doc: "Adds the columns that a table lacks.", Example: ".alter-merge table Host (Rack:int)",
		read: func(r *reader, n [][]name) action { return readTables(r, alterTables, n[0][0]) },
	})
	register(&Command{
		Head: ".drop table T", Usage: ".drop table T [ifexists]", Writes: true,
		Doc: "Deletes a table and its rows; a built-in one is then empty.", Example: ".drop table Owner ifexists", read: readDrop,
	})
	register(&Command{
		Head: ".drop tables (T)", Usage: ".drop tables (T, …) [ifexists]", Writes: true,
		Doc: "Deletes several tables and their rows.", Example: ".drop tables (Owner, Site) ifexists", read: readDrop,
	})
	register(&Command{
		Head: ".clear table T data", Usage: ".clear table T data", Writes: true,
		Doc: "Deletes all rows of a table.", Example: ".clear table Host data", read: fixed(clearTable),
	})
}

// definition is a table written out.
type definition struct {
	name
	columns []column
}

func (d definition) schema() (*table.Schema, error) {
	var cols []table.Column
	for _, c := range d.columns {
		cols = append(cols, c.Column)
	}
	return table.NewSchema(cols...)
}

// readTables reads one definition of a table, whose name was read, or several.
func readTables(r *reader, do func(context.Context, *Env, *storage.Store, definition) error, first ...name) action {
	var defs []definition
	for {
		d := definition{}
		var err error
		if len(first) > 0 {
			d.name = first[0]
		} else if d.name, err = r.name("the name of a table"); err != nil {
			return nil
		}
		if d.columns, err = r.columns(); err != nil {
			return nil
		}
		defs = append(defs, d)
		if len(first) > 0 || !r.accept(",") {
			break
		}
	}
	props, err := r.properties("docstring folder")
	if err != nil {
		return nil
	}
	return func(ctx context.Context, e *Env) (*answer, error) {
		s, err := e.Write()
		if err != nil {
			return nil, err
		}
		a := &answer{cols: text("TableName", "Schema", "DatabaseName", "Folder", "DocString")}
		for _, d := range defs {
			_, there := e.Catalog.Table(d.text)
			if err := do(ctx, e, s, d); err != nil {
				return nil, err
			}
			if !there {
				if err := e.Library.changeProperties(ctx, s, d.text, func(p *Properties) { p.set(props) }); err != nil {
					return nil, err
				}
			}
			one, err := showTableJSON(ctx, e, []name{d.name})
			if err != nil {
				return nil, err
			}
			a.rows = append(a.rows, one.rows...)
		}
		return a, nil
	}
}

func (p *Properties) set(props map[string]property) {
	if v, ok := props["docstring"]; ok {
		p.Doc = v.value
	}
	if v, ok := props["folder"]; ok {
		p.Folder = v.value
	}
}

func createTables(_ context.Context, e *Env, s *storage.Store, d definition) error {
	if _, ok := e.Catalog.Table(d.text); ok {
		return nil
	}
	schema, err := d.schema()
	if err != nil {
		return err
	}
	return s.CreateTable(d.text, schema)
}

func mergeTables(ctx context.Context, e *Env, s *storage.Store, d definition) error {
	if _, ok := e.Catalog.Table(d.text); !ok {
		return createTables(ctx, e, s, d)
	}
	return alterTables(ctx, e, s, d)
}

// alterTables adds the columns that a table lacks.
func alterTables(_ context.Context, e *Env, s *storage.Store, d definition) error {
	src, err := e.tableNamed(d.name)
	if err != nil {
		return err
	}
	var more []table.Column
	for _, c := range d.columns {
		i := src.Schema().Index(c.Name)
		if i < 0 {
			more = append(more, c.Column)
		} else if has := src.Schema().Column(i); has.Type != c.Type {
			return wrong(c.at, "TM032", "types of columns stay; give it another name", "the column %s of %s is %s, not %s", c.Name, d.text, has.Type, c.Type)
		}
	}
	if len(more) == 0 {
		return nil
	}
	if err := stored(s, d.text); err != nil {
		return err
	}
	return s.AddColumns(d.text, more...)
}

// stored makes a built-in table where nothing was put into it so far.
func stored(s *storage.Store, name string) error {
	if slices.Contains(s.Tables(), name) {
		return nil
	}
	schema, ok := table.Builtin(name)
	if !ok {
		return fmt.Errorf("%w: %q", storage.ErrNoTable, name)
	}
	if err := s.CreateTable(name, schema); !errors.Is(err, storage.ErrTableExists) {
		return err
	}
	return nil
}

func readDrop(r *reader, names [][]name) action {
	lenient := r.accept("ifexists")
	return func(ctx context.Context, e *Env) (*answer, error) {
		s, err := e.Read()
		if err != nil {
			return nil, err
		}
		if _, err := e.tables(names[0]); err != nil && !lenient {
			return nil, err
		}
		for _, n := range names[0] {
			if s == nil || !slices.Contains(s.Tables(), n.text) {
				continue // a built-in table without rows
			}
			// First what is said about it, lest another table of that name get it.
			if err := e.Library.changeProperties(ctx, s, n.text, func(p *Properties) { *p = Properties{} }); err != nil {
				return nil, err
			}
			if err := s.DropTable(n.text); err != nil {
				return nil, err
			}
		}
		return e.tableList(e.Catalog.Tables())
	}
}

func clearTable(ctx context.Context, e *Env, names []name) (*answer, error) {
	if _, err := e.tableNamed(names[0]); err != nil {
		return nil, err
	}
	s, err := e.Read()
	if err != nil {
		return nil, err
	}
	if s != nil && slices.Contains(s.Tables(), names[0].text) {
		if err := s.Commit(ctx, &table.Batch{Clear: []string{names[0].text}}); err != nil {
			return nil, err
		}
	}
	return showTables(ctx, e, names)
}

// plural is a number of things.
func plural(n int, thing string) string {
	if n == 1 {
		return "one " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
