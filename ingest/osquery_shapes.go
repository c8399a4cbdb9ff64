package ingest

import (
	"strings"

	"tidemark/table"
)

// osqueryShape is a table of osquery, as its columns show it: the name of a
// query is free text.
type osqueryShape struct {
	has  []string // columns by which it is known
	kind *kind    // of its items; nil for events
	// from are the columns of osquery for kind.fields, names behind a stroke
	// where versions differ.
	from []string
	name string   // column that holds the item's name
	keys []string // columns that tell an item from the others
	fix  func(it *item, d *doc)
	// event writes the rows of an event; from is where the file has been moved
	// from.
	event func(r *osqueryResult, from string, w *writer) error
}

// osqueryShapes are the tables that tell of configuration, those with more
// particular columns first.
var osqueryShapes = []*osqueryShape{
	{has: []string{"target_path", "action", "category"}, event: (*osqueryResult).fileEvent},
	{has: []string{"operation", "auid", "executable", "partial"}, event: (*osqueryResult).processFileEvent},
	{has: []string{"path", "old_path", "record_usn"}, event: (*osqueryResult).journalEvent},
	{
		has: []string{"name", "version", "arch", "revision", "maintainer"}, name: "name", keys: []string{"name", "arch"},
		kind: osqueryKind(kindSoftware, "SoftwareName", "CurrentVersion", "Architecture", "Publisher", "Size", "SoftwareType"),
		from: []string{"version", "arch", "maintainer", "size", "=Package"},
	}, {
		has: []string{"name", "version", "release", "arch", "epoch"}, name: "name", keys: []string{"name", "arch"},
		kind: osqueryKind(kindSoftware, "SoftwareName", "CurrentVersion", "Architecture", "Publisher", "Size", "DateCreated", "SoftwareType"),
		from: []string{"version", "arch", "vendor", "size", "@install_time", "=Package"}, fix: fixRPM,
	}, {
		has: []string{"name", "version", "install_date", "publisher"}, name: "name", keys: []string{"identifying_number|name"},
		kind: osqueryKind(kindSoftware, "SoftwareName", "CurrentVersion", "Publisher", "Location", "SoftwareType"),
		from: []string{"version", "publisher", "install_location", "=Application"},
	}, {
		has: []string{"name", "version", "identifying_number"}, name: "name", keys: []string{"identifying_number|name"},
		kind: osqueryKind(kindSoftware, "SoftwareName", "CurrentVersion", "Publisher", "Location", "SoftwareType"),
		from: []string{"version", "publisher", "install_location", "=Application"},
	}, {
		has: []string{"hotfix_id"}, name: "hotfix_id", keys: []string{"hotfix_id"},
		kind: osqueryKind(kindSoftware, "SoftwareName", "SoftwareDescription", "SoftwareType"),
		from: []string{"description", "=Update"},
	}, {
		has: []string{"id", "load_state", "active_state", "sub_state", "unit_file_state"}, name: "id", keys: []string{"id"},
		kind: osqueryKind(kindDaemons, "SvcName", "SvcDisplayName", "SvcState", "SvcStartupType", "SvcPath", "SvcAccount", "SvcController"),
		from: []string{"description", "sub_state", "unit_file_state", "fragment_path", "user", "=systemd"}, fix: fixUnit,
	}, {
		has: []string{"name", "service_type", "start_type", "status", "user_account"}, name: "name", keys: []string{"name"},
		kind: osqueryKind(kindServices, "SvcName", "SvcDisplayName", "SvcState", "SvcStartupType", "SvcPath", "SvcAccount", "SvcDescription"),
		from: []string{"display_name", "status", "start_type", "path", "user_account", "description"}, fix: fixService,
	}, {
		has: []string{"key", "path", "name", "type", "data"}, name: "key", keys: []string{"path"},
		kind: osqueryKind(kindRegistry, "RegistryKey", "Hive", "ValueName", "ValueType", "ValueData", "DateModified"),
		from: []string{"", "name", "type", "data", "@mtime"}, fix: fixRegistry,
	}, {
		has: []string{"port", "protocol", "address"}, name: "port", keys: []string{"protocol", "address", "port", "path"},
		kind: osqueryKind(kindPorts, ""), from: nil,
	}, {
		has: []string{"username", "uid", "gid", "shell"}, name: "username", keys: []string{"username"},
		kind: osqueryKind(kindUsers, ""), from: nil,
	},
	osqueryFile("md5"), osqueryFile("sha1"), osqueryFile("sha256"),
}

