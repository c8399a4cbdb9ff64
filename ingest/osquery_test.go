package ingest

import (
	"fmt"
	"strings"
	"testing"

	"tidemark/table"
)

// TestOsqueryPairs makes one row of the two halves of a change, wherever they
// stand among the results of other computers, and none of halves that do not
// belong together.
func TestOsqueryPairs(t *testing.T) {
	line := func(host string, counter int, version, action string) string {
		return fmt.Sprintf(`{"name":"p","hostIdentifier":"%s","unixTime":1773212412,"epoch":0,"counter":%d,"columns":{"name":"curl","version":"%s","arch":"amd64","revision":"1","maintainer":"m"},"action":"%s"}`+"\n", host, counter, version, action)
	}
	for name, c := range map[string]struct{ text, want string }{
		"pair":            {line("a", 1, "1", "removed") + line("a", 1, "2", "added"), "Modified"},
		"other order":     {line("a", 1, "2", "added") + line("a", 1, "1", "removed"), "Modified"},
		"between others":  {line("a", 1, "1", "removed") + line("b", 1, "1", "removed") + line("a", 1, "2", "added") + line("b", 1, "2", "added"), "Modified Modified"},
		"another time":    {line("a", 1, "1", "removed") + line("a", 2, "2", "added"), "Removed Added"},
		"alone":           {line("a", 1, "1", "removed"), "Removed"},
		"first run":       {line("a", 0, "1", "added"), ""},
		"same twice":      {line("a", 1, "1", "added") + line("a", 1, "1", "added"), "Added"},
		"another machine": {line("a", 1, "1", "removed") + line("b", 1, "2", "added"), "Removed Added"},
	} {
		m := newFake()
		m.load(t, c.text, testOptions())
		var got []string
		for _, l := range m.lines(table.ConfigurationChange) {
			_, rest, _ := strings.Cut(l, "ChangeCategory=")
			word, _, _ := strings.Cut(rest, " ")
			got = append(got, word)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestOsqueryBatches refuses a batch that would be read over and over, and
// reads one of very many rows.
func TestOsqueryBatches(t *testing.T) {
	row := `{"name":"p%d","version":"1","arch":"a","revision":"","maintainer":"m"},`
	var rows strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&rows, row, i)
	}
	batch := `{"diffResults":{"added":[` + strings.TrimSuffix(rows.String(), ",") + `],"removed":""},"name":"p","hostIdentifier":"a","unixTime":1773212412,"epoch":0,"counter":1`
	if s := newFake().load(t, batch+"}\n", testOptions()); s.RowsIn != 20000 || s.RowsRejected != 0 {
		t.Errorf("%+v", s)
	}
	if s := newFake().load(t, batch+`,"decorations":"`+strings.Repeat("x", 1<<20)+"\"}\n", testOptions()); s.RowsIn != 0 || s.RowsRejected != 1 {
		t.Errorf("%+v", s)
	}
}
