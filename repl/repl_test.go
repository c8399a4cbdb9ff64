package repl

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidemark"
	"tidemark/output"
	"tidemark/service"
	"tidemark/table"
)

type shelf struct{}

func (shelf) Names(k Kind) []string {
	return map[Kind][]string{Operator: {"count", "summarize", "where"}, Function: {"strcat", "strlen"}, Aggregation: {"count", "sum"}}[k]
}

func (shelf) Topic(kind Kind, name string) (Topic, bool) {
	if kind != Function || name != "strlen" {
		return Topic{}, false
	}
	return Topic{Name: "strlen", Kind: Function, Doc: "Counts characters, always.", Usage: []string{"strlen(string): long"},
		Examples: []Example{{`print strlen("ab")`, "2"}}}, true
}

// nothing opens a database that does not exist: the built-in tables, empty.
func nothing() (service.Database, error) {
	return local(tidemark.Open(filepath.Join(os.TempDir(), "tidemark-does-not-exist"), tidemark.ReadOnly(), tidemark.Lazy()))
}

func local(db *tidemark.DB, err error) (service.Database, error) { return service.Local(db), err }

// talk runs a session without a database and returns what it wrote.
func talk(t *testing.T, change func(*session), texts ...string) (out, errs string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	s, err := newSession(Config{Open: nothing, Out: &o, Err: &e, Format: "csv", Library: shelf{}, Screen: func() output.Options { return output.Options{Width: 40} }})
	if err != nil {
		t.Fatal(err)
	}
	s.lines = newPlain(strings.NewReader(strings.Join(texts, "\n")+"\n"), nil)
	if change != nil {
		change(s)
	}
	err = s.loop(context.Background())
	if closeErr := errors.Join(s.closeFile(), s.db.close()); closeErr != nil {
		t.Fatal(closeErr)
	}
	return o.String(), e.String(), err
}

func TestQueries(t *testing.T) {
	out, errs, err := talk(t, nil, "print x = 1", "| extend y = 2", "", "print z = 3;")
	if out != "x,y\n1,2\nz\n3\n" || errs != "" || err != nil {
		t.Errorf("%q %q %v", out, errs, err)
	}
	out, errs, err = talk(t, nil, "print x = 1 | wher x;", "print z = 3;")
	if out != "z\n3\n" || !strings.Contains(errs, "where") || !strings.Contains(errs, "^^^^") || !errors.Is(err, ErrFailed) {
		t.Errorf("%q %q %v", out, errs, err)
	}
}

func TestLimit(t *testing.T) {
	for limit, want := range map[int64]string{2: "x\n1\n2\n", 3: "x\n1\n2\n3\n", 0: "x\n1\n2\n3\n"} {
		out, errs, _ := talk(t, func(s *session) { s.limit = limit }, "range x from 1 to 3 step 1")
		if out != want || (limit == 2) != strings.Contains(errs, "only the first 2 rows are shown") {
			t.Errorf("limit %d: %q %q", limit, out, errs)
		}
	}
}