func osqueryKind(name, key string, fields ...string) *kind {
	return &kind{name: name, key: key, fields: fields}
}

// osqueryFile is the shape of hash, alone or joined with file.
func osqueryFile(digest string) *osqueryShape {
	return &osqueryShape{
		has: []string{"path", digest}, name: "path", keys: []string{"path"},
		kind: osqueryKind(kindFiles, "FileSystemPath", "FileContentChecksum", "Size", "DateModified", "FileMode", "FileOwner", "FileGroup", "FileInode", "FileMd5", "FileSha1", "FileSha256", "Acls"),
		from: []string{"", "size", "@mtime", "mode", "uid", "gid", "inode", "md5", "sha1", "sha256", ""}, fix: fixFile,
	}
}

// osqueryShapeOf tells the shape of a result, nil if none fits.
func osqueryShapeOf(d *doc) *osqueryShape {
next:
	for _, s := range osqueryShapes {
		for _, column := range s.has {
			if d.find("columns", column) < 0 {
				continue next
			}
		}
		return s
	}
	return nil
}

// item reads an item. Dates are brought into the text form of a datetime.
func (s *osqueryShape) item(d *doc) item {
	it := item{values: make([]string, len(s.kind.fields))}
	for _, column := range s.keys {
		for name := range strings.SplitSeq(column, "|") {
			if v := d.peek("columns", name); len(v) > 0 {
				it.key += "\x00" + string(v)
				break
			}
		}
	}
	it.key = strings.TrimPrefix(it.key, "\x00")
	it.name = string(d.peek("columns", s.name))
	if s.kind.key != "" {
		d.take("columns", s.name)
	}
	for i, from := range s.from {
		switch {
		case from == "":
		case from[0] == '=':
			it.values[i] = from[1:]
		case from[0] == '@':
			text := string(d.peek("columns", from[1:]))
			if t, err := epochSeconds(text); err == nil {
				d.take("columns", from[1:])
				if t != 0 {
					it.values[i] = t.String()
				}
			}
		default:
			it.values[i] = strings.TrimSpace(string(d.take("columns", from)))
		}
	}
	if s.fix != nil {
		s.fix(&it, d)
	}
	return it
}

// fixRPM makes the version what rpm calls EVR. Several kernels are installed
// side by side.
func fixRPM(it *item, d *doc) {
	if release := d.take("columns", "release"); len(release) > 0 {
		it.values[0] += "-" + string(release)
	}
	if epoch := string(d.take("columns", "epoch")); epoch != "" && epoch != "0" {
		it.values[0] = epoch + ":" + it.values[0]
	}
	if strings.HasPrefix(it.name, "kernel") {
		it.key += "\x00" + it.values[0]
	}
}

func fixUnit(it *item, d *doc) {
	it.name = strings.TrimSuffix(it.name, ".service")
}

// The words of Windows' service manager, and Azure's for them.
var (
	serviceStates = map[string]string{
		"RUNNING": "Running", "STOPPED": "Stopped", "PAUSED": "Paused", "START_PENDING": "StartPending",
		"STOP_PENDING": "StopPending", "PAUSE_PENDING": "PausePending", "CONTINUE_PENDING": "ContinuePending",
	}
	serviceStarts = map[string]string{
		"AUTO_START": "Auto", "DEMAND_START": "Manual", "DISABLED": "Disabled", "BOOT_START": "Boot", "SYSTEM_START": "System",
	}
)

