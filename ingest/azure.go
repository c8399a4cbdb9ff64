package ingest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"tidemark/internal/dyn"
	"tidemark/table"
)

var azureFormat = Format{
	Name:    "azure",
	Doc:     "Rows of Log Analytics as JSON: data export, Event Hub, query API, az CLI.",
	Agents:  []string{"azure.jsonl", "azure.eventhub", "azure.query", "azure.mdcfim"},
	Example: `{"TimeGenerated":"2026-03-11T07:00:12.5433012Z","Computer":"web01","ConfigChangeType":"Files","ChangeCategory":"Modified","FileSystemPath":"/etc/ssh/sshd_config","Type":"ConfigurationChange"}`,
	Detect:  detectAzure,
	start: func(e *env, prefix []byte) (splitter, func() decoder, error) {
		return jsonSplitter(prefix, "azure.jsonl"), func() decoder { return &rowDecoder{route: true} }, nil
	},
}

func detectAzure(prefix []byte) (bool, string) {
	fields, ok := firstRecord(prefix)
	if !ok {
		return false, "no JSON object at the beginning"
	}
	if member(fields, "DataItems") != nil {
		return false, "the object has DataItems, as the agent's own messages do"
	}
	if f := member(fields, "tables"); f != nil && f.Kind == dyn.KindArray {
		return true, ""
	}
	for _, key := range []string{"ConfigChangeType", "ConfigDataType"} {
		if member(fields, key) != nil {
			return true, ""
		}
	}
	if _, ok := table.Builtin(memberText(fields, "Type")); ok {
		return true, ""
	}
	if member(fields, "MonitoredEntityType") != nil && member(fields, "ChangeType") != nil {
		return true, ""
	}
	return false, "the first object has none of ConfigChangeType, ConfigDataType, Type of a built-in table, tables"
}

// rowDecoder reads rows whose fields are named like the columns.
type rowDecoder struct {
	route  bool // Azure's rows, which tell their table
	s      dyn.Splitter
	inner  dyn.Splitter
	fields []dyn.Field
	clean  []byte
}

func (d *rowDecoder) decode(header any, record []byte, w *writer) error {
	h := header.(*shape)
	record = d.utf8(record, w)
	var err error
	if h.columns != nil {
		if d.fields, err = d.s.Array(record, d.fields[:0]); err != nil {
			return syntaxError(err)
		}
		return d.positional(h, w)
	}
	if d.fields, err = d.s.Object(record, d.fields[:0]); err != nil {
		return syntaxError(err)
	}
	if d.route && len(d.fields) > 0 {
		if f := member(d.fields, "records"); f != nil && f.Kind == dyn.KindArray {
			return d.envelope(f.Text, w)
		}
		if f := member(d.fields, "tables"); f != nil && f.Kind == dyn.KindArray {
			return d.response(f.Text, w)
		}
	}
	return d.row(h.agent, w)
}

// utf8 escapes the bytes of a record that are not UTF-8 as \xHH, so that two
// different paths stay different.
func (d *rowDecoder) utf8(record []byte, w *writer) []byte {
	if w.raw = !utf8.Valid(record); w.raw {
		d.clean = escapeBytes(d.clean[:0], record, `\\x`)
		return d.clean
	}
	return record
}

// escapeBytes appends text with every byte that is not UTF-8 written as two
// hexadecimal digits behind prefix.
func escapeBytes(b, text []byte, prefix string) []byte {
	const digits = "0123456789abcdef"
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			b = append(append(b, prefix...), digits[text[0]>>4], digits[text[0]&15])
		} else {
			b = append(b, text[:n]...)
		}
		text = text[n:]
	}
	return b
}

func syntaxError(err error) error {
	if errors.Is(err, dyn.ErrDepth) {
		return reject(TooDeep, "JSON is nested more than %d deep", dyn.MaxDepth)
	}
	return reject(BadSyntax, "%v", err)
}

// positional names the elements of a row of a query response.
func (d *rowDecoder) positional(h *shape, w *writer) error {
	if len(d.fields) != len(h.columns) {
		return reject(BadSyntax, "the row has %d values for %d columns", len(d.fields), len(h.columns))
	}
	for i := range d.fields {
		d.fields[i].Key = []byte(h.columns[i])
	}
	return d.row(h.agent, w)
}

