package tidemark

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"tidemark/ingest"
)

// mapped loads text with a mapping into a database of its own and returns the
// answer of a query.
func mapped(t *testing.T, mapping, text, query string) (answer string, stats IngestStats, err error) {
	t.Helper()
	m, err := ingest.ReadMapping("map.yaml", mapping)
	if err != nil {
		return "", stats, err
	}
	db, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	stats, err = db.Ingest(context.Background(), strings.NewReader(text), IngestOptions{Mapping: m, Source: "in"})
	if err != nil {
		return "", stats, err
	}
	rows, _ := pruningAnswer(t, context.Background(), db, query)
	return strings.Join(rows, "\n"), stats, nil
}

const watcher = `{"ts":1773212412123,"host":{"name":"web01"},"op":"write","file":{"path":"/etc/passwd","size":"10","sums":[{"sha256":"AB"}]},"who":"root","n":1}
{"ts":1773212413000,"host":{"name":"web02"},"op":"rm","file":{"path":"/tmp/x","size":null},"n":{"deep":[1,2]}}
{"ts":"soon","host":{"name":"web03"},"op":"rm","file":{"path":"/tmp/y"}}
nonsense
`

func TestMappingColumns(t *testing.T) {
	t.Parallel()
	got, s, err := mapped(t, `
name: watcher
table: ConfigurationChange
columns:
  TimeGenerated: {path: ts, time: unix-ms}
  Computer: host.name
  ConfigChangeType: {value: Files}
  ChangeCategory: {path: op, map: {write: Modified, rm: Removed}}
  FileSystemPath: $.file['path']
  Size: {path: file.size, default: 7}
  FileContentChecksum: file.sums[0].sha256
`, watcher, `ConfigurationChange | sort by Computer asc
| project TimeGenerated, Computer, ConfigChangeType, ChangeCategory, FileSystemPath, Size, FileContentChecksum, AgentFormat, DetectedBy, AdditionalFields`)
	if err != nil {
		t.Fatal(err)
	}
	want := `2026-03-11 07:00:12.123 +0000 UTC|web01|Files|Modified|/etc/passwd|10|AB|watcher|import|{"file":{"sums":[{"sha256":"AB"}]},"who":"root","n":1}|
2026-03-11 07:00:13 +0000 UTC|web02|Files|Removed|/tmp/x|7||watcher|import|{"n":{"deep":[1,2]}}|`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if s.RowsIn != 2 || s.RowsRejected != 2 || s.Rejects[0].Line != 3 || !strings.Contains(s.Rejects[0].Reason, `"soon" is no time written as unix-ms`) || s.Rejects[1].Line != 4 {
		t.Errorf("%+v", s)
	}
}

func TestMappingCSV(t *testing.T) {
	t.Parallel()
	const query = "ConfigurationChange | project TimeGenerated, Computer, FileSystemPath, Size, AdditionalFields"
	for name, c := range map[string]struct{ mapping, text, want string }{
		"semicolons": {`
table: ConfigurationChange
separator: ";"
rest: drop
columns:
  TimeGenerated: {path: Zeit, time: "dd.MM.yyyy HH:mm:ss,fff", zone: Europe/Berlin}
  Computer: "Rechner Name"
  FileSystemPath: a.b
  Size: Groesse
`, "Zeit;Rechner Name;a.b;Groesse;mehr\n11.03.2026 08:00:12,5;web01;\"/etc/a;b\";5;x\n", "2026-03-11 07:00:12.5 +0000 UTC|web01|/etc/a;b|5|<nil>|"},
		"no header": {`
table: ConfigurationChange
header: [at, host, path, more]
columns: {TimeGenerated: {path: at, time: unix}, Computer: host, FileSystemPath: path}
`, "1773212412.5,web01,\"/etc/a,b\",x\n", `2026-03-11 07:00:12.5 +0000 UTC|web01|/etc/a,b|<nil>|{"more":"x"}|`},
		"query": {`
table: ConfigurationChange
transformKql: |
  source
  | where level != "debug"
  | project TimeGenerated = unixtime_seconds_todatetime(tolong(at)), Computer = host, Size = strlen(path), FileSystemPath = path
`, "at,host,path,level\n1773212412,web01,/etc/a,info\n1,web01,/etc/b,debug\n", "2026-03-11 07:00:12 +0000 UTC|web01|/etc/a|6|<nil>|"},
	} {
		got, _, err := mapped(t, c.mapping, c.text, query)
		if err != nil || got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s\n%v", name, got, c.want, err)
		}
	}
}

