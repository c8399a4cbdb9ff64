package house

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tidemark"
	"tidemark/examples/data"
)

// block is a fenced block of a document.
type block struct {
	path, info, text string
	line             int
}

// blocks returns the fenced blocks of README.md and docs whose first word is
// lang.
func blocks(t *testing.T, lang string) []block {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	var out []block
	for _, path := range append(paths, filepath.Join(root, "README.md")) {
		text, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		var open *block
		for i, line := range strings.Split(string(text), "\n") {
			switch fence, is := strings.CutPrefix(strings.TrimSpace(line), "```"); {
			case is && open == nil:
				open = &block{path: filepath.Base(path), info: fence, line: i + 1}
			case is:
				if word, _, _ := strings.Cut(open.info, " "); word == lang {
					out = append(out, *open)
				}
				open = nil
			case open != nil:
				open.text += line + "\n"
			}
		}
	}
	return out
}

// TestQueriesInDocs runs every block marked kql on the example data. One
// marked "kql wrong" must be refused, one marked "kql syntax" is only parsed:
// it asks about tables that the reader has.
func TestQueriesInDocs(t *testing.T) {
	db := example(t)
	for _, b := range blocks(t, "kql") {
		_, mark, _ := strings.Cut(b.info, " ")
		err := run(db, b.text)
		if mark == "syntax" {
			checked, e := db.Check(b.text, true)
			if err = e; err == nil && checked.Diagnostics.Fatal() {
				err = checked.Diagnostics
			}
		}
		if (err != nil) != (mark == "wrong") {
			t.Errorf("%s:%d: error %v\n%s", b.path, b.line, err, b.text)
		}
	}
}

func example(t *testing.T) *tidemark.DB {
	t.Helper()
	db, err := tidemark.Open("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := data.Load(context.Background(), db, func(string, tidemark.IngestStats) {}); err != nil {
		t.Fatal(err)
	}
	return db
}

func run(db *tidemark.DB, text string) error {
	ctx := context.Background()
	result, err := db.Query(ctx, text)
	if err != nil {
		return err
	}
	defer result.Close()
	for _, table := range result.Tables() {
		for _, err := range table.Rows(ctx) {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// docs/dependencies.md has a line for each module that ours imports, and for
// no other.
func TestDependencies(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		listed = append(listed, m[1])
	}
	slices.Sort(listed)
	if used := direct(t); !slices.Equal(listed, used) {
		t.Errorf("docs/dependencies.md lists\n%s\nand the code imports\n%s", strings.Join(listed, "\n"), strings.Join(used, "\n"))
	}
}

// direct returns the modules that packages and tests of ours import.
func direct(t *testing.T) []string {
	t.Helper()
	out, err := command(t, "go", "mod", "edit", "-json")
	if err != nil {
		t.Fatal(err)
	}
	var mod struct{ Require []struct{ Path string } }
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, p := range packages(t) {
		for _, path := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			for _, r := range mod.Require {
				if path == r.Path || strings.HasPrefix(path, r.Path+"/") {
					used[r.Path] = true
				}
			}
		}
	}
	var list []string
	for path := range used {
		list = append(list, path)
	}
	slices.Sort(list)
	return list
}
