package tree

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"tidemark/parser"
)

func one(t *testing.T, text string) *Node {
	t.Helper()
	f := &File{Text: text}
	docs := f.Documents()
	if len(docs) != 1 || len(f.Errs) > 0 {
		t.Fatalf("%d documents, %v\n%s", len(docs), f.Errs, text)
	}
	return docs[0]
}

func TestPlain(t *testing.T) {
	want := map[string]any{"a": []any{int64(1), 2.5, "x", true, nil}, "b": map[string]any{"c": "1", "d": ""}}
	for _, text := range []string{
		`{"a": [1, 2.5, "x", true, null], "b": {"c": "1", "d": ""}}`,
		"\ufeff\n {\"a\": [1, 2.5, \"x\", true, null], \"b\": {\"c\": \"1\", \"d\": \"\"}}\n",
		"a: [1, 2.5, x, true, ~]\nb: {c: '1', d: \"\"}",
		"a:\n- 1\n- 2.5\n- x\n- true\n-\nb:\n  c: \"1\"\n  d: ''\n",
		"x: &x {c: '1', d: ''}\na: [1, 2.5, x, true, ~]\nb: *x\n",
	} {
		n := one(t, text)
		got := n.Plain().(map[string]any)
		delete(got, "x")
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n%#v", text, got)
		}
		if n.Get("A").Kind != List || n.Get("c") != nil || n.Get("a").Get("b") != nil {
			t.Error("Get finds the wrong thing")
		}
	}
}

// TestSpans looks whether each scalar is where the file has it.
func TestSpans(t *testing.T) {
	for _, text := range []string{
		"größe: {α: β, c: \"δ\"}\nlist: ['ε', ζ]\n",
		`{"größe": {"α": "β", "c": "δ"}, "list": ["ε", "ζ"]}`,
		"{\n\t\"größe\" : {\"α\"\n:\"β\", \"c\":   \"δ\"},\"list\":[ \"ε\" ,\"ζ\"]}",
	} {
		n := one(t, text)
		var walk func(n *Node)
		walk = func(n *Node) {
			for _, c := range append(n.Keys, n.Items...) {
				walk(c)
			}
			if n.Kind == Text {
				if got := strings.Trim(text[n.Span.Start:n.Span.End], `'"`); got != n.Text {
					t.Errorf("%q is at %v: %q", n.Text, n.Span, got)
				}
			}
		}
		walk(n)
	}
}

// TestAt finds parts of texts where they stand in the file: each X is one.
func TestAt(t *testing.T) {
	for name, text := range map[string]string{
		"plain":           "q: a X b X\n",
		"plain on lines":  "q: a X\n  b X\nr: 1\n",
		"single":          "q: 'it''s X ''X'\n",
		"double":          `q: "a \"X\" \n\t\\ \x41 \u00e4 \U0001F600 X"` + "\n",
		"double on lines": "q: \"a X\n  b \\\n  X\"\n",
		"literal":         "q: |\n  a X\n\n    ä X\n  X\nr: 1\n",
		"literal indent":  "q: |2\n    a X\n  X\n",
		"literal strip":   "q: |-\n  a\n  X",
		"literal keep":    "q: |+\n  X\n\n\nr: 1\n",
		"literal comment": "q: | # why\n  X\n",
		"literal blank":   "q: |\n\n  X\n",
		"folded":          "q: >-\n  a X\n  b X\n\n  c X\n",
		"list":            "- - |\n    X\n",
		"json":            `{"q": "a\n\"X\" \u00e4\ud83d\ude00 \/ X"}`,
		"json spaces":     "{\n  \"q\"  :\n \"X\\tX\"\n}",
	} {
		t.Run(name, func(t *testing.T) {
			n := one(t, text)
			for n.Kind == List || n.Kind == Map {
				n = n.Items[0]
			}
			found := 0
			for i := range len(n.Text) {
				if n.Text[i] != 'X' {
					continue
				}
				found++
				if got := n.At(parser.Span{Start: i, End: i + 1}); text[got.Start:got.End] != "X" {
					t.Errorf("the X at %d of %q is at %v: %q", i, n.Text, got, text[got.Start:])
				}
			}
			if found != strings.Count(text, "X") {
				t.Errorf("%d of them in %q", found, n.Text)
			}
			if end := n.At(parser.Span{Start: len(n.Text), End: len(n.Text)}); end.Start < n.Span.Start || end.End > len(text) {
				t.Errorf("the end is at %v", end)
			}
		})
	}
}

