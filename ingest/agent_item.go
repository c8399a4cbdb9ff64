package ingest

import (
	"slices"
	"strings"
)

// registryKey splits the hive off a registry key and writes its name out.
func registryKey(key string) (hive, full string) {
	hive, rest, ok := strings.Cut(key, `\`)
	if long, known := hives[strings.ToUpper(hive)]; known {
		hive = long
	}
	if !ok {
		return hive, hive
	}
	return hive, hive + `\` + rest
}

// state sets the columns of an item as it is, in a row of ConfigurationData.
func (k *kind) state(r *rows, it *item) {
	if k.key != "" {
		r.text(k.key, it.name)
	}
	for i, column := range k.fields {
		r.text(column, it.values[i])
	}
	r.text("Acls", k.acls(it))
}

// constants sets the columns that are the same for all items of a kind.
func (k *kind) constants(r *rows) {
	for i := 0; i+1 < len(k.fixed); i += 2 {
		r.text(k.fixed[i], k.fixed[i+1])
	}
}

// acls is the text for Acls of a file, made from its owner, group and mode.
func (k *kind) acls(it *item) string {
	if k.name != kindFiles || it == nil {
		return ""
	}
	var s fileState
	for i, column := range k.fields {
		switch column {
		case "FileOwner":
			s.owner = it.values[i]
		case "FileGroup":
			s.group = it.values[i]
		case "FileMode":
			s.mode = it.values[i]
		case "Acls":
			return "" // the item has it
		}
	}
	return s.acls()
}

// differ sets the columns of a row of ConfigurationChange from what an item
// was and what it is: old is nil for an item that has come, it for one that
// has gone. It returns the names of the columns that differ.
func (k *kind) differ(r *rows, old, it *item) []string {
	one := it
	if it == nil {
		one = old
	}
	if k.key != "" {
		r.text(k.key, one.name)
	}
	var changed, words []string
	for i, column := range k.fields {
		now, before := it.value(i), old.value(i)
		current, previous := changeColumn(column)
		switch {
		case slices.Contains(lasting, column):
			r.text(current, one.value(i))
			if it != nil && old != nil && now != before {
				r.text(previous, before)
			}
		default:
			r.text(current, now)
			if it == nil || now != before || k.name == kindFiles || k.name == kindRegistry || column == "CurrentVersion" {
				r.text(previous, before)
			}
		}
		if it != nil && old != nil && now != before {
			if name := changeName(current); !slices.Contains(changed, name) {
				changed = append(changed, name)
			}
			if word, ok := serviceWords[column]; ok {
				words = append(words, word)
			}
		}
	}
	r.text("Acls", k.acls(it))
	r.text("PreviousAcls", k.acls(old))
	r.text("SvcChangeType", strings.Join(words, ","))
	r.text("FieldsChanged", strings.Join(changed, ","))
	return changed
}

// serviceWords are the words of SvcChangeType.
var serviceWords = map[string]string{"SvcState": "State", "SvcStartupType": "StartupType", "SvcPath": "Path", "SvcAccount": "ServiceAccount"}

// lasting are columns that say what an item is rather than how it is: they
// are set for one that has gone, too.
var lasting = []string{
	"Hive", "ValueName", "Architecture", "Publisher", "SoftwareType", "SoftwareDescription", "Location",
	"SvcDisplayName", "SvcDescription",
}

// changeColumn returns the columns of ConfigurationChange for a column of
// ConfigurationData as it is and as it was.
func changeColumn(column string) (current, previous string) {
	if column == "CurrentVersion" {
		return "Current", "Previous"
	}
	if rest, ok := strings.CutPrefix(column, "Svc"); ok {
		return column, "SvcPrevious" + rest
	}
	return column, "Previous" + column
}

// changeName is how FieldsChanged calls a column: owner, group and mode are
// what Acls is made of, and all digests are one checksum.
func changeName(column string) string {
	switch column {
	case "FileOwner", "FileGroup", "FileMode":
		return "Acls"
	case "FileMd5", "FileSha1", "FileSha256":
		return "FileContentChecksum"
	case "FileInode":
		return "Inode"
	}
	return column
}
