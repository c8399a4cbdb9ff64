package ingest

import (
	"bytes"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"tidemark/internal/dyn"
	"tidemark/table"
)

var osqueryFormat = Format{
	Name:    "osquery",
	Doc:     "Results log of osquery: events, differences, batches and snapshots of queries.",
	Agents:  []string{"osquery.event", "osquery.batch", "osquery.snapshot"},
	Example: `{"name":"pack_fim_file_events","hostIdentifier":"web01","unixTime":1773212412,"epoch":0,"counter":12,"numerics":false,"columns":{"target_path":"/etc/ssh/sshd_config","action":"UPDATED","category":"etc","time":"1773212405","size":"3289","hashed":"0"},"action":"added"}`,
	Detect:  detectOsquery,
	start: func(e *env, prefix []byte) (splitter, func() decoder, error) {
		if s, ok := jsonSplitter(prefix, "").(*values); ok {
			return s, newOsquery, nil
		}
		return &runs{classify: new(osqueryLine).classify, exclusive: true, wait: 2 * time.Second}, newOsquery, nil
	},
}

func newOsquery() decoder { return &osqueryDecoder{} }

func detectOsquery(prefix []byte) (bool, string) {
	return detectObject(prefix, "the first object has neither columns and an action, nor a snapshot, nor diffResults, as results of osquery do", func(d *doc) bool {
		switch string(d.peek("action")) {
		case "added", "removed":
			return d.has("name") && d.has("columns") && d.nodes[d.find("columns")].Kind == dyn.KindObject
		case "snapshot":
			return d.has("name") && d.has("snapshot")
		}
		return d.has("name") && d.has("diffResults")
	})
}

// osqueryLine tells which lines of a results log belong together: osquery
// writes all differences that a query has found at one time in one go, and the
// two ends of a rename with one transaction_id.
type osqueryLine struct {
	s, inner dyn.Splitter
	fields   []dyn.Field
	columns  []dyn.Field
	key      []byte
}

func (o *osqueryLine) classify(line []byte) mark {
	var err error
	if o.fields, err = o.s.Object(line, o.fields[:0]); err != nil {
		return mark{}
	}
	host := memberText(o.fields, "hostIdentifier")
	m := mark{stream: max(1, xxhash.Sum64String(host))}
	action := memberText(o.fields, "action")
	if action != "added" && action != "removed" {
		return m
	}
	o.key = append(o.key[:0], host...)
	add := func(fields []dyn.Field, name string) {
		if f := member(fields, name); f != nil {
			o.key = append(append(o.key, 0), f.Text...)
		}
	}
	columns := member(o.fields, "columns")
	if columns != nil && bytes.Contains(columns.Text, []byte(`"target_path"`)) {
		if o.columns, err = o.inner.Object(columns.Text, o.columns[:0]); err != nil {
			return m
		}
		if id := memberText(o.columns, "transaction_id"); id == "" || id == "0" {
			return m // an event that has no other half
		}
		add(o.columns, "transaction_id")
	} else {
		for _, name := range []string{"name", "epoch", "counter", "unixTime"} {
			add(o.fields, name)
		}
	}
	m.key = max(1, xxhash.Sum64(o.key))
	return m
}

// osqueryDecoder reads results. A record is all that a query gave at a time.
type osqueryDecoder struct {
	results []osqueryResult // of the record; kept for their memory
	n       int
	top     doc
	one     []byte
}

// osqueryResult is a row of a query's result that has come or gone, or is
// there.
type osqueryResult struct {
	doc
	agent  string
	shape  *osqueryShape
	item   item
	host   string
	logged table.Time
	action string
	group  string // the same for what a query gave at a time
	id     string
	old    *osqueryResult // what the result has replaced
	paired bool           // it is the old of another
	line   int64          // of the input
	offset int64
}

func (d *osqueryDecoder) decode(header any, record []byte, w *writer) error {
	d.n = 0
	if _, ok := header.(*shape); ok {
		if err := d.line(record, w); err != nil {
			return err
		}
	} else {
		w.eachLine(record, func(line []byte) error { return d.line(line, w) })
	}
	return d.flush(w)
}

// line reads a line of the log, which is a result, a batch or a snapshot.
func (d *osqueryDecoder) line(line []byte, w *writer) error {
	if err := d.top.read(line, w); err != nil {
		return err
	}
	switch {
	case d.top.has("columns"):
		return d.result(line, "osquery.event", w)
	case d.top.has("snapshot"):
		return d.expand("osquery.snapshot", "snapshot", w, "snapshot")
	case d.top.has("diffResults"):
		for _, action := range []string{"removed", "added"} {
			if err := d.expand("osquery.batch", action, w, "diffResults", action); err != nil {
				return err
			}
		}
		return nil
	}
	return reject(BadSyntax, "the object has neither columns nor a snapshot nor diffResults")
}

