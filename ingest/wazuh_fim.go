package ingest

import (
	"strings"
	"time"

	"tidemark/internal/dyn"
)

// alert reads a line of alerts.json. What syscheck tells of a file is in
// members that end in _after and _before.
func (d *wazuhDecoder) alert(w *writer) error {
	if !d.has("syscheck") {
		w.pass("alerts of Wazuh that are not of syscheck")
		return nil
	}
	category := wazuhCategories[string(d.peek("syscheck", "event"))]
	if category == "" {
		category = wazuhCategories[string(d.peek("decoder", "name"))]
	}
	if category == "" {
		return reject(BadValue, "the alert does not tell whether the file was added, modified or deleted")
	}
	path := string(d.take("syscheck", "path"))
	r, err := d.item(path, category, d.has("syscheck", "arch") || d.has("syscheck", "value_name"), w)
	if err != nil {
		return err
	}
	d.take("syscheck", "event")
	stamp := string(d.take("timestamp"))
	t, err := wallTime(stamp, nil)
	d.time(r, t, err)
	zone := zoneOf(stamp)
	now, before := d.side(r, "_after", zone), d.side(r, "_before", zone)
	if category == removed {
		before.fillFrom(&now)
		now = fileState{}
	}
	before.completeAcls(&now)
	r.file(&now)
	r.fileBefore(&before)
	r.put("ValueName", d.take("syscheck", "value_name"))
	r.put("ValueType", d.take("syscheck", "value_type"))
	r.text("FieldsChanged", fieldsChanged(elements(d.takeField("syscheck", "changed_attributes")), wazuhFields))
	r.put("ContentDiff", d.take("syscheck", "diff"))
	detected := first(wazuhModes[string(d.take("syscheck", "mode"))], "scan")
	d.alertWho(r)
	if id := string(d.take("id")); id != "" {
		r.text("EventId", strings.Join([]string{string(d.peek("manager", "name")), string(d.peek("agent", "id")), id}, "|"))
	} else {
		r.text("EventId", d.digest())
	}
	d.rest(r)
	return r.done(w, "wazuh.alert", detected)
}

// zoneOf returns the zone of a time such as 2018-07-11T17:43:52.914+0200. The
// times of files in alerts are in it without saying so.
func zoneOf(stamp string) *time.Location {
	if len(stamp) > 5 {
		if t, err := time.Parse("-0700", stamp[len(stamp)-5:]); err == nil {
			_, offset := t.Zone()
			return time.FixedZone("", offset)
		}
	}
	return time.UTC
}

// side reads how the file is or was.
func (d *wazuhDecoder) side(r *rows, suffix string, zone *time.Location) fileState {
	at := func(name string) []byte { return d.take("syscheck", name+suffix) }
	s := fileState{
		size: at("size"), md5: at("md5"), sha1: at("sha1"), sha256: at("sha256"), inode: at("inode"),
		uid: string(at("uid")), gid: string(at("gid")), owner: string(at("uname")), group: string(at("gname")),
		target: string(d.take("syscheck", "symbolic_path"+suffix)),
	}
	s.modified = r.moment(wallTime(string(at("mtime")), zone))
	s.permissions(d.takeField("syscheck", "perm"+suffix))
	s.permissions(d.takeField("syscheck", "win_perm"+suffix))
	for _, a := range elements(d.takeField("syscheck", "attrs"+suffix)) {
		s.attributes = append(s.attributes, string(a.Text))
	}
	if suffix == "_after" {
		s.target = first(s.target, string(d.take("syscheck", "symbolic_path")))
	}
	return s
}

// fillFrom takes from o what s does not know.
func (s *fileState) fillFrom(o *fileState) {
	fill := func(a *[]byte, b []byte) {
		if len(*a) == 0 {
			*a = b
		}
	}
	fill(&s.size, o.size)
	fill(&s.md5, o.md5)
	fill(&s.sha1, o.sha1)
	fill(&s.sha256, o.sha256)
	fill(&s.inode, o.inode)
	if s.modified == 0 {
		s.modified = o.modified
	}
	s.mode, s.acl, s.target = first(s.mode, o.mode), first(s.acl, o.acl), first(s.target, o.target)
	s.owner, s.group, s.uid, s.gid = first(s.owner, o.owner), first(s.group, o.group), first(s.uid, o.uid), first(s.gid, o.gid)
	if s.attributes == nil {
		s.attributes = o.attributes
	}
}

