package ingest

import (
	"strconv"
	"strings"

	"tidemark/internal/dyn"
	"tidemark/table"
)

var sysmonFormat = Format{
	Name:    "sysmon",
	Doc:     "File and registry events of Sysmon as JSON: winlogbeat, NXLog, or the event itself.",
	Agents:  []string{"sysmon"},
	Example: `{"EventID":11,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"WIN01","RecordNumber":1782161,"UtcTime":"2026-03-11 07:00:12.780","ProcessId":"1556","Image":"C:\\Windows\\explorer.exe","TargetFilename":"C:\\Users\\Public\\a.exe","CreationUtcTime":"2026-03-11 07:00:12.780"}`,
	Detect:  detectSysmon,
	start: jsonRecords(func() decoder {
		d := &sysmonDecoder{}
		d.fold = true
		return d
	}),
}

func detectSysmon(prefix []byte) (bool, string) {
	return detectLines(prefix, "no object of the first lines has an EventID and the channel or provider of Sysmon", func(d *doc) bool {
		d.fold = true
		return isSysmon(d)
	})
}

// Where the shapes of events have what identifies them.
var (
	sysmonIDs     = [][]string{{"EventID"}, {"event_id"}, {"winlog", "event_id"}, {"Event", "System", "EventID"}, {"System", "EventID"}}
	sysmonSources = [][]string{
		{"Channel"}, {"SourceName"}, {"Provider"}, {"ProviderName"}, {"log_name"}, {"winlog", "channel"}, {"winlog", "provider_name"},
		{"Event", "System", "Channel"}, {"Event", "System", "Provider"}, {"System", "Channel"}, {"System", "Provider"},
	}
	sysmonHosts   = [][]string{{"Hostname"}, {"Computer"}, {"computer_name"}, {"winlog", "computer_name"}, {"Event", "System", "Computer"}, {"System", "Computer"}, {"host", "name"}}
	sysmonRecords = [][]string{{"RecordNumber"}, {"EventRecordID"}, {"record_number"}, {"winlog", "record_id"}, {"winlog", "event_record_id"}, {"Event", "System", "EventRecordID"}, {"System", "EventRecordID"}}
	sysmonTimes   = [][]string{{"Event", "System", "TimeCreated", "SystemTime"}, {"System", "TimeCreated", "SystemTime"}, {"TimeCreated"}, {"@timestamp"}, {"EventTime"}}
	sysmonData    = [][]string{{"winlog", "event_data"}, {"event_data"}, {"Event", "EventData"}, {"EventData"}}
)

func isSysmon(d *doc) bool {
	if sysmonID(d) == 0 {
		return false
	}
	for _, path := range sysmonSources {
		if strings.Contains(string(d.peek(path...)), "Sysmon") {
			return true
		}
	}
	return false
}

// sysmonID returns the event's number, 0 if there is none.
func sysmonID(d *doc) int {
	for _, path := range sysmonIDs {
		i := d.find(path...)
		if i < 0 {
			continue
		}
		if d.nodes[i].Kind == dyn.KindObject { // {"Value":11}, {"#text":"11"}
			for _, name := range []string{"Value", "#text"} {
				if n, err := strconv.Atoi(string(d.peek(append(path[:len(path):len(path)], name)...))); err == nil {
					return n
				}
			}
			continue
		}
		n, _ := strconv.Atoi(string(d.nodes[i].Text))
		return n
	}
	return 0
}

type sysmonDecoder struct {
	doc
	outer doc
	base  []string // where the data of the event are
	host  string
	id    string
	utc   table.Time
}

func (d *sysmonDecoder) decode(_ any, record []byte, w *writer) error {
	if err := unwrap(&d.outer, &d.doc, record, w); err != nil {
		return err
	}
	number := sysmonID(&d.doc)
	if !isSysmon(&d.doc) {
		if number > 0 {
			w.pass("events of other channels than Sysmon's")
			return nil
		}
		return reject(BadSyntax, "the object is no event of Sysmon: it has no EventID, or another channel")
	}
	read := sysmonEvents[number]
	if read == nil {
		w.pass("events of Sysmon that are not of files or the registry")
		return nil
	}
	if err := d.common(number); err != nil {
		return err
	}
	return read(d, number, w)
}

var sysmonEvents map[int]func(*sysmonDecoder, int, *writer) error

func init() {
	file, registry := (*sysmonDecoder).file, (*sysmonDecoder).registry
	sysmonEvents = map[int]func(*sysmonDecoder, int, *writer) error{
		2: file, 11: file, 15: file, 23: file, 26: file, 27: file, 28: file, 29: file,
		12: registry, 13: registry, 14: registry,
	}
}

