// Package script runs golden files: tables, queries and the answers they must
// have. Each query runs in many ways (batch sizes, threads, with and without
// the optimiser, strings flat and as dictionaries) and must have the same
// answer in all of them.
//
// A file is a txtar archive. After its first lines, which say what it is
// about, come sections:
//
//	-- table T --       a table for the queries below; the header gives names
//	a:long,b:string     and types, an empty field is null (or an empty string)
//	-- query title --   a query
//	-- want --          its answer as CSV with types in the header, or
//	-- error --         its errors; each line must occur in their text
//
// A file may have several queries. Rows are compared as a set unless the query
// ends in sort, top, serialize or the like. Numbers in tables should be such
// that sums do not depend on their order.
//
//	go test ./engine -run Script -update
//
// writes the answers as they are into the files. What a file says must come
// from the language's documentation, so check what -update has written.
package script

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"tidemark/engine"
	"tidemark/output"
	"tidemark/parser"
)

var update = flag.Bool("update", false, "write the answers into the golden files")

// now is what now() gives in golden files.
var now = time.Date(2026, 3, 11, 7, 0, 12, 345678900, time.UTC)

// Run runs all files below a folder, each query as a subtest.
func Run(t *testing.T, dir string) {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".txtar" {
			return err
		}
		name, err := filepath.Rel(dir, strings.TrimSuffix(path, ".txtar"))
		if err != nil {
			return err
		}
		t.Run(filepath.ToSlash(name), func(t *testing.T) { runFile(t, path) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// query is a query of a file with what it must give.
type query struct {
	title, text string
	want        *txtar.File // its section want or error
	tables      []*source   // the tables above it
}

func runFile(t *testing.T, path string) {
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	queries, err := parse(ar)
	if err != nil {
		t.Fatal(err)
	}
	changed := false
	for _, q := range queries {
		t.Run(q.title, func(t *testing.T) {
			was := string(q.want.Data)
			q.run(t)
			changed = changed || string(q.want.Data) != was
		})
	}
	if *update && changed {
		if err := os.WriteFile(path, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// parse reads the sections of a file.
func parse(ar *txtar.Archive) ([]*query, error) {
	var queries []*query
	var tables []*source
	for i := range ar.Files {
		f := &ar.Files[i]
		kind, title, _ := strings.Cut(f.Name, " ")
		switch kind {
		case "table":
			src, err := parseTable(title, f.Data)
			if err != nil {
				return nil, fmt.Errorf("table %s: %w", title, err)
			}
			tables = append(slices.Clone(tables), src)
		case "query":
			queries = append(queries, &query{title: title, text: string(f.Data), tables: tables})
		case "want", "error":
			if len(queries) == 0 || queries[len(queries)-1].want != nil {
				return nil, fmt.Errorf("section %s has no query before it", f.Name)
			}
			queries[len(queries)-1].want = f
		default:
			return nil, fmt.Errorf("there are no sections called %q", kind)
		}
	}
	for _, q := range queries {
		if q.want == nil {
			return nil, fmt.Errorf("query %q has neither want nor error", q.title)
		}
	}
	return queries, nil
}

// mode is a way to run a query.
type mode struct {
	rows, threads int
	plain         bool // without the optimiser
	dictionary    bool // strings of tables as dictionaries
}

func (m mode) String() string {
	return fmt.Sprintf("batch=%d threads=%d plain=%t dictionary=%t", m.rows, m.threads, m.plain, m.dictionary)
}

func modes() []mode {
	var out []mode
	for _, rows := range []int{0, 1, 3} {
		for _, threads := range []int{1, 4} {
			for _, plain := range []bool{false, true} {
				out = append(out, mode{rows, threads, plain, plain != (threads == 1)})
			}
		}
	}
	return out
}

// run runs the query in all modes. With -update the answer of the first is
// what is wanted of the others.
func (q *query) run(t *testing.T) {
	trees := parser.NewCache()
	defer func() {
		shared, _ := trees.Parse(q.text)
		if own, _ := parser.Parse(q.text); !reflect.DeepEqual(shared, own) {
			t.Errorf("whoever ran the query changed its tree, which others share:\n%s", q.text)
		}
	}()
	for i, m := range modes() {
		got, err := q.answer(m, trees)
		if err != nil {
			q.failed(t, err)
			return
		}
		if *update && i == 0 {
			q.want.Name, q.want.Data = "want", got
		}
		if q.want.Name != "want" {
			t.Fatalf("%s: no error, but\n%s\nquery:\n%s", m, got, q.text)
		}
		if want := q.sorted(q.want.Data); !bytes.Equal(q.sorted(got), want) {
			t.Fatalf("%s:\n%s\ngot:\n%swant:\n%s", m, q.text, q.sorted(got), want)
		}
	}
}

func (q *query) failed(t *testing.T, err error) {
	if *update {
		q.want.Name, q.want.Data = "error", []byte(err.Error()+"\n")
	}
	if q.want.Name != "error" {
		t.Fatalf("error: %v\nquery:\n%s", err, q.text)
	}
	for line := range strings.Lines(string(q.want.Data)) {
		if !strings.Contains(err.Error(), strings.TrimSpace(line)) {
			t.Fatalf("error: %v\nhas nothing of: %squery:\n%s", err, line, q.text)
		}
	}
}

// answer runs the query once and writes its tables as CSV.
func (q *query) answer(m mode, trees *parser.Cache) (answer []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: panic: %v", m, p)
		}
	}()
	ctx := context.Background()
	result, err := engine.Run(ctx, q.text, catalog{q.tables, m}, engine.Options{Now: now, BatchRows: m.rows, Threads: m.threads, NoOptimizer: m.plain, Parsed: trees})
	if err != nil {
		return nil, err
	}
	defer result.Close()
	var out bytes.Buffer
	for _, table := range result.Tables() {
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		format, _ := output.Lookup("csv")
		w := format.New(&out, output.Options{})
		if _, err := output.Copy(ctx, w, typed{table}); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// sorted sorts the rows of each table unless their order is the query's.
func (q *query) sorted(text []byte) []byte {
	if ordered(q.text) {
		return text
	}
	var tables []string
	for _, table := range strings.Split(string(text), "\n\n") {
		lines := strings.Split(strings.TrimSuffix(table, "\n"), "\n")
		slices.Sort(lines[1:])
		tables = append(tables, strings.Join(lines, "\n"))
	}
	return []byte(strings.Join(tables, "\n\n") + "\n")
}

// makeOrder are the operators after which rows have an order, keepOrder those
// that leave them in it.
var (
	makeOrder = []string{"sort", "top", "serialize", "scan"}
	keepOrder = []string{"where", "extend", "project", "project-away", "project-keep", "project-rename", "project-reorder", "take", "mv-expand", "parse", "parse-where"}
)

// ordered reports whether the last operators of a query leave an order.
func ordered(text string) bool {
	tree, _ := parser.Parse(text)
	if tree == nil || len(tree.Statements) == 0 {
		return false
	}
	last, ok := tree.Statements[len(tree.Statements)-1].(*parser.ExprStatement)
	if !ok {
		return false
	}
	pipeline, ok := last.X.(*parser.Pipeline)
	if !ok {
		return false
	}
	for _, op := range slices.Backward(pipeline.Ops) {
		if slices.Contains(makeOrder, op.Keyword()) {
			return true
		}
		if !slices.Contains(keepOrder, op.Keyword()) {
			return false
		}
	}
	return false
}