func TestMappingQuery(t *testing.T) {
	t.Parallel()
	got, s, err := mapped(t, `
name: watcher
table: ConfigurationChange
transformKql: |
  let kinds = dynamic({"write": "Modified", "rm": "Removed"});
  source
  | where host.name != "web09"
  | mv-expand part = file.sums to typeof(dynamic)
  | extend ConfigChangeType = "Files", Bytes = file.size, AdditionalFields = pack("who", who)
  | project TimeGenerated = unixtime_milliseconds_todatetime(todouble(ts)), Computer = tostring(host.name), ChangeCategory = tostring(kinds[tostring(op)]),
            FileSystemPath = file.path, Size = Bytes, ConfigChangeType, AdditionalFields, Sum = part.sha256
`, watcher+`{"ts":1,"host":{"name":"web09"}}
{"ts":1773212412123,"host":{"name":"web04"},"file":{"path":"/etc/z","size":"many"},"op":"write"}
`, "ConfigurationChange | sort by Computer asc | project TimeGenerated, Computer, ChangeCategory, FileSystemPath, Size, ConfigChangeType, AgentFormat, AdditionalFields")
	if err != nil {
		t.Fatal(err)
	}
	want := `2026-03-11 07:00:12.123 +0000 UTC|web01|Modified|/etc/passwd|10|Files|watcher|{"who":"root","Sum":"AB"}|`
	if lines := strings.Split(got, "\n"); lines[0] != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	lines := map[int64]string{}
	for _, r := range s.Rejects {
		lines[r.Line] = r.Reason
	}
	if s.RowsRejected != 2 || !strings.Contains(lines[4], "JSON") || !strings.Contains(lines[6], `column Size is long and cannot hold "many"`) {
		t.Errorf("%+v", s)
	}
}

func TestMappingErrors(t *testing.T) {
	t.Parallel()
	const head = "table: ConfigurationChange\n"
	for mapping, want := range map[string]string{
		"":   "map.yaml:1:1: a mapping is one document, and this file has 0",
		head: "map.yaml:1:1: the mapping has neither columns nor transformKql (columns says",
		"tabel: X\n" + head + "columns: {Computer: host}":                   `map.yaml:1:1: unknown key "tabel" in a mapping (did you mean table?)`,
		head + "columns:\n  Computr: host.name":                             `map.yaml:3:3: table ConfigurationChange has no column "Computr" (did you mean Computer?)`,
		"table: ConfigurationChanges\ncolumns: {Computer: host}":            `map.yaml:1:8: there is no table "ConfigurationChanges" (did you mean ConfigurationChange?)`,
		head + "columns:\n  Computer: host..name":                           `map.yaml:3:13: "host..name" is no path: a name is missing`,
		head + "columns:\n  Computer: {path: a, time: unix}":                "map.yaml:3:29: column Computer is string, no datetime",
		head + "columns:\n  TimeGenerated: {path: a, time: sometimes}":      `map.yaml:3:34: "sometimes" is no pattern of a time`,
		head + "columns: {Computer: {value: a, path: b}}":                   "a value that is the same in all rows stands alone",
		head + "columns: {Computer: {map: {a: b}}}":                         "has neither a path nor a value",
		head + "columns: {Computer: a}\ntransformKql: source":               "map.yaml:3:15: a mapping has either columns or transformKql",
		head + "input: xml\ncolumns: {Computer: a}":                         "map.yaml:2:8: ",
		head + "source: {a: strnig}\ntransformKql: source":                  `map.yaml:2:13: there is no type "strnig" (did you mean string?)`,
		head + "transformKql: |\n  source\n  | where hst.name == ''":        `map.yaml:4:11: `,
		head + "transformKql: |\n  source\n  | summarize count() by op":     "map.yaml:4:5: summarize cannot be used here: records come in batches",
		head + "transformKql: source | join (source) on op":                 "join cannot be used here",
		head + "transformKql: source | where op in ((source | project op))": "there can be no query inside of it",
		head + "transformKql: source | extend x = toscalar(print 1)":        "there can be no query inside of it",
		head + "transformKql: ConfigurationData":                            "map.yaml:2:15: a mapping's query reads the table source, and only that",
		head + "transformKql: source | extend Size = 1d":                    "column Size of the query is timespan, that of table ConfigurationChange is long (extend Size = tolong(Size))",
		head + "transformKql: source | whre op == 1":                        "map.yaml:2:24: ",
		head + "transformKql: source; source":                               "a mapping has one query",
		"table: Own\ntransformKql: source | project B = 1":                  `the query gives a column "B", which table Own does not have (did you mean A?)`,
	} {
		m, err := ingest.ReadMapping("map.yaml", mapping)
		if err == nil {
			db, openErr := Open("")
			if openErr != nil {
				t.Fatal(openErr)
			}
			pruningAnswer(t, context.Background(), db, ".create table Own (A: string)")
			_, err = db.Ingest(context.Background(), strings.NewReader(watcher), IngestOptions{Mapping: m})
			db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\n%v\nwant %s", mapping, err, want)
		}
	}
}

