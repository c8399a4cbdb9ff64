package rule

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"tidemark/internal/tree"
)

// FuzzRead reads rule files of any content: nothing may panic, errors have
// their places in the file, and rules without errors can be written and read.
func FuzzRead(f *testing.F) {
	paths, _ := filepath.Glob("testdata/read/*.txtar")
	for _, p := range paths {
		ar, err := txtar.ParseFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(ar.Files[0].Data))
		if len(ar.Files) > 2 {
			f.Add(string(ar.Files[1].Data))
		}
	}
	examples, _ := filepath.Glob("../examples/rules/*.yaml")
	for _, p := range examples {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := &tree.File{Name: "fuzz", Text: text}
		rules := Read(file, Options{})
		for _, r := range rules {
			if err := r.Lint(checkSyntax); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range file.Errs {
			if e.Span.Start < 0 || e.Span.End < e.Span.Start || e.Span.End > len(file.Text) {
				t.Fatalf("%s is at %v of %d bytes", e.Msg, e.Span, len(file.Text))
			}
			e.Render(file.Text, func(s string) int { return len(s) })
		}
		if file.Errs.Fatal() {
			return
		}
		for _, r := range rules {
			roundTrip(t, r)
		}
	})
}

// FuzzExpression works out expressions of templates.
func FuzzExpression(f *testing.F) {
	for _, s := range []string{"parameters('a')", "concat(variables('v'), 'x', 1)", "format('{0} {{}}', toLower('A'))", "if(equals(1, 2), json('[1]')[0], null())",
		"resourceId('A/b', 'c')", "variables('list')[1].x", "parameters('self')", "concat(variables('big'), variables('big'))"} {
		f.Add(s)
	}
	doc := &tree.File{Name: "template", Text: `{"parameters": {"a": {"defaultValue": "A"}, "self": {"defaultValue": "[parameters('self')]"}},
"variables": {"v": "[parameters('a')]", "list": [0, {"x": "[variables('v')]"}], "big": "[concat(variables('bigger'), variables('bigger'))]", "bigger": "[concat('xxxxxxxx', variables('v'))]"}}`}
	n := doc.Documents()[0]
	f.Fuzz(func(t *testing.T, s string) {
		tpl := &template{parameters: n.Get("parameters"), variables: n.Get("variables"), active: true}
		v, err := tpl.evaluate(n, s)
		if (v == nil) == (err == nil) {
			t.Errorf("%q gives %v, %v", s, v, err)
		}
		if len(tpl.open) > 0 {
			t.Errorf("%v are still open", tpl.open)
		}
	})
}
