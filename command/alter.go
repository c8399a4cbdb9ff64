package command

import (
	"context"
	"slices"

	"tidemark/parser"
)

func registerAlter() {
	register(&Command{
		Head: ".alter table T docstring", Usage: `.alter table T docstring "…"`, Writes: true,
		Doc: "Says what a table holds.", Example: `.alter table Host docstring "machines that we own"`,
		read: property1(func(p *Properties, s string) { p.Doc = s }),
	})
	register(&Command{
		Head: ".alter table T folder", Usage: `.alter table T folder "…"`, Writes: true,
		Doc: "Puts a table into a folder, which tools show.", Example: `.alter table Host folder "inventory"`,
		read: property1(func(p *Properties, s string) { p.Folder = s }),
	})
	register(&Command{
		Head: ".alter table T column-docstrings", Usage: `.alter table T column-docstrings (column:"…", …)`, Writes: true,
		Doc: "Says what the columns of a table hold; nothing is said of the others any more.", Example: `.alter table Host column-docstrings (Name:"as DNS has it")`,
		read: func(r *reader, n [][]name) action { return readDocs(r, n[0][0], true) },
	})
	register(&Command{
		Head: ".alter-merge table T column-docstrings", Usage: `.alter-merge table T column-docstrings (column:"…", …)`, Writes: true,
		Doc: "Says what some columns of a table hold.", Example: `.alter-merge table Host column-docstrings (Seen:"when it last answered")`,
		read: func(r *reader, n [][]name) action { return readDocs(r, n[0][0], false) },
	})
}

// property1 reads a text and sets a property of a table to it.
func property1(set func(*Properties, string)) func(*reader, [][]name) action {
	return func(r *reader, names [][]name) action {
		value, _, err := r.string()
		if err != nil {
			return nil
		}
		return func(ctx context.Context, e *Env) (*answer, error) {
			if _, err := e.tableNamed(names[0][0]); err != nil {
				return nil, err
			}
			s, err := e.Write()
			if err != nil {
				return nil, err
			}
			if err := e.Library.changeProperties(ctx, s, names[0][0].text, func(p *Properties) { set(p, value) }); err != nil {
				return nil, err
			}
			return showTables(ctx, e, names[0])
		}
	}
}

// readDocs reads (column:"…", …). Where all is set, columns that are not named
// lose what was said of them.
func readDocs(r *reader, of name, all bool) action {
	type doc struct {
		name
		text string
	}
	var docs []doc
	err := r.list(func() error {
		n, err := r.name("the name of a column")
		if err == nil {
			err = r.expect(":")
		}
		if err != nil {
			return err
		}
		s, _, err := r.string()
		docs = append(docs, doc{n, s})
		return err
	})
	if err != nil {
		return nil
	}
	return func(ctx context.Context, e *Env) (*answer, error) {
		src, err := e.tableNamed(of)
		if err != nil {
			return nil, err
		}
		schema := src.Schema()
		change := map[string]string{}
		for _, c := range schema.Columns() {
			if all && !c.Hidden {
				change[c.Name] = ""
			}
		}
		for _, d := range docs {
			if !slices.Contains(schema.Names(), d.name.text) {
				return nil, unknownColumn(d.name.at, d.name.text, of.text, schema.Names())
			}
			change[d.name.text] = d.text
		}
		s, err := e.Write()
		if err != nil {
			return nil, err
		}
		if err := stored(s, of.text); err != nil {
			return nil, err
		}
		if err := s.DescribeColumns(of.text, change); err != nil {
			return nil, err
		}
		return showTableJSON(ctx, e, []name{of})
	}
}

func unknownColumn(at parser.Span, column, table string, names []string) error {
	return wrong(at, "KS142", didYouMean(column, names, ".show table "+table+" lists them"), "the table %s has no column named %s", table, column)
}