// TestMappingDocs loads what stands behind each mapping in docs/formats.md.
func TestMappingDocs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```yaml\n(.*?)```\n+```(?:json|csv)\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(found) < 2 {
		t.Fatalf("%d mappings", len(found))
	}
	for _, f := range found {
		got, s, err := mapped(t, f[1], f[2], "ConfigurationChange | project Computer, ConfigChangeType, ChangeCategory, FileSystemPath, Size")
		if err != nil || s.RowsRejected != 0 || !strings.HasPrefix(got, "web01|Files|") || strings.Contains(got, "||") || strings.Contains(got, "nil") {
			t.Errorf("%s\ngives %s, %+v, %v", f[1], got, s, err)
		}
	}
}

// TestMappingBatches checks that batches and decoders make no difference to
// what a query gives, and that types are those that are declared.
func TestMappingBatches(t *testing.T) {
	t.Parallel()
	m, err := ingest.ReadMapping("map.yaml", `
table: Own
source: {at: datetime, n: long, host: string, tags: dynamic}
transformKql: source | where n % 3 != 0 | mv-expand tag = tags to typeof(string) | project at, n, host, tag, half = n / 2.0
`)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&text, `{"at":"2026-03-11T07:00:12Z","n":%d,"host":"web%d","tags":["a","b"]}`+"\n", i, i%4)
		if i%1000 == 0 {
			fmt.Fprintf(&text, `{"n":"x"}`+"\n")
		}
	}
	for _, rows := range []int{0, 1, 100} {
		db, err := Open("")
		if err != nil {
			t.Fatal(err)
		}
		pruningAnswer(t, context.Background(), db, ".create table Own (at: datetime, n: long, host: string, tag: string, half: real)")
		s, err := db.Ingest(context.Background(), strings.NewReader(text.String()), IngestOptions{Mapping: m, BatchRows: max(rows, 20*rows), Decoders: 3})
		if err != nil || s.RowsRejected != 5 || s.Passed["that transformKql leaves out"] != 1667 {
			t.Errorf("%+v %v", s, err)
		}
		got, _ := pruningAnswer(t, context.Background(), db, "Own | summarize count(), sum(n), sum(half), dcount(host), make_set(tag), min(at)")
		if want := `6666|16663334|8.331667e+06|4|["a","b"]|2026-03-11 07:00:12 +0000 UTC|`; strings.Join(got, "") != want {
			t.Errorf("batches of %d: %s, want %s", rows, got, want)
		}
		db.Close()
	}
}