func fixService(it *item, d *doc) {
	it.values[1] = first(serviceStates[it.values[1]], it.values[1])
	it.values[2] = first(serviceStarts[it.values[2]], it.values[2])
}

func fixRegistry(it *item, d *doc) {
	it.values[0], it.name = registryKey(it.name)
	d.take("columns", "path") // key and name
}

func fixFile(it *item, d *doc) {
	s := fileState{
		md5: []byte(it.values[7]), sha1: []byte(it.values[8]), sha256: []byte(it.values[9]),
		mode: it.values[3], uid: it.values[4], gid: it.values[5],
	}
	it.values[0] = string(appendChecksum(nil, s.checksum()))
	it.values[3] = octalMode(s.mode)
	it.values[10] = s.acls()
	d.take("columns", "directory")
	d.take("columns", "filename")
}

// row writes what has become of an item: of one that is there a row of
// ConfigurationData, else one of ConfigurationChange. What a query finds when
// it runs for the first time is the state that later results differ from.
func (r *osqueryResult) row(w *writer) error {
	category := added
	var now, old *item = &r.item, nil
	switch {
	case r.action == "snapshot", r.action == "added" && r.old == nil && string(r.peek("counter")) == "0":
		category = ""
	case r.action == "removed":
		category, now, old = removed, nil, &r.item
	case r.old != nil:
		category, old = modified, &r.old.item
	}
	out, err := w.observation(r.shape.kind.name, category)
	if err != nil {
		return err
	}
	detected := "scan"
	if category == "" {
		r.shape.kind.state(out, now)
		detected = "inventory"
	} else {
		r.shape.kind.differ(out, old, now)
	}
	id := r.id
	if r.old != nil {
		id = eventID(r.old.id, r.id)
	}
	return r.finish(out, r.logged, id, detected, w)
}

// finish ends a row: who, when, and what is left of the record.
func (r *osqueryResult) finish(out *rows, at table.Time, id, detected string, w *writer) error {
	out.at("TimeGenerated", at)
	out.text("Computer", r.host)
	out.put("VMUUID", r.take("decorations", "host_uuid"))
	out.text("EventId", id)
	r.rest(out)
	return out.done(w, r.agent, detected)
}

// fileEvent writes the row of file_events.
func (r *osqueryResult) fileEvent(from string, w *writer) error {
	category, fields := "", ""
	switch action := string(r.take("columns", "action")); action {
	case "CREATED", "MOVED_TO":
		category = added
	case "DELETED", "MOVED_FROM":
		category = removed
	case "UPDATED":
		category, fields = modified, "FileContentChecksum"
	case "ATTRIBUTES_MODIFIED":
		category, fields = modified, "Attributes"
	case "OPENED", "ACCESSED":
		w.pass("of a file that was only read")
		return nil
	default:
		return reject(BadValue, "the action %q of a file event is not known", action)
	}
	out, err := w.change(kindFiles, category)
	if err != nil {
		return err
	}
	path := r.take("columns", "target_path")
	out.put("FileSystemPath", path)
	out.text("FieldsChanged", fields)
	if category == added {
		out.text("OriginalFilePath", from)
	}
	s := r.fileState(out)
	if category == removed {
		out.fileBefore(s)
	} else {
		out.file(s)
	}
	at, err := epochSeconds(string(r.take("columns", "time")))
	if err != nil || at == 0 {
		at = r.logged
	}
	return r.finish(out, at, r.id, "realtime", w)
}

// fileState reads the columns that file and its kin share.
func (r *osqueryResult) fileState(out *rows) *fileState {
	take := func(name string) []byte { return r.take("columns", name) }
	s := &fileState{
		size: take("size"), md5: take("md5"), sha1: take("sha1"), sha256: take("sha256"), inode: take("inode"),
		mode: string(take("mode")), uid: string(take("uid")), gid: string(take("gid")),
	}
	s.modified = out.moment(epochSeconds(string(take("mtime"))))
	return s
}

