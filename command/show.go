package command

import (
	"context"
	"fmt"
	"slices"

	"tidemark/storage"
	"tidemark/table"
)

func registerShow() {
	register(&Command{
		Head: ".show tables", Usage: ".show tables [(T, …)]",
		Doc: "Lists the tables.", Example: ".show tables | where TableName startswith 'Conf'", read: fixed(showTables),
	})
	register(&Command{Head: ".show tables (T)", Usage: ".show tables (T, …)", Doc: "Lists the tables that are named.", Example: ".show tables (Heartbeat)",
		read: fixed(showTables)})
	register(&Command{
		Head: ".show tables details", Usage: ".show tables [(T, …)] details",
		Doc: "Lists the tables with their rows, extents and bytes.", Example: ".show tables details", read: fixed(showDetails),
	})
	register(&Command{Head: ".show tables (T) details", Usage: ".show tables (T, …) details",
		Doc: "Lists the tables that are named with their rows, extents and bytes.", Example: ".show tables (Heartbeat) details", read: fixed(showDetails)})
	register(&Command{Head: ".show table T details", Usage: ".show table T details", Doc: "Shows the rows, extents and bytes of a table.",
		Example: ".show table ConfigurationChange details", read: fixed(showDetails)})
	register(&Command{Head: ".show table T", Usage: ".show table T", Doc: "Lists the columns of a table, hidden ones included.",
		Example: ".show table Heartbeat | where not(IsHidden)", read: fixed(showTable)})
	register(&Command{Head: ".show databases", Usage: ".show databases", Doc: "Shows the database that is open.", Example: ".show databases", read: fixed(showDatabases)})
	register(&Command{Head: ".show version", Usage: ".show version", Doc: "Shows the version of the program.", Example: ".show version", read: fixed(showVersion)})
}

// fixed is the reading of a command that is all head.
func fixed(do func(ctx context.Context, e *Env, names []name) (*answer, error)) func(*reader, [][]name) action {
	return func(_ *reader, names [][]name) action {
		return func(ctx context.Context, e *Env) (*answer, error) { return do(ctx, e, slices.Concat(names...)) }
	}
}

// tableNamed finds a table.
func (e *Env) tableNamed(n name) (table.Source, error) {
	src, ok := e.Catalog.Table(n.text)
	if !ok {
		return nil, wrong(n.at, "KS204", didYouMean(n.text, e.Catalog.Tables(), ".show tables lists them"), "there is no table named %s", n.text)
	}
	return src, nil
}

// tables are the tables that are named; all where none is.
func (e *Env) tables(names []name) ([]string, error) {
	if len(names) == 0 {
		return e.Catalog.Tables(), nil
	}
	var out []string
	for _, n := range names {
		if _, err := e.tableNamed(n); err != nil {
			return nil, err
		}
		out = append(out, n.text)
	}
	return out, nil
}

// builtinDocs say what the built-in tables hold.
var builtinDocs = map[string]string{
	table.ConfigurationChange: "Changes of files, software, services and registry keys.",
	table.ConfigurationData:   "What was there when an agent looked: files, software, services, registry keys.",
	table.Heartbeat:           "Signs of life of agents.",
	table.IngestionFailures:   "Records that could not be read when they were loaded.",
}

// properties are what is kept about a table.
func (e *Env) properties(name string) (Properties, error) {
	s, err := e.Read()
	if err != nil {
		return Properties{}, err
	}
	p, err := e.Library.Properties(s, name)
	if p.Doc == "" {
		p.Doc = builtinDocs[name]
	}
	return p, err
}

func showTables(_ context.Context, e *Env, names []name) (*answer, error) {
	list, err := e.tables(names)
	if err != nil {
		return nil, err
	}
	return e.tableList(list)
}

func (e *Env) tableList(list []string) (*answer, error) {
	a := &answer{cols: text("TableName", "DatabaseName", "Folder", "DocString")}
	for _, t := range list {
		p, err := e.properties(t)
		if err != nil {
			return nil, err
		}
		a.add(t, e.Database, p.Folder, p.Doc)
	}
	return a, nil
}

func showDetails(_ context.Context, e *Env, names []name) (*answer, error) {
	list, err := e.tables(names)
	if err != nil {
		return nil, err
	}
	s, err := e.Read()
	if err != nil {
		return nil, err
	}
	a := &answer{cols: append(text("TableName", "DatabaseName", "Folder", "DocString"),
		table.Column{Name: "TotalExtents", Type: table.Long}, table.Column{Name: "TotalExtentSize", Type: table.Real},
		table.Column{Name: "TotalRowCount", Type: table.Long}, table.Column{Name: "RetentionPolicy", Type: table.String},
		table.Column{Name: "MinTimeGenerated", Type: table.Datetime}, table.Column{Name: "MaxTimeGenerated", Type: table.Datetime})}
	for _, t := range list {
		p, err := e.properties(t)
		if err != nil {
			return nil, err
		}
		var st storage.TableStats
		if s != nil && slices.Contains(s.Tables(), t) {
			if st, err = s.Stats(t); err != nil {
				return nil, err
			}
		}
		var from, to any
		if st.MinTime != 0 || st.MaxTime != 0 {
			from, to = int64(st.MinTime), int64(st.MaxTime)
		}
		a.add(t, e.Database, p.Folder, p.Doc, int64(st.Extents), float64(st.Bytes), st.Rows, p.Retention.json(), from, to)
	}
	return a, nil
}

func showTable(_ context.Context, e *Env, names []name) (*answer, error) {
	src, err := e.tableNamed(names[0])
	if err != nil {
		return nil, err
	}
	a := &answer{cols: append(text("AttributeName", "AttributeType", "DocString"), table.Column{Name: "IsHidden", Type: table.Bool})}
	for _, c := range src.Schema().Columns() {
		a.add(c.Name, c.Type.String(), c.Doc, c.Hidden)
	}
	return a, nil
}

func showDatabases(_ context.Context, e *Env, _ []name) (*answer, error) {
	mode := "ReadWrite"
	if e.ReadOnly {
		mode = "ReadOnly"
	}
	a := &answer{cols: append(text("DatabaseName", "PersistentStorage", "Version", "DatabaseAccessMode", "PrettyName"),
		table.Column{Name: "IsCurrent", Type: table.Bool})}
	a.add(e.Database, e.Dir, databaseVersion, mode, "", true)
	return a, nil
}

func showVersion(_ context.Context, e *Env, _ []name) (*answer, error) {
	a := &answer{cols: text("BuildVersion", "ServiceType", "ProductVersion")}
	a.add(e.Version, "Tidemark", fmt.Sprintf("Tidemark %s", e.Version))
	return a, nil
}

// thisDatabase checks that a database that is named is this one.
func (e *Env) thisDatabase(names []name) error {
	if len(names) == 0 || names[0].text == e.Database {
		return nil
	}
	return wrong(names[0].at, "TM006", "the database is "+e.Database, "there is no database named %s here", names[0].text)
}

// databaseVersion is what Kusto counts changes of a schema with; here they are
// not counted.
const databaseVersion = "v1.0"
