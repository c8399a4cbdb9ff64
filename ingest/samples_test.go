package ingest

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestSamples loads the files of a folder of agents' output, named by the
// variable TIDEMARK_SAMPLES, and prints what comes of each: records of real
// agents that may not be part of this repository.
func TestSamples(t *testing.T) {
	root := os.Getenv("TIDEMARK_SAMPLES")
	if root == "" {
		t.Skip("TIDEMARK_SAMPLES names no folder")
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) == ".md" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		m := newFake()
		o := testOptions()
		o.Computer = "host"
		s, err := Load(context.Background(), m, bytes.NewReader(text), o)
		name, _ := filepath.Rel(root, path)
		if err != nil {
			t.Logf("%-55s is of no format", name)
			return nil
		}
		t.Logf("%-55s %-9s rows %4d %v rejected %d %v duplicate %d passed over %v", name, s.Format, s.RowsIn, s.Tables, s.RowsRejected, s.Reasons, s.RowsDuplicate, s.Passed)
		for _, r := range s.Rejects {
			t.Logf("    line %d: %s", r.Line, r.Reason)
		}
		if s.Reasons[Internal] > 0 {
			t.Errorf("%s: %v", name, s.Rejects)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
