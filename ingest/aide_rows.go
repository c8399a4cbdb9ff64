package ingest

import (
	"strings"

	"tidemark/internal/dyn"
	"tidemark/table"
)

// rows writes the rows of a report: of a new database, what is there; of a
// check, what has changed since the database was made.
func (a *aideReport) rows(w *writer) error {
	initial := strings.Contains(a.outline, "initialized database")
	switch {
	case len(a.entries) == 0 && a.differ:
		return reject(BadValue, "AIDE report without entries: it has been made with report_level=%s; added_removed_entries tells all", first(a.level, "database_attributes"))
	case len(a.entries) == 0:
		w.pass("reports of AIDE without differences")
		return nil
	}
	at, err := wallTime(first(a.end, a.start), w.options.Zone)
	if err != nil {
		return err
	}
	var l *list
	if initial {
		l = &list{kind: aideKind, scope: "aide " + a.level, agent: a.agent, computer: w.options.Computer, at: at, line: w.line, partial: a.partial}
	}
	for i := range a.entries {
		e := &a.entries[i]
		err := a.row(e, at, l, w)
		if err != nil && l != nil {
			l.failed(e.path)
		}
		w.reject([]byte(e.path), err)
	}
	if l != nil {
		w.inventory(l)
	}
	return nil
}

// aideKind is what lists of new databases hold of each file.
var aideKind = &kind{
	name: kindFiles, key: "FileSystemPath",
	fields: []string{"FileContentChecksum", "Size", "DateModified", "FileMode", "FileOwner", "FileGroup", "LinkTarget", "Attributes", "Acls"},
}

// aideFileTypes are the first letters of flags.
var aideFileTypes = map[byte]string{'d': "Directory", 'l': "Link", 'p': "FIFO", 's': "Socket", 'b': "BlockDevice", 'c': "CharDevice", 'D': "Door", 'P': "Port"}

func (a *aideReport) row(e *aideEntry, at table.Time, l *list, w *writer) error {
	category := e.category
	if l != nil {
		category = ""
	}
	r, err := w.observation(kindFiles, category)
	if err != nil {
		return err
	}
	attrs, known := a.details[e.path]
	old, now := aideState(r, e, attrs, false), aideState(r, e, attrs, true)
	detected := "scan"
	var item item
	switch category {
	case "":
		r.file(now)
		detected = "inventory"
		item = aideItem(e.path, now)
	case added:
		r.file(now)
	case removed:
		r.fileBefore(old)
	default:
		r.file(now)
		r.fileBefore(old)
		r.text("FieldsChanged", aideChanged(e.flags, attrs, known))
	}
	r.text("FileSystemPath", e.path)
	r.at("TimeGenerated", at)
	r.text("EventId", eventID("aide", w.options.Computer, a.start, e.path, e.category))
	r.note("flags", e.flags)
	r.note("aide_version", a.version)
	r.note("start_time", a.start)
	a.rest(r, attrs)
	w.raw = a.raw && strings.Contains(e.path, `\x`) || a.agent == "aide.plain" && strings.Contains(e.path, `\x`)
	err = r.done(w, a.agent, detected)
	if err == nil && l != nil {
		l.items = append(l.items, item)
	}
	return err
}

func aideItem(path string, s *fileState) item {
	modified := ""
	if s.modified != 0 {
		modified = s.modified.String()
	}
	return item{key: path, name: path, values: []string{
		string(appendChecksum(nil, s.checksum())), string(s.size), modified, octalMode(s.mode),
		first(s.owner, s.uid), first(s.group, s.gid), s.target, strings.Join(s.attributes, ";"), s.acls(),
	}}
}

// aideDigests are the digests that AIDE computes beside MD5, SHA-1 and
// SHA-256, the strongest first.
var aideDigests = []string{"sha512", "sha3-512", "blake3", "sha3-256", "sha512-256", "stribog512", "stribog256", "whirlpool", "gost", "rmd160", "tiger"}