func TestWrongFiles(t *testing.T) {
	deep := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'j'; c++ {
		p := string(c - 1)
		bomb += string(c) + ": &" + string(c) + " [*" + strings.Repeat(p+", *", 9) + p + "]\n"
	}
	for text, want := range map[string]string{
		`{"a": 1`:           "1:8: not valid JSON: it ends too early",
		`{"a" 1}`:           "1:6: not valid JSON: invalid character '1' after object key",
		"{},":               "1:3: there is something after the end of the JSON",
		"{\"a\": 1}\n{}":    "2:1: there is something after the end of the JSON",
		"a: b: c":           "1:1: not valid YAML: mapping values are not allowed in this context",
		"a: 1\nb:\n\t- c\n": "3:1: not valid YAML: found character that cannot start any token",
		"a: *b":             "1:1: not valid YAML: unknown anchor 'b' referenced",
		deep:                "1:102: not valid JSON: nested too deeply",
		"a: " + deep:        "1:104: this is too large or nested too deeply",
		`{"a": nulx}`:       "1:10: not valid JSON: invalid character 'x' in literal null (expecting 'l')",
		`{"a": [1, }`:       "1:11: not valid JSON: invalid character '}' looking for beginning of value",
		`{"a": "\x"}`:       "1:9: not valid JSON: invalid character 'x' in string escape code",
		bomb:                "1:4: this is too large or nested too deeply",
	} {
		f := &File{Text: text}
		f.Documents()
		if len(f.Errs) != 1 {
			t.Errorf("%.50s: %v", text, f.Errs)
			continue
		}
		line, column := parser.LineColumn(f.Text, f.Errs[0].Span.Start)
		if got := strconv.Itoa(line) + ":" + strconv.Itoa(column) + ": " + f.Errs[0].Msg; got != want {
			t.Errorf("%.50s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// TestFields reads what may stand in a mapping, and what may not.
func TestFields(t *testing.T) {
	var name string
	var on bool
	var number int
	var real float64
	var list []string
	var word string
	fields := []Field{
		{Name: "name", Read: func(n *Node) { n.String(&name) }}, {Name: "on", Read: func(n *Node) { n.Bool(&on) }},
		{Name: "number", Read: func(n *Node) { n.Int(&number, -1, 10) }}, {Name: "real", Read: func(n *Node) { n.Float(&real) }},
		{Name: "list", Read: func(n *Node) { n.Strings(&list) }}, {Name: "word", Read: func(n *Node) { n.Word(&word, "One", "Two") }},
		{Name: "noted", Note: "not here"}, {Name: "void"},
	}
	flow := &File{Name: "flow.yaml", Text: `{name: 1.0, on: "TRUE", number: "-1", real: 1e3, list: [a, 1, true], word: two, void: {x: y}}`}
	flow.Documents()[0].Fields("it", fields)
	if name != "1.0" || !on || number != -1 || real != 1000 || !reflect.DeepEqual(list, []string{"a", "1", "true"}) || word != "Two" {
		t.Error(name, on, number, real, list, word)
	}
	for text, want := range map[string]string{
		"name: [a]":      "a text is expected here, and this is a list",
		"on: 1":          `true or false is expected here, and this is "1"`,
		"on: yes it is":  `true or false is expected here, and this is "yes it is"`,
		"number: 1.5":    `a whole number is expected here, and this is "1.5"`,
		"number: 11":     "11 is not between -1 and 10",
		"real: .nan":     `a number is expected here, and this is ".nan"`,
		"real: {}":       "a number is expected here, and this is a mapping",
		"list: {a: b}":   "a text is expected here, and this is a mapping",
		"word: Three":    `this cannot be "Three" there are One, Two`,
		"word: Tow":      `this cannot be "Tow" did you mean Two?`,
		"nmae: x":        `unknown key "nmae" in it did you mean name?`,
		"NAME: x":        `unknown key "NAME" in it did you mean name?`,
		"zzz: x":         `unknown key "zzz" in it`,
		"on: true\non: ": `the key "on" is there twice`,
		"noted: x":       "noted: not here",
		"[name]":         "it must be a mapping of keys to values, and this is a list",
	} {
		f := &File{Name: "it.yaml", Text: text}
		f.Documents()[0].Fields("it", fields)
		if len(f.Errs) != 1 || strings.TrimSpace(f.Errs[0].Msg+" "+f.Errs[0].Hint) != want {
			t.Errorf("%s: %v, want %s", text, f.Errs, want)
		}
	}
}

// TestWrite writes values that are hard to write and reads them again.
func TestWrite(t *testing.T) {
	for _, s := range []string{"", " ", "a", "1", "1.0", "true", "null", "~", "2026-01-02", "a: b", "- a", "# a", "'", "\"", "a\nb", "a\nb\n", "a\n\nb\n\n", "\na",
		"  a\nb", "a \nb", "a\r\nb", "a\tb\nc", "\u2028", "\x00", "\x7f", "ä", "\U0001F600", "|", ">", "@", "%", "&a", "*a", "!x", "{a", "[a", "a #b", "\ufeffa", "0x1", "1e3", "no", "=", "<<"} {
		text, err := YAML(Object{{"s", s}, {"list", Flow{[]string{s, "x"}}}, {"o", []Object{{{"k", s}}}}})
		if err != nil {
			t.Errorf("%q: %v", s, err)
			continue
		}
		n := one(t, text)
		want := map[string]any{"s": s, "list": []any{s, "x"}, "o": []any{map[string]any{"k": s}}}
		if got := n.Plain(); !reflect.DeepEqual(got, want) {
			t.Errorf("%q is written\n%s and read %#v", s, text, got)
		}
		again, err := YAML(Object{{"n", n}})
		if err != nil {
			t.Fatal(err)
		}
		if got := one(t, again).Get("n").Plain(); !reflect.DeepEqual(got, want) {
			t.Errorf("%q is copied\n%s and read %#v", s, again, got)
		}
	}
}

func FuzzDocuments(f *testing.F) {
	for _, s := range []string{"a: |\n  b\n c", "{\"a\": [1, null]}", "a: &x [*x]", "a: >-\n b\n\n c", "? a\n: b", "%YAML 1.1\n---\na", "a: 'x\n  y'", "---\n...\n---\n- 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := &File{Text: text}
		docs := file.Documents()
		inside := func(s parser.Span, what string) {
			if s.Start < 0 || s.End < s.Start || s.End > len(file.Text) {
				t.Fatalf("%s is at %v of %d bytes", what, s, len(file.Text))
			}
		}
		for _, e := range file.Errs {
			inside(e.Span, e.Msg)
		}
		var walk func(n *Node)
		walk = func(n *Node) {
			inside(n.Span, n.Text)
			for i := range len(n.Text) + 1 {
				inside(n.At(parser.Span{Start: i, End: min(i+3, len(n.Text))}), n.Text)
			}
			n.Plain()
			for _, c := range append(n.Keys, n.Items...) {
				walk(c)
			}
		}
		for _, d := range docs {
			if file.Errs == nil {
				walk(d)
			}
		}
	})
}
