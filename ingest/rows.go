package ingest

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/cespare/xxhash/v2"

	"tidemark/internal/dyn"
	"tidemark/table"
)

// plan is what loading into a table needs to know about it. It is shared by
// all decoders and not changed.
type plan struct {
	table    string
	schema   *table.Schema
	index    map[string]int
	names    []uint64 // by column: hash of its name
	checksum []bool   // by column: holds a checksum to normalise
	// Places of the columns that loading fills itself; -1 where the table has none.
	time, typ, computer, event, item, format, detected, arrival, rest, service, kind int
}

func newPlan(name string, s *table.Schema) *plan {
	p := &plan{table: name, schema: s, index: make(map[string]int, s.Len()), checksum: make([]bool, s.Len())}
	for i, c := range s.Columns() {
		p.index[c.Name] = i
		p.names = append(p.names, xxhash.Sum64String(c.Name))
		p.checksum[i] = c.Name == "FileContentChecksum" || c.Name == "PreviousFileContentChecksum"
	}
	at := func(column string, t table.Type) int {
		if i := s.Index(column); i >= 0 && s.Column(i).Type == t {
			return i
		}
		return -1
	}
	p.time, p.arrival = at("TimeGenerated", table.Datetime), at("IngestionTime", table.Datetime)
	p.typ, p.computer = at("Type", table.String), at("Computer", table.String)
	p.event, p.item = -1, -1
	if _, ok := table.Builtin(name); ok { // elsewhere the names may mean anything
		p.event, p.item = at("EventId", table.String), at("_ItemId", table.String)
	}
	p.format, p.detected = at("AgentFormat", table.String), at("DetectedBy", table.String)
	p.rest = at("AdditionalFields", table.Dynamic)
	p.service, p.kind = at("SvcDescription", table.String), at("ConfigDataType", table.String)
	return p
}

// rows collects the rows of a batch for one table, row by row: set values,
// then commit or abandon.
type rows struct {
	*plan
	cols    []column
	n       int
	touched []int    // columns that the row under way has set
	err     error    // of text, in the row under way
	extra   []byte   // members of AdditionalFields of the row under way
	ids     []uint64 // by row: hash of EventId, 0 where there is none
	scratch []byte
	window  table.Duration // see Options.DedupWindow
	arrived table.Time
	content []uint64 // by row: hash of the content, 0 where there is an EventId; nil without a window
	skip    bool     // rows are there already, from an earlier load of the text
	skipped int
}

// newRows makes room for as much as a batch before has taken.
func newRows(p *plan, like *rows) *rows {
	r := &rows{plan: p, cols: make([]column, p.schema.Len())}
	for i, c := range p.schema.Columns() {
		r.cols[i].typ = c.Type
		if like != nil && like.cols[i].used {
			r.cols[i].reserve(like.cols[i].n, like.cols[i].hint)
		}
	}
	return r
}

// field sets the column that the field names. What has no column goes to
// AdditionalFields; where the table has no such column it is an error.
func (r *rows) field(f *dyn.Field) error {
	i, ok := r.index[string(f.Key)]
	if !ok {
		return r.other(f)
	}
	if i == r.rest {
		return r.additional(f)
	}
	return r.value(i, f)
}

// other keeps a field that has no column. Null and empty text say nothing and
// are left out.
func (r *rows) other(f *dyn.Field) error {
	if f.Kind == dyn.KindNull || f.Kind == dyn.KindString && len(f.Text) == 0 {
		return nil
	}
	if r.rest < 0 {
		return reject(UnknownColumn, "table %s has no column %q", r.table, f.Key)
	}
	r.member(string(f.Key), f)
	return nil
}

// member adds a member to AdditionalFields.
func (r *rows) member(name string, f *dyn.Field) {
	if len(r.extra) > 0 {
		r.extra = append(r.extra, ',')
	}
	r.extra = dyn.AppendString(r.extra, name)
	r.extra = append(r.extra, ':')
	r.extra = f.Append(r.extra)
}

// note adds a member with a text to AdditionalFields.
func (r *rows) note(name, text string) {
	if r.rest >= 0 && text != "" {
		r.member(name, &dyn.Field{Kind: dyn.KindString, Text: []byte(text)})
	}
}

// additional takes AdditionalFields as the record has it: the members of an
// object join those that have no column.
func (r *rows) additional(f *dyn.Field) error {
	if f.Kind == dyn.KindString {
		if t := trim(f.Text); len(t) > 1 && t[0] == '{' && dyn.Valid(t) {
			f = &dyn.Field{Kind: dyn.KindObject, Text: t}
		}
	}
	if f.Kind != dyn.KindObject {
		f.Key = []byte("AdditionalFields")
		return r.other(f)
	}
	inner := trim(f.Text[1 : len(f.Text)-1])
	if len(inner) == 0 {
		return nil
	}
	if len(r.extra) > 0 {
		r.extra = append(r.extra, ',')
	}
	r.extra = dyn.AppendCompact(r.extra, inner)
	return nil
}

// text sets a column by its name from text, as a record's field would. What
// goes wrong, finish tells.
func (r *rows) text(column, text string) {
	r.put(column, unsafe.Slice(unsafe.StringData(text), len(text)))
}

// datetime sets a datetime column by its name.
func (r *rows) datetime(column string, t table.Time) {
	if i, ok := r.index[column]; ok && r.cols[i].typ == table.Datetime {
		r.touch(i).setInt(r.n, int64(t))
		return
	}
	r.text(column, t.String())
}

