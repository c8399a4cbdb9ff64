package parser

import (
	"reflect"
	"strings"
	"testing"
)

// checkSpans sees that every node and error of a parse lies within the text,
// and that a whole parse leaves no node without a place.
func checkSpans(t *testing.T, text string) {
	t.Helper()
	q, errs := Parse(text)
	within := func(s Span) bool { return 0 <= s.Start && s.Start <= s.End && s.End <= len(text) }
	for _, e := range errs {
		if !within(e.Span) || e.Msg == "" {
			t.Errorf("%q: error %q at %v", text, e.Msg, e.Span)
		}
		e.Render(text, func(s string) int { return len(s) })
	}
	Incomplete(errs)
	spans(reflect.ValueOf(q), func(n any, s Span) {
		if !within(s) || s.Start == s.End && len(errs) == 0 {
			t.Errorf("%q: %T at %v", text, n, s)
		}
		if len(errs) == 0 && strings.TrimSpace(text[s.Start:s.End]) != text[s.Start:s.End] {
			t.Errorf("%q: %T has spaces around %q", text, n, text[s.Start:s.End])
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(sevenLines)
	f.Add(thirtyLines)
	for _, c := range accepted {
		f.Add(c)
	}
	f.Fuzz(checkSpans)
}

func TestSpans(t *testing.T) {
	for _, text := range append([]string{sevenLines, thirtyLines}, accepted...) {
		checkSpans(t, text)
		for i := range text { // what is being typed
			checkSpans(t, text[:i])
		}
	}
}
