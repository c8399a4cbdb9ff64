package ingest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"unicode/utf8"

	"tidemark/internal/dyn"
	"tidemark/table"
)

// format is the format of inputs that the mapping is about.
func (m *Mapping) format() Format { return Format{Name: "mapping", start: m.start} }

// start prepares for an input. The mapping is read again, so that loads at the
// same time have nothing in common.
func (m *Mapping) start(e *env, prefix []byte) (splitter, func() decoder, error) {
	p, err := parseMapping(m.name, m.text)
	if err != nil {
		return nil, nil, err
	}
	plan, err := p.target(e)
	if err != nil {
		return nil, nil, err
	}
	text := trim(prefix)
	isJSON := len(text) > 0 && (text[0] == '{' || text[0] == '[')
	if p.input != "" {
		isJSON = p.input == "json"
	}
	names, split := []string(nil), splitter(nil)
	if isJSON {
		names, split = jsonNames(prefix), jsonSplitter(prefix, "")
	} else if names, split, err = p.csv(prefix); err != nil {
		return nil, nil, err
	}
	if p.query != nil {
		newDecoder, err := p.startQuery(e, plan, names, isJSON)
		return split, newDecoder, err
	}
	p.checkColumns(plan)
	if !isJSON {
		p.checkPaths(names)
	}
	return split, func() decoder { return &mapDecoder{mapping: p, source: recordReader{comma: p.comma}} }, p.file.Err()
}

// target finds the table that the rows go to.
func (m *mapping) target(e *env) (*plan, error) {
	name, at := first(e.options.Table, m.table), m.tableAt
	if name == "" {
		m.root.Fail("table: ConfigurationChange, or --table", "neither the mapping nor the options name a table")
		return nil, m.file.Err()
	}
	p, _ := e.plans.get(name)
	if p == nil {
		if e.options.Table != "" || at == nil {
			return nil, fmt.Errorf("there is no table %q", name)
		}
		at.Fail(didYouMean(name, table.BuiltinNames()), "there is no table %q", name)
		return nil, m.file.Err()
	}
	m.table = name
	return p, nil
}

// csv prepares for CSV: it returns the names of the fields.
func (m *mapping) csv(prefix []byte) ([]string, splitter, error) {
	names := m.header
	s := &csvRecords{head: any(nil)}
	if names == nil {
		line := bytes.TrimLeft(prefix, "\r\n")
		end, _ := csvEnd(line)
		if end < 0 {
			return nil, nil, fmt.Errorf("read the header: %w", errQuoteOpen)
		}
		fields, err := (&recordReader{comma: m.comma}).csvRecord(bytes.TrimRight(line[:end], "\r\n"))
		if err != nil {
			return nil, nil, fmt.Errorf("read the header: %w", err)
		}
		for _, f := range fields {
			name := string(bytes.ToValidUTF8(trim(f), []byte("\ufffd")))
			if slices.Contains(names, name) {
				return nil, nil, fmt.Errorf("two columns are named %q", name)
			}
			names = append(names, name)
		}
		s.parse = func([]byte) (any, error) { return csvNames(names), nil }
		return names, s, nil
	}
	s.head = csvNames(names)
	return names, s, nil
}

// csvNames are the names of the fields of CSV records, as their header.
type csvNames []string

