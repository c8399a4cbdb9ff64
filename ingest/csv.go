package ingest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tidemark/internal/dyn"
	"tidemark/table"
)

var csvFormat = Format{
	Name:    "csv",
	Doc:     "Comma-separated values with a header line: exports of the Azure portal, or the columns of any table.",
	Agents:  []string{"azure.csv"},
	Example: "TimeGenerated [UTC],Computer,ConfigChangeType,ChangeCategory,FileSystemPath\n\"3/11/2026, 7:00:12.543 AM\",web01,Files,Modified,/etc/ssh/sshd_config",
	Detect:  detectCSV,
	start: func(e *env, prefix []byte) (splitter, func() decoder, error) {
		h, err := e.csvHeader(prefix)
		if err != nil {
			return nil, nil, err
		}
		s := &csvRecords{parse: func([]byte) (any, error) { return h, nil }}
		return s, func() decoder { return &csvDecoder{} }, nil
	},
}

// csvHeader is the first line of a CSV file.
type csvHeader struct {
	names []string
	local []bool // the column's times are in the option Zone
	route int    // place of Type, or -1
	table string // of rows for which Type names none
}

func detectCSV(prefix []byte) (bool, string) {
	cells, err := headerCells(prefix)
	if err != nil {
		return false, "the first line is not CSV: " + err.Error()
	}
	for _, c := range cells {
		if name, _ := cutZone(c); name == "ConfigChangeType" || name == "ConfigDataType" {
			return true, ""
		}
	}
	return false, "the first line has no cell ConfigChangeType or ConfigDataType"
}

// headerCells returns the cells of the first line that is not blank.
func headerCells(prefix []byte) ([]string, error) {
	prefix = bytes.TrimLeft(prefix, "\r\n")
	end, _ := csvEnd(prefix)
	if end < 0 {
		return nil, errQuoteOpen
	}
	fields, _, err := csvFields(bytes.TrimRight(prefix[:end], "\r\n"), nil, nil)
	var cells []string
	for _, f := range fields {
		cells = append(cells, strings.TrimSpace(string(bytes.ToValidUTF8(f, []byte("\ufffd")))))
	}
	return cells, err
}

// cutZone takes " [UTC]" off a header cell of the Azure portal.
func cutZone(cell string) (name, zone string) {
	name, zone, ok := strings.Cut(cell, " [")
	if !ok || !strings.HasSuffix(zone, "]") {
		return cell, ""
	}
	return name, strings.TrimSuffix(zone, "]")
}

func (e *env) csvHeader(prefix []byte) (*csvHeader, error) {
	cells, err := headerCells(prefix)
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	h := &csvHeader{route: -1, table: e.options.Table}
	for i, c := range cells {
		name, zone := cutZone(c)
		local := zone != "" && zone != "UTC"
		if local && e.options.Zone == nil {
			return nil, fmt.Errorf("column %q has times in a zone that the file does not tell: name the zone", c)
		}
		if slices.Contains(h.names, name) {
			return nil, fmt.Errorf("two columns are named %q", name)
		}
		h.names, h.local = append(h.names, name), append(h.local, local)
		switch name {
		case "Type":
			h.route = i
		case "ConfigChangeType", "ConfigDataType":
			if h.table == "" {
				h.table = table.ConfigurationChange
				if name == "ConfigDataType" {
					h.table = table.ConfigurationData
				}
			}
		}
	}
	if h.table == "" && h.route < 0 {
		return nil, fmt.Errorf("the header does not tell which table the rows belong to: name one")
	}
	return h, e.checkHeader(h)
}

// checkHeader refuses a file whose every row would be rejected.
func (e *env) checkHeader(h *csvHeader) error {
	p, _ := e.plans.get(h.table)
	if p == nil {
		if h.table == "" {
			return nil
		}
		return fmt.Errorf("there is no table %q", h.table)
	}
	known := 0
	for _, name := range h.names {
		if _, ok := p.index[name]; ok {
			known++
		} else if p.rest < 0 {
			return fmt.Errorf("table %s has no column %q; it has %s", p.table, name, strings.Join(p.schema.Names(), ", "))
		}
	}
	if known == 0 {
		return fmt.Errorf("no cell of the first line is a column of %s: the file needs a header line", p.table)
	}
	return nil
}

type csvDecoder struct {
	fields  [][]byte
	scratch []byte
	clean   []byte
	places  map[*plan][]int // by column of the file: column of the table, or -1
}

func (d *csvDecoder) decode(header any, record []byte, w *writer) error {
	h := header.(*csvHeader)
	raw := !utf8.Valid(record)
	if raw {
		d.clean = escapeBytes(d.clean[:0], record, `\x`)
		record = d.clean
	}
	var err error
	if d.fields, d.scratch, err = csvFields(record, d.fields[:0], d.scratch[:0]); err != nil {
		return reject(BadSyntax, "%v", err)
	}
	if len(d.fields) != len(h.names) {
		return reject(BadSyntax, "the row has %d fields, the header %d", len(d.fields), len(h.names))
	}
	name := h.table
	if h.route >= 0 && w.options.Table == "" {
		if t := d.fields[h.route]; len(t) > 0 && (isBuiltin(t) || w.plans.has(string(t))) {
			name = string(t)
		}
	}
	r, err := w.table(name)
	if err != nil {
		return err
	}
	if err := d.row(h, r, w); err != nil {
		r.abandon()
		return err
	}
	if raw {
		r.note("pathEncoding", "raw")
	}
	r.description()
	o := origin{format: "azure.csv", detected: "import", computer: w.options.Computer, now: w.now}
	r.commit(&o)
	return nil
}

func (d *csvDecoder) row(h *csvHeader, r *rows, w *writer) error {
	for i, col := range d.columns(h, r.plan) {
		text := d.fields[i]
		if len(text) == 0 {
			continue
		}
		f := dyn.Field{Kind: dyn.KindString, Text: text}
		var err error
		switch {
		case col < 0 || col == r.rest:
			f.Key = []byte(h.names[i])
			err = r.field(&f)
		case h.local[i] && r.cols[col].typ == table.Datetime:
			err = r.localTime(col, &f, w.options.Zone)
		case r.cols[col].typ == table.Dynamic && dyn.Valid(text):
			r.scratch = dyn.AppendCompact(r.scratch[:0], text)
			r.touch(col).setText(r.n, r.scratch)
		default:
			err = r.value(col, &f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// columns finds the columns of the table once for each table.
func (d *csvDecoder) columns(h *csvHeader, p *plan) []int {
	if c, ok := d.places[p]; ok {
		return c
	}
	c := make([]int, len(h.names))
	for i, name := range h.names {
		c[i] = -1
		if at, ok := p.index[name]; ok {
			c[i] = at
		}
	}
	if d.places == nil {
		d.places = map[*plan][]int{}
	}
	d.places[p] = c
	return c
}

// localTime sets a datetime that is written in zone.
func (r *rows) localTime(col int, f *dyn.Field, zone *time.Location) error {
	if err := r.value(col, f); err != nil || !r.cols[col].isSet(r.n) {
		return err
	}
	g := table.Time(r.cols[col].ints[r.n]).Go()
	g = time.Date(g.Year(), g.Month(), g.Day(), g.Hour(), g.Minute(), g.Second(), g.Nanosecond(), zone)
	r.cols[col].setInt(r.n, int64(table.FromGo(g)))
	return nil
}
