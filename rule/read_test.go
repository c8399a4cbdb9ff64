package rule

import (
	stdflag "flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"tidemark/internal/tree"
	"tidemark/parser"
	"tidemark/table"
)

var update = stdflag.Bool("update", false, "write what comes out into the golden files")

// TestGolden reads the files of testdata/read, each an archive of one rule
// file (and its parameters, perhaps), lints the rules and compares what is
// wrong with them, and the rules as YAML, with section want. What it writes
// with -update is to be checked against Microsoft's documents.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { golden(t, path) })
	}
}

func golden(t *testing.T, path string) {
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file *tree.File
	var o Options
	var want *txtar.File
	for i := range ar.Files {
		f := &ar.Files[i]
		switch {
		case f.Name == "want":
			want = f
		case strings.HasSuffix(f.Name, ".parameters.json"):
			o.Parameters = &tree.File{Name: f.Name, Text: string(f.Data)}
		default:
			file = &tree.File{Name: f.Name, Text: string(f.Data)}
		}
	}
	var out strings.Builder
	rules := Read(file, o)
	for _, r := range rules {
		if err := r.Lint(checkSyntax); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range file.Errs {
		line, column := parser.LineColumn(file.Text, e.Span.Start)
		fmt.Fprintf(&out, "%d:%d: %s: %s", line, column, e.Severity, e.Msg)
		if e.Hint != "" {
			fmt.Fprintf(&out, " (%s)", e.Hint)
		}
		fmt.Fprintln(&out)
	}
	if !file.Errs.Fatal() {
		for _, r := range rules {
			out.WriteString("---\n" + yamlOf(t, r))
			roundTrip(t, r)
		}
	}
	if out.String() != string(want.Data) {
		if !*update {
			t.Fatalf("got:\n%s\nwant:\n%s", out.String(), want.Data)
		}
		want.Data = []byte(out.String())
		if err := os.WriteFile(path, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// checkSyntax checks queries as far as that can be done without tables. It
// takes any query to give the columns of ConfigurationChange.
func checkSyntax(query string) (parser.Errors, []table.Column, error) {
	_, errs := parser.Parse(query)
	schema, _ := table.Builtin("ConfigurationChange")
	return errs, schema.Columns(), nil
}

func yamlOf(t *testing.T, r *Rule) string {
	t.Helper()
	text, err := r.YAML()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// roundTrip writes a rule, reads what was written, and compares.
func roundTrip(t *testing.T, r *Rule) {
	t.Helper()
	text := yamlOf(t, r)
	f := &tree.File{Name: "again.yaml", Text: text}
	rules := Read(f, Options{})
	if len(rules) != 1 || f.Errs.Fatal() {
		t.Fatalf("what was written is read as %d rules: %v\n%s", len(rules), f.Errs, text)
	}
	if again := yamlOf(t, rules[0]); again != text {
		t.Errorf("written again it is different:\n%s\nat first:\n%s", again, text)
	}
	a, b := bare(r), bare(rules[0])
	if !reflect.DeepEqual(a, b) {
		t.Errorf("the rule has changed by being written:\n%+v\n%+v", a, b)
	}
	if a.Hash() != b.Hash() {
		t.Error("the hash has changed")
	}
}

// bare is a rule without the places it was read from.
func bare(r *Rule) Rule {
	out := *r
	out.Source = Source{}
	out.Description = strings.TrimRight(out.Description, "\n")
	out.Kept = nil
	for _, k := range r.Kept {
		out.Kept = append(out.Kept, Kept{Name: fmt.Sprint(k.Name, k.node.Plain())})
	}
	out.Tests = nil
	for _, t := range r.Tests {
		x := *t
		x.node = nil
		out.Tests = append(out.Tests, &x)
	}
	return out
}
