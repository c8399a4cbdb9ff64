package fn

import (
	"regexp"
	"regexp/syntax"
	"testing"
)

// seqPatterns are expressions of the kind that sequence takes.
var seqPatterns = []string{
	`\.([A-Za-z0-9]{1,8})$`, `^(.*)[\\/]`, `(?i)\\temp\\[a-z0-9]{8}\.(exe|dll)$`, `a*b?c+`, `^a|b$`, `(a|ab)(c|bcd)(d*)`,
	`x*`, `(?m)^k=(.*)$`, `\bfoo\b`, `(a+)(a+)`, `a+?b`, `(?:ab)?c`, `(?:ab)??c`, `[^a]b`, `(?i)k[s-t]`, `()a`, `a{0}b`, `\B.`, `(?s).$`, `^$`, ``,
	`a{2,3}?b`, `(x)?(y)?z`, `((a)|b)c`, `.*x.*y.*z`, `\d+-\d+`, `(?i)straße`, `[à-ü]a`, `^(?:x|)y`, `a$|a\b`,
}

// TestSequence: what a sequence finds is what Go finds, with all groups.
func TestSequence(t *testing.T) {
	texts := []string{
		"", "a", "b", "c", "abc", "abcd", "aab", "aaab", "xyz", "yz", "z", "bc", "k=v\nk=w", "foo bar", "xfoo", "foo", "Kt", "\u212at", "1-2", "a.b.c",
		`c:\windows\system32\drivers\etc\hosts`, `C:\Temp\abcdefgh.EXE`, `C:\Temp\abcdefgh.EXE.bak`, `/usr/lib/libc.so.6`, `\temp\a1b2c3d4.dll`, "a\nb", "ab\n", "stra\u00dfe", "\u00e4a", "xxyyzz", "aaaaaaaaaaaaaaaaaaaaaaaa",
	}
	for _, pattern := range seqPatterns {
		for _, text := range texts {
			checkSequence(t, pattern, text)
		}
	}
}

func checkSequence(t *testing.T, pattern, text string) {
	t.Helper()
	re, err := regexp.Compile(pattern)
	if err != nil {
		return
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return
	}
	q := newSequence(tree.Simplify())
	if q == nil {
		return
	}
	var m seqMarks
	found, known := q.find(text, &m)
	if !known {
		return
	}
	want := re.FindStringSubmatchIndex(text)
	if found != (want != nil) {
		t.Fatalf("%q in %q: found %v, Go finds %v", pattern, text, found, want)
	}
	for i, at := range want {
		if m.at[i] != at {
			t.Fatalf("%q in %q: %v, Go finds %v", pattern, text, m.at[:len(want)], want)
		}
	}
}

func TestSequenceTakes(t *testing.T) {
	for pattern, want := range map[string]bool{`\.([A-Za-z0-9]{1,8})$`: true, `^(.*)[\\/]`: true, `(?i)\\temp\\[a-z0-9]{8}\.(exe|dll)$`: true, `(ab)*`: false, `ü`: false} {
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if got := newSequence(tree.Simplify()) != nil; got != want {
			t.Errorf("%q: %v", pattern, got)
		}
	}
}

func FuzzSequence(f *testing.F) {
	for _, p := range seqPatterns {
		f.Add(p, `c:\a\b.c`)
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) < 64 {
			checkSequence(t, pattern, text)
		}
	})
}

func BenchmarkExtract(b *testing.B) {
	text := `c:\program files\common files\microsoft shared\clicktorun\officec2rclient.exe`
	for _, pattern := range []string{`\.([A-Za-z0-9]{1,8})$`, `^(.*)[\\/]`} {
		b.Run(pattern, func(b *testing.B) {
			for b.Loop() {
				if _, ok := extract(pattern, 1, text); !ok {
					b.Fatal("no match")
				}
			}
		})
	}
}