// common reads what all events have: where from, when, and what they are told
// apart by. The clock of UtcTime is right; that of TimeCreated and @timestamp
// often is local time under the name of UTC.
func (d *sysmonDecoder) common(number int) error {
	d.base = nil
	for _, path := range sysmonData {
		if i := d.find(path...); i >= 0 && d.nodes[i].Kind == dyn.KindObject {
			d.base = path
			break
		}
	}
	if d.base != nil && d.has(append(d.base[:len(d.base):len(d.base)], "Data")...) {
		d.spread()
	}
	d.host = string(d.one(sysmonHosts))
	written := ""
	for _, path := range sysmonTimes {
		if i := d.find(path...); written == "" && i >= 0 && d.nodes[i].Kind == dyn.KindString {
			written = string(d.nodes[i].Text)
		}
	}
	utc := d.text("UtcTime")
	var err error
	if d.utc, err = wallTime(first(utc, written), nil); err != nil {
		return err
	}
	if record := d.one(sysmonRecords); len(record) > 0 && d.host != "" {
		d.id = d.host + "|" + string(record)
	} else {
		d.id = eventID(d.host, utc, written, strconv.Itoa(number), string(d.peek(d.path("ProcessGuid")...)), string(d.peek(d.path("TargetFilename")...)), string(d.peek(d.path("TargetObject")...)), string(d.peek(d.path("EventType")...)), string(d.peek(d.path("Details")...)))
	}
	d.drop(nil, "Message") // says all again in words
	return nil
}

func (d *sysmonDecoder) path(name string) []string {
	return append(d.base[:len(d.base):len(d.base)], name)
}

// text takes a datum of the event.
func (d *sysmonDecoder) text(name string) string { return string(d.take(d.path(name)...)) }

// one takes the first member of the paths that is there.
func (d *sysmonDecoder) one(paths [][]string) []byte {
	for _, path := range paths {
		if v := d.peek(path...); len(v) > 0 {
			return d.take(path...)
		}
	}
	return nil
}

// spread turns {"Data":[{"@Name":"Image","#text":"…"},…]}, which is what the
// XML of an event becomes in JSON, into members.
func (d *sysmonDecoder) spread() {
	var one doc
	b := []byte{'{'}
	for _, e := range elements(d.takeField(d.path("Data")...)) {
		if e.Kind != dyn.KindObject {
			continue
		}
		fields, err := new(dyn.Splitter).Object(e.Text, nil)
		if err != nil {
			continue
		}
		one.begin(fields)
		name, value := one.takeFirst("@Name", "Name"), one.takeField("#text")
		if value == nil {
			value = one.takeField("Value")
		}
		if len(name) == 0 || value == nil {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = value.Append(append(dyn.AppendString(b, name), ':'))
	}
	i := d.find(d.base...)
	d.nodes[i].Text, d.nodes[i].count = append(b, '}'), -1
}

// finish ends a row: when, where, who, and what is left of the event.
func (d *sysmonDecoder) finish(r *rows, half string, w *writer) error {
	r.at("TimeGenerated", d.utc)
	r.text("Computer", d.host)
	r.process(d.text("Image"))
	r.text("InitiatingProcessId", d.text("ProcessId"))
	r.text("InitiatingProcessAccountName", d.text("User"))
	r.text("EventId", d.id+half)
	d.rest(r)
	return r.done(w, "sysmon", "realtime")
}

// file writes the row of an event of a file.
func (d *sysmonDecoder) file(number int, w *writer) error {
	category := added
	switch number {
	case 2:
		category = modified
	case 23, 26:
		category = removed
	}
	path := d.text("TargetFilename")
	if path == "" {
		return reject(BadValue, "the event names no file")
	}
	r, err := w.change(kindFiles, category)
	if err != nil {
		return err
	}
	r.text("FileSystemPath", path)
	s := digestList(r, first(d.text("Hashes"), d.text("Hash")))
	s.created = r.moment(wallTime(d.text("CreationUtcTime"), nil))
	if category == removed {
		r.fileBefore(&s)
	} else {
		r.file(&s)
	}
	switch number {
	case 2:
		r.text("FieldsChanged", "DateCreated")
		r.at("PreviousDateCreated", r.moment(wallTime(d.text("PreviousCreationUtcTime"), nil)))
	case 27, 28:
		r.note("blocked", "true")
	}
	return d.finish(r, "", w)
}

// digestList reads SHA1=…,MD5=…,SHA256=…,IMPHASH=…
func digestList(r *rows, text string) fileState {
	var s fileState
	for part := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			continue
		}
		switch name {
		case "SHA1":
			s.sha1 = []byte(value)
		case "MD5":
			s.md5 = []byte(value)
		case "SHA256":
			s.sha256 = []byte(value)
		default:
			r.note(name, value)
		}
	}
	return s
}

