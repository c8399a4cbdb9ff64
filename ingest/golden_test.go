package ingest

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/table"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// ownTable has a column of each type and no AdditionalFields.
var ownTable = table.MustSchema(
	table.Column{Name: "T", Type: table.Datetime}, table.Column{Name: "S", Type: table.String},
	table.Column{Name: "N", Type: table.Long}, table.Column{Name: "I", Type: table.Int},
	table.Column{Name: "R", Type: table.Real}, table.Column{Name: "B", Type: table.Bool},
	table.Column{Name: "G", Type: table.Guid}, table.Column{Name: "D", Type: table.Dynamic},
	table.Column{Name: "P", Type: table.Timespan}, table.Column{Name: "M", Type: table.Decimal},
	table.Column{Name: "EventId", Type: table.String},
)

var ownTables = map[string]*table.Schema{"Own": ownTable}

// TestGolden loads each file of testdata and compares what comes of it with
// the file of the same name in testdata/want, for several sizes of batches.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			input, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", "want", filepath.Base(file)+".txt")
			if *update {
				os.WriteFile(golden, []byte(goldenText(t, input, file, 0, 1)), 0o644)
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			for _, rows := range []int{0, 1, 2} {
				for _, decoders := range []int{1, 3} {
					if got := goldenText(t, input, file, rows, decoders); got != string(want) {
						t.Errorf("batches of %d, %d decoders:\n%s", rows, decoders, firstDifference(got, string(want)))
					}
				}
			}
		})
	}
}

func goldenText(t *testing.T, input []byte, file string, batch, decoders int) string {
	m := newFake()
	m.own = map[string]*table.Schema{"Own": ownTable}
	o := testOptions()
	o.BatchRows, o.Decoders = batch, decoders
	if strings.Contains(file, "own.") {
		o.Table = "Own"
	}
	var rejects bytes.Buffer
	o.Rejects = &rejects
	s, err := Load(context.Background(), m, bytes.NewReader(input), o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "format %s, in %d, rejected %d, duplicate %d, %v\n", s.Format, s.RowsIn, s.RowsRejected, s.RowsDuplicate, s.Reasons)
	if len(s.Passed) > 0 {
		fmt.Fprintf(&b, "passed over: %v\n", s.Passed)
	}
	for _, name := range append(table.BuiltinNames(), "Own") {
		for _, line := range m.lines(name, "IngestionTime", "Type") {
			fmt.Fprintf(&b, "\n%s\n  %s\n", name, strings.ReplaceAll(line, " | ", "\n  "))
		}
	}
	b.WriteString("\nrejects\n")
	b.WriteString(rejects.String())
	return b.String()
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d:\ngot  %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("got %d lines, want %d", len(g), len(w))
}

// TestExamples loads the example of each format and tells its format.
func TestExamples(t *testing.T) {
	for _, f := range Formats {
		if f.Name == "ndjson" {
			continue // its example is of a table of one's own
		}
		got, err := Detect([]byte(f.Example))
		if err != nil || got.Name != f.Name {
			t.Errorf("%s: detected %q, %v", f.Name, got.Name, err)
		}
		if s := newFake().load(t, f.Example, testOptions()); s.RowsIn != 1 || s.RowsRejected != 0 {
			t.Errorf("%s: %+v", f.Name, s)
		}
	}
}
