package ingest

import (
	"strings"

	"tidemark/internal/dyn"
	"tidemark/table"
)

// isDefenderEvent reports whether a row is one of the table
// MDCFileIntegrityMonitoringEvents, which replaces ConfigurationChange where
// Defender for Servers watches the files.
// See https://learn.microsoft.com/azure/azure-monitor/reference/tables/mdcfileintegritymonitoringevents
func isDefenderEvent(fields []dyn.Field) bool {
	return member(fields, "MonitoredEntityType") != nil && member(fields, "ChangeType") != nil
}

// defenderCategory maps ChangeType to ChangeCategory. A rename is two rows.
var defenderCategory = map[string]string{
	"Created": "Added", "RegistryKeyCreated": "Added",
	"Deleted": "Removed", "RegistryKeyDeleted": "Removed", "RegistryValueDeleted": "Removed",
	"Modified": "Modified", "RegistryValueSet": "Modified",
	"Renamed": "Added", "RegistryKeyRenamed": "Added",
}

// defenderColumns maps columns whose names differ. Others go by their own
// names, or to AdditionalFields.
var defenderColumns = map[string]string{
	"FileSha256": "FileContentChecksum", "FileSize": "Size", "RegistryHive": "Hive",
	"NewValueName": "ValueName", "NewValueData": "ValueData", "NewValueType": "ValueType",
	"OldValueData": "PreviousValueData", "OldValueType": "PreviousValueType",
	"AzureResourceId": "_ResourceId",
}

// defender adds the change that a row of MDCFileIntegrityMonitoringEvents
// tells; a rename is the removal of one path and the addition of another.
func (d *rowDecoder) defender(w *writer) error {
	change := memberText(d.fields, "ChangeType")
	category, ok := defenderCategory[change]
	if !ok {
		return reject(BadValue, "ChangeType %q is not known", change)
	}
	r, err := w.table(table.ConfigurationChange)
	if err != nil {
		return err
	}
	e := defenderEvent{
		kind: "Files", category: category,
		path: joinPath(memberText(d.fields, "FilePath"), memberText(d.fields, "FileName")),
		key:  memberText(d.fields, "RegistryKey"),
	}
	if memberText(d.fields, "MonitoredEntityType") == "Registry" {
		e.kind, e.path = "Registry", ""
	}
	if strings.HasSuffix(change, "Renamed") {
		old := e
		old.category, old.half = "Removed", "/removed"
		old.path = joinPath(memberText(d.fields, "OriginalFilePath"), memberText(d.fields, "OriginalFileName"))
		old.key = memberText(d.fields, "OldValueFullRegistryKey")
		if old.path != "" || old.key != "" {
			if err := d.defenderRow(r, w, old); err != nil {
				return err
			}
			e.original = old.path
		}
	}
	return d.defenderRow(r, w, e)
}

type defenderEvent struct {
	kind, category      string
	path, original, key string
	half                string // makes the EventIds of a rename's rows differ
}

func (d *rowDecoder) defenderRow(r *rows, w *writer, e defenderEvent) error {
	for i := range d.fields {
		f := d.fields[i]
		name := string(f.Key)
		switch name {
		case "Type", "MonitoredEntityType", "FilePath", "FileName", "OriginalFilePath", "OriginalFileName", "RegistryKey":
			continue
		}
		if to, ok := defenderColumns[name]; ok {
			f.Key = []byte(to)
		}
		if e.category == "Removed" {
			switch name {
			case "FileSha256":
				f.Key = []byte("PreviousFileContentChecksum")
			case "FileSize":
				f.Key = []byte("PreviousSize")
			case "OldValueName":
				f.Key = []byte("ValueName")
			}
		}
		if err := r.field(&f); err != nil {
			r.abandon()
			return err
		}
	}
	r.text("ConfigChangeType", e.kind)
	r.text("ChangeCategory", e.category)
	r.text("FileSystemPath", e.path)
	r.text("OriginalFilePath", e.original)
	r.text("RegistryKey", e.key)
	if id := memberText(d.fields, "_ItemId"); id != "" {
		r.text("EventId", id+e.half)
	}
	return r.finish(&origin{format: "azure.mdcfim", detected: "realtime", computer: w.options.Computer, now: w.now})
}

// joinPath puts a file's name behind its folder, unless the folder already
// ends in it.
func joinPath(folder, name string) string {
	switch {
	case folder == "":
		return name
	case name == "", strings.HasSuffix(folder, `\`+name), strings.HasSuffix(folder, "/"+name):
		return folder
	case strings.HasPrefix(folder, "/"):
		return strings.TrimRight(folder, "/") + "/" + name
	}
	return strings.TrimRight(folder, `\`) + `\` + name
}
