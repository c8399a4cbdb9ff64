package ingest

import (
	"bytes"
	"strings"

	"tidemark/internal/dyn"
	"tidemark/table"
)

var wazuhFormat = Format{
	Name:    "wazuh",
	Doc:     "Wazuh: alerts.json, and what agents send to the manager: file and registry events, states, inventories.",
	Agents:  []string{"wazuh.alert", "wazuh.event4", "wazuh.state4", "wazuh.dbsync", "wazuh.fim5"},
	Example: `{"timestamp":"2026-03-11T08:00:12.914+0100","rule":{"level":7,"id":"550"},"agent":{"id":"005","name":"web01"},"manager":{"name":"wazuh"},"id":"1773212412.4711","syscheck":{"path":"/etc/ssh/sshd_config","mode":"realtime","size_before":"3255","size_after":"3289","mtime_after":"2026-03-11T08:00:11","changed_attributes":["size","mtime"],"event":"modified"},"location":"syscheck"}`,
	Detect:  detectWazuh,
	start:   jsonRecords(func() decoder { return &wazuhDecoder{} }),
}

func detectWazuh(prefix []byte) (bool, string) {
	return detectObject(prefix, "the first object is neither an alert with a rule and an agent, nor an agent's event, state or inventory", func(d *doc) bool {
		return wazuhReader(d) != nil
	})
}

// wazuhReader tells which of Wazuh's records an object is.
func wazuhReader(d *doc) func(*wazuhDecoder, *writer) error {
	kind := string(d.peek("data_type"))
	isObject := func(name string) bool {
		i := d.find(name)
		return i >= 0 && d.nodes[i].Kind == dyn.KindObject
	}
	switch {
	case isObject("rule") && (isObject("agent") || isObject("manager")) && (isObject("syscheck") || d.has("location") || d.has("full_log")):
		return (*wazuhDecoder).alert
	case !isObject("data"):
		return nil
	case string(d.peek("module")) == "fim" && d.has("collector"):
		return (*wazuhDecoder).fim5
	case d.has("operation") && (strings.HasPrefix(kind, "dbsync_") || strings.HasPrefix(string(d.peek("type")), "dbsync_")):
		return (*wazuhDecoder).delta
	case string(d.peek("type")) == "event" && d.has("data", "path"), kind == "event" && d.has("agent_info"):
		return (*wazuhDecoder).event
	case kind == "state":
		return (*wazuhDecoder).state
	case strings.HasPrefix(kind, "integrity_"):
		return (*wazuhDecoder).integrity
	case wazuhDeletes[string(d.peek("action"))] != "" && d.has("agent_info"):
		return (*wazuhDecoder).deletion
	}
	return nil
}

// wazuhDeletes are the orders to forget an item, and what the item is.
var wazuhDeletes = map[string]string{
	"deleteFile": "file", "deleteRegistryKey": "registry_key", "deleteRegistryValue": "registry_value",
	"deletePackage": "packages", "deleteHotfix": "hotfixes", "deleteService": "services",
	"deletePort": "ports", "deleteUser": "users", "deleteGroup": "groups",
}

type wazuhDecoder struct {
	doc
	outer  doc
	record []byte
}

func (d *wazuhDecoder) decode(_ any, record []byte, w *writer) error {
	if err := unwrap(&d.outer, &d.doc, record, w); err != nil {
		return err
	}
	d.record = record
	read := wazuhReader(&d.doc)
	if read == nil {
		return reject(BadSyntax, "the object is no record of Wazuh")
	}
	return read(d, w)
}

// computer sets the name of the agent's computer, or its number where that is
// all that is known.
func (d *wazuhDecoder) computer(r *rows) {
	switch {
	case d.has("agent_info", "agent_name"):
		r.put("Computer", d.take("agent_info", "agent_name"))
	case d.has("agent", "name"):
		r.put("Computer", d.take("agent", "name"))
	case d.has("agent_info", "agent_id"):
		r.put("Computer", d.take("agent_info", "agent_id"))
	}
}

// digest is an EventId for records that have no number.
func (d *wazuhDecoder) digest() string {
	return eventID("wazuh", string(dyn.AppendCompact(nil, d.nodes[0].Text)))
}

// wazuhCategories are the words for what has happened.
var wazuhCategories = map[string]string{
	"added": added, "readded": added, "modified": modified, "deleted": removed,
	"syscheck_new_entry": added, "syscheck_integrity_changed": modified, "syscheck_deleted": removed,
	"syscheck_registry_key_added": added, "syscheck_registry_key_modified": modified, "syscheck_registry_key_deleted": removed,
	"syscheck_registry_value_added": added, "syscheck_registry_value_modified": modified, "syscheck_registry_value_deleted": removed,
	"INSERTED": added, "MODIFIED": modified, "DELETED": removed,
}