// jsonNames are the names of the members of the records at the beginning of an
// input.
func jsonNames(prefix []byte) []string {
	const most = 1000
	var names []string
	add := func(record []byte) {
		fields, _ := new(dyn.Splitter).Object(record, nil)
		for _, f := range fields {
			if name := string(f.Key); len(names) < most && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	s := jsonSplitter(prefix, "")
	for rest := prefix; len(rest) > 0; {
		advance, record, err := s.split(rest, true)
		if err == nil {
			add(record)
		}
		rest = rest[min(max(advance, 1), len(rest)):]
	}
	return names
}

// checkColumns finds columns that the table does not have, and formats that do
// not fit.
func (m *mapping) checkColumns(p *plan) {
	for _, c := range m.columns {
		i, ok := p.index[c.node.Text]
		switch {
		case !ok:
			c.node.Fail(didYouMean(c.node.Text, p.schema.Names()), "table %s has no column %q", p.table, c.node.Text)
		case c.time != nil && p.schema.Column(i).Type != table.Datetime:
			c.timeAt.Fail("", "column %s is %s, no datetime", c.node.Text, p.schema.Column(i).Type)
		}
	}
}

// checkPaths finds names that CSV does not have.
func (m *mapping) checkPaths(names []string) {
	for _, c := range m.columns {
		if c.path == nil {
			continue
		}
		if len(c.path) == 1 && slices.Contains(names, c.path[0].key) || slices.Contains(names, c.path.dotted()) {
			continue
		}
		c.pathAt.Fail(didYouMean(c.pathAt.Text, names), "the input has no column %q", c.pathAt.Text)
	}
}

// recordReader reads records of JSON or CSV into a doc.
type recordReader struct {
	doc     doc
	comma   rune
	fields  [][]byte
	members []dyn.Field
	scratch []byte
	clean   []byte
}

// read reads a record; names are those of the fields of CSV, nil for JSON.
func (d *recordReader) read(header any, record []byte, w *writer) error {
	names, isCSV := header.(csvNames)
	if !isCSV {
		return d.doc.read(record, w)
	}
	if w.raw = !utf8.Valid(record); w.raw {
		d.clean = escapeBytes(d.clean[:0], record, `\x`)
		record = d.clean
	}
	fields, err := d.csvRecord(record)
	if err != nil {
		return reject(BadSyntax, "%v", err)
	}
	if len(fields) != len(names) {
		return reject(BadSyntax, "the row has %d fields, the header %d", len(fields), len(names))
	}
	d.members = d.members[:0]
	for i, f := range fields {
		d.members = append(d.members, dyn.Field{Key: []byte(names[i]), Kind: dyn.KindString, Text: f})
	}
	d.doc.begin(d.members)
	return nil
}

// csvRecord takes a record apart. With a separator other than the comma a field
// cannot go over several lines.
func (d *recordReader) csvRecord(record []byte) ([][]byte, error) {
	if d.comma == ',' {
		var err error
		d.fields, d.scratch, err = csvFields(record, d.fields[:0], d.scratch[:0])
		return d.fields, err
	}
	r := csv.NewReader(bytes.NewReader(record))
	r.Comma = d.comma
	cells, err := r.Read()
	if err != nil {
		return nil, err
	}
	d.fields = d.fields[:0]
	for _, c := range cells {
		d.fields = append(d.fields, []byte(c))
	}
	return d.fields, nil
}

// mapDecoder makes rows of the columns of a mapping.
type mapDecoder struct {
	*mapping
	source recordReader
}

func (d *mapDecoder) decode(header any, record []byte, w *writer) error {
	if err := d.source.read(header, record, w); err != nil {
		return err
	}
	r, err := w.table(d.table)
	if err != nil {
		return err
	}
	for _, c := range d.columns {
		if err := c.set(r, &d.source.doc, w); err != nil {
			r.abandon()
			return err
		}
	}
	if !d.drop && r.rest >= 0 {
		d.source.doc.rest(r)
	}
	return r.done(w, d.name, "import")
}

// set sets the column of the row.
func (c *mapped) set(r *rows, d *doc, w *writer) error {
	i := r.index[c.node.Text]
	if c.constant != nil {
		return r.assign(i, &dyn.Field{Kind: dyn.KindString, Text: []byte(*c.constant)})
	}
	f := c.path.from(d, c.path.dotted())
	if f == nil || f.Kind == dyn.KindString && len(trim(f.Text)) == 0 {
		if c.absent == nil {
			return nil
		}
		f = &dyn.Field{Kind: dyn.KindString, Text: []byte(*c.absent)}
		return r.assign(i, f)
	}
	if c.words != nil {
		word, ok := c.words[string(f.Text)]
		if !ok {
			word, ok = c.words["*"]
		}
		if ok {
			f = &dyn.Field{Kind: dyn.KindString, Text: []byte(word)}
		}
	}
	if c.time == nil {
		return r.assign(i, f)
	}
	zone := c.zone
	if zone == nil {
		zone = w.options.Zone
	}
	t, ok := c.time.read(string(trim(f.Text)), zone)
	if !ok {
		return reject(BadValue, "column %s: %s is no time written as %s", c.node.Text, sample(f), c.timeAt.Text)
	}
	r.datetime(c.node.Text, t)
	return nil
}

// assign sets a column from a field; members of AdditionalFields join those
// that have no column.
func (r *rows) assign(i int, f *dyn.Field) error {
	if i == r.rest {
		return r.additional(f)
	}
	return r.value(i, f)
}
