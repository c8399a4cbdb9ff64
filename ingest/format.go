package ingest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tidemark/internal/dyn"
	"tidemark/table"
)

// Format is an input format. Each has a file of its own and an entry in
// Formats.
type Format struct {
	Name    string
	Doc     string   // a sentence
	Agents  []string // AgentFormat of its rows
	Example string   // a record
	// lists says that a record holds many rows, so that a batch takes less text.
	lists bool
	// Detect reports whether the input, of which it sees the beginning, has
	// this format; if not, why.
	Detect func(prefix []byte) (ok bool, why string)
	// start prepares for an input with this beginning.
	start func(e *env, prefix []byte) (splitter, func() decoder, error)
}

// Formats are the formats in the order in which detection tries them. The
// last takes any JSON objects, and only when a table is named.
var Formats []Format

func init() {
	Formats = []Format{
		csvFormat, azureFormat, omsFormat, osqueryFormat, wazuhFormat, ecsFormat, sysmonFormat, falcoFormat,
		auditdFormat, samhainFormat, aideFormat, tripwireFormat, dpkgFormat,
		ndjsonFormat,
	}
}

// FormatNames lists the names of the formats.
func FormatNames() []string {
	names := make([]string, len(Formats))
	for i, f := range Formats {
		names[i] = f.Name
	}
	return names
}

// Lookup returns the format named name.
func Lookup(name string) (Format, bool) {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return Formats[i], true
}

