package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/engine"
	"tidemark/engine/op"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/storage"
	"tidemark/table"
)

func registerSet() {
	const rest = ` T [with (docstring="…", folder="…", extend_schema=true)] <| query`
	register(&Command{Head: ".set T", Usage: ".set" + rest, Writes: true, Doc: "Makes a table of the rows of a query.",
		Example: ".set Recent <| ConfigurationChange | project Computer, TimeGenerated | top 5 by TimeGenerated", read: readSet(setting{create: true})})
	register(&Command{Head: ".append T", Usage: ".append" + rest, Writes: true, Doc: "Adds the rows of a query to a table.",
		Example: ".append Recent <| print Computer = 'web-09', TimeGenerated = datetime(2026-02-03)", read: readSet(setting{change: true})})
	register(&Command{Head: ".set-or-append T", Usage: ".set-or-append" + rest, Writes: true, Doc: "Adds the rows of a query to a table, which is made where there is none.",
		Example: ".set-or-append Recent <| Recent | take 1", read: readSet(setting{create: true, change: true})})
	register(&Command{Head: ".set-or-replace T", Usage: ".set-or-replace" + rest, Writes: true,
		Doc:     "Puts the rows of a query in the place of those of a table, which is made where there is none.",
		Example: ".set-or-replace Recent <| Recent | where Computer != 'web-09'", read: readSet(setting{create: true, change: true, replace: true})})
}

// setting is what .set and its kin do.
type setting struct {
	create, change, replace bool

	into   name
	query  string // with the places of the command
	at     parser.Span
	sub    *Parsed // where the rows are those of a command
	props  map[string]property
	extend bool
}

func readSet(s setting) func(*reader, [][]name) action {
	return func(r *reader, names [][]name) action {
		s := s
		s.into = names[0][0]
		if t := r.peek(); s.into.text == "async" && t.kind != signKind {
			r.fail(s.into.at, "TM033", "leave async out; the command is done when it answers", "commands do not run in the background here")
			return nil
		}
		var err error
		if s.props, err = r.properties("docstring folder extend_schema", "distributed", "persistDetails", "policy_ingestiontime"); err != nil {
			return nil
		}
		if s.extend, err = r.flag(s.props, "extend_schema"); err != nil {
			return nil
		}
		if r.expect("<|") != nil {
			return nil
		}
		s.query, s.at = r.rest()
		if strings.TrimSpace(s.query) == "" {
			r.unexpected("a query")
			return nil
		}
		if r.subquery(&s) != nil {
			return nil
		}
		return s.run
	}
}

// subquery reads the query, or the command whose answer is meant.
func (r *reader) subquery(s *setting) error {
	if !Is(s.query) {
		_, errs := parser.Parse(s.query)
		if r.errs = append(r.errs, errs...); errs.Fatal() {
			return errRead
		}
		return nil
	}
	sub, errs := Parse(s.query)
	if r.errs = append(r.errs, errs...); errs.Fatal() {
		return errRead
	}
	if sub.Writes {
		return r.fail(s.at, "TM033", "the rows can come from a query or a .show command", "%s changes the database", sub.Head)
	}
	s.sub = sub
	return nil
}

func (s setting) run(ctx context.Context, e *Env) (*answer, error) {
	src, there := e.Catalog.Table(s.into.text)
	switch {
	case there && !s.change:
		return nil, wrong(s.into.at, "TM032", ".append adds rows to it, .set-or-replace replaces those it has", "the table %s exists already", s.into.text)
	case !there && !s.create:
		return nil, wrong(s.into.at, "KS204", didYouMean(s.into.text, e.Catalog.Tables(), ".set-or-append makes it"), "there is no table named %s", s.into.text)
	}
	cols, parts, rows, warnings, err := s.rows(ctx, e)
	if err != nil {
		return nil, err
	}
	store, err := e.Write()
	if err != nil {
		return nil, err
	}
	if there {
		cols, err = s.fit(store, src, cols)
	} else {
		err = s.make(store, cols)
	}
	if err != nil {
		return nil, err
	}
	b := &table.Batch{}
	if s.replace {
		b.Clear = []string{s.into.text}
	}
	for _, p := range parts {
		b.Parts = append(b.Parts, table.Part{Table: s.into.text, Rows: recordOf(cols, p.arrays, p.rows)})
	}
	if err := store.Commit(ctx, b); err != nil {
		if !there { // as if nothing had been
			store.DropTable(s.into.text)
		}
		return nil, err
	}
	if err := e.Library.changeProperties(ctx, store, s.into.text, func(p *Properties) { p.set(s.props) }); err != nil {
		return nil, err
	}
	a := loaded(rows)
	a.warnings = warnings
	return a, nil
}

