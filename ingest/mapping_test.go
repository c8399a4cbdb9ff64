package ingest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestPath(t *testing.T) {
	d := &doc{}
	w := &writer{}
	record := `{"a":{"b":[{"c":1},{"c":"x","d.e":2}],"n":null},"a.b":"dotted","list":[3,[4]]}`
	for path, want := range map[string]string{
		"a.b[0].c": "1", "$.a.b[1].c": "x", "$['a'].b[1]['d.e']": "2", "a.b": "dotted", `a["b"][1].c`: "x", "list[1][0]": "4", "$.list[0]": "3",
		"a.b[2].c": "", "a.n": "", "list.x": "", "a.b.c": "", "list[0][0]": "", "nope": "",
	} {
		p, err := parsePath(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if err := d.read([]byte(record), w); err != nil {
			t.Fatal(err)
		}
		got := ""
		if f := p.from(d, p.dotted()); f != nil {
			got = string(f.Text)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	for _, path := range []string{"", "$", "a..b", "a.", "a[", "a[x]", "a[-1]", "a['b", "a['b'"} {
		if p, err := parsePath(path); err == nil {
			t.Errorf("%q is taken: %v", path, p)
		}
	}
}

func TestTimeFormat(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		format, text string
		zone         *time.Location
		want         string // empty where it cannot be read
	}{
		{"unix", "1773212412", nil, "2026-03-11T07:00:12.0000000Z"},
		{"unix", "1773212412.1234567", nil, "2026-03-11T07:00:12.1234567Z"},
		{"unix", "1.773212412e9", nil, "2026-03-11T07:00:12.0000000Z"},
		{"unix", "-1.5", nil, "1969-12-31T23:59:58.5000000Z"},
		{"unix-ms", "1773212412123", nil, "2026-03-11T07:00:12.1230000Z"},
		{"unix-us", "1773212412123456", nil, "2026-03-11T07:00:12.1234560Z"},
		{"unix-ns", "1773212412123456789", nil, "2026-03-11T07:00:12.1234567Z"},
		{"filetime", "134176860120000000", nil, "2026-03-11T07:00:12.0000000Z"},
		{"unix", "99999999999999999", nil, ""}, {"unix", "x", nil, ""}, {"unix", "", nil, ""}, {"unix", "nan", nil, ""}, {"unix-ms", "1e300", nil, ""},
		{"yyyy-MM-dd HH:mm:ss", "2026-03-11 07:00:12", nil, "2026-03-11T07:00:12.0000000Z"},
		{"yyyy-MM-dd HH:mm:ss", "2026-03-11 08:00:12", berlin, "2026-03-11T07:00:12.0000000Z"},
		{"dd.MM.yyyy H:mm:ss,fff", "11.03.2026 7:00:12,5", nil, "2026-03-11T07:00:12.5000000Z"},
		{"M/d/yyyy h:mm:ss tt", "3/11/2026 7:00:12 PM", nil, "2026-03-11T19:00:12.0000000Z"},
		{"dd/MMM/yyyy:HH:mm:ss zzz", "11/Mar/2026:08:00:12 +01:00", nil, "2026-03-11T07:00:12.0000000Z"},
		{"yyyyMMddTHHmmssZ", "20260311T070012Z", nil, "2026-03-11T07:00:12.0000000Z"},
		{"yyyy-MM-dd", "2026-13-11", nil, ""},
	} {
		f, err := parseTimeFormat(c.format)
		if err != nil {
			t.Errorf("%s: %v", c.format, err)
			continue
		}
		got := ""
		if v, ok := f.read(c.text, c.zone); ok {
			got = v.String()
		}
		if got != c.want {
			t.Errorf("%s %q: %q, want %q", c.format, c.text, got, c.want)
		}
	}
	for _, format := range []string{"", "HH:mm", "sometimes", "unix-s", "yyyy2", "yyyy-MM-dd_"} {
		if _, err := parseTimeFormat(format); err == nil {
			t.Errorf("%q is taken", format)
		}
	}
}

// TestMappingAlone checks that a mapping with a query says so where nothing
// runs queries, and that one without loads.
func TestMappingAlone(t *testing.T) {
	for text, want := range map[string]string{
		"table: Heartbeat\ntransformKql: source":   "queries cannot be run here",
		"table: Heartbeat\ncolumns: {Computer: a}": "",
	} {
		m, err := ReadMapping("m", text)
		if err != nil {
			t.Fatal(err)
		}
		o := testOptions()
		o.Mapping = m
		_, err = Load(context.Background(), newFake(), strings.NewReader(`{"a":"x"}`), o)
		if got := fmt.Sprint(err); (err == nil) != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzMapping(f *testing.F) {
	const text = "table: ConfigurationChange\ncolumns: {Computer: 'a.b[0].c', TimeGenerated: {path: t, time: unix}, Size: {path: s, map: {x: '1'}, default: 3}, AdditionalFields: x}\n"
	f.Add(text, `{"a":{"b":[{"c":1}]},"t":1,"s":"x","x":{"y":1}}`)
	f.Add("table: ConfigurationChange\ninput: csv\nseparator: ';'\ncolumns: {Computer: a, FileSystemPath: b}\n", "a;b\n1;2\n\"x\n")
	f.Add("table: ConfigurationChange\nheader: [a, b]\ncolumns: {Computer: a}\n", "1,2\n")
	f.Fuzz(func(t *testing.T, mapping, input string) {
		m, err := ReadMapping("m.yaml", mapping)
		if err != nil {
			return
		}
		o := testOptions()
		o.Mapping, o.Decoders = m, 1
		s, err := Load(context.Background(), newFake(), strings.NewReader(input), o)
		if err == nil && s.Reasons[Internal] > 0 {
			t.Fatalf("%+v", s.Rejects)
		}
	})
}
