package ingest

import (
	"bytes"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"tidemark/internal/dyn"
)

// auditdDecoder reads the events in a run of lines.
type auditdDecoder struct {
	events []*auditEvent
	n      int
}

// auditEvent is the records that share a time and a serial number.
type auditEvent struct {
	auditRecord              // of the first
	call        []auditField // of SYSCALL, nil without one
	paths       [][]auditField
	cwd         []byte
	title       []byte
	lost        bool // the event is that the kernel has lost others
	other       bool // it holds records beside the end of one
	line        int64
	offset      int64
	raw         []byte
}

func (d *auditdDecoder) decode(_ any, record []byte, w *writer) error {
	d.n = 0
	w.eachLine(record, func(line []byte) error {
		a, ok := auditHead(line)
		if !ok {
			return reject(BadSyntax, "the line has no type=… msg=audit(seconds:serial):")
		}
		d.event(a, line, w).add(a)
		return nil
	})
	line, offset := w.line, w.offset
	for _, e := range d.events[:d.n] {
		w.line, w.offset = e.line, e.offset
		w.reject(e.raw, e.rows(w))
	}
	w.line, w.offset = line, offset
	return nil
}

// event returns the event that a record belongs to.
func (d *auditdDecoder) event(a auditRecord, line []byte, w *writer) *auditEvent {
	if !single(a.kind) {
		for _, e := range d.events[:d.n] {
			if e.serial == a.serial && e.at == a.at && bytes.Equal(e.node, a.node) && !single(e.kind) {
				return e
			}
		}
	}
	if d.n == len(d.events) {
		d.events = append(d.events, &auditEvent{})
	}
	e := d.events[d.n]
	d.n++
	*e = auditEvent{auditRecord: a, call: e.call[:0], paths: e.paths[:0], line: w.line, offset: w.offset, raw: line}
	return e
}

func (e *auditEvent) add(a auditRecord) {
	switch string(a.kind) {
	case "SYSCALL":
		e.call = auditFields(a.body, e.call[:0])
	case "PATH":
		e.paths = append(e.paths, auditFields(a.body, nil))
	case "CWD":
		e.cwd = takeAudit(auditFields(a.body, nil), "cwd").decoded()
	case "PROCTITLE":
		e.title = takeAudit(auditFields(a.body, nil), "proctitle").decoded()
		return
	case "EOE":
		return
	case "KERNEL":
		e.lost = bytes.Contains(a.body, []byte("audit_lost"))
	}
	e.other = true
}

// takeAudit returns the field of a name; of enriched fields the name is in
// capitals.
func takeAudit(fields []auditField, name string) *auditField {
	for i := range fields {
		if string(fields[i].name) == name {
			fields[i].taken = true
			return &fields[i]
		}
	}
	return &auditField{}
}

func (e *auditEvent) get(name string) []byte { return takeAudit(e.call, name).text() }

// rows writes the rows of the event, one for each file that it has changed.
func (e *auditEvent) rows(w *writer) error {
	switch {
	case e.lost:
		w.pass("audit events that tell of others that the kernel has lost")
		return nil
	case len(e.call) == 0 && len(e.paths) > 0:
		return reject(BadSyntax, "the event has files but no system call: its first records are missing")
	case len(e.call) == 0 && !e.other:
		return nil // the end of an event that has been read
	case len(e.call) == 0 || len(e.paths) == 0:
		w.pass("audit events that are not of files")
		return nil
	}
	if s := e.get("success"); string(s) == "no" {
		w.pass("audit events of what has failed")
		return nil
	}
	call := auditCallOf(string(takeAudit(e.call, "SYSCALL").text()), string(e.get("arch")), string(e.get("syscall")))
	changes := e.changes(call)
	if len(changes) == 0 {
		w.pass("audit events that change no file")
		return nil
	}
	for i := range changes {
		if err := e.row(&changes[i], call, w); err != nil {
			return err
		}
	}
	return nil
}

// auditChange is what an event has done to a file.
type auditChange struct {
	category string
	path     []auditField
	name     string
	original string
	fields   string
	link     string
}

// changes finds what the event has changed by the kinds of its paths.
func (e *auditEvent) changes(call *auditCall) []auditChange {
	var made, gone, same []auditChange
	link := ""
	for _, p := range e.paths {
		c := auditChange{path: p, name: e.pathName(p)}
		switch string(takeAudit(p, "nametype").text()) {
		case "CREATE":
			c.category = added
			made = append(made, c)
		case "DELETE":
			c.category = removed
			gone = append(gone, c)
		case "NORMAL":
			c.category, c.fields = modified, call.fields
			same = append(same, c)
		case "UNKNOWN":
			link = string(takeAudit(p, "name").decoded())
		}
	}
	switch {
	case call.reads(e), call.name == "execve", call.name == "execveat":
		same = nil
	case len(made)+len(gone) > 0:
		same = nil // the file that a link is made to, the folder that is searched
	}
	if call.is("symlink", "symlinkat") && len(made) == 1 {
		made[0].link = link
	}
	if call.is("rename", "renameat", "renameat2") {
		made, gone = renamed(made, gone)
	}
	all := append(append(gone, made...), same...)
	sort.SliceStable(all, func(i, k int) bool { return all[i].category == removed && all[k].category != removed })
	return all
}

// renamed pairs the names that have gone with those that have come: of a
// rename over another file the kernel tells that this has gone, too.
func renamed(made, gone []auditChange) (came, went []auditChange) {
	for i := range made {
		m := &made[i]
		inode := string(takeAudit(m.path, "inode").text())
		for _, g := range gone {
			if g.name == m.name {
				m.category = modified
			} else if m.original == "" && string(takeAudit(g.path, "inode").text()) == inode {
				m.original = g.name
			}
		}
	}
	for _, g := range gone {
		over := false
		for _, m := range made {
			over = over || m.name == g.name
		}
		if !over {
			went = append(went, g)
		}
	}
	return made, went
}

