package command

import "testing"

// FuzzParse: whatever is typed, reading it does not panic, and errors have
// places in the text.
func FuzzParse(f *testing.F) {
	for _, c := range All() {
		f.Add(c.Example)
		f.Add(c.Usage)
	}
	f.Add(".show table ['a b'] cslschema | take 1;")
	f.Add(".ingest inline into table T with (format=psv)\n[1,2]\n[\"a\",b]")
	f.Fuzz(func(t *testing.T, text string) {
		if !Is(text) {
			return
		}
		p, errs := Parse(text)
		if p == nil && !errs.Fatal() {
			t.Error("neither a command nor an error")
		}
		for _, e := range errs {
			if e.Span.Start < 0 || e.Span.End < e.Span.Start || e.Span.End > len(text) {
				t.Errorf("%q is at %v of %d", e.Msg, e.Span, len(text))
			}
			e.Render(text, func(s string) int { return len(s) })
		}
		Ends(text)
		Writes(text)
	})
}
