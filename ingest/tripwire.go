package ingest

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"tidemark/table"
)

var tripwireFormat = Format{
	Name:    "tripwire",
	Doc:     "Reports of Open Source Tripwire as text, of all report levels that name files.",
	Agents:  []string{"tripwire"},
	Example: "Open Source Tripwire(R) 2.4.3.7 Integrity Check Report\n\nReport created on:            Wed Mar 11 07:00:12 2026\n\nHost name:                    web01\n\nModified object name:  /etc/passwd\n\n  Property:            Expected                    Observed                    \n  -------------        -----------                 -----------                 \n* Size                 32                          54                          ",
	Detect:  detectTripwire,
	start: func(*env, []byte) (splitter, func() decoder, error) {
		return &blocks{
			first: isTripwireStart,
			last:  func(line []byte) bool { return bytes.HasPrefix(line, []byte("*** End of report ***")) },
		}, func() decoder { return &tripwireDecoder{} }, nil
	},
}

func isTripwireStart(line []byte) bool {
	return bytes.HasPrefix(line, []byte("Open Source Tripwire(R)")) && bytes.Contains(line, []byte("Report")) || bytes.HasPrefix(line, []byte("TWReport "))
}

func detectTripwire(prefix []byte) (bool, string) {
	n := 0
	for line := range bytes.Lines(prefix) {
		if line = trim(line); isTripwireStart(line) {
			return true, ""
		}
		if _, _, ok := tripwireShort(string(line)); ok {
			return true, ""
		}
		if n++; n > 50 {
			break
		}
	}
	return false, "no line of the first 50 begins a report of Tripwire"
}

// tripwireCategories are the words that Tripwire has for what has happened.
var tripwireCategories = map[string]string{"Added": added, "Removed": removed, "Modified": modified}

// tripwireShort takes a line of report level 1 apart: Added:	"/path".
func tripwireShort(line string) (category, path string, ok bool) {
	word, rest, ok := strings.Cut(line, ":\t\"")
	if !ok || tripwireCategories[word] == "" || !strings.HasSuffix(rest, `"`) {
		return "", "", false
	}
	return tripwireCategories[word], tripwireText(strings.TrimSuffix(rest, `"`)), true
}

// tripwireText undoes the escapes of quoted names.
func tripwireText(s string) string {
	return printable(strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s))
}

// tripwireReport is what a report tells.
type tripwireReport struct {
	host, created string
	level0        string // the line of report level 0
	objects       []*tripwireObject
	byName        map[string]*tripwireObject
	rule          string
	severity      string
}

// tripwireObject is a file that differs.
type tripwireObject struct {
	category, path string
	rule, severity string
	properties     []tripwireProperty
}

type tripwireProperty struct {
	name, expected, observed string
	changed                  bool
}

// object returns the object of a name. Reports of levels 3 and 4 name them
// twice: in the summary, and with their properties.
func (t *tripwireReport) object(category, path string) *tripwireObject {
	key := category + "\x00" + path
	o := t.byName[key]
	if o == nil {
		o = &tripwireObject{category: category, path: path}
		t.byName[key] = o
		t.objects = append(t.objects, o)
	}
	o.rule, o.severity = first(o.rule, t.rule), first(o.severity, t.severity)
	return o
}

type tripwireDecoder struct{}

func (d *tripwireDecoder) decode(_ any, record []byte, w *writer) error {
	t := &tripwireReport{byName: map[string]*tripwireObject{}}
	t.read(record, w)
	switch {
	case len(t.objects) > 0:
	case t.level0 != "" && !strings.Contains(t.level0, " V:0 "):
		return reject(BadValue, "report of Tripwire without names of files: report level 0; 4 tells all")
	case t.host != "" || t.created != "" || bytes.Contains(record, []byte("Tripwire")) || bytes.Contains(record, []byte("Report")):
		w.pass("reports of Tripwire without violations, and text around reports")
		return nil
	default:
		return reject(BadSyntax, "the text is no report of Tripwire")
	}
	var at table.Time
	if t.created != "" {
		var err error
		if at, err = wallTime(t.created, w.options.Zone); err != nil {
			return err
		}
	}
	for _, o := range t.objects {
		w.reject([]byte(o.path), t.row(o, at, w))
	}
	return nil
}

// read reads a report line by line.
func (t *tripwireReport) read(text []byte, w *writer) {
	var object *tripwireObject
	var columns [2]int // where Expected and Observed begin
	list := ""         // category of the list at hand in the summary
	for raw := range bytes.Lines(text) {
		line := strings.TrimRight(string(raw), "\r\n")
		word, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		if category, path, ok := tripwireShort(line); ok {
			t.object(category, path)
			continue
		}
		switch {
		case strings.HasPrefix(line, "TWReport "):
			t.short(line)
		case word == "Host name":
			t.host = value
		case word == "Report created on":
			t.created = value
		case word == "Rule Name":
			t.rule, list, object = value, "", nil
		case word == "Severity Level":
			t.severity = value
		case tripwireCategories[word] != "" && value == "":
			list = tripwireCategories[word]
		case list != "" && strings.HasPrefix(line, `"`) && strings.HasSuffix(line, `"`) && len(line) > 1:
			t.object(list, tripwireText(line[1:len(line)-1]))
		case strings.HasSuffix(word, " object name"):
			object, list = t.object(tripwireCategories[strings.TrimSuffix(word, " object name")], printable(value)), ""
		case strings.HasPrefix(line, "  Property:"):
			columns = [2]int{strings.Index(line, "Expected"), strings.Index(line, "Observed")}
		case object != nil && columns[0] > 2 && columns[1] > columns[0] && len(line) > columns[0] && textual(raw) && !strings.HasPrefix(line, "  ---"):
			object.property(line, columns)
		case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "==="):
			object, list = nil, ""
		case !textual(raw):
			w.reject(raw, errNotText)
		}
	}
}

