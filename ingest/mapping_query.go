package ingest

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/internal/dyn"
	"tidemark/table"
)

// Transformer prepares queries over the rows of records: transformKql of a
// mapping. What runs queries implements it.
type Transformer interface {
	// Prepare checks a query over a table named source, whose rows it must treat
	// each by itself. What is wrong comes back as parser.Errors with places in
	// the query.
	Prepare(query string, source *table.Schema) (Transform, error)
}

// Transform is a prepared query. It may be used by several goroutines.
type Transform interface {
	// Columns are those that the query gives.
	Columns() []table.Column
	// Apply runs the query over rows: the columns of source and behind them
	// RecordColumn, a long. It gives the query's columns and behind them the
	// RecordColumn of the row that each came from.
	Apply(ctx context.Context, rows arrow.Record) (arrow.Record, error)
}

// RecordColumn is the column that tells which record a row came from.
const RecordColumn = "__record"

// startQuery prepares transformKql for an input whose records have fields of
// these names.
func (m *mapping) startQuery(e *env, target *plan, names []string, isJSON bool) (func() decoder, error) {
	if e.options.Transformer == nil {
		m.query.Fail("", "queries cannot be run here")
		return nil, m.file.Err()
	}
	schema, err := m.sourceSchema(names, isJSON)
	if err != nil {
		return nil, err
	}
	t, err := e.options.Transformer.Prepare(m.query.Text, schema)
	if err != nil {
		m.query.FailQuery(err)
		return nil, m.file.Err()
	}
	for _, c := range t.Columns() {
		i, ok := target.index[c.Name]
		switch {
		case !ok && target.rest < 0:
			m.query.Fail(didYouMean(c.Name, target.schema.Names()), "the query gives a column %q, which table %s does not have", c.Name, target.table)
		case ok && !fits(c.Type, target.schema.Column(i).Type):
			m.query.Fail(fmt.Sprintf("extend %s = to%s(%s)", c.Name, target.schema.Column(i).Type, c.Name),
				"column %s of the query is %s, that of table %s is %s", c.Name, c.Type, target.table, target.schema.Column(i).Type)
		}
	}
	wide := make([]table.Column, 0, schema.Len()+1)
	wide = append(append(wide, schema.Columns()...), table.Column{Name: RecordColumn, Type: table.Long})
	full, err := table.NewSchema(wide...)
	if err != nil {
		return nil, err
	}
	p := newPlan("source", full)
	return func() decoder {
		return &queryDecoder{mapping: m, plan: p, transform: t, source: recordReader{comma: m.comma}}
	}, m.file.Err()
}

// sourceSchema are the columns of source: those that are declared, else the
// fields that the input has at its beginning, dynamic in JSON and strings in
// CSV.
func (m *mapping) sourceSchema(names []string, isJSON bool) (*table.Schema, error) {
	var cols []table.Column
	for _, c := range m.source {
		cols = append(cols, table.Column{Name: c.node.Text, Type: c.typ})
		if !isJSON && !slices.Contains(names, c.node.Text) {
			c.node.Fail(didYouMean(c.node.Text, names), "the input has no column %q", c.node.Text)
		}
	}
	if err := m.file.Err(); err != nil {
		return nil, err
	}
	if cols == nil {
		t := table.String
		if isJSON {
			t = table.Dynamic
		}
		for _, n := range names {
			if n != "" && n != RecordColumn {
				cols = append(cols, table.Column{Name: n, Type: t})
			}
		}
	}
	s, err := table.NewSchema(cols...)
	if err != nil {
		return nil, fmt.Errorf("columns of source: %w", err)
	}
	return s, nil
}

// fits reports whether values of a type can go into a column: whether each
// does, is found when it does.
func fits(from, to table.Type) bool {
	number := func(t table.Type) bool {
		return t == table.Int || t == table.Long || t == table.Real || t == table.Decimal
	}
	switch {
	case from == to, from == table.String, from == table.Dynamic, to == table.String, to == table.Dynamic:
		return true
	}
	return number(from) && number(to)
}

// queryDecoder collects the records of a chunk as rows of source, and makes of
// them what the query says.
type queryDecoder struct {
	*mapping
	*plan
	transform Transform
	source    recordReader
	rows      *rows
	records   []recordPlace
}

// recordPlace is where a row of source comes from.
type recordPlace struct {
	line, offset int64
	raw          bool
	text         []byte
}