// aideState reads how a file was, or is now.
func aideState(r *rows, e *aideEntry, attrs []aideAttr, now bool) *fileState {
	var s fileState
	kind := ""
	if len(e.flags) > 1 {
		kind = aideFileTypes[e.flags[0]]
	}
	others := map[string]string{}
	for i := range attrs {
		a := &attrs[i]
		list := a.old
		if now {
			list = a.now
		}
		if len(list) == 0 {
			continue
		}
		v := list[0]
		switch a.name {
		case "file_type":
			if kind = v; v == "File" {
				kind = ""
			}
		case "size", "growing_size":
			s.size = []byte(v)
		case "perm":
			s.mode = v
		case "uid":
			s.uid = v
		case "gid":
			s.gid = v
		case "modify_time":
			s.modified = r.moment(wallTime(v, nil))
		case "inode":
			s.inode = []byte(v)
		case "link_name":
			s.target = v
		case "acl":
			s.acl = strings.ReplaceAll(strings.ReplaceAll(strings.Join(list, ","), "A: ", ""), "D: ", "default:")
		case "e2fsattrs":
			if strings.Trim(v, "-") != "" {
				s.attributes = append(s.attributes, v)
			}
		case "capabilities", "selinux":
			s.attributes = append(s.attributes, a.name+"="+v)
		case "md5":
			s.md5 = []byte(v)
		case "sha1":
			s.sha1 = []byte(v)
		case "sha256":
			s.sha256 = []byte(v)
		default:
			others[strings.ReplaceAll(a.name, "_", "-")] = v
		}
	}
	for _, name := range aideDigests {
		if v := others[name]; v != "" && s.other == nil {
			s.other = []byte(v)
		}
	}
	if kind != "" {
		s.attributes = append(s.attributes, "type="+kind)
	}
	return &s
}

// aideColumns are the columns for attributes, digests aside.
var aideColumns = map[string]string{
	"size": "Size", "growing_size": "Size", "perm": "Acls", "uid": "Acls", "gid": "Acls", "acl": "Acls",
	"modify_time": "DateModified", "change_time": "ChangeTime", "access_time": "AccessTime", "inode": "Inode",
	"link_count": "HardLinks", "link_name": "LinkTarget", "block_count": "Blocks", "file_type": "Attributes",
	"xattrs": "Attributes", "capabilities": "Attributes", "e2fsattrs": "Attributes", "selinux": "Attributes", "attributes": "Attributes", "fs_type": "FileSystemType",
}

// aideFlags are the columns for the places of the flags, l<bpugamcinHAXSECF
// behind the type.
var aideFlags = []string{
	"Attributes", "LinkTarget", "Size", "Blocks", "Acls", "Acls", "Acls", "AccessTime", "DateModified", "ChangeTime", "Inode", "HardLinks",
	"FileContentChecksum", "Acls", "Attributes", "Attributes", "Attributes", "Attributes", "FileSystemType",
}

// aideChanged tells what has changed: by the details where there are some, else
// by the flags.
func aideChanged(flags string, attrs []aideAttr, known bool) string {
	var out []string
	add := func(name string) {
		if !contains(out, name) {
			out = append(out, name)
		}
	}
	for i := range attrs {
		add(first(aideColumns[attrs[i].name], "FileContentChecksum"))
	}
	for i := 1; i < len(flags) && i < len(aideFlags) && !known; i++ {
		if c := flags[i]; c != '.' && c != ' ' && c != ':' && c != '=' {
			add(aideFlags[i])
		}
	}
	return strings.Join(out, ",")
}

// aideTaken are the attributes that have columns on both sides.
var aideTaken = []string{"size", "perm", "uid", "gid", "modify_time", "link_name", "acl", "file_type", "capabilities", "selinux", "sha256"}

// rest adds the attributes without columns, and the digests of the databases.
func (a *aideReport) rest(r *rows, attrs []aideAttr) {
	if r.rest < 0 {
		return
	}
	for i := range attrs {
		at := &attrs[i]
		if contains(aideTaken, at.name) {
			continue
		}
		b := []byte{'{'}
		for k, side := range [][]string{at.old, at.now} {
			if len(side) == 0 {
				continue
			}
			if len(b) > 1 {
				b = append(b, ',')
			}
			b = append(b, [2]string{`"old":`, `"new":`}[k]...)
			b = appendTexts(b, side)
		}
		r.member(at.name, &dyn.Field{Kind: dyn.KindObject, Text: append(b, '}')})
	}
	for i := 0; i+1 < len(a.databases); i += 2 {
		sum := appendChecksum(nil, []byte(a.databases[i+1]))
		r.note("database", a.databases[i])
		r.note("databaseSha256", string(sum))
		break // a comparison of two databases has the older one first
	}
}

// appendTexts appends a text, or several as an array.
func appendTexts(b []byte, texts []string) []byte {
	if len(texts) == 1 {
		return dyn.AppendString(b, texts[0])
	}
	b = append(b, '[')
	for i, t := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = dyn.AppendString(b, t)
	}
	return append(b, ']')
}
