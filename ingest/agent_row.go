package ingest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"tidemark/internal/dyn"
	"tidemark/table"
)

// The words of ConfigChangeType and ConfigDataType.
const (
	kindFiles    = "Files"
	kindSoftware = "Software"
	kindServices = "WindowsServices"
	kindDaemons  = "Daemons"
	kindRegistry = "Registry"
	kindPorts    = "Ports"
	kindUsers    = "Users"
	kindGroups   = "Groups"
)

// The words of ChangeCategory.
const (
	added    = "Added"
	removed  = "Removed"
	modified = "Modified"
)

// change begins a row of ConfigurationChange.
func (w *writer) change(kind, category string) (*rows, error) {
	r, err := w.table(w.changes())
	if err == nil {
		r.text("ConfigChangeType", kind)
		r.text("ChangeCategory", category)
	}
	return r, err
}

// changes is the table that gets what has changed in lists.
func (w *writer) changes() string {
	if w.options.Table != "" {
		return w.options.Table
	}
	return table.ConfigurationChange
}

// data begins a row of ConfigurationData.
func (w *writer) data(kind string) (*rows, error) {
	r, err := w.table(table.ConfigurationData)
	if err == nil {
		r.text("ConfigDataType", kind)
	}
	return r, err
}

// observation begins a row of ConfigurationChange, or of ConfigurationData for
// an empty category.
func (w *writer) observation(kind, category string) (*rows, error) {
	if category == "" {
		return w.data(kind)
	}
	return w.change(kind, category)
}

// put is text for bytes. The row keeps none of them.
func (r *rows) put(column string, text []byte) {
	if len(text) == 0 || r.err != nil {
		return
	}
	f := dyn.Field{Kind: dyn.KindString, Text: text}
	if i, ok := r.index[column]; ok && i != r.rest {
		r.err = r.value(i, &f)
		return
	}
	f.Key = []byte(column)
	r.err = r.field(&f)
}

// at sets a datetime column unless t is 0, which stands for unknown.
func (r *rows) at(column string, t table.Time) {
	if t != 0 {
		r.datetime(column, t)
	}
}

// fail makes the row under way one that finish rejects.
func (r *rows) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// done ends the row that came from the record of w: from this format, detected
// so.
func (r *rows) done(w *writer, format, detected string) error {
	if w.raw {
		r.note("pathEncoding", "raw")
	}
	return r.finish(&origin{format: format, detected: detected, computer: w.options.Computer, now: w.now})
}

// eventID makes an EventId from what tells an event from all others at its
// source: 128 bits of SHA-256, in hexadecimal.
func eventID(parts ...string) string {
	var space [512]byte
	b := space[:0]
	for _, p := range parts {
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(p))), p...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// registry sets the columns of a registry key: the hive is the first part of
// the key, its short names are written out.
func (r *rows) registry(key string) {
	hive, key := registryKey(key)
	r.text("Hive", hive)
	r.text("RegistryKey", key)
}

// hives are the names of registry hives by their short forms.
var hives = map[string]string{
	"HKLM": "HKEY_LOCAL_MACHINE", "HKU": "HKEY_USERS", "HKCU": "HKEY_CURRENT_USER",
	"HKCR": "HKEY_CLASSES_ROOT", "HKCC": "HKEY_CURRENT_CONFIG",
}

// base is the last part of a path of Windows or Unix.
func base(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }

// process sets what is known of the process that made a change by the path of
// its executable.
func (r *rows) process(path string) {
	r.text("InitiatingProcessImageFilePath", path)
	r.text("InitiatingProcessName", base(path))
}

// account puts the domain before the name of an account.
func account(domain, name string) string {
	if domain == "" || name == "" {
		return name
	}
	return domain + `\` + name
}
