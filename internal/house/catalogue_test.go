package house

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tidemark"
	"tidemark/engine/agg"
	"tidemark/engine/fn"
	"tidemark/engine/op"
	"tidemark/output"
	"tidemark/parser"
	"tidemark/table"
)

// Every function, aggregation and plugin says what it does, in a sentence and in an
// example that gives what it says.
func TestCatalogue(t *testing.T) {
	db, err := tidemark.Open("", tidemark.NoCreate(), tidemark.Lazy(), tidemark.GeoIP(filepath.Join(root, "engine", "geoip", "testdata", "places.mmdb")))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, f := range fn.Documented() {
		t.Run("function/"+f.Name, func(t *testing.T) { entry(t, db, f.Doc, f.Examples) })
	}
	for _, f := range agg.All() {
		t.Run("aggregation/"+f.Name, func(t *testing.T) { entry(t, db, f.Doc, f.Examples) })
	}
	for _, name := range op.PluginNames() {
		p, _ := op.LookupPlugin(name)
		t.Run("plugin/"+name, func(t *testing.T) { entry(t, db, p.Doc, p.Examples) })
	}
}

func entry(t *testing.T, db *tidemark.DB, doc string, examples []fn.Example) {
	if len(strings.Fields(doc)) < 3 || !strings.HasSuffix(doc, ".") {
		t.Errorf("its documentation is no sentence: %q", doc)
	}
	if len(examples) == 0 {
		t.Error("it has no example")
	}
	for _, e := range examples {
		got, err := firstCell(db, e.Query)
		if err != nil {
			t.Errorf("%s: %v", e.Query, err)
		} else if got != e.Want {
			t.Errorf("%s gives %s, and should %s", e.Query, got, e.Want)
		}
	}
}

// firstCell is the first cell of an answer as text. A text that is a dynamic
// comes without its quotes.
func firstCell(db *tidemark.DB, query string) (string, error) {
	ctx := context.Background()
	result, err := db.Query(ctx, query)
	if err != nil {
		return "", err
	}
	defer result.Close()
	var out bytes.Buffer
	format, _ := output.Lookup("csv")
	w := format.New(&out, output.Options{})
	if _, err := output.Copy(ctx, w, result.Tables()[0]); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) < 2 {
		return "", err
	}
	cell := rows[1][0]
	var text string
	if result.Tables()[0].Columns()[0].Type == table.Dynamic && json.Unmarshal([]byte(cell), &text) == nil {
		return text, nil
	}
	return cell, nil
}

// stage is where an operator's keyword stands in a query.
var stage = regexp.MustCompile(`(?:^|[|(;=])\s*([a-z][a-z-]*[a-z])`)

// Every operator that runs has a golden file in which it does.
func TestOperatorsHaveGoldens(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, "engine", "testdata"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".txtar" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range stage.FindAllSubmatch(bytes.ReplaceAll(text, []byte("\n"), []byte(" ; ")), -1) {
			seen[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range parser.Operators() {
		known := seen[o.Keyword] || slices.ContainsFunc(o.Aliases, func(a string) bool { return seen[a] })
		if !known && !strings.HasPrefix(o.Keyword, "__") {
			t.Errorf("operator %s is in no golden file", o.Keyword)
		}
	}
}