func TestCommands(t *testing.T) {
	for _, c := range []struct{ line, out, errs string }{
		{".help", "  .schema TABLE ", ""},
		{".help strlen()", "strlen (function): Counts characters,\nalways.\n\n  strlen(string): long\n\n  print strlen(\"ab\")\n    → 2\n", ""},
		{".help functions", "  strcat  strlen\n", ""},
		{".help mode", ".mode [FORMAT]: how", ""},
		{".help strlem", "", "did you mean strlen?"},
		{".tables;", "ConfigurationChange,0,", ""},
		{".show tables", "ConfigurationChange,tidemark-does-not-exist,", ""},
		{".schema Heartbeat", "TimeGenerated,datetime,false,", ""},
		{".schema Heartbet", "", "did you mean Heartbeat?"},
		{".schema", "", "which table?"},
		{".mode", "* csv", ""},
		{".mode xml", "", "unknown format xml"},
		{".mode json\nprint x=1;", `{"tables":[`, ""},
		{".rows 5\n.rows", "up to 5 rows are shown", ""},
		{".rows x", "", "x is not a number of rows"},
		{".timer on\nprint 1;", "1\n", " s"},
		{".timer", "the timer is off", ""},
		{".tabels", "", "did you mean .tables?"},
		{".read missing", "", "missing"},
	} {
		out, errs, err := talk(t, nil, c.line)
		if !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) || c.errs == "" && (errs != "" || err != nil) {
			t.Errorf("%s: %q %q %v", c.line, out, errs, err)
		}
	}
	if out, _, err := talk(t, nil, ".quit", "print 1;"); out != "" || err != nil {
		t.Errorf(".quit goes on: %q %v", out, err)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	kql, csv := filepath.Join(dir, "a.kql"), filepath.Join(dir, "a.csv")
	if err := os.WriteFile(kql, []byte("print x = 1\n\n| extend y = 2\n\nprint z = 3"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, err := talk(t, func(s *session) { s.limit = 1; s.format, _ = output.Lookup("json") },
		".output "+csv, "range i from 1 to 2 step 1;", ".read "+kql, ".output", "print w = 4;")
	got, _ := os.ReadFile(csv)
	if err != nil || string(got) != "i\n1\n2\nx,y\n1,2\nz\n3\n" || !strings.Contains(out, `[[4]]`) || strings.Contains(out, "3") {
		t.Errorf("%v\n%s\n%s", err, got, out)
	}
	self := filepath.Join(dir, "self.kql")
	if err := os.WriteFile(self, []byte(".read "+self), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, _ := talk(t, nil, ".read "+self); !strings.Contains(errs, "8 deep") {
		t.Errorf("%q", errs)
	}
}

func TestCompletion(t *testing.T) {
	s := &session{Config: Config{Library: shelf{}}, db: database{open: nothing}}
	for line, want := range map[string][]string{
		"Heart":                              {"Heartbeat"},
		"Heartbeat | w":                      {"where "},
		"Heartbeat | where TimeG":            {"TimeGenerated"},
		"Heartbeat | where strl":             {"strlen("},
		"Heartbeat | summarize su":           {"sum("},
		"Heartbeat | where x == 1 and Confi": {"ConfigurationChange", "ConfigurationData"},
		"wh":                                 {"where "},
		".sch":                               {".schema"},
		".schema Hea":                        {"Heartbeat"},
		".mode js":                           {"json", "jsonl"},
		".help strl":                         {"strlen"},
		"nothing":                            nil,
	} {
		if _, got := s.complete(line); !slices.Equal(got, want) {
			t.Errorf("%q: %q", line, got)
		}
	}
	s.entry.lines = []string{"Heartbeat |"}
	if prefix, got := s.complete("wh"); prefix != "wh" || !slices.Equal(got, []string{"where "}) {
		t.Errorf("in the second line: %q", got)
	}
}

// TestTiming says what a query did in one line, and nothing of what it did not do.
func TestTiming(t *testing.T) {
	for _, c := range []struct {
		stats tidemark.Stats
		want  string
	}{
		{tidemark.Stats{ElapsedMS: 1.4}, "0.001 s"},
		{tidemark.Stats{ElapsedMS: 20, RowsScanned: 3}, "0.020 s, 3 rows scanned"},
		{tidemark.Stats{ExtentsTotal: 11, ExtentsScanned: 2, RowsScanned: 22144, BytesRead: 2048, PeakMemoryBytes: 3 << 20},
			"0.000 s, 22,144 rows scanned in 2 of 11 extents, 2.0 kB read, 3.1 MB memory"},
		{tidemark.Stats{ExtentsTotal: 1, Pruned: table.Pruned{ExtentsByCount: 1}}, "0.000 s, 0 rows scanned in 0 of 1 extent, 1 extent counted"},
	} {
		if got := timing(c.stats); got != c.want {
			t.Errorf("%+v: %q, want %q", c.stats, got, c.want)
		}
	}
}
