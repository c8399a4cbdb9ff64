package ingest

import (
	"strings"
	"unicode/utf8"

	"tidemark/internal/dyn"
)

// doc is a JSON object whose members a decoder takes one by one. What nobody
// has taken goes to AdditionalFields, so that no field is lost. Objects inside
// it are taken apart when somebody asks for one of their members.
type doc struct {
	nodes  []node
	fields []dyn.Field
	pool   []*dyn.Splitter // one for each object that has been taken apart
	used   int
	clean  []byte
	text   []byte // what rest builds
	wrap   *doc   // what the object was wrapped in, or nil
	fold   bool   // upper and lower case are one in the names of members
}

type node struct {
	dyn.Field
	first, count int // its members in doc.nodes; count is -1 before it is taken apart
	taken        bool
}

// read starts with another object. Bytes that are not UTF-8 are escaped, and
// w.raw tells so.
func (d *doc) read(record []byte, w *writer) error {
	if w.raw = !utf8.Valid(record); w.raw {
		d.clean = escapeBytes(d.clean[:0], record, `\\x`)
		record = d.clean
	}
	d.nodes, d.used, d.wrap = append(d.nodes[:0], node{Field: dyn.Field{Kind: dyn.KindObject, Text: record}, count: -1}), 0, nil
	if err := d.open(0); err != nil {
		return syntaxError(err)
	}
	return nil
}

// begin starts with an object that has been taken apart.
func (d *doc) begin(fields []dyn.Field) {
	d.nodes, d.used = append(d.nodes[:0], node{Field: dyn.Field{Kind: dyn.KindObject}, first: 1, count: len(fields)}), 0
	for _, f := range fields {
		d.nodes = append(d.nodes, node{Field: f, count: -1})
	}
}

// open takes the object at i apart. Where the text ends too early, the members
// so far are there.
func (d *doc) open(i int) error {
	if d.used == len(d.pool) {
		d.pool = append(d.pool, new(dyn.Splitter))
	}
	s := d.pool[d.used]
	d.used++
	var err error
	d.fields, err = s.Object(d.nodes[i].Text, d.fields[:0])
	if err != nil && err != dyn.ErrIncomplete {
		d.fields = d.fields[:0]
	}
	d.nodes[i].first, d.nodes[i].count = len(d.nodes), len(d.fields)
	for _, f := range d.fields {
		d.nodes = append(d.nodes, node{Field: f, count: -1})
	}
	return err
}

// find returns the place of a member, or -1. When a name comes twice in an
// object, the last one counts.
func (d *doc) find(path ...string) int {
	at := 0
	for _, key := range path {
		n := &d.nodes[at]
		if n.Kind != dyn.KindObject {
			return -1
		}
		if n.count < 0 {
			d.open(at) // an error leaves no members: the text has been checked
			n = &d.nodes[at]
		}
		if at = d.last(n.first, n.first+n.count, key); at < 0 {
			return -1
		}
	}
	return at
}

// last returns the last of the nodes from first to end that has a name, or -1.
func (d *doc) last(first, end int, key string) int {
	for i := end - 1; i >= first; i-- {
		if k := d.nodes[i].Key; string(k) == key || d.fold && len(k) == len(key) && strings.EqualFold(string(k), key) {
			return i
		}
	}
	return -1
}

// has reports whether there is a member that is not null.
func (d *doc) has(path ...string) bool {
	i := d.find(path...)
	return i >= 0 && d.nodes[i].Kind != dyn.KindNull
}

// peek returns the text of a member without taking it: of a string its text,
// else the JSON text. It is empty for null.
func (d *doc) peek(path ...string) []byte {
	if i := d.find(path...); i >= 0 && d.nodes[i].Kind != dyn.KindNull {
		return d.nodes[i].Text
	}
	return nil
}

// take is peek, and the member counts as used.
func (d *doc) take(path ...string) []byte {
	if f := d.takeField(path...); f != nil {
		return f.Text
	}
	return nil
}

