package storage

import (
	"context"
	"testing"

	"tidemark/table"
)

// TestClear: rows go and come in one step, sealed or not, again and again.
func TestClear(t *testing.T) {
	s := newStore(t, Options{})
	ctx := context.Background()
	replace := func(computers ...string) {
		t.Helper()
		var rows []map[string]any
		for _, c := range computers {
			rows = append(rows, map[string]any{"Computer": c})
		}
		b := &table.Batch{Clear: []string{"T"}}
		if len(rows) > 0 {
			b.Parts = []table.Part{{Table: "T", Rows: record(testSchema, testSchema.Names(), rows, false)}}
		}
		if err := s.Commit(ctx, b); err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, s, "T"); len(got) != len(computers) {
			t.Fatalf("rows %q", got)
		}
		check(t, s)
	}
	commit(t, s, "T", map[string]any{"Computer": "a"})
	replace("b", "c")
	if err := s.Seal(ctx); err != nil {
		t.Fatal(err)
	}
	src, _ := s.Table("T")
	scan, err := src.Scan(ctx, table.Request{Columns: []int{0}})
	if err != nil {
		t.Fatal(err)
	}
	replace("d")
	if b, err := scan.Next(ctx); err != nil || b.Rows() != 2 {
		t.Errorf("a scan under way: %v, %v", b, err)
	}
	scan.Close()
	replace()
	replace("e")
	s.Close()
	s = open(t, s.dir, Options{})
	defer s.Close()
	if got := readAll(t, s, "T"); len(got) != 1 {
		t.Errorf("rows %q", got)
	}
	check(t, s)
	if err := s.Commit(ctx, &table.Batch{Clear: []string{"none"}}); err == nil {
		t.Error("a table that is not there was cleared")
	}
}

func TestDescribeColumns(t *testing.T) {
	s := newStore(t, Options{})
	name := testSchema.Column(0).Name
	if err := s.DescribeColumns("T", map[string]string{name: "what it is"}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = open(t, s.dir, Options{})
	defer s.Close()
	src, _ := s.Table("T")
	if c := src.Schema().Column(0); c.Doc != "what it is" {
		t.Errorf("column %+v", c)
	}
}