// expand reads the rows of a batch or of a snapshot as if each had come in a
// record of its own.
func (d *osqueryDecoder) expand(agent, action string, w *writer, path ...string) error {
	i := d.top.find(path...)
	if i < 0 || d.top.nodes[i].Kind == dyn.KindNull || d.top.nodes[i].Kind == dyn.KindString {
		return nil // none are written as ""
	}
	rows := elements(&d.top.nodes[i].Field)
	var tail []byte
	root := d.top.nodes[0]
	for k := root.first; k < root.first+root.count; k++ {
		if f := &d.top.nodes[k]; string(f.Key) != path[0] && string(f.Key) != "action" {
			tail = append(dyn.AppendString(append(tail, ','), f.Key), ':')
			tail = f.Append(tail)
		}
	}
	var l *list
	rejects := len(w.rejects)
	for _, row := range rows {
		d.one = append(append(d.one[:0], `{"columns":`...), row.Text...)
		d.one = append(append(append(d.one, tail...), `,"action":"`...), action...)
		d.one = append(d.one, `"}`...)
		before := d.n
		err := d.result(bytes.Clone(d.one), agent, w)
		if err == nil && d.n > before && action == "snapshot" {
			r := &d.results[before]
			if l == nil {
				l = &list{kind: r.shape.kind, scope: string(r.peek("name")), agent: agent, computer: r.host, at: r.logged, line: w.line}
			}
			l.items = append(l.items, r.item)
		}
		w.reject(row.Text, err)
	}
	if l != nil && len(w.rejects) == rejects { // one with gaps would seem to have lost items
		w.lists = append(w.lists, l)
	}
	return nil
}

// result reads a row that has come, gone or is there.
func (d *osqueryDecoder) result(text []byte, agent string, w *writer) error {
	if d.n == len(d.results) {
		d.results = append(d.results, osqueryResult{})
	}
	r := &d.results[d.n]
	r.agent, r.old, r.paired, r.line, r.offset = agent, nil, false, w.line, w.offset
	if err := r.read(text, w); err != nil {
		return err
	}
	r.shape = osqueryShapeOf(&r.doc)
	if r.shape == nil {
		w.pass("of an osquery table that tells of no configuration")
		return nil
	}
	r.host = string(r.takeFirst("hostIdentifier", "hostname"))
	if r.host == "" {
		r.host = w.options.Computer
	}
	r.action = string(r.take("action"))
	var err error
	if r.logged, err = epochSeconds(string(r.take("unixTime"))); err != nil {
		return err
	}
	r.drop(nil, "calendarTime") // unixTime in words
	r.drop(nil, "numerics")
	r.group = strings.Join([]string{r.host, string(r.peek("name")), string(r.peek("epoch")), string(r.peek("counter")), r.logged.String()}, "\x00")
	r.id = eventID(r.group, r.action, string(dyn.AppendCompact(nil, r.peek("columns"))))
	if r.shape.event == nil {
		r.item = r.shape.item(&r.doc)
	}
	d.n++
	return nil
}

// flush writes the rows of the results that have been read.
func (d *osqueryDecoder) flush(w *writer) error {
	type half struct{ group, key string }
	gone := map[half]*osqueryResult{}
	moved := map[half]*osqueryResult{}
	for i := range d.n {
		r := &d.results[i]
		switch {
		case r.shape.event != nil && string(r.peek("columns", "action")) == "MOVED_FROM":
			moved[half{r.host, r.transaction()}] = r
		case r.shape.event == nil && r.action == "removed":
			gone[half{r.group, r.item.key}] = r
		}
	}
	for i := range d.n {
		r := &d.results[i]
		if r.shape.event == nil && r.action == "added" {
			if old := gone[half{r.group, r.item.key}]; old != nil && !old.paired {
				old.paired, r.old = true, old
			}
		}
	}
	line, offset := w.line, w.offset
	defer func() { w.line, w.offset = line, offset }()
	for i := range d.n {
		r := &d.results[i]
		w.line, w.offset = r.line, r.offset
		switch {
		case r.shape.event != nil:
			old := moved[half{r.host, r.transaction()}]
			w.reject(r.nodes[0].Text, r.shape.event(r, old, w))
		case !r.paired:
			w.reject(r.nodes[0].Text, r.row(w))
		}
	}
	return nil
}

// transaction is the cookie that the two ends of a rename share.
func (r *osqueryResult) transaction() string { return string(r.peek("columns", "transaction_id")) }