// finish commits the row, or abandons it where text has failed.
func (r *rows) finish(o *origin) error {
	err := r.err
	if err != nil {
		r.abandon()
		return err
	}
	r.commit(o)
	return nil
}

func (r *rows) touch(col int) *column {
	r.touched = append(r.touched, col)
	return &r.cols[col]
}

// origin says where rows come from.
type origin struct {
	format   string // AgentFormat
	detected string // DetectedBy
	computer string // of records that do not name one
	now      table.Time
}

// commit ends the row and fills the columns that no record has.
func (r *rows) commit(o *origin) {
	if r.skip {
		r.skipped++
		r.abandon()
		return
	}
	r.fill(r.computer, o.computer)
	content := r.contentHash()
	if r.time >= 0 && !r.cols[r.time].isSet(r.n) {
		r.cols[r.time].setInt(r.n, int64(o.now))
	}
	if r.arrival >= 0 {
		r.cols[r.arrival].setInt(r.n, int64(o.now))
	}
	if r.typ >= 0 {
		r.scratch = append(r.scratch[:0], r.table...)
		r.cols[r.typ].setText(r.n, r.scratch)
	}
	r.fill(r.format, o.format)
	r.fill(r.detected, o.detected)
	r.markSkew(o.now)
	if len(r.extra) > 0 {
		r.scratch = append(append(append(r.scratch[:0], '{'), r.extra...), '}')
		r.cols[r.rest].setText(r.n, r.scratch)
	}
	id := r.identity()
	r.ids = append(r.ids, id)
	if r.window > 0 {
		if id != 0 {
			content = 0
		}
		r.content = append(r.content, content)
	}
	r.end()
	r.n++
}

// maxSkew is how far a clock may be ahead of ours unremarked.
const maxSkew = 5 * table.Minute

// markSkew notes in AdditionalFields by how much the time of the row is ahead
// of the clock here: the clock there is wrong. The row keeps its time.
func (r *rows) markSkew(now table.Time) {
	if r.time < 0 || r.rest < 0 || !r.cols[r.time].isSet(r.n) {
		return
	}
	if ahead := table.Time(r.cols[r.time].ints[r.n]) - now; ahead > table.Time(maxSkew) {
		r.note("clockSkew", table.Duration(ahead).String())
	}
}

// fill sets a string column unless the row has set it.
func (r *rows) fill(col int, text string) {
	if col >= 0 && text != "" && !r.cols[col].isSet(r.n) {
		r.scratch = append(r.scratch[:0], text...)
		r.cols[col].setText(r.n, r.scratch)
	}
}

// identity makes _ItemId the EventId of the row unless it has one, and returns
// its hash.
func (r *rows) identity() uint64 {
	if r.event < 0 {
		return 0
	}
	if r.item >= 0 && r.cols[r.item].isSet(r.n) && !r.cols[r.event].isSet(r.n) {
		r.cols[r.event].setText(r.n, r.cols[r.item].text(r.n))
	}
	if !r.cols[r.event].isSet(r.n) {
		return 0
	}
	return max(1, xxhash.Sum64(r.cols[r.event].text(r.n)))
}

// abandon takes back the row under way.
func (r *rows) abandon() {
	for _, c := range r.touched {
		r.cols[c].cut(r.n)
	}
	r.end()
}

func (r *rows) end() {
	r.touched, r.extra, r.err = r.touched[:0], r.extra[:0], nil
}

// keep drops all rows but those of sel.
func (r *rows) keep(sel []int) {
	ids := make([]uint64, len(sel))
	for i, row := range sel {
		ids[i] = r.ids[row]
	}
	for i := range r.cols {
		if r.cols[i].used {
			r.cols[i] = r.cols[i].keep(sel)
		}
	}
	if r.content != nil {
		content := make([]uint64, len(sel))
		for i, row := range sel {
			content[i] = r.content[row]
		}
		r.content = content
	}
	r.n, r.ids = len(sel), ids
}

// record returns the rows as an Arrow record of the columns that occur. The
// rows must not be used afterwards.
func (r *rows) record() arrow.Record {
	var fields []arrow.Field
	var arrays []arrow.Array
	for i := range r.cols {
		c := &r.cols[i]
		if !c.used || c.n == 0 {
			continue
		}
		fields = append(fields, arrow.Field{Name: r.schema.Column(i).Name, Type: c.typ.Arrow(), Nullable: true})
		arrays = append(arrays, c.array(r.n))
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), arrays, int64(r.n))
}

// Bad is a class of reasons for which a record is rejected.
type Bad string

// The classes of reasons.
const (
	BadSyntax     Bad = "syntax"         // not a record of the format
	BadValue      Bad = "bad value"      // a value that its column cannot hold
	UnknownColumn Bad = "unknown column" // a field without a column, in a table without AdditionalFields
	UnknownTable  Bad = "unknown table"  // no table is named, or one that does not exist
	TooLong       Bad = "too long"       // longer than MaxRecord
	TooDeep       Bad = "too deep"       // nested deeper than dyn.MaxDepth
	BrokenOff     Bad = "broken off"     // the input ends in an error: a broken archive
	Internal      Bad = "internal"       // a fault of Tidemark
)

// badRecord is why a record is rejected.
type badRecord struct {
	class Bad
	text  string
}

func (b *badRecord) Error() string { return b.text }

func reject(class Bad, format string, args ...any) error {
	return &badRecord{class, fmt.Sprintf(format, args...)}
}
