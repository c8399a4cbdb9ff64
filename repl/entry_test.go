package repl

import (
	"errors"
	"io"
	"slices"
	"testing"
)

// script gives texts one by one, then io.EOF.
func script(texts ...string) func(string) (string, error) {
	return func(string) (string, error) {
		if len(texts) == 0 {
			return "", io.EOF
		}
		text := texts[0]
		texts = texts[1:]
		if text == "^C" {
			return "", errInterrupt
		}
		return text, nil
	}
}

// entries collects until the end.
func entries(t *testing.T, live bool, texts ...string) []string {
	t.Helper()
	c := collector{read: script(texts...), live: live}
	var out []string
	for range 100 {
		text, err := c.next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			text = err.Error()
		}
		out = append(out, text)
	}
	t.Fatal("no end")
	return nil
}

func TestEntries(t *testing.T) {
	cases := []struct {
		name  string
		live  bool
		lines []string
		want  []string
	}{
		{"semicolon", true, []string{"T;", "T | count ;"}, []string{"T;", "T | count ;"}},
		{"empty line", true, []string{"T", "| count", "", "U", ""}, []string{"T\n| count", "U"}},
		{"end of input", true, []string{"T"}, []string{"T"}},
		{"commands end with their line", true, []string{".tables", "  .mode csv  "}, []string{".tables", ".mode csv"}},
		{"a pipe goes on over an empty line", true, []string{"T |", "", "count", ""}, []string{"T |\n\ncount"}},
		{"brackets go on", true, []string{"print f(", "1", ")", ""}, []string{"print f(\n1\n)"}},
		{"two empty lines show the error", true, []string{"T |", "", "", "U;"}, []string{"T |", "U;"}},
		{"let waits for its query", true, []string{"let x = 1;", "", "", "print x;"}, []string{"let x = 1;\n\n\nprint x;"}},
		{"a semicolon in a comment", true, []string{"T // one;", "| count", ""}, []string{"T // one;\n| count"}},
		{"a semicolon in a string", true, []string{`print "a;`, "", "", "T;"}, []string{`print "a;`, "T;"}},
		{"comments alone are dropped", true, []string{"// hello", "", "T;"}, []string{"T;"}},
		{"Ctrl-C clears", true, []string{"T |", "^C", "U;"}, []string{"interrupted", "U;"}},
		{"pasted", true, []string{"T\n| where a == 1\n| count"}, []string{"T\n| where a == 1\n| count"}},
		{"pasted with empty lines", true, []string{"let x = 1;\n\nT\n\n| where a == x\n\nU | count\n"}, []string{"let x = 1;\n\nT\n\n| where a == x", "U | count"}},
		{"pasted in part", true, []string{"T\n| where", "a == 1;"}, []string{"T\n| where\n\na == 1;"}},
		{"file: the next line goes on with a pipe", false, []string{"T", "", "| count", "", "U"}, []string{"T\n\n| count", "U"}},
		{"file: carriage returns", false, []string{"T\r", "\r", "U\r"}, []string{"T", "U"}},
		{"file: comment before the query", false, []string{"// report", "", "T", "", ""}, []string{"// report\n\nT"}},
		{"multi-line string", false, []string{"print ```a", "", "", "b;", "c```", "", "U"}, []string{"print ```a\n\n\nb;\nc```", "U"}},
	}
	for _, c := range cases {
		if got := entries(t, c.live, c.lines...); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestScan(t *testing.T) {
	for text, want := range map[string]struct {
		depth int
		last  byte
	}{
		"":                   {0, 0},
		"T | ":               {0, '|'},
		"f(a, [1":            {2, '1'},
		`print "(;" // ((`:   {0, '"'},
		`print @"a\", (`:     {1, '('},
		`print "a\"(", 'x('`: {0, '\''},
		"print ```(":         {1, '`'},
		"// only":            {0, 0},
		"T;\n// end":         {0, ';'},
	} {
		if depth, last := scan(text); depth != want.depth || last != want.last {
			t.Errorf("scan(%q) = %d, %q", text, depth, last)
		}
	}
}
