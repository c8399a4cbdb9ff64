package fold

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestRune: what the engine's operators (equal in upper case, unless that is
// ASCII) or regular expressions take for equal is equal.
func TestRune(t *testing.T) {
	byUpper := map[rune]rune{}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		f := Rune(r)
		if (f < utf8.RuneSelf) && r < utf8.RuneSelf && string(f) != strings.ToLower(string(r)) {
			t.Errorf("%q becomes %q", r, f)
		}
		if u := unicode.ToUpper(r); u >= utf8.RuneSelf {
			if first, ok := byUpper[u]; ok && first != f {
				t.Errorf("%q becomes %q, others of the same upper case %q", r, f, first)
			}
			byUpper[u] = f
		}
		for x := unicode.SimpleFold(r); x != r; x = unicode.SimpleFold(x) {
			if Rune(x) != f {
				t.Errorf("%q becomes %q, %q becomes %q", r, f, x, Rune(x))
			}
		}
	}
}

// TestAppend: a text that is contained in another whatever its case is
// contained in it when both are folded.
func TestAppend(t *testing.T) {
	for _, c := range []struct{ text, part string }{
		{"C:\\Windows\\HOSTS", "hosts"}, {"ΣΊΣΥΦΟΣ", "σίσ"}, {"a\xffB", "b"}, {"\u212aelvin", "KELVIN"}, {"straße", "AßE"},
	} {
		if !regexp.MustCompile("(?i)" + regexp.QuoteMeta(c.part)).MatchString(strings.ToValidUTF8(c.text, "?")) {
			t.Fatalf("%q does not hold %q: a wrong case", c.text, c.part)
		}
		if text, part := string(Append(nil, c.text)), string(Append(nil, c.part)); !strings.Contains(text, part) {
			t.Errorf("%q does not hold %q", text, part)
		}
	}
}

func TestTerms(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", `c:\Windows\x-1.EXE`: "c|Windows|x|1|EXE", "naïve 日本\xffx": "naïve|日本|x", "a\u0345b": "a|b",
	} {
		var got []string
		Terms(text, func(a, b int) { got = append(got, text[a:b]) })
		if strings.Join(got, "|") != want {
			t.Errorf("terms of %q: %q, want %s", text, got, want)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	s := `c:\windows\system32\drivers\etc\hosts`
	b.SetBytes(int64(len(s)))
	var buf []byte
	for b.Loop() {
		buf = Append(buf[:0], s)
	}
}