// processFileEvent writes the rows of process_file_events, which says who.
func (r *osqueryResult) processFileEvent(_ string, w *writer) error {
	operation := string(r.take("columns", "operation"))
	path, dest := string(r.take("columns", "path")), string(r.take("columns", "dest_path"))
	has := func(words ...string) bool {
		for _, word := range words {
			if strings.Contains(operation, word) {
				return true
			}
		}
		return false
	}
	switch {
	case has("rename"):
		if err := r.processRow(removed, path, "", "/removed", operation, w); err != nil {
			return err
		}
		return r.processRow(added, dest, path, "", operation, w)
	case has("link") && !has("unlink"):
		return r.processRow(added, first(dest, path), "", "", operation, w)
	case has("unlink", "delete", "rmdir"):
		return r.processRow(removed, path, "", "", operation, w)
	case has("creat", "mknod", "mkdir"):
		return r.processRow(added, path, "", "", operation, w)
	case has("read", "close"):
		w.pass("of a file that was only read")
		return nil
	}
	return r.processRow(modified, path, "", "", operation, w)
}

func (r *osqueryResult) processRow(category, path, original, half, operation string, w *writer) error {
	out, err := w.change(kindFiles, category)
	if err != nil {
		return err
	}
	peek := func(name string) string { return string(r.take("columns", name)) }
	if cwd := peek("cwd"); path != "" && path[0] != '/' && cwd != "" {
		path = strings.TrimSuffix(cwd, "/") + "/" + path
	}
	out.text("FileSystemPath", path)
	out.text("OriginalFilePath", original)
	out.process(peek("executable"))
	out.text("InitiatingProcessId", peek("pid"))
	out.text("InitiatingProcessAccountSid", unixSid(first(peek("euid"), peek("uid"))))
	out.text("RequestAccountSid", unixSid(peek("auid")))
	out.note("operation", operation)
	at := out.moment(epochSeconds(peek("time")))
	id := r.id
	if eid := peek("eid"); eid != "" {
		id = eventID(r.host, eid)
	}
	if at == 0 {
		at = r.logged
	}
	return r.finish(out, at, id+half, "whodata", w)
}

// unixSid is the form in which account columns hold a uid. 4294967295 is how
// the kernel writes that nobody has logged in.
func unixSid(uid string) string {
	switch uid {
	case "", "4294967295", "-1", "unset":
		return ""
	}
	return "uid:" + uid
}

// journalEvent writes the rows of ntfs_journal_events.
func (r *osqueryResult) journalEvent(_ string, w *writer) error {
	action := string(r.peek("columns", "action"))
	path, old := string(r.take("columns", "path")), string(r.take("columns", "old_path"))
	id := eventID(r.host, string(r.peek("columns", "drive_letter")), string(r.peek("columns", "record_usn")))
	row := func(category, path, original, half string) error {
		out, err := w.change(kindFiles, category)
		if err != nil {
			return err
		}
		out.text("FileSystemPath", path)
		out.text("OriginalFilePath", original)
		at := out.moment(epochSeconds(string(r.take("columns", "time"))))
		if at == 0 {
			at = r.logged
		}
		if attributes := r.peek("columns", "file_attributes"); category != removed {
			out.put("Attributes", attributes)
			r.take("columns", "file_attributes")
		}
		return r.finish(out, at, id+half, "realtime", w)
	}
	switch {
	case strings.Contains(action, "Rename") && old != "":
		if err := row(removed, old, "", "/removed"); err != nil {
			return err
		}
		return row(added, path, old, "")
	case strings.Contains(action, "Creat"):
		return row(added, path, "", "")
	case strings.Contains(action, "Delet"):
		return row(removed, path, "", "")
	case strings.Contains(action, "Access"):
		w.pass("of a file that was only read")
		return nil
	}
	return row(modified, path, "", "")
}
