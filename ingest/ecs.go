package ingest

import (
	"slices"
	"strings"

	"tidemark/internal/dyn"
)

var ecsFormat = Format{
	Name:    "auditbeat",
	Doc:     "File integrity events of Auditbeat, Elastic Agent and others that write ECS.",
	Agents:  []string{"auditbeat.fim"},
	Example: `{"@timestamp":"2026-03-11T07:00:12.853Z","host":{"hostname":"web01"},"event":{"action":["updated"],"module":"file_integrity"},"file":{"path":"/etc/ssh/sshd_config","size":3289,"mode":"0600","owner":"root","uid":"0","mtime":"2026-03-11T07:00:11Z","hash":{"sha1":"2aae6c35c94fcfb415dbe95f408b9ce91ee846ed"}}}`,
	Detect:  detectECS,
	start:   jsonRecords(func() decoder { return &ecsDecoder{} }),
}

func detectECS(prefix []byte) (bool, string) {
	return detectLines(prefix, "no object of the first lines is a file integrity event: event.module or service.type file_integrity, event.dataset fim.event, or file.path and a list event.action", isIntegrityEvent)
}

func isIntegrityEvent(d *doc) bool {
	if string(d.peek("event", "module")) == "file_integrity" || string(d.peek("service", "type")) == "file_integrity" || string(d.peek("event", "dataset")) == "fim.event" {
		return true
	}
	i := d.find("event", "action")
	return i >= 0 && d.nodes[i].Kind == dyn.KindArray && d.has("file", "path") && d.has("@timestamp")
}

type ecsDecoder struct {
	doc
	outer doc
}

func (d *ecsDecoder) decode(_ any, record []byte, w *writer) error {
	if err := unwrap(&d.outer, &d.doc, record, w); err != nil {
		return err
	}
	if !isIntegrityEvent(&d.doc) {
		if d.has("@timestamp") {
			w.pass("events of Beats that are not of file integrity")
			return nil
		}
		return reject(BadSyntax, "the object has no @timestamp")
	}
	path := string(d.take("file", "path"))
	if path == "" {
		return reject(BadValue, "the event names no file")
	}
	var actions []string
	for _, a := range elements(d.takeField("event", "action")) {
		actions = append(actions, string(a.Text))
	}
	category := ecsCategory(actions)
	r, err := w.observation(kindFiles, category)
	if err != nil {
		return err
	}
	r.text("FileSystemPath", path)
	stamp := string(d.take("@timestamp"))
	r.at("TimeGenerated", r.moment(wallTime(stamp, nil)))
	computer := d.computer()
	r.text("Computer", computer)
	r.put("VMUUID", d.take("host", "id"))
	s := d.file(r)
	if category == removed {
		r.fileBefore(s)
	} else {
		r.file(s)
	}
	if category == modified {
		r.text("FieldsChanged", ecsChanged(actions))
	}
	if len(actions) > 1 || slices.Contains(actions, "moved") {
		r.note("action", strings.Join(actions, ","))
	}
	detected := "realtime"
	switch {
	case category == "":
		detected = "inventory"
	case d.who(r):
		detected = "whodata"
	}
	id := ""
	if d.wrap != nil {
		id = string(d.wrap.take("_id"))
	}
	if id == "" {
		id = eventID(computer, path, stamp, strings.Join(actions, ","))
	}
	r.text("EventId", id)
	d.rest(r)
	return r.done(w, "auditbeat.fim", detected)
}

// ecsCategory finds the category among several actions: a file that was made
// and written is a new one. That a file has moved away, the event of its old
// name tells; the new name has one of its own.
func ecsCategory(actions []string) string {
	for _, a := range []struct{ action, category string }{
		{"initial_scan", ""}, {"created", added}, {"deleted", removed}, {"moved", removed},
	} {
		if slices.Contains(actions, a.action) {
			return a.category
		}
	}
	return modified
}

