package house

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Files and functions beyond these are too long to be held in mind.
const (
	maxFileLines     = 500
	longFileLines    = 400 // is mentioned
	maxFunctionLines = 80
)

// walk calls visit for every file of the repository, paths from its root.
func walk(t *testing.T, visit func(path string, data []byte)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err == nil {
			visit(filepath.ToSlash(rel), data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSizes(t *testing.T) {
	walk(t, func(path string, data []byte) {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, data, parser.ParseComments)
		if err != nil {
			t.Error(err)
			return
		}
		if ast.IsGenerated(file) {
			return
		}
		switch n := bytes.Count(data, []byte("\n")); {
		case n > maxFileLines:
			t.Errorf("%s has %d lines, more than %d: split it", path, n, maxFileLines)
		case n > longFileLines:
			t.Logf("%s has %d lines", path, n)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Name.Name == "init" || strings.HasPrefix(f.Name.Name, "register") {
				continue
			}
			from, to := set.Position(f.Pos()).Line, set.Position(f.End()).Line
			if n := to - from + 1; n > maxFunctionLines {
				t.Errorf("%s:%d: %s has %d lines, more than %d: split it", path, from, f.Name.Name, n, maxFunctionLines)
			}
		}
	})
}

// Paths of the machine that something was written on mean nothing elsewhere.
func TestNoMachinePaths(t *testing.T) {
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{here + "/"}
	if parent := filepath.Dir(here); parent != "/" && parent != filepath.Clean(os.TempDir()) {
		neighbours, err := os.ReadDir(parent)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range neighbours {
			if d.IsDir() {
				paths = append(paths, filepath.Join(parent, d.Name())+"/")
			}
		}
	}
	if cache, err := command(t, "go", "env", "GOMODCACHE"); err == nil {
		paths = append(paths, strings.TrimSpace(string(cache)))
	}
	walk(t, func(path string, data []byte) {
		if bytes.IndexByte(data, 0) >= 0 {
			return
		}
		for _, p := range paths {
			if i := bytes.Index(data, []byte(p)); i >= 0 {
				t.Errorf("%s:%d: %s is a path of this machine", path, bytes.Count(data[:i], []byte("\n"))+1, p)
			}
		}
	})
}
