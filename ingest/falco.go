package ingest

import (
	"strings"

	"tidemark/internal/dyn"
)

var falcoFormat = Format{
	Name:    "falco",
	Doc:     "Alerts of Falco about files that somebody began to change.",
	Agents:  []string{"falco"},
	Example: `{"hostname":"node-1","time":"2026-03-11T07:00:12.123456789Z","rule":"Write below etc","priority":"Error","source":"syscall","output":"File below /etc opened for writing","output_fields":{"evt.time":1773212412123456789,"evt.type":"openat","fd.name":"/etc/ld.so.preload","proc.name":"vi","proc.exepath":"/usr/bin/vi","user.name":"root","user.uid":0,"user.loginuid":1000}}`,
	Detect:  detectFalco,
	start:   jsonRecords(func() decoder { return &falcoDecoder{} }),
}

func detectFalco(prefix []byte) (bool, string) {
	return detectObject(prefix, "the first object has not rule, priority, output and output_fields", isFalco)
}

func isFalco(d *doc) bool {
	i := d.find("output_fields")
	return i >= 0 && d.nodes[i].Kind == dyn.KindObject && d.has("rule") && d.has("priority") && d.has("output")
}

type falcoDecoder struct {
	doc
	outer doc
}

func (d *falcoDecoder) field(name string) string { return string(d.take("output_fields", name)) }

func (d *falcoDecoder) decode(_ any, record []byte, w *writer) error {
	if err := unwrap(&d.outer, &d.doc, record, w); err != nil {
		return err
	}
	if !isFalco(&d.doc) {
		return reject(BadSyntax, "the object has not rule, priority, output and output_fields")
	}
	call := string(d.peek("output_fields", "evt.type"))
	category, fields, ok := falcoCategory(call, strings.ToLower(string(d.peek("rule"))+" "+string(d.peek("output"))))
	source, target := string(d.peek("output_fields", "fs.path.source")), string(d.peek("output_fields", "fs.path.target"))
	path := first(string(d.peek("output_fields", "fd.name")), first(string(d.peek("output_fields", "fs.path.name")), target))
	if !ok || !isPath(path) {
		w.pass("alerts of Falco that are not about a change to a file")
		return nil
	}
	d.take("output_fields", "fd.name")
	id := eventID(string(d.peek("hostname")), string(d.peek("output_fields", "evt.time")), string(d.peek("rule")), string(d.peek("output")))
	d.take("output_fields", "fs.path.name")
	if strings.HasPrefix(call, "rename") && isPath(source) && isPath(target) {
		d.take("output_fields", "fs.path.source")
		d.take("output_fields", "fs.path.target")
		if err := d.row(removed, source, "", "", id+"/removed", w); err != nil {
			return err
		}
		return d.row(added, target, source, "", id, w)
	}
	return d.row(category, path, "", fields, id, w)
}

// falcoCalls are the system calls that change files: the category, and what
// changes. Falco tells when they begin: they may have failed.
var falcoCalls = map[string][2]string{
	"open": {modified}, "openat": {modified}, "openat2": {modified}, "open_by_handle_at": {modified}, "write": {modified}, "writev": {modified}, "pwrite": {modified},
	"truncate": {modified, "Size"}, "ftruncate": {modified, "Size"},
	"creat": {added}, "mkdir": {added}, "mkdirat": {added}, "mknod": {added}, "mknodat": {added}, "link": {added}, "linkat": {added}, "symlink": {added}, "symlinkat": {added},
	"unlink": {removed}, "unlinkat": {removed}, "rmdir": {removed},
	"rename": {modified}, "renameat": {modified}, "renameat2": {modified},
	"chmod": {modified, "Acls"}, "fchmod": {modified, "Acls"}, "fchmodat": {modified, "Acls"}, "chown": {modified, "Acls"}, "fchown": {modified, "Acls"}, "lchown": {modified, "Acls"}, "fchownat": {modified, "Acls"},
	"setxattr": {modified, "Attributes"}, "lsetxattr": {modified, "Attributes"}, "fsetxattr": {modified, "Attributes"},
}

// falcoCategory tells what an alert is about: from the system call, and where
// the rule does not print it, from the rule's words.
func falcoCategory(call, words string) (category, fields string, ok bool) {
	if strings.Contains(words, "read sensitive") || strings.Contains(words, "opened for reading") {
		return "", "", false
	}
	if call != "" {
		c, ok := falcoCalls[call]
		return c[0], c[1], ok
	}
	for _, w := range []string{"writ", "modif", "chang", "below", "delet", "remov", "renam"} {
		if strings.Contains(words, w) {
			return modified, "", true
		}
	}
	return "", "", false
}

// isPath tells a file from the connections that fd.name may name, too.
func isPath(name string) bool {
	return strings.HasPrefix(name, "/") || len(name) > 2 && name[1] == ':' && name[2] == '\\'
}

func (d *falcoDecoder) row(category, path, original, fields, id string, w *writer) error {
	r, err := w.change(kindFiles, category)
	if err != nil {
		return err
	}
	r.text("FileSystemPath", path)
	r.text("OriginalFilePath", original)
	r.text("FieldsChanged", fields)
	r.put("Computer", d.take("hostname"))
	d.when(r)
	if exe := d.field("proc.exepath"); exe != "" {
		r.process(exe)
		d.field("proc.name")
	} else {
		r.text("InitiatingProcessName", d.field("proc.name"))
	}
	r.text("InitiatingProcessId", d.field("proc.pid"))
	r.text("InitiatingProcessCommandLine", d.field("proc.cmdline"))
	r.text("InitiatingProcessParentName", d.field("proc.pname"))
	r.text("InitiatingProcessAccountName", d.field("user.name"))
	r.text("InitiatingProcessAccountSid", unixSid(d.field("user.uid")))
	r.text("RequestAccountName", d.field("user.loginname"))
	r.text("RequestAccountSid", unixSid(d.field("user.loginuid")))
	r.text("EventId", id)
	d.rest(r)
	return r.done(w, "falco", "realtime")
}

// when sets the time: RFC 3339, or {"seconds":…,"nanos":…} as from gRPC.
func (d *falcoDecoder) when(r *rows) {
	switch {
	case d.has("time", "seconds"):
		t, err := epochSeconds(string(d.take("time", "seconds")) + "." + pad9(string(d.take("time", "nanos"))))
		r.at("TimeGenerated", r.moment(t, err))
	case d.has("time"):
		r.at("TimeGenerated", r.moment(wallTime(string(d.take("time")), nil)))
	case d.has("output_fields", "evt.time"):
		r.at("TimeGenerated", r.moment(epochNanos(string(d.peek("output_fields", "evt.time")))))
	}
}

// pad9 writes nanoseconds with all their digits.
func pad9(nanos string) string {
	return strings.Repeat("0", max(0, 9-len(nanos))) + nanos
}