func ecsChanged(actions []string) string {
	var fields []string
	if slices.Contains(actions, "updated") {
		fields = append(fields, "FileContentChecksum")
	}
	if slices.Contains(actions, "attributes_modified") {
		fields = append(fields, "Attributes")
	}
	return strings.Join(fields, ",")
}

// computer is the name of the host; versions differ in where they put it.
func (d *ecsDecoder) computer() string {
	for _, path := range [][]string{{"host", "hostname"}, {"host", "name"}, {"beat", "hostname"}, {"agent", "hostname"}, {"agent", "name"}} {
		if name := string(d.peek(path...)); name != "" {
			d.take(path...)
			return name
		}
	}
	if i := d.find("host"); i >= 0 && d.nodes[i].Kind == dyn.KindString {
		return string(d.take("host"))
	}
	return ""
}

// ecsTypes are the words of file.type.
var ecsTypes = map[string]string{"dir": "Directory", "symlink": "Link", "fifo": "FIFO", "socket": "Socket", "device": "BlockDevice", "char_device": "CharDevice"}

// ecsDigests are the digests that Auditbeat can compute beside MD5, SHA-1 and
// SHA-256, the strongest first.
var ecsDigests = []string{"sha512", "sha3_512", "sha3_384", "sha384", "sha3_256", "blake2b_512", "blake2b_384", "blake2b_256", "sha512_256", "sha3_224", "sha224", "sha512_224", "xxh64"}

// file reads the members of file. Digests were at the top before version 7.
func (d *ecsDecoder) file(r *rows) *fileState {
	take := func(name string) []byte { return d.take("file", name) }
	hash := func(name string) []byte {
		old := d.take("hash", name)
		if h := d.take("file", "hash", name); len(h) > 0 {
			return h
		}
		return old
	}
	s := &fileState{
		size: take("size"), md5: hash("md5"), sha1: hash("sha1"), sha256: hash("sha256"), inode: take("inode"),
		mode: string(take("mode")), owner: string(take("owner")), group: string(take("group")), uid: string(take("uid")), gid: string(take("gid")),
		target: string(take("target_path")), acl: string(take("posix_acl_access")),
	}
	for _, name := range ecsDigests {
		if h := d.peek("file", "hash", name); len(h) > 0 && s.other == nil {
			s.other = h
		}
	}
	s.modified = r.moment(wallTime(string(take("mtime")), nil))
	s.created = r.moment(wallTime(string(take("created")), nil))
	if birth := take("birth"); s.created == 0 {
		s.created = r.moment(wallTime(string(birth), nil))
	}
	for _, a := range elements(d.takeField("file", "attributes")) {
		s.attributes = append(s.attributes, string(a.Text))
	}
	if label := take("selinux"); len(label) > 0 {
		s.attributes = append(s.attributes, "selinux="+string(label))
	}
	if kind := ecsTypes[string(take("type"))]; kind != "" {
		s.attributes = append(s.attributes, "type="+kind)
	}
	return s
}

// who sets the process and the account, which only some back ends know.
func (d *ecsDecoder) who(r *rows) bool {
	pid := d.take("process", "pid")
	if executable := string(d.take("process", "executable")); executable != "" {
		r.process(executable)
		d.take("process", "name")
	} else {
		r.put("InitiatingProcessName", d.take("process", "name"))
	}
	r.put("InitiatingProcessId", pid)
	r.put("InitiatingProcessCommandLine", d.take("process", "command_line"))
	r.put("InitiatingProcessParentName", d.take("process", "parent", "name"))
	user := []string{"process", "user"}
	if !d.has(user...) {
		user = []string{"user"}
	}
	take := func(names ...string) string { return string(d.take(append(user[:len(user):len(user)], names...)...)) }
	r.text("InitiatingProcessAccountName", account(take("domain"), take("name")))
	r.text("InitiatingProcessAccountSid", sid(take("id")))
	r.text("RequestAccountName", take("audit", "name"))
	r.text("RequestAccountSid", sid(take("audit", "id")))
	return len(pid) > 0
}
