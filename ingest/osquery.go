package ingest

import (
	"bytes"
	"maps"
	"slices"
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
		// A first line that does not fit into the prefix is a batch or snapshot.
		if s, ok := jsonSplitter(prefix, "").(*values); ok && (bytes.IndexByte(prefix, '\n') >= 0 || !bytes.HasPrefix(trim(prefix), []byte{'{'})) {
			return s, newOsquery, nil
		}
		return &runs{classify: new(osqueryLine).classify, exclusive: true, wait: 2 * time.Second}, newOsquery, nil
	},
}

func newOsquery() decoder { return &osqueryDecoder{} }

func detectOsquery(prefix []byte) (bool, string) {
	return detectObject(prefix, "the first object has neither columns and an action, nor a snapshot, nor diffResults, as results of osquery do", isOsquery)
}

// isOsquery looks at a result, of which the end may be missing: batches and
// snapshots can be long, and have their name behind their rows.
func isOsquery(d *doc) bool {
	kind := func(name string) dyn.Kind {
		if i := d.find(name); i >= 0 {
			return d.nodes[i].Kind
		}
		return dyn.KindNull
	}
	switch string(d.peek("action")) {
	case "added", "removed":
		return d.has("name") && kind("columns") == dyn.KindObject
	case "snapshot":
		return kind("snapshot") == dyn.KindArray || d.has("name") && kind("columns") == dyn.KindObject
	case "":
		return kind("diffResults") == dyn.KindObject && (d.has("diffResults", "added") || d.has("diffResults", "removed")) ||
			kind("snapshot") == dyn.KindArray && bytes.HasPrefix(d.peek("snapshot"), []byte("[{"))
	}
	return false
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
	switch memberText(o.fields, "action") {
	case "added", "removed", "snapshot":
	default:
		return m
	}
	o.key = append(o.key[:0], host...)
	add := func(fields []dyn.Field, name string) {
		if f := member(fields, name); f != nil {
			o.key = append(append(o.key, 0), f.Text...)
		}
	}
	columns := member(o.fields, "columns")
	if columns == nil {
		return m // a snapshot that is whole
	}
	if bytes.Contains(columns.Text, []byte(`"target_path"`)) {
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
	pending     []osqueryPending // of the record
	top         doc
	now, before osqueryResult // at hand
	fresh       bool          // now is the last of those pending
	partial     bool          // a snapshot whose rows are lines of the record may lack some
}

// osqueryPending is a row of a query's result that waits for the rows that
// belong to it. It holds little, as a batch may have very many.
type osqueryPending struct {
	text, tail []byte // the record; in batches the row, and the other members
	agent      string
	action     string // of rows of batches
	shape      *osqueryShape
	group, key string // the same for what a query gave at a time; for an item
	from       string // where a file has been moved from
	old        int    // place of what the row has replaced, or -1
	paired     bool   // it has been replaced
	raw        bool   // the record was not UTF-8
	line       int64  // of the input
	offset     int64
}

// osqueryResult is a row of a query's result that has come or gone, or is
// there.
type osqueryResult struct {
	doc
	agent  string
	shape  *osqueryShape // nil for a table that tells of no configuration
	item   item
	old    *osqueryResult // what it has replaced
	host   string
	logged table.Time // when it was written
	action string
	group  string
	id     string
	text   []byte // of a row of a batch, as if it were a record
}

// maxTail is how much a batch may have beside its rows: each row is read with
// it.
const maxTail = 64 << 10

func (d *osqueryDecoder) decode(header any, record []byte, w *writer) error {
	if cap(d.pending) > 10000 {
		d.pending = nil
	}
	d.pending, d.fresh = d.pending[:0], false
	if _, ok := header.(*shape); ok {
		if err := d.line(record, w); err != nil {
			return err
		}
	} else {
		rejects := len(w.rejects)
		w.eachLine(record, func(line []byte) error { return d.line(line, w) })
		d.partial = len(w.rejects) > rejects || len(record) > MaxRecord/2-maxRun // it may have been cut
	}
	d.flush(w)
	return nil
}

// line reads a line of the log, which is a result, a batch or a snapshot.
func (d *osqueryDecoder) line(line []byte, w *writer) error {
	if err := d.top.read(line, w); err != nil {
		return err
	}
	switch {
	case d.top.has("columns"):
		agent := "osquery.event"
		if string(d.top.peek("action")) == "snapshot" {
			agent = "osquery.snapshot"
		}
		return d.wait(&osqueryPending{text: line, agent: agent}, w)
	case d.top.has("snapshot"):
		return d.snapshot(w)
	case d.top.has("diffResults"):
		tail, err := d.tail("diffResults")
		if err != nil {
			return err
		}
		for _, action := range []string{"removed", "added"} {
			for _, row := range d.rows("diffResults", action) {
				w.reject(row.Text, d.wait(&osqueryPending{text: row.Text, tail: tail, action: action, agent: "osquery.batch"}, w))
			}
		}
		return nil
	}
	return reject(BadSyntax, "the object has neither columns nor a snapshot nor diffResults")
}

// rows returns the rows of a batch or snapshot. None are also written as "".
func (d *osqueryDecoder) rows(path ...string) []dyn.Field {
	i := d.top.find(path...)
	if i < 0 || d.top.nodes[i].Kind == dyn.KindString {
		return nil
	}
	return elements(&d.top.nodes[i].Field)
}

// tail is what a batch or snapshot has beside its rows.
func (d *osqueryDecoder) tail(but string) ([]byte, error) {
	var tail []byte
	root := d.top.nodes[0]
	for k := root.first; k < root.first+root.count; k++ {
		if f := &d.top.nodes[k]; string(f.Key) != but && string(f.Key) != "action" {
			tail = append(dyn.AppendString(append(tail, ','), f.Key), ':')
			tail = f.Append(tail)
		}
	}
	if len(tail) > maxTail {
		return nil, reject(BadValue, "the result has %d bytes beside its rows, more than %d", len(tail), maxTail)
	}
	return tail, nil
}

// snapshot writes the rows of a snapshot, which is a list of what is there.
func (d *osqueryDecoder) snapshot(w *writer) error {
	tail, err := d.tail("snapshot")
	if err != nil {
		return err
	}
	var l *list
	raw, unread := w.raw, false
	d.fresh = false
	for _, row := range d.rows("snapshot") {
		r := &d.now
		w.raw = raw
		err := r.load(&osqueryPending{text: row.Text, tail: tail, action: "snapshot", agent: "osquery.snapshot"}, w)
		if err == nil && r.shape != nil && r.shape.event == nil {
			if l == nil {
				l = r.list()
				l.line = w.line
			}
			if err = r.row(w); err != nil {
				l.failed(r.item.key)
			} else {
				l.items = append(l.items, r.item)
			}
		} else if err != nil {
			unread = true
		}
		w.reject(row.Text, err)
	}
	if l != nil {
		l.partial = l.partial || unread
		w.inventory(l)
	}
	return nil
}

// wait keeps a row until all have been read that may belong to it.
func (d *osqueryDecoder) wait(p *osqueryPending, w *writer) error {
	r := &d.now
	d.fresh = false
	if err := r.load(p, w); err != nil || r.shape == nil {
		return err
	}
	p.shape, p.action, p.group, p.old = r.shape, r.action, r.group, -1
	p.line, p.offset, p.raw = w.line, w.offset, w.raw
	switch {
	case r.shape.event == nil:
		p.key = strings.Clone(r.item.key)
	case len(r.peek("columns", "transaction_id")) > 1: // not 0
		p.key = r.host + "\x00" + string(r.peek("columns", "transaction_id"))
		if string(r.peek("columns", "action")) == "MOVED_FROM" {
			p.from = string(r.peek("columns", "target_path"))
		}
	}
	d.pending, d.fresh = append(d.pending, *p), true
	return nil
}

// load reads a row that has come, gone or is there.
func (r *osqueryResult) load(p *osqueryPending, w *writer) error {
	text := p.text
	if p.tail != nil {
		r.text = append(append(r.text[:0], `{"columns":`...), p.text...)
		r.text = append(append(append(r.text, p.tail...), `,"action":"`...), p.action...)
		r.text = append(r.text, `"}`...)
		text = r.text
	}
	raw := w.raw && p.tail != nil // the bytes of a batch have been escaped
	if err := r.read(text, w); err != nil {
		return err
	}
	w.raw = w.raw || raw
	r.agent, r.old = p.agent, nil
	if r.shape = osqueryShapeOf(&r.doc); r.shape == nil {
		w.pass("of an osquery table that tells of no configuration")
		return nil
	}
	if r.host = string(r.takeFirst("hostIdentifier", "hostname")); r.host == "" {
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
	return nil
}

// flush writes the rows of the results that have been read.
func (d *osqueryDecoder) flush(w *writer) {
	type half struct{ group, key string }
	gone, moved := map[half]int{}, map[string]string{}
	for i := range d.pending {
		switch p := &d.pending[i]; {
		case p.from != "":
			moved[p.key] = p.from
		case p.shape.event == nil && p.action == "removed":
			gone[half{p.group, p.key}] = i
		}
	}
	for i := range d.pending {
		p := &d.pending[i]
		if p.shape.event == nil && p.action == "added" {
			if old, ok := gone[half{p.group, p.key}]; ok && !d.pending[old].paired {
				d.pending[old].paired, p.old = true, old
			}
		}
	}
	line, offset := w.line, w.offset
	lists := map[string]*list{}
	for i := range d.pending {
		if p := &d.pending[i]; !p.paired {
			w.line, w.offset = p.line, p.offset
			err := d.write(p, moved[p.key], w)
			w.reject(p.text, err)
			if p.action == "snapshot" && p.shape.event == nil {
				d.list(lists, p, err)
			}
		}
	}
	w.line, w.offset = line, offset
	for _, group := range slices.Sorted(maps.Keys(lists)) {
		w.inventory(lists[group])
	}
}

// list adds a row to the list of a snapshot whose rows are lines of their own.
func (d *osqueryDecoder) list(lists map[string]*list, p *osqueryPending, err error) {
	r := &d.now
	l := lists[p.group+p.shape.kind.name]
	if l == nil {
		l = r.list()
		l.line, l.partial = p.line, d.partial
		lists[p.group+p.shape.kind.name] = l
	}
	if err != nil {
		l.failed(p.key)
		return
	}
	l.items = append(l.items, r.item)
}

// list begins the list of a snapshot that has the row.
func (r *osqueryResult) list() *list {
	return &list{kind: r.shape.kind, scope: string(r.peek("name")), agent: "osquery.snapshot", computer: r.host, at: r.logged}
}

// write writes the rows of a result. From is the other end of a rename.
func (d *osqueryDecoder) write(p *osqueryPending, from string, w *writer) error {
	r := &d.now
	if p.old >= 0 {
		if err := d.before.load(&d.pending[p.old], w); err != nil {
			return err
		}
	}
	if w.raw = p.raw; !d.fresh || len(d.pending) > 1 { // else it has just been read
		if err := r.load(p, w); err != nil {
			return err
		}
	}
	d.fresh = false
	if p.shape.event != nil {
		return p.shape.event(r, from, w)
	}
	if p.old >= 0 {
		r.old = &d.before
	}
	return r.row(w)
}
