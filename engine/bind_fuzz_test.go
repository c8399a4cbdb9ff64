package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"tidemark/engine"
)

// FuzzBind binds any text: whatever is wrong with it must come back as an
// error with a place in the text, never as a fault of ours.
func FuzzBind(f *testing.F) {
	f.Add(longQuery)
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.txtar"))
	if err != nil || len(files) == 0 {
		f.Fatal("no golden files to begin from", err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range txtar.Parse(data).Files {
			f.Add(string(part.Data))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		out := engine.Check(text, builtins{}, engine.Options{}, false)
		for _, d := range out.Diagnostics {
			if d.Code == "TM000" {
				t.Fatalf("%s\n%s", text, d.Msg)
			}
			if d.Span.Start < 0 || d.Span.Start > d.Span.End || d.Span.End > len(text) {
				t.Fatalf("%s\n%q is at %v of %d bytes", text, d.Msg, d.Span, len(text))
			}
		}
	})
}