// alertWho sets the process and the accounts. Old managers misspell process.
func (d *wazuhDecoder) alertWho(r *rows) {
	take := func(path ...string) string {
		return string(d.take(append([]string{"syscheck", "audit"}, path...)...))
	}
	if !d.has("syscheck", "audit") {
		return
	}
	id, name := take("user", "id"), take("user", "name")
	if effective := take("effective_user", "name"); effective != "" {
		if effective != name {
			r.note("user", name)
		}
		id, name = first(take("effective_user", "id"), id), effective
	}
	r.text("InitiatingProcessAccountName", name)
	r.text("InitiatingProcessAccountSid", sid(id))
	r.text("RequestAccountName", take("login_user", "name"))
	r.text("RequestAccountSid", sid(take("login_user", "id")))
	for _, process := range []string{"process", "proccess"} {
		r.process(take(process, "name"))
		r.text("InitiatingProcessId", take(process, "id"))
		r.text("InitiatingProcessParentName", take(process, "parent_name"))
	}
}

// event reads what an agent of version 4 tells of a change.
func (d *wazuhDecoder) event(w *writer) error {
	word := string(d.take("data", "type"))
	category := wazuhCategories[word]
	if category == "" {
		return reject(BadValue, "the type %q of an event is not known", word)
	}
	path := string(d.take("data", "path"))
	kind := string(d.peek("data", "attributes", "type"))
	r, err := d.item(path, category, strings.HasPrefix(kind, "registry"), w)
	if err != nil {
		return err
	}
	t, err := epochSeconds(string(d.take("data", "timestamp")))
	d.time(r, t, err)
	now, _ := d.attributes(r, "data", "attributes")
	before, _ := d.attributes(r, "data", "old_attributes")
	valueType, oldType := d.take("data", "attributes", "value_type"), d.take("data", "old_attributes", "value_type")
	if category == removed {
		before.fillFrom(&now)
		now = fileState{}
		if oldType == nil {
			oldType, valueType = valueType, nil
		}
	}
	r.file(&now)
	r.fileBefore(&before)
	r.put("ValueName", d.take("data", "value_name"))
	r.put("ValueType", valueType)
	r.put("PreviousValueType", oldType)
	r.text("FieldsChanged", fieldsChanged(elements(d.takeField("data", "changed_attributes")), wazuhFields))
	r.put("ContentDiff", d.take("data", "content_changes"))
	d.who(r, "data", "audit")
	detected := first(wazuhModes[string(d.take("data", "mode"))], "scan")
	r.text("EventId", d.digest())
	d.drop(nil, "type")
	d.drop(nil, "data_type")
	d.rest(r)
	return r.done(w, "wazuh.event4", detected)
}

