package parser

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestFormatGolden formats the section "before" of each file of
// testdata/format and compares "after". UPDATE=1 writes what Format says now.
func TestFormatGolden(t *testing.T) {
	files, _ := filepath.Glob("testdata/format/*.txtar")
	if len(files) == 0 {
		t.Fatal("there are no files")
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Files) != 2 || a.Files[0].Name != "before" || a.Files[1].Name != "after" {
			t.Fatalf("%s: want the sections before and after", file)
		}
		got, errs := FormatText(string(a.Files[0].Data))
		if errs.Fatal() {
			t.Errorf("%s: %v", file, errs)
			continue
		}
		checkFormat(t, string(a.Files[0].Data))
		if os.Getenv("UPDATE") != "" {
			a.Files[1].Data = []byte(got)
			if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got != string(a.Files[1].Data) {
			t.Errorf("%s: got:\n%s\nwant:\n%s", file, got, a.Files[1].Data)
		}
	}
}

// checkFormat sees that a text, where it parses, is formatted to one with the
// same tree, comments and words, and that formatting that changes nothing.
func checkFormat(t *testing.T, text string) {
	t.Helper()
	q, errs := Parse(text)
	if errs.Fatal() {
		return
	}
	out := Format(q)
	again, errs := Parse(out)
	if errs.Fatal() {
		t.Errorf("%q\nis formatted as\n%s\n%s", text, out, errs[0].Render(out, func(s string) int { return len(s) }))
		return
	}
	if d := treeDiff(reflect.ValueOf(q.Statements), reflect.ValueOf(again.Statements), ""); d != "" {
		t.Errorf("%q\nis formatted as\n%s\nwith another tree: %s", text, out, d)
	}
	if twice := Format(again); twice != out {
		t.Errorf("%q\nis formatted as\n%s\nand that as\n%s", text, out, twice)
	}
	if before, after := wordsOf(text), wordsOf(out); !reflect.DeepEqual(before, after) && !writtenAsIs(q) {
		t.Errorf("%q\nis formatted as\n%s\nwhich has other words:\n%s\n%s", text, out, before, after)
	}
	for _, at := range newPrinter(out).tokens {
		if at.Start > 1 && out[at.Start-1] == '\n' && out[at.Start-2] == ' ' && !writtenAsIs(q) {
			t.Errorf("%q\nis formatted with a space at the end of a line:\n%s", text, out)
		}
	}
}

// writtenAsIs reports whether a query has statements of which Format knows
// nothing.
func writtenAsIs(q *Query) bool {
	found := false
	spans(reflect.ValueOf(q), func(n any, _ Span) {
		switch n.(type) {
		case *Command:
			found = true
		}
	})
	return found
}

// treeDiff says where two trees differ, but for places and for how strings and
// names are quoted.
func treeDiff(a, b reflect.Value, path string) string {
	if a.Kind() != b.Kind() || a.Kind() != reflect.Interface && a.Type() != b.Type() {
		return fmt.Sprintf("%s: %s, not %s", path, b.Type(), a.Type())
	}
	switch a.Kind() {
	case reflect.Interface, reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				return path + ": one is nil"
			}
			return ""
		}
		return treeDiff(a.Elem(), b.Elem(), path)
	case reflect.Slice:
		if a.Len() != b.Len() {
			return fmt.Sprintf("%s: %d items, not %d", path, b.Len(), a.Len())
		}
		for i := range a.Len() {
			if d := treeDiff(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", path, i)); d != "" {
				return d
			}
		}
	case reflect.Struct:
		for i := range a.NumField() {
			f := a.Type().Field(i)
			switch {
			case f.Type == reflect.TypeFor[node](), f.Type == reflect.TypeFor[Span](), f.Name == "Verbatim", f.Name == "Lenient", f.Name == "Quoted", f.Name == "Decimals":
			case a.Type() == reflect.TypeFor[Query]() && f.Name == "Text":
			default:
				if d := treeDiff(a.Field(i), b.Field(i), path+"."+f.Name); d != "" {
					return d
				}
			}
		}
	default:
		if !a.Equal(b) {
			return fmt.Sprintf("%s: %v, not %v", path, b, a)
		}
	}
	return ""
}

// spellings are the words that Format writes in place of others. Those that
// the text may do without are written as nothing.
var spellings = map[string]string{
	"filter": "", "order": "sort", "limit": "take", "mvexpand": "mv-expand", "mvapply": "mv-apply", "external_data": "externaldata",
	"notcontains": "contains", "notcontainscs": "contains_cs", "containscs": "contains_cs", "where": "", "with": "", "has": "",
}

// wordsOf are the words, literals and comments of a text in Format's
// spelling: nothing else of them may change.
func wordsOf(text string) []string {
	var words, comments []string
	p := newPrinter(text)
	for i, t := range p.tokens {
		w := p.value(i)
		switch t.kind {
		case tPunct:
			w = strings.TrimPrefix(w, "!")
			if identLen(w) == 0 {
				continue
			}
		case tString:
			w = decodeString(w).Text
			if i > 0 && p.tokens[i-1].kind == tString && len(words) > 0 { // they are one
				words[len(words)-1] += w
				continue
			}
		case tTyped:
			name, inside, _ := strings.Cut(w, "(")
			w = name + "(" + strings.TrimSpace(strings.TrimSuffix(inside, ")")) + ")"
		case tBool:
			w = strings.ToLower(w)
		}
		if s, ok := spellings[w]; ok {
			w = s
		}
		if w != "" {
			words = append(words, w)
		}
	}
	for _, n := range p.notes {
		comments = append(comments, strings.TrimSpace(text[n.Start:n.End]))
	}
	return append(words, comments...)
}

func TestFormatLaws(t *testing.T) {
	for _, text := range append([]string{sevenLines, thirtyLines}, accepted...) {
		checkFormat(t, text)
		for i := range text { // much of which parses
			checkFormat(t, text[:i])
		}
	}
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range strings.Split(string(raw), "\n===\n") {
			text, _, _ := strings.Cut(c, "\n---\n")
			checkFormat(t, text)
		}
	}
}

// TestFormatEveryOperator sees that each operator can write itself.
func TestFormatEveryOperator(t *testing.T) {
	for _, text := range accepted {
		q, _ := Parse(text)
		spans(reflect.ValueOf(q), func(n any, _ Span) {
			if op, ok := n.(Operator); ok {
				if _, ok := op.(formatter); !ok {
					t.Errorf("%T has no method format", op)
				}
			}
		})
	}
}

func TestFormatLong(t *testing.T) {
	text := "print 1" + strings.Repeat(" + 1", 100_000)
	if out, errs := FormatText(text); errs != nil || strings.Count(out, "1") != 100_001 {
		t.Error(errs)
	}
}

func FuzzFormat(f *testing.F) {
	f.Add(sevenLines)
	f.Add(thirtyLines)
	for _, c := range accepted {
		f.Add(c)
	}
	f.Add("// a\nset /*x*/ y; T // b\n| where a // c\n and (b // d\n or c) // e\n\n// f\n")
	f.Fuzz(checkFormat)
}

func BenchmarkFormat(b *testing.B) {
	for name, text := range map[string]string{"7 lines": sevenLines, "30 lines": thirtyLines} {
		b.Run(name, func(b *testing.B) {
			q, _ := Parse(text)
			b.ReportAllocs()
			for b.Loop() {
				Format(q)
			}
		})
	}
}