// takeFirst takes all members of the names and returns the first text that is
// not empty: agents have changed names between versions.
func (d *doc) takeFirst(names ...string) []byte {
	var text []byte
	for _, name := range names {
		if t := d.take(name); len(text) == 0 {
			text = t
		}
	}
	return text
}

// takeField takes a member and returns it, nil for null and where there is
// none.
func (d *doc) takeField(path ...string) *dyn.Field {
	i := d.drop(path[:len(path)-1], path[len(path)-1])
	if i < 0 || d.nodes[i].Kind == dyn.KindNull {
		return nil
	}
	return &d.nodes[i].Field
}

// drop takes a member, and those of the same name before it. It returns the
// member's place, or -1.
func (d *doc) drop(parent []string, key string) int {
	p := d.find(parent...)
	if p < 0 || d.nodes[p].Kind != dyn.KindObject {
		return -1
	}
	if d.nodes[p].count < 0 {
		d.open(p)
	}
	first := d.nodes[p].first
	at := d.last(first, first+d.nodes[p].count, key)
	for i := at; i >= 0; i = d.last(first, i, key) {
		d.nodes[i].taken = true
	}
	return at
}

// rest adds what has not been taken to AdditionalFields.
func (d *doc) rest(r *rows) {
	if d.wrap != nil {
		d.wrap.rest(r)
	}
	root := d.nodes[0]
	for i := root.first; i < root.first+root.count; i++ {
		n := &d.nodes[i]
		if n.taken {
			continue
		}
		f := n.Field
		if n.count >= 0 {
			d.text = d.remains(i, d.text[:0])
			if len(d.text) == 2 && n.count > 0 {
				continue
			}
			f.Text = d.text
		}
		if r.err == nil {
			r.err = r.other(&f)
		}
	}
}

// remains appends the object at i without the members that have been taken.
func (d *doc) remains(i int, b []byte) []byte {
	b = append(b, '{')
	start := len(b)
	for k := d.nodes[i].first; k < d.nodes[i].first+d.nodes[i].count; k++ {
		n := &d.nodes[k]
		if n.taken || n.Kind == dyn.KindNull || n.Kind == dyn.KindString && len(n.Text) == 0 {
			continue
		}
		before := len(b)
		if before > start {
			b = append(b, ',')
		}
		b = append(dyn.AppendString(b, n.Key), ':')
		if n.count < 0 {
			b = n.Append(b)
			continue
		}
		value := len(b)
		if b = d.remains(k, b); len(b) == value+2 && n.count > 0 {
			b = b[:before]
		}
	}
	return append(b, '}')
}

// members calls visit for the members of the object at the path, which then
// counts as used.
func (d *doc) members(visit func(f *dyn.Field), path ...string) {
	i := d.find(path...)
	if i < 0 || d.nodes[i].Kind != dyn.KindObject {
		return
	}
	if d.nodes[i].count < 0 {
		d.open(i)
	}
	d.nodes[i].taken = true
	for k := d.nodes[i].first; k < d.nodes[i].first+d.nodes[i].count; k++ {
		visit(&d.nodes[k].Field)
	}
}

// unwrap reads a record into d, taking it out of the _source of a hit of
// Elasticsearch or OpenSearch. The hit stays in outer.
func unwrap(outer, d *doc, record []byte, w *writer) error {
	if err := d.read(record, w); err != nil {
		return err
	}
	i := d.find("_source")
	if i < 0 || d.nodes[i].Kind != dyn.KindObject {
		return nil
	}
	raw := w.raw
	if err := outer.read(record, w); err != nil {
		return err
	}
	err := d.read(outer.take("_source"), w)
	w.raw, d.wrap = raw, outer
	return err
}

// elements returns the elements of an array, or the value itself where there
// is no array.
func elements(f *dyn.Field) []dyn.Field {
	if f == nil || f.Kind == dyn.KindNull {
		return nil
	}
	if f.Kind != dyn.KindArray {
		return []dyn.Field{*f}
	}
	all, err := new(dyn.Splitter).Array(f.Text, nil)
	if err != nil {
		return nil
	}
	return all
}
