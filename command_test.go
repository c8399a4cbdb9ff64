package tidemark_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark"
	"tidemark/command"
	"tidemark/output"
	"tidemark/parser"
)

// say runs a text and returns its first result as CSV without the header, its
// warnings, or its errors as a person sees them.
func say(db *tidemark.DB, text string) string {
	res, err := db.Query(context.Background(), text)
	var es parser.Errors
	if errors.As(err, &es) {
		return rendered(text, es)
	}
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	defer res.Close()
	var out bytes.Buffer
	format, _ := output.Lookup("csv")
	w := format.New(&out, output.Options{})
	for _, t := range res.Tables() {
		if _, err := output.Copy(context.Background(), w, t); err != nil {
			return "error: " + err.Error() + "\n"
		}
	}
	if err := w.Close(); err != nil {
		return "error: " + err.Error() + "\n"
	}
	return rendered(text, res.Warnings) + out.String()
}

func rendered(text string, es parser.Errors) string {
	s := ""
	for _, e := range es {
		s += e.Render(text, output.CleanWidth)
	}
	return s
}

func scratch(t *testing.T, opts ...tidemark.Option) *tidemark.DB {
	t.Helper()
	clock := func() time.Time { return time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC) }
	db, err := tidemark.Open("", append(opts, tidemark.Clock(clock))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

var updateCommands = os.Getenv("UPDATE") != ""

// TestCommandScripts runs the scripts in testdata/command: texts separated by
// a line "---", each followed by what it answers after a line "=>".
func TestCommandScripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/command/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			db := scratch(t)
			var all []string
			for _, step := range strings.Split(strings.ReplaceAll(string(data), "\r", ""), "\n---\n") {
				text, want, _ := strings.Cut(step, "\n=>")
				want = strings.TrimPrefix(want, "\n")
				got := strings.TrimRight(say(db, text), "\n")
				if got != strings.TrimRight(want, "\n") {
					if !updateCommands {
						t.Errorf("%s\ngives\n%s\nwant\n%s", text, got, want)
					}
				}
				all = append(all, text+"\n=>\n"+got)
			}
			if updateCommands {
				if err := os.WriteFile(path, []byte(strings.Join(all, "\n---\n")+"\n"), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Every command has an example that runs after those before it.
func TestCommandExamples(t *testing.T) {
	db := scratch(t)
	seen := map[string]bool{}
	run := func(c *command.Command) {
		if out := say(db, c.Example); strings.Contains(out, "error:") {
			t.Errorf("%s: %s\n%s", c.Head, c.Example, out)
		}
		if !strings.HasSuffix(c.Doc, ".") || !strings.HasPrefix(c.Usage, ".") || seen[c.Head] {
			t.Errorf("%s: %q %q", c.Head, c.Doc, c.Usage)
		}
		seen[c.Head] = true
	}
	for _, c := range inOrder() {
		run(c)
	}
}

// inOrder are the commands so that their examples can run: what others ask
// about is made first, and what is dropped goes last.
func inOrder() []*command.Command {
	out := slices.Clone(command.All())
	order := func(c *command.Command) int {
		switch verb, _, _ := strings.Cut(c.Head, " "); verb {
		case ".create", ".set":
			return 0
		case ".drop":
			return 2
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b *command.Command) int { return order(a) - order(b) })
	return out
}

const commandList = "## All of them\n"

// docs/commands.md lists the commands. The queries in it run in a test, so
// what makes things comes first, and what drops them last.
func TestCommandDocs(t *testing.T) {
	path := filepath.Join("docs", "commands.md")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(data), "\r", "")
	prose, _, _ := strings.Cut(text, commandList)
	var b strings.Builder
	for _, c := range inOrder() {
		fmt.Fprintf(&b, "\n`%s`\n\n%s\n\n```kql\n%s\n```\n", c.Usage, c.Doc, c.Example)
	}
	want := prose + commandList + b.String()
	if updateCommands {
		if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if text != want {
		t.Error("docs/commands.md is not up to date: UPDATE=1 go test . -run TestCommandDocs")
	}
}
