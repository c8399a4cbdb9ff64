package command

import (
	"context"
	"encoding/json"
	"strings"

	"tidemark/engine/op"
	"tidemark/parser"
	"tidemark/table"
)

func registerSchema() {
	register(&Command{Head: ".show table T cslschema", Usage: ".show table T cslschema", Doc: "Shows the columns of a table as .create table takes them.",
		Example: ".show table Heartbeat cslschema", read: fixed(showCSL)})
	register(&Command{Head: ".show table T schema as json", Usage: ".show table T schema as json", Doc: "Shows the columns of a table as JSON.",
		Example: ".show table Heartbeat schema as json", read: fixed(showTableJSON)})
	for _, head := range []string{".show schema", ".show database schema", ".show database D schema"} {
		register(&Command{Head: head, Usage: head, Doc: "Lists all tables and their columns.", Example: ".show schema", read: fixed(showSchema)})
		register(&Command{Head: head + " as json", Usage: head + " as json", Doc: "Shows all tables, columns and functions as JSON.",
			Example: ".show schema as json", read: fixed(showSchemaJSON)})
	}
}

// columnJSON is a column as Kusto's tools read it.
type columnJSON struct {
	Name      string
	Type      string
	CslType   string
	DocString string `json:",omitempty"`
}

type tableJSON struct {
	Name           string
	Folder         string `json:",omitempty"`
	DocString      string `json:",omitempty"`
	OrderedColumns []columnJSON
}

// visible are the columns that a query gives: hidden ones are Tidemark's own.
func visible(s *table.Schema) []table.Column {
	var out []table.Column
	for _, i := range s.Visible() {
		out = append(out, s.Column(i))
	}
	return out
}

// csl writes columns as .create table takes them.
func csl(cols []table.Column) string {
	var out []string
	for _, c := range cols {
		out = append(out, quoted(c.Name)+":"+c.Type.String())
	}
	return strings.Join(out, ",")
}

// quoted writes a name so that it can be read again.
func quoted(s string) string {
	if k, n := scan(s + " "); k == wordKind && n == len(s) && !strings.Contains(s, "-") && !(s[0] >= '0' && s[0] <= '9') {
		return s
	}
	return "['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "']"
}

func (e *Env) tableJSON(src table.Source) (tableJSON, error) {
	p, err := e.properties(src.Name())
	out := tableJSON{Name: src.Name(), Folder: p.Folder, DocString: p.Doc}
	for _, c := range visible(src.Schema()) {
		out.OrderedColumns = append(out.OrderedColumns, columnJSON{c.Name, c.Type.DotNet(), c.Type.String(), c.Doc})
	}
	return out, err
}

// schemaOf is the answer of the commands that show the schema of one table.
func (e *Env) schemaOf(n name, form func(table.Source) (string, error)) (*answer, error) {
	src, err := e.tableNamed(n)
	if err != nil {
		return nil, err
	}
	p, err := e.properties(n.text)
	if err != nil {
		return nil, err
	}
	s, err := form(src)
	if err != nil {
		return nil, err
	}
	a := &answer{cols: text("TableName", "Schema", "DatabaseName", "Folder", "DocString")}
	a.add(n.text, s, e.Database, p.Folder, p.Doc)
	return a, nil
}

func showCSL(_ context.Context, e *Env, names []name) (*answer, error) {
	return e.schemaOf(names[0], func(src table.Source) (string, error) { return csl(visible(src.Schema())), nil })
}

func showTableJSON(_ context.Context, e *Env, names []name) (*answer, error) {
	return e.schemaOf(names[0], func(src table.Source) (string, error) {
		t, err := e.tableJSON(src)
		return asJSON(t), err
	})
}

// asJSON writes a value of ours, which always can be.
func asJSON(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("BUG: " + err.Error())
	}
	return strings.TrimSpace(b.String())
}

func showSchema(_ context.Context, e *Env, names []name) (*answer, error) {
	if err := e.thisDatabase(names); err != nil {
		return nil, err
	}
	a := &answer{cols: append(text("DatabaseName", "TableName", "ColumnName", "ColumnType"),
		table.Column{Name: "IsDefaultTable", Type: table.Bool}, table.Column{Name: "IsDefaultColumn", Type: table.Bool},
		table.Column{Name: "PrettyName", Type: table.String}, table.Column{Name: "Version", Type: table.String})}
	a.add(e.Database, "", "", "", false, false, "", databaseVersion)
	for _, t := range e.Catalog.Tables() {
		src, ok := e.Catalog.Table(t)
		if !ok {
			continue // dropped meanwhile
		}
		a.add(e.Database, t, "", "", false, false, "", "")
		for _, c := range visible(src.Schema()) {
			a.add(e.Database, t, c.Name, c.Type.DotNet(), false, false, "", "")
		}
	}
	return a, nil
}

// paramJSON is a parameter of a function as Kusto's tools read it.
type paramJSON struct {
	Name            string
	Type            string       `json:",omitempty"`
	CslType         string       `json:",omitempty"`
	CslDefaultValue string       `json:",omitempty"`
	Columns         []columnJSON `json:",omitempty"`
}

type functionJSON struct {
	Name            string
	InputParameters []paramJSON
	Body            string
	Folder          string
	DocString       string
	FunctionKind    string
}

type databaseJSON struct {
	Name                       string
	Tables                     map[string]tableJSON
	MajorVersion, MinorVersion int
	Functions                  map[string]functionJSON
}

func showSchemaJSON(_ context.Context, e *Env, names []name) (*answer, error) {
	if err := e.thisDatabase(names); err != nil {
		return nil, err
	}
	d := databaseJSON{Name: e.Database, Tables: map[string]tableJSON{}, MajorVersion: 1, Functions: map[string]functionJSON{}}
	for _, t := range e.Catalog.Tables() {
		if src, ok := e.Catalog.Table(t); ok {
			j, err := e.tableJSON(src)
			if err != nil {
				return nil, err
			}
			d.Tables[t] = j
		}
	}
	for _, n := range e.Catalog.Functions() {
		if f, ok := e.Catalog.Function(n); ok {
			d.Functions[n] = describe(f)
		}
	}
	a := &answer{cols: text("DatabaseSchema")}
	a.add(asJSON(map[string]any{"Databases": map[string]databaseJSON{e.Database: d}}))
	return a, nil
}

func describe(f *table.Function) functionJSON {
	out := functionJSON{Name: f.Name, InputParameters: []paramJSON{}, Body: f.Body, Folder: f.Folder, DocString: f.Doc, FunctionKind: "Unknown"}
	if f.View {
		out.FunctionKind = "ViewFunction"
	}
	text := "let _=" + f.Params + f.Body
	q, _ := parser.Parse(text)
	decl := op.FunctionIn(q)
	if decl == nil {
		return out
	}
	for _, p := range decl.Params {
		j := paramJSON{Name: p.Name.Name}
		if t, ok := table.TypeNamed(p.Type); ok {
			j.Type, j.CslType = t.DotNet(), t.String()
		}
		for _, c := range p.Columns {
			if t, ok := table.TypeNamed(c.Type); ok {
				j.Columns = append(j.Columns, columnJSON{Name: c.Name.Name, Type: t.DotNet(), CslType: t.String()})
			}
		}
		if p.Default != nil {
			j.CslDefaultValue = text[p.Default.Span().Start:p.Default.Span().End]
		}
		out.InputParameters = append(out.InputParameters, j)
	}
	return out
}
