package ingest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tidemark/table"
)

// beat is an event of Auditbeat.
func beat(second int, host, path, action, hash string, size int) string {
	file := fmt.Sprintf(`"path":%q`, path)
	if hash != "" {
		file += fmt.Sprintf(`,"size":%d,"mtime":"2026-03-11T07:00:%02dZ","mode":"0644","owner":"root","hash":{"sha256":%q}`, size, second, strings.Repeat(hash, 32))
	}
	return fmt.Sprintf(`{"@timestamp":"2026-03-11T07:00:%02d.000Z","event":{"module":"file_integrity","action":[%q]},"host":{"hostname":%q},"file":{%s}}`+"\n", second, action, host, file)
}

func TestPrevious(t *testing.T) {
	text := beat(0, "h", "/a", "initial_scan", "aa", 1) + beat(1, "h", "/a", "updated", "bb", 2) + beat(1, "other", "/a", "updated", "cc", 3) +
		beat(3, "h", "/a", "updated", "dd", 4) + beat(2, "h", "/a", "updated", "ee", 5) + beat(4, "h", "/a", "deleted", "", 0) +
		beat(5, "h", "/a", "created", "ff", 6) + beat(6, "h", "/a", "attributes_modified", "ff", 6)
	want := []string{
		"1 h Modified 2 aa/1 bb | FileContentChecksum,Size,DateModified state",
		"1 other Modified 3 / cc | FileContentChecksum ",
		"3 h Modified 4 bb/2 dd | FileContentChecksum,Size,DateModified state",
		"2 h Modified 5 / ee | FileContentChecksum ", // late
		"4 h Removed  dd/4  |  state",
		"5 h Added 6 / ff |  ",
		"6 h Modified 6 ff/6 ff | Attributes,DateModified state",
	}
	two := func(s string) string { return s[:min(2, len(s))] }
	for _, rows := range []int{0, 1, 3} {
		m := newFake()
		o := testOptions()
		o.Previous, o.BatchRows, o.Decoders = true, rows, 2
		m.load(t, text, o)
		var got []string
		for _, line := range m.lines(table.ConfigurationChange) {
			c := cells(line)
			from := ""
			if strings.Contains(c["AdditionalFields"], `"previousFrom":"state"`) {
				from = "state"
			}
			got = append(got, fmt.Sprintf("%s %s %s %s %s/%s %s | %s %s", c["TimeGenerated"][18:19], c["Computer"], c["ChangeCategory"], c["Size"],
				two(c["PreviousFileContentChecksum"]), c["PreviousSize"], two(c["FileContentChecksum"]), c["FieldsChanged"], from))
		}
		if !slices.Equal(got, want) {
			t.Errorf("batches of %d:\n%s\nwant\n%s", rows, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if s := m.load(t, text, o); s.RowsIn != 0 {
			t.Errorf("again: %d rows", s.RowsIn)
		}
	}
	m := newFake()
	m.load(t, text, testOptions())
	for _, line := range m.lines(table.ConfigurationChange) {
		if strings.Contains(line, "Previous") {
			t.Errorf("not asked for: %s", line)
		}
	}
}

// TestPreviousMany tells of more files in one batch than a transaction holds
// marks for.
func TestPreviousMany(t *testing.T) {
	m := newFake()
	o := testOptions()
	o.Previous, o.BatchRows = true, 65536
	var first, second strings.Builder
	for i := range 12000 {
		first.WriteString(beat(1, "h", fmt.Sprint("/f", i), "created", "aa", i))
		second.WriteString(beat(2, "h", fmt.Sprint("/f", i), "updated", "bb", i))
	}
	m.load(t, first.String(), o)
	m.load(t, second.String(), o)
	got := 0
	for _, line := range m.lines(table.ConfigurationChange) {
		if c := cells(line); c["ChangeCategory"] == modified && strings.HasPrefix(c["PreviousFileContentChecksum"], "aa") && c["PreviousSize"] == c["Size"] {
			got++
		}
	}
	if got != 12000 {
		t.Errorf("%d of 12000 changes say what was before", got)
	}
	for _, b := range m.batches {
		size := 0
		for name, mark := range b.Marks {
			size += len(name) + len(mark) + 64
		}
		if size > 2<<20 {
			t.Errorf("a batch has %d bytes of marks", size)
		}
	}
}
