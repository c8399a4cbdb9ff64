package ingest

import (
	"bytes"
	"strings"
)

var aideFormat = Format{
	Name:    "aide",
	Doc:     "Reports of AIDE: report_format json, ndjson or plain, of checks and of new databases.",
	Agents:  []string{"aide.json", "aide.ndjson", "aide.plain"},
	Example: `{"start_time":"2026-03-11 07:00:00 +0000","aide_version":"0.18.3","outline":"AIDE found differences between database and filesystem!!","number_of_entries":{"total":19,"changed":1},"changed":{"/etc/passwd":"f > ... mc..H.. . "},"details":{"/etc/passwd":{"size":{"old":32,"new":54},"modify_time":{"old":"2026-03-10 07:15:17 +0000","new":"2026-03-11 06:15:18 +0000"}}},"end_time":"2026-03-11 07:00:12 +0000","run_time_seconds":12}`,
	Detect:  detectAIDE,
	start: func(e *env, prefix []byte) (splitter, func() decoder, error) {
		newDecoder := func() decoder { return &aideDecoder{} }
		if isAIDEPlain(prefix) {
			return &blocks{
				head:  "aide.plain",
				first: func(line []byte) bool { return bytes.HasPrefix(line, []byte("Start timestamp: ")) },
				last:  func(line []byte) bool { return bytes.HasPrefix(line, []byte("End timestamp: ")) },
			}, newDecoder, nil
		}
		if fields, _ := firstRecord(prefix); memberText(fields, "type") != "" {
			return &blocks{
				head:  "aide.ndjson",
				first: func(line []byte) bool { return isAIDELine(line, "startup") },
				last:  func(line []byte) bool { return isAIDELine(line, "shutdown") },
			}, newDecoder, nil
		}
		return &values{head: &shape{agent: "aide.json"}}, newDecoder, nil
	},
}

// isAIDELine reports whether a line of report_format=ndjson is of a type.
func isAIDELine(line []byte, kind string) bool {
	head := bytes.ReplaceAll(line[:min(len(line), 40)], []byte{' '}, nil)
	return bytes.HasPrefix(head, []byte(`{"type":"`+kind+`"`))
}

func detectAIDE(prefix []byte) (bool, string) {
	if isAIDEPlain(prefix) {
		return true, ""
	}
	fields, ok := firstRecord(prefix)
	if !ok {
		return false, `neither a JSON object at the beginning nor "Start timestamp: … (AIDE …)" in the first 20 lines`
	}
	if member(fields, "aide_version") != nil && (member(fields, "outline") != nil || memberText(fields, "type") == "startup") {
		return true, ""
	}
	if f := member(fields, "different_attributes"); f != nil && len(fields) == 1 && len(f.Text) > 1000 {
		return true, "" // the report is long: what AIDE prints first fills the beginning
	}
	return false, "the first object has not aide_version and outline"
}

func isAIDEPlain(prefix []byte) bool {
	n := 0
	for line := range bytes.Lines(prefix) {
		if bytes.HasPrefix(line, []byte("Start timestamp: ")) && bytes.Contains(line, []byte("(AIDE ")) {
			return true
		}
		if n++; n >= 20 {
			break
		}
	}
	return false
}

// aideReport is one run of AIDE.
type aideReport struct {
	agent          string
	start, end     string
	version, level string
	outline        string
	differ         bool // there are differences, whether the report lists them or not
	entries        []aideEntry
	details        map[string][]aideAttr
	databases      []string // name and SHA-256 of each, in turn
	raw            bool     // the report is not UTF-8
	partial        bool     // it breaks off, or some of it could not be read
}

// aideEntry is a line of the lists: what has become of a path.
type aideEntry struct {
	path, category string
	flags          string // such as "f > ... mc..H.. . ", empty where they are left out
}

// aideAttr is an attribute as it was and as it is. Some have several values.
type aideAttr struct {
	name     string
	old, now []string
}

// aideCategory tells the category from the flags or the word of an entry.
func aideCategory(flags string) string {
	switch {
	case flags == "added", len(flags) > 8 && strings.Trim(flags[1:], "+") == "":
		return added
	case flags == "removed", len(flags) > 8 && strings.Trim(flags[1:], "-") == "":
		return removed
	}
	return modified
}

// entry adds an entry of the lists.
func (a *aideReport) entry(path, flags, category string) {
	if category == "" {
		category = aideCategory(flags)
	}
	switch flags {
	case "added", "removed", "changed":
		flags = ""
	}
	a.entries = append(a.entries, aideEntry{path: path, category: category, flags: flags})
}
