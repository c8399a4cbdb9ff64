package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// formatOf is the format of a file of testdata, by the beginning of its name.
func formatOf(file string) string {
	name := filepath.Base(file)
	for prefix, format := range map[string]string{"portal": "csv", "utf16": "csv", "rawbytes": "azure", "own": ""} {
		if strings.HasPrefix(name, prefix) {
			return format
		}
	}
	return name[:strings.IndexAny(name, "._")]
}

// TestDetection shows each file to each detector: none takes what is another's,
// whatever the order. The last format takes all objects.
func TestDetection(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.*")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(file, "utf16") {
			continue // detectors see UTF-8
		}
		for _, prefix := range [][]byte{text, text[:min(len(text), 700)]} {
			for _, f := range Formats {
				ok, why := f.Detect(bytes.TrimPrefix(prefix, []byte("\xef\xbb\xbf")))
				want := f.Name == formatOf(file)
				if f.Name != "ndjson" && ok != want && len(prefix) == len(text) || ok && !want && f.Name != "ndjson" {
					t.Errorf("%s, %d bytes: %s says %v %s", file, len(prefix), f.Name, ok, why)
				}
				if !ok && why == "" {
					t.Errorf("%s: %s does not say why not", file, f.Name)
				}
			}
		}
	}
}

// TestFormatsHaveSamples keeps a golden file for every format, and for every
// AgentFormat that rows may have.
func TestFormatsHaveSamples(t *testing.T) {
	var all strings.Builder
	files, _ := filepath.Glob("testdata/want/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, f := range Formats {
		if f.Doc == "" || !strings.HasSuffix(f.Doc, ".") || f.Example == "" || len(f.Agents) == 0 {
			t.Errorf("%s: the entry is not complete", f.Name)
		}
		for _, agent := range f.Agents {
			if agent != "ndjson" && !strings.Contains(all.String(), "AgentFormat="+agent+"\n") {
				t.Errorf("%s: no golden file has rows of %s", f.Name, agent)
			}
		}
	}
}

// TestFormatsInDocs holds docs/formats.md against the entries.
func TestFormatsInDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Formats {
		row := ""
		for line := range strings.SplitSeq(string(text), "\n") {
			if strings.HasPrefix(line, "| `"+f.Name+"` |") {
				row = line
			}
		}
		if row == "" || !strings.Contains(string(text), "\n## "+f.Name+"\n") {
			t.Errorf("docs/formats.md has no row or no section for %s", f.Name)
		}
		for _, agent := range f.Agents {
			if !strings.Contains(row, "`"+agent+"`") {
				t.Errorf("docs/formats.md: the row of %s does not name %s", f.Name, agent)
			}
		}
	}
}

// long is a reader of one line that never seems to end.
func long(n int64) io.Reader {
	return io.LimitReader(repeat("a=b \"c\" {[<x "), n)
}

type repeat string

func (r repeat) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], r)
	}
	return n, nil
}

// TestHostile feeds every format what no agent should write: the records
// before and behind load, and the rest is counted.
func TestHostile(t *testing.T) {
	deep := `{"a":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "}"
	junk := "\x00\x01\xfe\xff\x80 \x1d = <> \" { } [ ]\x00"
	for _, f := range Formats {
		example := f.Example + "\n"
		if f.Name == "ndjson" {
			example = `{"T":"2026-03-11T07:00:12Z","S":"started","N":12}` + "\n"
		}
		header := ""
		if f.Name == "csv" {
			header, example, _ = strings.Cut(example, "\n")
			header += "\n"
		}
		long := func() io.Reader { return long(MaxRecord + 1<<20) }
		inputs := map[string]io.Reader{
			"junk":       strings.NewReader(header + example + junk + "\n" + example),
			"long line":  io.MultiReader(strings.NewReader(header+example+`{"x":"`), long(), strings.NewReader("\"}\n"+example)),
			"deep":       strings.NewReader(header + example + deep + "\n" + example),
			"NULs":       strings.NewReader(header + example + strings.Repeat("\x00", 5000) + "\n" + example),
			"not UTF-8":  strings.NewReader(header + example + "\xff\xfe{\"\xe9\":\"\xe9\"}\n" + example),
			"broken off": strings.NewReader(header + example + example[:len(example)/2]),
		}
		switch f.Name { // one for each way to frame
		case "csv", "samhain", "auditd", "tripwire", "aide":
			inputs["no end"] = io.MultiReader(strings.NewReader(header+example), long())
		}
		for name, in := range inputs {
			t.Run(f.Name+"/"+name, func(t *testing.T) {
				m := newFake()
				m.count = true
				o := testOptions()
				o.Format = f.Name
				if f.Name == "ndjson" {
					m = newFake()
					m.own, o.Table = ownTables, "Own"
				}
				s, err := Load(context.Background(), m, in, o)
				if err != nil {
					t.Fatal(err)
				}
				if s.Reasons[Internal] > 0 || s.RowsIn == 0 {
					t.Errorf("%+v", s)
				}
				if s.RowsRejected == 0 && len(s.Passed) == 0 && name != "broken off" && !(f.Name == "tripwire" && name == "deep") {
					t.Errorf("nothing is rejected: %+v", s)
				}
			})
		}
		t.Run(f.Name+"/broken gzip", func(t *testing.T) {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			z.Write([]byte(strings.Repeat(header+example, 100)))
			z.Close()
			o := testOptions()
			o.Format = f.Name
			m := newFake()
			if f.Name == "ndjson" {
				m.own, o.Table = ownTables, "Own"
			}
			s, err := Load(context.Background(), m, bytes.NewReader(b.Bytes()[:b.Len()/2]), o)
			if err == nil || !strings.Contains(err.Error(), "gzip") || s.Reasons[BrokenOff] != 1 {
				t.Errorf("error %v, %v", err, s.Reasons)
			}
		})
	}
}

// TestLongFirstRecord detects formats whose first record does not fit into
// what detection sees.
func TestLongFirstRecord(t *testing.T) {
	rows := strings.Repeat(`{"name":"a","version":"1"},`, 5000)
	paths := strings.Repeat(`"/srv/some/path": "+caps",`, 5000)
	for text, format := range map[string]string{
		`{"diffResults":{"added":[` + rows:                                                         "osquery",
		`{"diffResults":{"removed":"","added":[` + rows:                                            "osquery",
		`{"action":"snapshot","snapshot":[` + rows:                                                 "osquery",
		`{"snapshot":[` + rows:                                                                     "osquery",
		"{\n  \"different_attributes\": {" + paths:                                                 "aide",
		`{"start_time":"x","aide_version":"1","outline":"o","changed":{` + paths:                   "aide",
		`{"rule":{"id":"1"},"agent":{"id":"1"},"id":"1","full_log":"` + strings.Repeat("x", 70000): "wazuh",
		`{"tables":[{"name":"PrimaryResult","columns":[],"rows":[[` + rows:                         "azure",
		`{"DataType":"CONFIG_CHANGE_BLOB","DataItems":[` + rows:                                    "oms",
	} {
		if f, err := Detect([]byte(text)[:prefixBytes]); err != nil || f.Name != format {
			t.Errorf("%.40q…: %q, want %q (%v)", text, f.Name, format, err)
		}
	}
}