// wazuhModes are the words for how a change was found.
var wazuhModes = map[string]string{"scheduled": "scan", "realtime": "realtime", "whodata": "whodata"}

// wazuhFields are the columns for what has changed.
var wazuhFields = map[string]string{
	"size": "Size", "mtime": "DateModified", "md5": "FileContentChecksum", "sha1": "FileContentChecksum", "sha256": "FileContentChecksum",
	"permission": "Acls", "permissions": "Acls", "perm": "Acls", "user_name": "Acls", "uid": "Acls", "gid": "Acls", "group_name": "Acls", "owner": "Acls", "group": "Acls",
	"inode": "Inode", "attributes": "Attributes", "symbolic_path": "LinkTarget", "value_type": "ValueType", "type": "ValueType",
}

// fieldsChanged turns an agent's list of what has changed into names of
// columns.
func fieldsChanged(list []dyn.Field, names map[string]string) string {
	var out []string
	for _, f := range list {
		name := first(names[strings.TrimPrefix(string(f.Text), "hash_")], string(f.Text))
		if len(out) == 0 || !contains(out, name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, ",")
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// item begins the row of a file, a registry key or a value in one; empty
// category is a state. It returns the row's kind, too.
func (d *wazuhDecoder) item(path, category string, registry bool, w *writer) (*rows, error) {
	kind := kindFiles
	if registry || strings.HasPrefix(path, "HKEY_") {
		kind = kindRegistry
	}
	r, err := w.observation(kind, category)
	if err != nil {
		return nil, err
	}
	if path == "" && len(d.peek("data", "full_path")) == 0 {
		r.abandon()
		return nil, reject(BadValue, "the record names no file and no registry key")
	}
	if kind == kindRegistry {
		r.registry(path)
	} else {
		r.text("FileSystemPath", path)
	}
	d.computer(r)
	return r, nil
}

// wazuhAttributes reads what is known of a file, the members of one object.
func (d *wazuhDecoder) attributes(r *rows, path ...string) (s fileState, known bool) {
	at := func(name string) []byte {
		return bytes.TrimSpace(d.take(append(path[:len(path):len(path)], name)...))
	}
	if !d.has(path...) {
		return s, false
	}
	s.size, s.md5, s.sha1, s.sha256 = at("size"), at("hash_md5"), at("hash_sha1"), at("hash_sha256")
	s.uid, s.gid, s.owner, s.group = string(at("uid")), string(at("gid")), string(at("user_name")), string(at("group_name"))
	s.inode, s.target = at("inode"), string(at("symbolic_path"))
	if string(s.inode) == "0" {
		s.inode = nil // what agents on Windows send
	}
	s.modified = r.moment(epochSeconds(string(at("mtime"))))
	if a := at("attributes"); len(a) > 0 {
		s.attributes = strings.Split(strings.ReplaceAll(string(a), ", ", ","), ",")
	}
	s.permissions(d.takeField(append(path[:len(path):len(path)], "perm")...))
	at("type") // file, registry_key, registry_value: the columns say it
	return s, true
}

// permissions takes a mode as ls prints it or in octal, or a list of Windows.
func (s *fileState) permissions(f *dyn.Field) {
	switch {
	case f == nil || len(f.Text) == 0:
	case f.Kind == dyn.KindObject || f.Kind == dyn.KindArray:
		s.acl = string(dyn.AppendCompact(nil, f.Text))
	case bytes.Contains(f.Text, []byte("(allowed)")) || bytes.Contains(f.Text, []byte("(denied)")):
		s.acl = string(dyn.AppendString([]byte("["), f.Text)) + "]"
	default:
		s.mode = string(f.Text)
	}
}

// who sets the process and the accounts of a change from the members of audit.
func (d *wazuhDecoder) who(r *rows, path ...string) {
	if !d.has(path...) {
		return
	}
	take := func(name string) string { return string(d.take(append(path[:len(path):len(path)], name)...)) }
	id, name := take("user_id"), take("user_name")
	if effective := take("effective_name"); effective != "" {
		if effective != name {
			r.note("user", name)
		}
		id, name = first(take("effective_uid"), id), effective
	}
	r.text("InitiatingProcessAccountName", name)
	r.text("InitiatingProcessAccountSid", sid(id))
	r.text("RequestAccountName", take("audit_name"))
	r.text("RequestAccountSid", sid(take("audit_uid")))
	r.process(take("process_name"))
	r.text("InitiatingProcessId", take("process_id"))
	r.text("InitiatingProcessParentName", take("parent_name"))
}

// sid is the form of account columns: a SID of Windows, or uid:N.
func sid(id string) string {
	if strings.HasPrefix(id, "S-") {
		return id
	}
	return unixSid(id)
}

// wazuhTime reads the time of a record, which may have none.
func (d *wazuhDecoder) time(r *rows, t table.Time, err error) {
	r.at("TimeGenerated", r.moment(t, err))
}
