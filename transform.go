package tidemark

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine"
	"tidemark/engine/vec"
	"tidemark/ingest"
	"tidemark/parser"
	"tidemark/table"
)

// transformer runs the queries of mappings: transformKql, as in Azure's data
// collection rules. Rows are loaded in batches that mean nothing, so only
// operators are allowed that treat each row by itself.
type transformer struct{ db *DB }

// transform is a query that has been checked.
type transform struct {
	db      *DB
	text    string // with the column that tells the record
	cols    []table.Column
	sources *table.Schema // with that column
}

// sourceTable is what queries of mappings read.
const sourceTable = "source"

// rowWise are the operators that treat each row by itself.
var rowWise = []string{
	"where", "filter", "extend", "project", "project-away", "project-keep", "project-rename", "project-reorder",
	"parse", "parse-where", "parse-kv", "mv-expand", "as",
}

// Prepare implements ingest.Transformer.
func (t transformer) Prepare(text string, source *table.Schema) (ingest.Transform, error) {
	query, errs := parser.Parse(text)
	if errs.Fatal() {
		return nil, errs
	}
	ops, wrong := checkTransform(query)
	if wrong != nil {
		return nil, wrong
	}
	checked := engine.Check(text, sources{table.NewMemory(sourceTable, source)}, t.db.engineOptions(), false)
	if checked.Diagnostics.Fatal() {
		return nil, checked.Diagnostics
	}
	out := &transform{db: t.db, text: withRecord(text, ops)}
	for _, c := range checked.Columns {
		if !c.Hidden {
			out.cols = append(out.cols, c)
		}
	}
	var err error
	cols := append(slices.Clone(source.Columns()), table.Column{Name: ingest.RecordColumn, Type: table.Long})
	out.sources, err = table.NewSchema(cols...)
	return out, err
}

// checkTransform returns the operators of the query, or what in it looks at
// more than a row.
func checkTransform(q *parser.Query) (ops []parser.Operator, wrong error) {
	const hint = "write source | where … | extend … | project …"
	fail := func(at parser.Span, hint, format string, args ...any) error {
		return parser.Errors{{Span: at, Code: "TM140", Hint: hint, Msg: fmt.Sprintf(format, args...)}}
	}
	var body parser.Expr
	for _, s := range q.Statements {
		switch s := s.(type) {
		case *parser.Let:
			if p := pipelineIn(reflect.ValueOf(s.X)); p != nil {
				return nil, fail(p.Span(), hint, "a mapping's query treats each row by itself: there can be no query inside of it")
			}
		case *parser.ExprStatement:
			if body != nil {
				return nil, fail(s.Span(), "", "a mapping has one query")
			}
			body = s.X
		default:
			return nil, fail(s.Span(), hint, "this statement means nothing in a mapping")
		}
	}
	if body == nil {
		return nil, fail(parser.Span{}, hint, "there is no query")
	}
	from := body
	if p, ok := body.(*parser.Pipeline); ok {
		from, ops = p.Source, p.Ops
	}
	if n, ok := from.(*parser.Name); !ok || n.Name != sourceTable {
		at := body.Span()
		if from != nil {
			at = from.Span()
		}
		return nil, fail(at, hint, "a mapping's query reads the table source, and only that")
	}
	for _, o := range ops {
		if !slices.Contains(rowWise, o.Keyword()) {
			return nil, fail(o.Span(), "allowed are "+strings.Join(rowWise, ", "),
				"%s cannot be used here: records come in batches, and a mapping's query treats each by itself", o.Keyword())
		}
		if p := pipelineIn(reflect.ValueOf(o)); p != nil {
			return nil, fail(p.Span(), hint, "a mapping's query treats each row by itself: there can be no query inside of it")
		}
	}
	return ops, nil
}

// pipelineIn finds a query inside a part of a tree.
func pipelineIn(v reflect.Value) parser.Expr {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if v.CanInterface() {
			if p, ok := v.Interface().(*parser.Pipeline); ok {
				return p
			}
			if c, ok := v.Interface().(*parser.Call); ok && (c.Name.Name == "toscalar" || c.Name.Name == "totable") {
				return c
			}
		}
		return pipelineIn(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if p := pipelineIn(v.Index(i)); p != nil {
				return p
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if p := pipelineIn(v.Field(i)); p != nil {
				return p
			}
		}
	}
	return nil
}

// withRecord is the query with the column that tells the record kept by the
// operators that choose columns.
func withRecord(text string, ops []parser.Operator) string {
	last, b := 0, strings.Builder{}
	for _, o := range ops {
		add := ""
		switch o := o.(type) {
		case *parser.Project:
			if add = ", "; len(o.Columns) == 0 {
				add = " "
			}
		case *parser.ProjectKeep:
			add = ", "
		}
		if add != "" {
			b.WriteString(text[last:o.Span().End] + add + ingest.RecordColumn)
			last = o.Span().End
		}
	}
	b.WriteString(text[last:])
	return b.String()
}

// Columns implements ingest.Transform.
func (t *transform) Columns() []table.Column { return t.cols }

// Apply implements ingest.Transform.
func (t *transform) Apply(ctx context.Context, rows arrow.Record) (arrow.Record, error) {
	o := t.db.engineOptions()
	o.Threads = 1 // batches are transformed beside each other
	res, err := engine.Run(ctx, t.text, sources{table.NewMemory(sourceTable, t.sources, rows)}, o)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	out := res.Tables()[0]
	cols := append(slices.Clone(t.cols), table.Column{Name: ingest.RecordColumn, Type: table.Long})
	place := make([]int, len(cols))
	for i, c := range cols {
		if place[i] = slices.IndexFunc(out.Columns(), func(o table.Column) bool { return o.Name == c.Name }); place[i] < 0 {
			return nil, fmt.Errorf("the query gives no column %s", c.Name)
		}
	}
	builders := make([]*vec.Builder, len(cols))
	for i, c := range cols {
		builders[i] = vec.NewBuilder(c.Type, int(rows.NumRows()))
	}
	n := 0
	for {
		b, err := out.NextBatch(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		for i, at := range place {
			builders[i].All(b.Cols[at], b.N)
		}
		n += b.N
	}
	fields, arrays := make([]arrow.Field, len(cols)), make([]arrow.Array, len(cols))
	for i, c := range cols {
		arrays[i] = vec.Column{Arr: builders[i].Done()}.Flat(n)
		fields[i] = arrow.Field{Name: c.Name, Type: arrays[i].DataType(), Nullable: true}
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), arrays, int64(n)), nil
}

// sources is a catalog of the table source.
type sources struct{ source table.Source }

func (s sources) Table(name string) (table.Source, bool) { return s.source, name == sourceTable }
func (s sources) Tables() []string                       { return []string{sourceTable} }