// row adds the row in d.fields.
func (d *rowDecoder) row(agent string, w *writer) error {
	name := ""
	if w.options.Table == "" {
		name = routeOf(d.fields, w)
	}
	if name == table.ConfigurationChange && d.route && isDefenderEvent(d.fields) {
		return d.defender(w)
	}
	r, err := w.table(name)
	if err != nil {
		return err
	}
	for i := range d.fields {
		f := &d.fields[i]
		if d.route && string(f.Key) == "TableName" && string(f.Text) == "PrimaryResult" {
			continue // added by az CLI
		}
		if err := r.field(f); err != nil {
			r.abandon()
			return err
		}
	}
	if w.raw {
		r.note("pathEncoding", "raw")
	}
	r.description()
	r.commit(&origin{format: agent, detected: d.detected(), computer: w.options.Computer, now: w.now})
	return nil
}

func (d *rowDecoder) detected() string {
	if d.route {
		return "import"
	}
	return ""
}

// routeOf tells the table of a row: by Type, else by the column that only one
// table has.
func routeOf(fields []dyn.Field, w *writer) string {
	name := ""
	for i := range fields {
		switch key := fields[i].Key; {
		case len(key) == 4 && string(key) == "Type":
			if t := fields[i].Text; len(t) > 0 && (isBuiltin(t) || w.plans.has(string(t))) {
				return string(t)
			}
		case string(key) == "ConfigChangeType", string(key) == "MonitoredEntityType":
			name = table.ConfigurationChange
		case string(key) == "ConfigDataType":
			name = table.ConfigurationData
		}
	}
	return name
}

func isBuiltin(name []byte) bool {
	return string(name) == table.ConfigurationChange || string(name) == table.ConfigurationData
}

// envelope reads the rows of {"records":[...]}. A bad one does not stop the
// others.
func (d *rowDecoder) envelope(text []byte, w *writer) error {
	elements, err := new(dyn.Splitter).Array(bytes.Clone(text), nil)
	if err != nil {
		return syntaxError(err)
	}
	for _, e := range elements {
		if d.fields, err = d.inner.Object(e.Text, d.fields[:0]); err != nil {
			err = syntaxError(err)
		} else {
			err = d.row("azure.eventhub", w)
		}
		w.reject(e.Text, err)
	}
	return nil
}

// response reads the rows of {"tables":[{"columns":...,"rows":...}]}.
func (d *rowDecoder) response(text []byte, w *writer) error {
	tables, err := new(dyn.Splitter).Array(bytes.Clone(text), nil)
	if err != nil {
		return syntaxError(err)
	}
	for _, t := range tables {
		members, err := new(dyn.Splitter).Object(t.Text, nil)
		columns, list := member(members, "columns"), member(members, "rows")
		if err != nil || columns == nil || list == nil {
			w.reject(t.Text, reject(BadSyntax, "a table of a query response needs columns and rows"))
			continue
		}
		h := &shape{agent: "azure.query", columns: columnNames(columns.Text)}
		records, err := new(dyn.Splitter).Array(list.Text, nil)
		if err != nil {
			return syntaxError(err)
		}
		for _, r := range records {
			if d.fields, err = d.inner.Array(r.Text, d.fields[:0]); err != nil {
				err = syntaxError(err)
			} else {
				err = d.positional(h, w)
			}
			w.reject(r.Text, err)
		}
	}
	return nil
}

// description undoes the base64 in which versions 2.21 and 2.22 of the Windows
// extension send SvcDescription.
func (r *rows) description() {
	if r.service < 0 || r.kind < 0 || string(r.cols[r.kind].text(r.n)) != "WindowsServices" {
		return
	}
	if text, ok := hiddenText(r.cols[r.service].text(r.n)); ok {
		r.cols[r.service].setText(r.n, []byte(text))
	}
}

// hiddenText decodes base64 of readable UTF-8 or UTF-16 text. A plain word is
// seldom that: the decoded bytes would have to be readable by chance.
func hiddenText(text []byte) (string, bool) {
	if len(text) < 12 || len(text)%4 != 0 {
		return "", false
	}
	raw, err := base64.StdEncoding.Strict().AppendDecode(nil, text)
	if err != nil {
		return "", false
	}
	if s := string(raw); readable(s) {
		return s, true
	}
	if len(raw)%2 != 0 {
		return "", false
	}
	units, zeros := make([]uint16, 0, len(raw)/2), 0
	for i := 0; i < len(raw); i += 2 {
		units = append(units, uint16(raw[i])|uint16(raw[i+1])<<8)
		if raw[i+1] == 0 {
			zeros++
		}
	}
	s := string(utf16.Decode(units))
	return s, zeros*2 > len(units) && readable(s)
}

func readable(s string) bool {
	return utf8.ValidString(s) && !slices.ContainsFunc([]rune(s), func(r rune) bool {
		return r == utf8.RuneError || !unicode.IsPrint(r) && !unicode.IsSpace(r)
	})
}