// fim5 reads what an agent of version 5 tells of a change.
func (d *wazuhDecoder) fim5(w *writer) error {
	word := string(d.take("data", "event", "type"))
	category := wazuhCategories[word]
	if category == "" {
		return reject(BadValue, "the type %q of an event is not known", word)
	}
	collector := string(d.take("collector"))
	registry := strings.HasPrefix(collector, "registry")
	root := "file"
	if registry {
		root = "registry"
	}
	path := string(d.take("data", root, "path"))
	if hive := string(d.peek("data", root, "hive")); registry && hive != "" && !strings.HasPrefix(path, "HK") {
		path = hive + `\` + first(path, string(d.take("data", root, "key")))
	}
	r, err := d.item(path, category, registry, w)
	if err != nil {
		return err
	}
	t, err := wallTime(string(d.take("data", "event", "created")), nil)
	d.time(r, t, err)
	now, before := d.state5(r, "data", root), d.state5(r, "data", root, "previous")
	if category == removed {
		before.fillFrom(&now)
		now = fileState{}
	}
	r.file(&now)
	r.fileBefore(&before)
	if registry {
		r.put("ValueName", d.take("data", root, "value"))
		r.put("ValueType", d.take("data", root, "data", "type"))
	}
	changed := fieldsChanged(elements(d.takeField("data", "event", "changed_fields")), wazuh5Fields)
	r.text("FieldsChanged", changed)
	r.put("ContentDiff", d.take("data", root, "content_changes"))
	d.who(r, "data", root, "audit")
	detected := first(wazuhModes[string(d.take("data", root, "mode"))], "scan")
	r.text("EventId", d.digest())
	d.drop(nil, "module")
	d.rest(r)
	return r.done(w, "wazuh.fim5", detected)
}

// wazuh5Fields are the columns for what has changed, in the words of version 5.
var wazuh5Fields = map[string]string{
	"file.size": "Size", "file.mtime": "DateModified", "file.hash.md5": "FileContentChecksum", "file.hash.sha1": "FileContentChecksum",
	"file.hash.sha256": "FileContentChecksum", "file.permissions": "Acls", "file.owner": "Acls", "file.group": "Acls", "file.uid": "Acls", "file.gid": "Acls",
	"file.inode": "Inode", "file.attributes": "Attributes", "file.device": "Device",
	"size": "Size", "mtime": "DateModified", "permissions": "Acls", "owner": "Acls", "group": "Acls", "uid": "Acls", "gid": "Acls", "inode": "Inode",
	"attributes": "Attributes", "md5": "FileContentChecksum", "sha1": "FileContentChecksum", "sha256": "FileContentChecksum",
}

// state5 reads how the file is or was from the members at a path.
func (d *wazuhDecoder) state5(r *rows, path ...string) fileState {
	at := func(names ...string) []byte { return d.take(append(path[:len(path):len(path)], names...)...) }
	if !d.has(path...) {
		return fileState{}
	}
	s := fileState{
		size: at("size"), md5: at("hash", "md5"), sha1: at("hash", "sha1"), sha256: at("hash", "sha256"), inode: at("inode"),
		uid: string(at("uid")), gid: string(at("gid")), owner: string(at("owner")), group: string(at("group")),
	}
	mtime := string(at("mtime"))
	if strings.Contains(mtime, "-") {
		s.modified = r.moment(wallTime(mtime, nil))
	} else {
		s.modified = r.moment(epochSeconds(mtime))
	}
	if f := d.takeField(append(path[:len(path):len(path)], "permissions")...); f != nil {
		if list := elements(f); len(list) == 1 && list[0].Kind == dyn.KindString {
			f = &list[0]
		}
		s.permissions(f)
	}
	for _, a := range elements(d.takeField(append(path[:len(path):len(path)], "attributes")...)) {
		s.attributes = append(s.attributes, string(a.Text))
	}
	return s
}

// state reads an item that agent and manager compare: what is there.
func (d *wazuhDecoder) state(w *writer) error {
	kind := string(d.take("data", "attributes_type"))
	if rest, ok := strings.CutPrefix(kind, "syscollector_"); ok {
		return d.inventory(rest, "", []string{"data", "attributes"}, "wazuh.state4", w)
	}
	if !strings.HasPrefix(kind, "fim_") {
		w.pass("of inventories of Wazuh that tell of no configuration")
		return nil
	}
	registry := strings.HasPrefix(kind, "fim_registry")
	path := string(d.take("data", "path"))
	if path == "" && !registry {
		path = string(d.take("data", "index"))
	}
	r, err := d.item(path, "", registry, w)
	if err != nil {
		return err
	}
	t, err := epochSeconds(string(d.take("data", "timestamp")))
	d.time(r, t, err)
	s, _ := d.attributes(r, "data", "attributes")
	r.file(&s)
	r.put("ValueName", d.take("data", "value_name"))
	r.put("ValueType", d.take("data", "attributes", "value_type"))
	r.text("EventId", d.digest())
	d.drop(nil, "data_type")
	d.rest(r)
	return r.done(w, "wazuh.state4", "inventory")
}

// integrity passes over what agent and manager say to find out whether their
// lists are the same.
func (d *wazuhDecoder) integrity(w *writer) error {
	w.pass("checks of integrity between Wazuh's agent and manager")
	return nil
}

// deletion reads the order to forget an item.
func (d *wazuhDecoder) deletion(w *writer) error {
	kind := wazuhDeletes[string(d.take("action"))]
	switch kind {
	case "file", "registry_key", "registry_value":
	default:
		return d.inventory(kind, removed, []string{"data"}, "wazuh.state4", w)
	}
	path := string(d.take("data", "path"))
	if full := string(d.peek("data", "full_path")); path == "" && (kind == "file" || strings.HasPrefix(full, "HK")) {
		path = string(d.take("data", "full_path"))
	}
	r, err := d.item(path, removed, kind != "file", w)
	if err != nil {
		return err
	}
	r.put("ValueName", d.take("data", "value_name"))
	r.text("EventId", d.digest())
	d.rest(r)
	return r.done(w, "wazuh.state4", "scan")
}