func (d *queryDecoder) decode(header any, record []byte, w *writer) error {
	if err := d.source.read(header, record, w); err != nil {
		return err
	}
	if d.rows == nil {
		d.rows = newRows(d.plan, nil)
	}
	r := d.rows
	doc := &d.source.doc
	for i, c := range d.schema.Columns()[:d.schema.Len()-1] {
		if at := doc.find(c.Name); at >= 0 {
			if err := r.value(i, &doc.nodes[at].Field); err != nil {
				r.abandon()
				return err
			}
		}
	}
	r.touch(d.schema.Len()-1).setInt(r.n, int64(len(d.records)))
	r.end()
	r.n++
	d.records = append(d.records, recordPlace{w.line, w.offset, w.raw, record})
	return nil
}

// release makes the rows of the records that have been read.
func (d *queryDecoder) release(w *writer) {
	if d.rows == nil {
		return
	}
	in, records := d.rows.whole(), d.records
	d.rows, d.records = nil, nil
	out, err := d.transform.Apply(context.Background(), in)
	if err != nil {
		for _, p := range records {
			w.line, w.offset = p.line, p.offset
			w.reject(p.text, reject(Internal, "transformKql: %v", err))
		}
		return
	}
	gave := make([]bool, len(records))
	from := out.Column(int(out.NumCols()) - 1).(*array.Int64)
	for row := range int(out.NumRows()) {
		p := records[from.Value(row)]
		gave[from.Value(row)] = true
		w.line, w.offset, w.raw = p.line, p.offset, p.raw
		w.reject(p.text, d.row(out, row, w))
	}
	for _, g := range gave {
		if !g {
			w.pass("that transformKql leaves out")
		}
	}
}

// row makes a row of the table of one that the query gives.
func (d *queryDecoder) row(out arrow.Record, row int, w *writer) error {
	r, err := w.table(d.mapping.table)
	if err != nil {
		return err
	}
	for i, c := range d.transform.Columns() {
		if err := r.copy(c, out.Column(i), row); err != nil {
			r.abandon()
			return err
		}
	}
	return r.done(w, d.name, "import")
}

// copy sets the column of a name from a value of an array.
func (r *rows) copy(c table.Column, a arrow.Array, row int) error {
	if a.IsNull(row) {
		return nil
	}
	at, ok := r.index[c.Name]
	f := dyn.Field{Key: []byte(c.Name), Kind: dyn.KindString}
	switch a := a.(type) {
	case *array.String:
		f.Text = []byte(a.Value(row))
	case *array.Int64:
		if ok && r.cols[at].typ == c.Type && at != r.rest {
			r.touch(at).setInt(r.n, a.Value(row))
			return nil
		}
		f.Text = []byte(number(c.Type, a.Value(row)))
		f.Kind = numberKind(c.Type)
	case *array.Float64:
		f.Text, f.Kind = []byte(table.FormatReal(a.Value(row))), dyn.KindNumber
	case *array.Boolean:
		f.Text = fmt.Append(nil, a.Value(row))
		if f.Kind = dyn.KindFalse; a.Value(row) {
			f.Kind = dyn.KindTrue
		}
	}
	if c.Type == table.Dynamic {
		list, err := new(dyn.Splitter).Array(slices.Concat([]byte{'['}, f.Text, []byte{']'}), nil)
		if err != nil || len(list) != 1 {
			return reject(BadValue, "column %s holds %s, which is no value of JSON", c.Name, sample(&f))
		}
		f = list[0]
		f.Key = []byte(c.Name)
	}
	switch {
	case !ok:
		return r.other(&f)
	case at == r.rest:
		return r.additional(&f)
	case f.Kind == dyn.KindString && len(f.Text) == 0:
		return nil
	}
	return r.value(at, &f)
}

// number is the text of a value of a type that is kept as an int64.
func number(t table.Type, v int64) string {
	switch t {
	case table.Datetime:
		return table.Time(v).String()
	case table.Timespan:
		return table.Duration(v).String()
	}
	return fmt.Sprint(v)
}

func numberKind(t table.Type) dyn.Kind {
	if t == table.Datetime || t == table.Timespan {
		return dyn.KindString
	}
	return dyn.KindNumber
}

// whole returns the rows as an Arrow record of all columns. The rows must not
// be used afterwards.
func (r *rows) whole() arrow.Record {
	fields := make([]arrow.Field, len(r.cols))
	arrays := make([]arrow.Array, len(r.cols))
	for i := range r.cols {
		c := &r.cols[i]
		fields[i] = arrow.Field{Name: r.schema.Column(i).Name, Type: c.typ.Arrow(), Nullable: true}
		arrays[i] = c.array(r.n)
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), arrays, int64(r.n))
}