// pathName is the path of a PATH record, from the working directory where it
// is relative.
func (e *auditEvent) pathName(p []auditField) string {
	name := string(takeAudit(p, "name").decoded())
	if name == "" || name[0] == '/' || len(e.cwd) == 0 {
		return name
	}
	return strings.TrimSuffix(string(e.cwd), "/") + "/" + strings.TrimPrefix(name, "./")
}

func (e *auditEvent) row(c *auditChange, call *auditCall, w *writer) error {
	r, err := w.change(kindFiles, c.category)
	if err != nil {
		return err
	}
	w.raw = !utf8.ValidString(c.name) || !utf8.ValidString(c.original)
	r.text("FileSystemPath", printable(c.name))
	r.text("OriginalFilePath", printable(c.original))
	r.at("TimeGenerated", e.time())
	r.put("Computer", e.node)
	e.file(r, c, call)
	r.text("FieldsChanged", c.fields)
	e.who(r)
	if fd := string(e.get("a0")); call.at && fd != "ffffff9c" && !bytes.HasPrefix(takeAudit(c.path, "name").decoded(), []byte("/")) {
		r.note("dirfd", fd) // the name is relative to a folder that is not told
	}
	host := first(string(e.node), w.options.Computer)
	r.text("EventId", host+"|"+string(e.stamp)+"|"+string(takeAudit(c.path, "item").text()))
	r.note("syscall", call.name)
	e.rest(r, c)
	return r.done(w, "auditd", "whodata")
}

// printable writes bytes that are not UTF-8 as \xHH.
func printable(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string(escapeBytes(nil, []byte(s), `\x`))
}

// file sets what PATH tells of the file: how it was when the call began. What
// chmod and chown make of it, their arguments say.
func (e *auditEvent) file(r *rows, c *auditChange, call *auditCall) {
	field := func(name string) string { return string(takeAudit(c.path, name).text()) }
	s := fileState{
		inode: []byte(field("inode")), mode: field("mode"), uid: field("ouid"), gid: field("ogid"),
		owner: field("OUID"), group: field("OGID"), target: printable(c.link),
	}
	if string(s.inode) == "0" {
		s.inode = nil
	}
	s.typed()
	switch {
	case c.category == removed:
		r.fileBefore(&s)
		return
	case call.mode < 0 && call.owner < 0:
		r.file(&s)
		return
	}
	before := s
	if v, ok := e.argument(call.mode); ok {
		s.mode = strconv.FormatUint(v&0o7777, 8)
	}
	if v, ok := e.argument(call.owner); ok && uint32(v) != 1<<32-1 {
		s.uid, s.owner = strconv.FormatUint(v, 10), ""
	}
	if v, ok := e.argument(call.owner + 1); ok && call.owner >= 0 && uint32(v) != 1<<32-1 {
		s.gid, s.group = strconv.FormatUint(v, 10), ""
	}
	r.file(&s)
	before.inode, before.target = nil, ""
	r.fileBefore(&before)
}

// argument returns an argument of the system call, which are hexadecimal.
func (e *auditEvent) argument(i int) (uint64, bool) {
	if i < 0 || i > 3 {
		return 0, false
	}
	v, err := strconv.ParseUint(string(e.get("a"+strconv.Itoa(i))), 16, 64)
	return v, err == nil
}

// who sets the process and the accounts. Enriched records have names.
func (e *auditEvent) who(r *rows) {
	exe := string(takeAudit(e.call, "exe").decoded())
	r.text("InitiatingProcessImageFilePath", printable(exe))
	r.text("InitiatingProcessName", printable(first(string(takeAudit(e.call, "comm").decoded()), base(exe))))
	r.put("InitiatingProcessId", e.get("pid"))
	r.text("InitiatingProcessCommandLine", printable(strings.TrimRight(strings.ReplaceAll(string(e.title), "\x00", " "), " ")))
	euid, uid := string(e.get("euid")), string(e.get("uid"))
	r.text("InitiatingProcessAccountSid", unixSid(first(euid, uid)))
	r.put("InitiatingProcessAccountName", enrichedName(e.call, "EUID", "UID"))
	if euid != "" && uid != euid {
		r.note("uid", uid)
	}
	r.text("RequestAccountSid", unixSid(string(e.get("auid"))))
	r.put("RequestAccountName", enrichedName(e.call, "AUID"))
}

// enrichedName returns the first name that auditd has found.
func enrichedName(fields []auditField, names ...string) []byte {
	var found []byte
	for _, name := range names {
		if t := takeAudit(fields, name).text(); found == nil && string(t) != "unset" {
			found = t
		}
	}
	return found
}

// rest adds the fields that have no column to AdditionalFields.
func (e *auditEvent) rest(r *rows, c *auditChange) {
	for _, fields := range [][]auditField{e.call, c.path} {
		for i := range fields {
			f := &fields[i]
			text := f.text()
			if f.taken && !isArgument(f.name) || f.enriched || len(text) == 0 || bytes.HasPrefix(f.name, []byte("cap_")) && string(text) == "0" || string(text) == "00:00" {
				continue
			}
			if r.rest >= 0 {
				r.member(string(f.name), &dyn.Field{Kind: dyn.KindString, Text: text})
			}
		}
	}
}

// isArgument reports whether a field is one of a0 to a3, which stay even where
// they have been looked at.
func isArgument(name []byte) bool { return len(name) == 2 && name[0] == 'a' && name[1] <= '3' }