// Detect tells the format of an input from its beginning, 64 KiB if there is
// so much. The error says why each format is not it.
func Detect(prefix []byte) (Format, error) {
	for _, f := range Formats {
		if ok, _ := f.Detect(prefix); ok {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("the input has none of the known formats:\n%s", strings.Join(reasons(prefix), "\n"))
}

// reasons says why the input does not have the formats that it does not have.
func reasons(prefix []byte) []string {
	var why []string
	for _, f := range Formats {
		if ok, reason := f.Detect(prefix); !ok {
			why = append(why, fmt.Sprintf("  %s: %s", f.Name, reason))
		}
	}
	return why
}

// decoder turns records into rows. It is used by one goroutine.
type decoder interface {
	// decode adds the rows of a record to w. After an error the rows that it
	// has committed stay.
	decode(header any, record []byte, w *writer) error
}

// holder is a decoder that holds records back until their chunk has been read.
type holder interface{ release(w *writer) }

// env is what all parts of a load share. It is not changed while decoders run,
// but for the plans, which a lock guards.
type env struct {
	options Options
	plans   *plans
	began   table.Time // when the load began
}

// writer collects the rows of one chunk.
type writer struct {
	*env
	tables  []*rows
	rejects []Reject
	lists   []*list // inventories to compare with the ones before
	passed  map[string]int64
	now     table.Time // when the records of the chunk had been read
	raw     bool       // the record under way was not UTF-8
	cut     bool       // the input broke off behind or within the record under way
	line    int64      // of the record under way
	offset  int64
	again   *again  // nil but where a text is loaded a second time
	epochs  *epochs // of the batch that is being committed
}

// reject notes why a record, or a part of it, has given no row. A nil error
// notes nothing.
func (w *writer) reject(raw []byte, err error) {
	if err != nil {
		w.rejects = append(w.rejects, newReject(w.options.Source, w.line, w.offset, err, raw))
	}
}

// pass counts a record that is all right but tells of no change and no item:
// of what, says the text.
func (w *writer) pass(what string) {
	if w.passed == nil {
		w.passed = map[string]int64{}
	}
	w.passed[what]++
}

// eachLine hands on the lines of a record that are not blank, and rejects those
// that read refuses in their own place.
func (w *writer) eachLine(record []byte, read func(line []byte) error) {
	start, offset := w.line, w.offset
	for line := range bytes.Lines(record) {
		if text := trim(line); len(text) > 0 {
			w.reject(text, read(text))
		}
		w.line++
		w.offset += int64(len(line))
	}
	w.line, w.offset = start, offset
}

// table returns the rows for a table. The option Table comes before name.
func (w *writer) table(name string) (*rows, error) {
	if w.options.Table != "" {
		name = w.options.Table
	}
	for _, r := range w.tables {
		if r.table == name {
			return r, nil
		}
	}
	if name == "" {
		return nil, reject(UnknownTable, "the record does not tell which table it belongs to: name one")
	}
	p, like := w.plans.get(name)
	if p == nil {
		return nil, reject(UnknownTable, "there is no table %q", name)
	}
	r := newRows(p, like)
	r.skip = w.again.passes(w.offset, name)
	r.window, r.arrived = table.Duration(w.options.DedupWindow/100), w.now
	w.tables = append(w.tables, r)
	return r, nil
}

// firstObject returns the members of the first JSON object in the beginning
// of an input: of its first record if it is an array or an envelope with
// records. What is cut off is left out but for its name.
func firstObject(prefix []byte) ([]dyn.Field, bool) {
	var s dyn.Splitter
	text := trim(prefix)
	for len(text) > 0 && text[0] == '[' {
		text = trim(text[1:])
	}
	if len(text) == 0 || text[0] != '{' {
		return nil, false
	}
	end, _ := scanValue(text, 0)
	fields, err := s.Object(text[:end], nil)
	if err != nil && err != dyn.ErrIncomplete {
		return nil, false
	}
	if f := member(fields, "records"); f != nil && f.Kind == dyn.KindArray {
		return firstObject(f.Text)
	}
	return fields, true
}

// firstRecord is firstObject for inputs whose first line may be damaged: it
// tries the lines one after another.
func firstRecord(prefix []byte) ([]dyn.Field, bool) {
	for rest := prefix; len(rest) > 0; {
		if fields, ok := firstObject(rest); ok {
			return fields, true
		}
		i := slices.Index(rest, '\n')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
	}
	return nil, false
}

// errNotText is for lines of reports and logs that are made for people.
var errNotText = reject(BadSyntax, "the line is not text")

// textual reports whether a line is text: UTF-8 without control characters.
func textual(line []byte) bool {
	return utf8.Valid(line) && !bytes.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' })
}

// detectObject is the detection of formats that are JSON objects: test looks
// at the first one, or at what there is of it.
func detectObject(prefix []byte, why string, test func(d *doc) bool) (bool, string) {
	fields, ok := firstRecord(prefix)
	if !ok {
		return false, "no JSON object at the beginning"
	}
	if !testObject(fields, test) {
		return false, why
	}
	return true, ""
}

func testObject(fields []dyn.Field, test func(d *doc) bool) bool {
	d := &doc{}
	d.begin(fields)
	if i := d.find("_source"); i >= 0 && d.nodes[i].Kind == dyn.KindObject {
		inner, _ := new(dyn.Splitter).Object(d.nodes[i].Text, nil)
		d.begin(inner)
	}
	return test(d)
}

// detectLines is detectObject for shippers that put several logs into one
// file: it looks at the objects of the first lines.
func detectLines(prefix []byte, why string, test func(d *doc) bool) (bool, string) {
	ok, reason := detectObject(prefix, why, test)
	var s dyn.Splitter
	for n := 0; !ok && n < 100; n++ {
		i := slices.Index(prefix, '\n')
		if i < 0 {
			break
		}
		prefix = prefix[i+1:]
		if fields, err := s.Object(prefix[:max(0, slices.Index(prefix, '\n'))], nil); err == nil {
			ok = testObject(fields, test)
		}
	}
	return ok, reason
}

// jsonRecords is the start of formats whose records are JSON objects, one a
// line or not.
func jsonRecords(newDecoder func() decoder) func(*env, []byte) (splitter, func() decoder, error) {
	return func(_ *env, prefix []byte) (splitter, func() decoder, error) {
		return jsonSplitter(prefix, ""), newDecoder, nil
	}
}

// member returns the field named key, or nil.
func member(fields []dyn.Field, key string) *dyn.Field {
	for i := range fields {
		if string(fields[i].Key) == key {
			return &fields[i]
		}
	}
	return nil
}

func memberText(fields []dyn.Field, key string) string {
	if f := member(fields, key); f != nil {
		return string(f.Text)
	}
	return ""
}

// objectLine reports whether a text begins with a line that is a JSON object. A
// line before it that stops early is damaged, and does not go on in it.
func objectLine(text []byte) bool {
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	if len(line) == 0 || line[0] != '{' {
		return false
	}
	_, err := new(dyn.Splitter).Object(line, nil)
	return err == nil
}

// jsonSplitter chooses between a value a line, where one bad line does no harm
// to the next, and values that go over several lines.
func jsonSplitter(prefix []byte, agent string) splitter {
	var s dyn.Splitter
	for rest := trim(prefix); len(rest) > 0 && rest[0] != '['; {
		i := slices.Index(rest, '\n')
		if i < 0 {
			i = len(rest)
		}
		fields, err := s.Object(rest[:i], nil)
		if err == nil {
			if f := member(fields, "tables"); f != nil || member(fields, "records") != nil {
				break
			}
			return &lines{&shape{agent: agent}}
		}
		if err == dyn.ErrIncomplete && i < len(rest) && !objectLine(rest[i+1:]) {
			break
		}
		rest = rest[min(i+1, len(rest)):]
	}
	return &values{head: &shape{agent: agent}}
}