// short reads the line of report level 0: TWReport host 20260311070012 V:10 …
func (t *tripwireReport) short(line string) {
	t.level0 = line + " "
	if parts := strings.Fields(line); len(parts) > 2 {
		t.host = parts[1]
		if g, err := time.Parse("20060102150405", parts[2]); err == nil {
			t.created = g.Format("2006-01-02 15:04:05")
		}
	}
}

// property reads a line of the table, whose columns have fixed places.
func (o *tripwireObject) property(line string, columns [2]int) {
	cell := func(from, to int) string {
		if from >= len(line) {
			return ""
		}
		if v := strings.TrimSpace(line[from:min(to, len(line))]); v != "---" {
			return v
		}
		return ""
	}
	p := tripwireProperty{
		name: cell(2, columns[0]), expected: cell(columns[0], columns[1]), observed: cell(columns[1], len(line)),
		changed: line[0] == '*',
	}
	if p.name != "" {
		o.properties = append(o.properties, p)
	}
}

// tripwireColumns are the columns for properties that have changed.
var tripwireColumns = map[string]string{
	"Size": "Size", "Mode": "Acls", "UID": "Acls", "GID": "Acls", "Modify Time": "DateModified", "Inode Number": "Inode", "Num Links": "HardLinks",
	"Change Time": "ChangeTime", "Access Time": "AccessTime", "Blocks": "Blocks", "Object Type": "Attributes", "Device Number": "Device",
	"MD5": "FileContentChecksum", "SHA": "FileContentChecksum", "CRC32": "FileContentChecksum", "HAVAL": "FileContentChecksum",
}

func (t *tripwireReport) row(o *tripwireObject, at table.Time, w *writer) error {
	r, err := w.change(kindFiles, o.category)
	if err != nil {
		return err
	}
	r.text("FileSystemPath", o.path)
	r.at("TimeGenerated", at)
	r.text("Computer", t.host)
	old, now := tripwireState(r, o, false, w), tripwireState(r, o, true, w)
	if o.category != added {
		r.fileBefore(old)
	}
	if o.category != removed {
		r.file(now)
	}
	var changed []string
	for _, p := range o.properties {
		if name := first(tripwireColumns[p.name], p.name); p.changed && o.category == modified && !contains(changed, name) {
			changed = append(changed, name)
		}
		switch p.name {
		case "Size", "Mode", "UID", "GID", "Modify Time", "MD5", "SHA", "Inode Number", "Object Type":
		default:
			if p.expected != "" || p.observed != "" {
				r.note(p.name, strings.Trim(p.expected+" -> "+p.observed, " "))
			}
		}
	}
	r.text("FieldsChanged", strings.Join(changed, ","))
	r.note("rule", o.rule)
	r.note("severity", o.severity)
	r.text("EventId", eventID("tripwire", first(t.host, w.options.Computer), t.created, o.category, o.path))
	return r.done(w, "tripwire", "scan")
}

// tripwireTypes are the words of Object Type.
var tripwireTypes = map[string]string{"Directory": "Directory", "Symbolic Link": "Link", "FIFO": "FIFO", "Socket": "Socket", "Block Device": "BlockDevice", "Character Device": "CharDevice"}

// tripwireState reads how the file was expected to be, or is.
func tripwireState(r *rows, o *tripwireObject, now bool, w *writer) *fileState {
	var s fileState
	for _, p := range o.properties {
		v := p.expected
		if now {
			v = p.observed
		}
		if v == "" {
			continue
		}
		switch p.name {
		case "Size":
			s.size = []byte(v)
		case "Mode":
			s.mode = v
		case "UID":
			s.owner, s.uid = tripwireID(v)
		case "GID":
			s.group, s.gid = tripwireID(v)
		case "Modify Time":
			s.modified = r.moment(wallTime(v, w.options.Zone))
		case "Inode Number":
			s.inode = []byte(v)
		case "MD5":
			s.md5 = tripwireDigest(v, 128)
		case "SHA":
			s.sha1 = tripwireDigest(v, 160)
		case "Object Type":
			if t := tripwireTypes[v]; t != "" {
				s.attributes = append(s.attributes, "type="+t)
			}
		}
	}
	return &s
}

// tripwireID takes "root (0)" apart.
func tripwireID(v string) (name, id string) {
	name, id, ok := strings.Cut(v, " (")
	if !ok {
		return v, ""
	}
	return name, strings.TrimSuffix(id, ")")
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// tripwireDigest reads the base64 of Tripwire, in which the odd bits come
// first: 22 digits hold 128 bits. It returns hexadecimal, or nil.
func tripwireDigest(v string, bits int) []byte {
	if len(v) != (bits+5)/6 {
		return nil
	}
	var out []byte
	acc, have := uint32(0), 0
	for i := range len(v) {
		d := strings.IndexByte(base64Digits, v[i])
		if d < 0 {
			return nil
		}
		n := 6
		if i == 0 && bits%6 != 0 {
			n = bits % 6
		}
		acc = acc<<n | uint32(d)&(1<<n-1)
		for have += n; have >= 4; have -= 4 {
			out = strconv.AppendUint(out, uint64(acc>>(have-4)&15), 16)
		}
	}
	return out
}
