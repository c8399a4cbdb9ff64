package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tidemark/internal/dyn"
	"tidemark/table"
)

var omsFormat = Format{
	Name:    "oms",
	Doc:     "Messages of the Log Analytics agent for Linux (CONFIG_CHANGE_BLOB) and the inventories that it makes them from.",
	Agents:  []string{"oms.blob", "oms.inventory", "oms.xml"},
	Example: `{"DataType":"CONFIG_CHANGE_BLOB","IPName":"changetracking","DataItems":[{"Timestamp":"2026-03-11T07:00:00.000Z","Computer":"web01","ConfigChangeType":"Daemons","Collections":[{"CollectionName":"sshd","Name":"sshd","State":"running","IsInventorySnapshot":false}]}]}`,
	lists:   true,
	Detect:  detectOMS,
	start: func(e *env, prefix []byte) (splitter, func() decoder, error) {
		if strings.HasPrefix(string(trim(prefix)), "<") {
			return &whole{}, func() decoder { return &inventoryXML{} }, nil
		}
		return jsonSplitter(prefix, "oms.blob"), func() decoder { return &omsDecoder{} }, nil
	},
}

func detectOMS(prefix []byte) (bool, string) {
	if strings.HasPrefix(string(trim(prefix)), `<INSTANCE CLASSNAME="Inventory">`) {
		return true, ""
	}
	fields, ok := firstRecord(prefix)
	if !ok {
		return false, `neither a JSON object nor <INSTANCE CLASSNAME="Inventory"> at the beginning`
	}
	if memberText(fields, "DataType") == "CONFIG_CHANGE_BLOB" || member(fields, "DataItems") != nil {
		return true, ""
	}
	if inventoryKind(func(key string) bool { return member(fields, key) != nil }) != nil {
		return true, ""
	}
	return false, "the first object is neither a CONFIG_CHANGE_BLOB nor an item of an inventory"
}

// kind is one of the three lists that the agent sends.
type kind struct {
	name   string   // ConfigChangeType
	wire   string   // ConfigChangeType in messages
	fields []string // what an item has beside its name, by the columns of ConfigurationData
	// names are the members of an item that hold the fields, in messages and,
	// behind the stroke, in inventories where they differ.
	names []string
	key   string   // column of the item's name
	title []string // members that hold the name
	shape []string // members by which an item of an inventory is known
	fixed []string // columns that are the same for all items, and their values
}

var kinds = []*kind{
	{
		name: "Files", wire: "Files", key: "FileSystemPath", title: []string{"FileSystemPath", "DestinationPath"},
		fields: []string{"FileContentChecksum", "Size", "DateModified", "DateCreated", "FileOwner", "FileGroup", "FileMode"},
		names:  []string{"FileContentChecksum|Checksum", "Size|FileSize", "DateModified|ModifiedDate", "DateCreated|CreatedDate", "Owner", "Group", "Mode"},
		shape:  []string{"DestinationPath", "Checksum", "FileSize"},
		fixed:  []string{"SourceSystem", "Linux"},
	}, {
		name: "Software", wire: "Software.Packages", key: "SoftwareName", title: []string{"Name"},
		fields: []string{"CurrentVersion", "Architecture", "Publisher", "Size", "DateCreated", "SoftwareDescription"},
		names:  []string{"CurrentVersion|Version", "Architecture", "Publisher", "Size", "Timestamp|InstalledOn", "PackageDescription"},
		shape:  []string{"Name", "Version", "InstalledOn"},
		fixed:  []string{"SourceSystem", "Linux", "SoftwareType", "Package"},
	}, {
		name: "Daemons", wire: "Daemons", key: "SvcName", title: []string{"Name"},
		fields: []string{"SvcState", "SvcStartupType", "SvcPath", "SvcRunlevels", "SvcController", "SvcDescription"},
		names:  []string{"State", "Enabled", "Path", "Runlevels", "Controller", "Description"},
		shape:  []string{"Name", "Runlevels", "Controller"},
		fixed:  []string{"SourceSystem", "Linux"},
	},
}

func kindOf(wire string) *kind {
	for _, k := range kinds {
		if wire == k.wire || wire == k.name {
			return k
		}
	}
	return nil
}

// inventoryKind tells the kind of an item of an inventory by its members.
func inventoryKind(has func(string) bool) *kind {
next:
	for _, k := range kinds {
		for _, key := range k.shape {
			if !has(key) {
				continue next
			}
		}
		return k
	}
	return nil
}

// omsDecoder reads messages, and inventories as JSON with an item a line.
type omsDecoder struct{ rowDecoder }

func (d *omsDecoder) decode(_ any, record []byte, w *writer) error {
	w.raw = !utf8.Valid(record)
	record = d.utf8(record, w)
	var err error
	if d.fields, err = d.s.Object(record, d.fields[:0]); err != nil {
		return syntaxError(err)
	}
	data := member(d.fields, "DataItems")
	if data == nil {
		k := inventoryKind(func(key string) bool { return member(d.fields, key) != nil })
		if k == nil {
			return reject(BadSyntax, "the object is neither a CONFIG_CHANGE_BLOB nor an item of an inventory")
		}
		l := &list{kind: k, agent: "oms.inventory", computer: w.options.Computer, at: w.began}
		return l.add(d.fields, w)
	}
	elements, err := new(dyn.Splitter).Array(data.Text, nil)
	if err != nil {
		return syntaxError(err)
	}
	for _, e := range elements {
		w.reject(e.Text, d.message(e.Text, w))
	}
	return nil
}

