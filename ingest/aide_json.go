package ingest

import (
	"bytes"

	"tidemark/internal/dyn"
)

// aideDecoder reads reports, each a record.
type aideDecoder struct{ doc doc }

func (d *aideDecoder) decode(header any, record []byte, w *writer) error {
	a, rejects := &aideReport{details: map[string][]aideAttr{}}, len(w.rejects)
	switch header {
	case "aide.plain":
		a.plain(record, w)
	case "aide.ndjson":
		a.agent = "aide.ndjson"
		w.eachLine(record, func(line []byte) error {
			if err := d.doc.read(line, w); err != nil {
				return err
			}
			a.raw = a.raw || w.raw
			return a.line(&d.doc)
		})
	default:
		if err := d.doc.read(record, w); err != nil {
			return err
		}
		if !d.doc.has("aide_version") {
			return reject(BadSyntax, "the object has no aide_version: it is no report of AIDE")
		}
		a.agent, a.raw = "aide.json", w.raw
		a.json(&d.doc)
	}
	a.partial = a.end == "" || len(w.rejects) > rejects
	return a.rows(w)
}

// json reads a report of report_format=json.
func (a *aideReport) json(d *doc) {
	a.start, a.end, a.version = string(d.peek("start_time")), string(d.peek("end_time")), string(d.peek("aide_version"))
	a.outline, a.level = string(d.peek("outline")), string(d.peek("report_level"))
	a.counts(d, "number_of_entries")
	for _, list := range []struct{ name, category string }{{"added", added}, {"removed", removed}, {"changed", modified}, {"entries", ""}} {
		i := d.find(list.name)
		if i < 0 {
			continue
		}
		if d.nodes[i].Kind == dyn.KindArray { // report_summarize_changes=no
			for _, e := range elements(&d.nodes[i].Field) {
				a.entry(string(e.Text), "", list.category)
			}
			continue
		}
		d.members(func(f *dyn.Field) { a.entry(string(f.Key), string(f.Text), list.category) }, list.name)
	}
	d.members(func(f *dyn.Field) { a.detail(f) }, "details")
	d.members(a.database, "databases")
}

// counts finds out whether there are differences from numbers of entries.
func (a *aideReport) counts(d *doc, path ...string) {
	for _, name := range []string{"added", "removed", "changed"} {
		if n := string(d.peek(append(path[:len(path):len(path)], name)...)); n != "" && n != "0" {
			a.differ = true
		}
	}
}

// detail reads the attributes of a path: {"size":{"old":32,"new":54},…}.
func (a *aideReport) detail(f *dyn.Field) {
	attrs, err := new(dyn.Splitter).Object(f.Text, nil)
	if err != nil {
		return
	}
	var list []aideAttr
	var s dyn.Splitter
	for _, attr := range attrs {
		sides, err := s.Object(attr.Text, nil)
		if err != nil {
			continue
		}
		list = append(list, aideAttr{name: string(attr.Key), old: aideValues(member(sides, "old")), now: aideValues(member(sides, "new"))})
	}
	a.details[string(f.Key)] = list
}

func aideValues(f *dyn.Field) []string {
	var out []string
	for _, e := range elements(f) {
		out = append(out, string(e.Text))
	}
	return out
}

// database keeps the digest of a database: what the check compared with.
func (a *aideReport) database(f *dyn.Field) {
	if fields, err := new(dyn.Splitter).Object(bytes.Clone(f.Text), nil); err == nil {
		a.databases = append(a.databases, string(f.Key), memberText(fields, "sha256"))
	}
}

// line reads a line of report_format=ndjson.
func (a *aideReport) line(d *doc) error {
	entry := func(category string) {
		d.drop(nil, "type")
		d.members(func(f *dyn.Field) {
			if string(f.Key) != "type" {
				a.entry(string(f.Key), string(f.Text), category)
			}
		})
	}
	switch kind := string(d.peek("type")); kind {
	case "startup":
		a.start, a.version = string(d.peek("start_time")), string(d.peek("aide_version"))
	case "outline":
		a.outline = string(d.peek("outline"))
	case "number_of_entries":
		a.counts(d)
	case "config":
		a.level = string(d.peek("report_level"))
	case "addition":
		entry(added)
	case "removal":
		entry(removed)
	case "change":
		entry(modified)
	case "details":
		d.members(func(f *dyn.Field) {
			if f.Kind == dyn.KindObject {
				a.detail(f)
			}
		})
	case "databases":
		d.members(func(f *dyn.Field) {
			if f.Kind == dyn.KindObject {
				a.database(f)
			}
		})
	case "shutdown":
		a.end = string(d.peek("end_time"))
	case "new_database", "different_attributes":
	default:
		return reject(BadSyntax, "lines of type %q are not known", kind)
	}
	return nil
}
