package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/engine/agg"
	"tidemark/engine/fn"
)

func TestUpToDate(t *testing.T) {
	got, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "functions.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, page()) {
		t.Error("docs/functions.md is out of date: go generate ./engine/fn")
	}
}

// Each says how it is called, and leads where Microsoft describes it.
func TestEntries(t *testing.T) {
	for _, s := range fn.Documented() {
		if len(s.Signatures()) == 0 || s.Family == "" {
			t.Errorf("%s has no signature or no family", s.Name)
		}
	}
	slow := 0
	for _, s := range fn.All() {
		if s.Slow() != "" {
			slow++
		}
	}
	if slow != fn.SlowCount() {
		t.Errorf("%d functions are said to be slow, and %d of them exist", fn.SlowCount(), slow)
	}
	for _, f := range agg.All() {
		if len(f.Signatures()) == 0 {
			t.Errorf("%s has no signature", f.Name)
		}
	}
	for _, s := range sections() {
		if len(s.entries) == 0 {
			t.Errorf("nothing stands under %s", s.title)
		}
	}
}

func TestCode(t *testing.T) {
	for text, want := range map[string]string{"a": "`a`", "a`b": "``a`b``", "": "an empty text", "`a": "`` `a ``"} {
		if got := code(text); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
	if a := anchor("Results of hll() and tdigest()"); strings.ContainsAny(a, "() ") {
		t.Error(a)
	}
}