// registryCategories are the words of EventType.
var registryCategories = map[string]string{
	"CreateKey": added, "CreateValue": added, "DeleteKey": removed, "DeleteValue": removed, "SetValue": modified,
	"RenameKey": added, "RenameValue": added,
}

// registry writes the rows of an event of the registry: two of a rename, and
// one of the service whose settings have changed.
func (d *sysmonDecoder) registry(number int, w *writer) error {
	kind := d.text("EventType")
	category := registryCategories[kind]
	if category == "" {
		return reject(BadValue, "the event type %q of the registry is not known", kind)
	}
	target := d.text("TargetObject")
	if target == "" {
		return reject(BadValue, "the event names no registry key")
	}
	isValue := strings.HasSuffix(kind, "Value")
	details := d.text("Details")
	if number == 14 {
		to := d.text("NewName")
		if err := d.registryRow(removed, target, isValue, "", "/removed", w); err != nil {
			return err
		}
		return d.registryRow(added, to, isValue, "", "", w)
	}
	if number == 13 {
		if err := d.serviceRow(target, details, w); err != nil {
			return err
		}
	}
	return d.registryRow(category, target, isValue, details, "", w)
}

func (d *sysmonDecoder) registryRow(category, target string, isValue bool, details, half string, w *writer) error {
	r, err := w.change(kindRegistry, category)
	if err != nil {
		return err
	}
	key := target
	if i := strings.LastIndexByte(target, '\\'); isValue && i >= 0 {
		key = target[:i]
		r.text("ValueName", target[i+1:])
	}
	r.registry(key)
	if details != "" {
		kind, data := valueDetails(details)
		r.text("ValueType", kind)
		r.text("ValueData", data)
		r.text("FieldsChanged", "ValueData")
	}
	return d.finish(r, half, w)
}

// valueDetails reads how Sysmon writes a value. Binary data it does not show.
func valueDetails(details string) (kind, data string) {
	number := func(prefix string) (string, bool) {
		text, ok := strings.CutPrefix(details, prefix+" (0x")
		if ok {
			text, ok = strings.CutSuffix(text, ")")
		}
		if high, low, two := strings.Cut(text, "-0x"); ok && two {
			text = high + strings.Repeat("0", max(0, 8-len(low))) + low
		}
		v, err := strconv.ParseUint(text, 16, 64)
		return strconv.FormatUint(v, 10), ok && err == nil
	}
	if v, ok := number("DWORD"); ok {
		return "REG_DWORD", v
	}
	if v, ok := number("QWORD"); ok {
		return "REG_QWORD", v
	}
	switch details {
	case "Binary Data":
		return "REG_BINARY", ""
	case "(Empty)":
		return "REG_SZ", ""
	}
	if strings.Contains(details, "%") {
		return "REG_EXPAND_SZ", details
	}
	return "REG_SZ", details
}

// serviceValues are the settings of a service in the registry: the value's name, the column, and the word for
// what has changed.
var serviceValues = map[string][2]string{
	"imagepath": {"SvcPath", "Path"}, "start": {"SvcStartupType", "StartupType"},
	"objectname": {"SvcAccount", "ServiceAccount"}, "displayname": {"SvcDisplayName", ""},
}

var serviceStartValues = map[string]string{"0": "Boot", "1": "System", "2": "Auto", "3": "Manual", "4": "Disabled"}

// serviceRow writes the row of a service for a value below
// HKLM\System\CurrentControlSet\Services\<service>.
func (d *sysmonDecoder) serviceRow(target, details string, w *writer) error {
	parts := strings.Split(target, `\`)
	if len(parts) != 6 || !strings.EqualFold(parts[1], "System") || !strings.HasPrefix(strings.ToLower(parts[2]), "c") || !strings.Contains(strings.ToLower(parts[2]), "controlset") || !strings.EqualFold(parts[3], "Services") {
		return nil
	}
	value, ok := serviceValues[strings.ToLower(parts[5])]
	if !ok {
		return nil
	}
	r, err := w.change(kindServices, modified)
	if err != nil {
		return err
	}
	_, data := valueDetails(details)
	if value[0] == "SvcStartupType" {
		data = first(serviceStartValues[data], data)
	}
	r.text("SvcName", parts[4])
	r.text(value[0], data)
	r.text("SvcChangeType", value[1])
	r.text("FieldsChanged", value[0])
	return d.finish(r, "/service", w)
}