// message reads one list of a message.
func (d *omsDecoder) message(text []byte, w *writer) error {
	fields, err := new(dyn.Splitter).Object(text, nil)
	if err != nil {
		return syntaxError(err)
	}
	wire := memberText(fields, "ConfigChangeType")
	l := &list{kind: kindOf(wire), agent: "oms.blob", computer: memberText(fields, "Computer"), at: w.now, line: w.line, ids: map[string]int{}}
	if l.kind == nil {
		return reject(BadValue, "ConfigChangeType %q is not known", wire)
	}
	if l.computer == "" {
		l.computer = w.options.Computer
	}
	if at := memberText(fields, "Timestamp"); at != "" {
		var ok bool
		if l.at, ok = table.ParseTime(at); !ok {
			return reject(BadValue, "Timestamp %q is not a time", at)
		}
	}
	collection := member(fields, "Collections")
	if collection == nil || collection.Kind != dyn.KindArray {
		return reject(BadSyntax, "Collections is missing")
	}
	elements, err := new(dyn.Splitter).Array(collection.Text, nil)
	if err != nil {
		return syntaxError(err)
	}
	for _, e := range elements {
		if d.fields, err = d.inner.Object(e.Text, d.fields[:0]); err == nil {
			err = l.add(d.fields, w)
		} else {
			err = syntaxError(err)
			l.failed("")
		}
		w.reject(e.Text, err)
	}
	w.inventory(l)
	return nil
}

// add adds an item to the list and its row to ConfigurationData.
func (l *list) add(fields []dyn.Field, w *writer) error {
	k := l.kind
	it := item{values: make([]string, len(k.fields))}
	for i := range fields {
		f := &fields[i]
		f.Text = trim(f.Text) // values may carry a line end
	}
	for i, names := range k.names {
		for name := range strings.SplitSeq(names, "|") {
			if f := member(fields, name); f != nil && f.Kind != dyn.KindNull {
				it.values[i] = canonicalItem(k.fields[i], string(f.Text))
			}
		}
	}
	for _, name := range k.title {
		if it.name == "" {
			it.name = memberText(fields, name)
		}
	}
	if it.key = memberText(fields, "CollectionName"); it.key == "" {
		it.key = it.name
	}
	if it.name == "" {
		it.name = it.key
	}
	if it.name == "" {
		l.failed("")
		return reject(BadSyntax, "the item has no name")
	}
	if f := member(fields, "IsInventorySnapshot"); f != nil && string(f.Text) == "true" {
		l.snapshot = true
	}
	if err := l.row(&it, fields, w); err != nil {
		l.failed(it.key)
		return err
	}
	l.items = append(l.items, it)
	return nil
}

// canonicalItem brings a value of an item into the column's form.
func canonicalItem(column, text string) string {
	switch column {
	case "SvcStartupType":
		switch text {
		case "true":
			return "enabled"
		case "false":
			return "disabled"
		}
	case "FileContentChecksum":
		return string(appendChecksum(nil, []byte(text)))
	case "DateModified", "DateCreated":
		if t, ok := itemTime(text); ok {
			return t.String()
		}
	}
	return text
}

// itemTime reads a time of an item: ISO 8601, seconds since 1970, or CIM's
// 20160820211222.000000+300. The offset of the last is not applied, as it is
// not by Microsoft's filter, whose rows ours should equal.
func itemTime(text string) (table.Time, bool) {
	if sec, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) <= 11 {
		t := table.FromUnix(sec, 0)
		return t, t.Valid()
	}
	if len(text) > 14 && text[14] == '.' {
		end := strings.IndexAny(text[14:], "+-")
		if end < 0 {
			end = len(text) - 14
		}
		g, err := time.Parse("20060102150405.999999", text[:14+end])
		return table.FromGo(g), err == nil
	}
	return table.ParseTime(text)
}

// row adds the row of an item.
func (l *list) row(it *item, fields []dyn.Field, w *writer) error {
	k := l.kind
	r, err := w.table(table.ConfigurationData)
	if err != nil {
		return err
	}
	r.datetime("TimeGenerated", l.at)
	r.text("Computer", l.computer)
	r.text("ConfigDataType", k.name)
	k.state(r, it)
	k.constants(r)
	for i := range fields {
		if f := &fields[i]; !k.knows(string(f.Key)) && !(f.Kind == dyn.KindString && len(f.Text) == 0) {
			if err := r.other(f); err != nil {
				r.abandon()
				return err
			}
		}
	}
	if w.raw {
		r.note("pathEncoding", "raw")
	}
	if l.ids != nil {
		// An item that is listed twice is two rows, also when it is read again.
		id := l.eventID("", it)
		if l.ids[id]++; l.ids[id] > 1 {
			id += "-" + strconv.Itoa(l.ids[id])
		}
		r.text("EventId", id)
	}
	return r.finish(&origin{format: l.agent, detected: "inventory", now: w.now})
}

// knows reports whether a member of an item has a column.
func (k *kind) knows(member string) bool {
	switch member {
	case "CollectionName", "IsInventorySnapshot":
		return true
	}
	for _, names := range k.names {
		for name := range strings.SplitSeq(names, "|") {
			if name == member {
				return true
			}
		}
	}
	for _, name := range k.title {
		if name == member {
			return true
		}
	}
	return false
}

// eventID is the same whenever the same message is read.
func (l *list) eventID(change string, it *item) string {
	h := sha256.New()
	for _, s := range append([]string{l.computer, l.kind.name, l.at.String(), change, it.key, it.name}, it.values...) {
		h.Write(strconv.AppendQuote(nil, s))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