// part is rows of a query, as many as go into a record.
type part struct {
	arrays []arrow.Array
	rows   int
}

// partRows is how many rows a part has. Storage makes an extent of one.
const partRows = 1 << 18

// rows runs the query.
func (s *setting) rows(ctx context.Context, e *Env) (cols []table.Column, parts []part, n int64, warnings parser.Errors, err error) {
	var res *engine.Result
	if s.sub != nil {
		res, err = s.sub.Run(ctx, e)
	} else {
		res, err = e.Query(ctx, s.query, e.Catalog)
	}
	if err != nil {
		return nil, nil, 0, nil, err
	}
	defer res.Close()
	if len(res.Tables()) != 1 {
		return nil, nil, 0, nil, wrong(s.at, "TM032", "", "this gives %s, and the rows of one go into a table", plural(len(res.Tables()), "result"))
	}
	t := res.Tables()[0]
	var batches []*vec.Batch
	pending := 0
	flush := func() error {
		return op.Guard(func() error {
			types := make([]table.Type, len(t.Columns()))
			for i, c := range t.Columns() {
				types[i] = c.Type
			}
			b := vec.Concat(batches, types)
			p := part{rows: b.N}
			for _, c := range b.Cols {
				p.arrays = append(p.arrays, c.Expand(b.N).Arr)
			}
			parts = append(parts, p)
			batches, pending = nil, 0
			return nil
		})
	}
	for {
		b, err := t.NextBatch(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, nil, 0, nil, err
		}
		if b.N == 0 {
			continue
		}
		batches, pending, n = append(batches, b), pending+b.N, n+int64(b.N)
		if pending >= partRows {
			if err := flush(); err != nil {
				return nil, nil, 0, nil, err
			}
		}
	}
	if pending > 0 {
		err = flush()
	}
	return t.Columns(), parts, n, res.Warnings, err
}

// make makes the table for the columns of the query.
func (s *setting) make(store *storage.Store, cols []table.Column) error {
	var own []table.Column
	for _, c := range cols {
		if strings.HasPrefix(c.Name, "$") {
			return wrong(s.at, "TM032", "rename it: … | project-rename name = "+c.Name, "names of columns do not begin with $, as that of %s does", c.Name)
		}
		own = append(own, table.Column{Name: c.Name, Type: c.Type})
	}
	schema, err := table.NewSchema(own...)
	if err != nil {
		return wrong(s.at, "TM032", "", "these columns do not make a table: %v", err)
	}
	return store.CreateTable(s.into.text, schema)
}

// fit gives the columns of the query the names of those of the table, in
// order: Kusto goes by place and type.
func (s *setting) fit(store *storage.Store, src table.Source, cols []table.Column) ([]table.Column, error) {
	target := visible(src.Schema())
	hint := "the columns of " + s.into.text + " are " + csl(target) + "; project puts them in order"
	if len(cols) < len(target) || len(cols) > len(target) && !s.extend {
		return nil, wrong(s.at, "TM032", hint, "this gives %s, and %s has %s", plural(len(cols), "column"), s.into.text, plural(len(target), "column"))
	}
	for i, c := range target {
		if got := cols[i].Type; got != c.Type && !(got == table.Int && c.Type == table.Long) {
			return nil, wrong(s.at, "TM032", hint, "column %d of this, %s, is %s, and %s of %s is %s", i+1, cols[i].Name, got, c.Name, s.into.text, c.Type)
		}
	}
	if err := stored(store, s.into.text); err != nil {
		return nil, err
	}
	var more []table.Column
	for _, c := range cols[len(target):] {
		if slices.Contains(src.Schema().Names(), c.Name) || strings.HasPrefix(c.Name, "$") {
			return nil, wrong(s.at, "TM032", hint, "the column %s cannot be added to %s", c.Name, s.into.text)
		}
		more = append(more, table.Column{Name: c.Name, Type: c.Type})
	}
	if len(more) > 0 {
		if err := store.AddColumns(s.into.text, more...); err != nil {
			return nil, fmt.Errorf("extend the schema: %w", err)
		}
	}
	return append(target, more...), nil
}

// loaded is the answer of commands that add rows. Kusto says which extents it
// made; here rows become extents later, for which it says zero.
func loaded(rows int64) *answer {
	a := &answer{cols: []table.Column{{Name: "ExtentId", Type: table.Guid}, {Name: "RowCount", Type: table.Long}}}
	a.add("00000000-0000-0000-0000-000000000000", rows)
	return a
}
