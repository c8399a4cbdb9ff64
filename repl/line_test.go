package repl

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"
)

func TestPaste(t *testing.T) {
	typed := "ab\x1b[A\x1b[200~T\r\n| where a\t== 'é'\n\x03\x1b[31mx\x1b[201~\r\x1b"
	want := "ab\x1b[A" + "T\u2028| where a\u2029== 'é'\u2028[31mx" + "\r\x1b"
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "halves": iotest.HalfReader, "bytes": iotest.OneByteReader,
	} {
		var b pieces
		b.text = typed
		got, err := io.ReadAll(newPasteReader(io.NopCloser(wrap(&b))))
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got := unpackLines(packLines("a\n\tb")); got != "a\n\tb" {
		t.Errorf("%q", got)
	}
}

// pieces reads text; the end comes in a call of its own.
type pieces struct{ text string }

func (p *pieces) Read(b []byte) (int, error) {
	if p.text == "" {
		return 0, io.EOF
	}
	n := copy(b, p.text)
	p.text = p.text[n:]
	return n, nil
}

func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "history")
	h := openHistory(path)
	for _, e := range []string{"T\n| count", "T\n| count", " secret", ".tables", "U;"} {
		if saved, ok := h.add(e); ok {
			if err := h.store(saved); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []string{"T\n| count;", ".tables", "U;"}
	if got := openHistory(path).entries; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read the history: %v %v", info.Mode(), err)
	}
	for range 2 * historyLimit {
		h.store("x")
	}
	for range 2 { // the first one rewrites the file
		if got := openHistory(path).entries; len(got) != historyLimit || got[0] != "x" {
			t.Errorf("%d entries", len(got))
		}
	}
}

// A lineReader of an editor may have the text of several lines in one; the
// painter shows where.
func TestPainter(t *testing.T) {
	if got := string(painter{}.Paint([]rune(packLines("T\n\t| count")), 0)); got != "T↵ | count" {
		t.Errorf("%q", got)
	}
}
