package storage

import (
	"context"
	"errors"
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

// TestEpoch: the epoch of a table changes when it is emptied or made anew. Marks
// that tell of its rows go then, others stay, and a batch that was made before
// is refused.
func TestEpoch(t *testing.T) {
	s := newStore(t, Options{})
	ctx := context.Background()
	epoch := func() uint64 {
		t.Helper()
		e, ok := s.Epoch("T")
		if !ok {
			t.Fatal("there is no table")
		}
		return e
	}
	seen := map[uint64]bool{}
	for round := range 4 {
		was := epoch()
		if seen[was] {
			t.Fatalf("epoch %d comes again", was)
		}
		seen[was] = true
		mark := table.RowMarks("T", was) + "x"
		b := &table.Batch{
			Parts:  []table.Part{{Table: "T", Rows: record(testSchema, testSchema.Names(), []map[string]any{{"Computer": "a"}}, false)}},
			Marks:  map[string][]byte{mark: {1}, "other": {1}, table.RowMarks("T", was) + "0/y": {2}},
			Epochs: map[string]uint64{"T": was},
		}
		if err := s.Commit(ctx, b); err != nil {
			t.Fatal(err)
		}
		if round%2 == 0 {
			if err := s.Commit(ctx, &table.Batch{Clear: []string{"T"}}); err != nil {
				t.Fatal(err)
			}
		} else {
			if err := s.DropTable("T"); err != nil {
				t.Fatal(err)
			}
			if err := s.Commit(ctx, &table.Batch{Epochs: b.Epochs}); !errors.Is(err, table.ErrCleared) {
				t.Errorf("a batch for a dropped table: %v", err)
			}
			if err := s.CreateTable("T", testSchema); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Commit(ctx, &table.Batch{Marks: map[string][]byte{"late": {1}}, Epochs: b.Epochs}); !errors.Is(err, table.ErrCleared) {
			t.Errorf("a batch from before: %v", err)
		}
		if round == 2 { // what was garbage is so after a restart
			s.Close()
			s = open(t, s.dir, Options{})
			defer s.Close()
		}
		if err := s.collect(); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]bool{mark: false, table.RowMarks("T", was) + "0/y": false, "late": false, "other": true} {
			if m, err := s.Mark(name); err != nil || (m != nil) != want {
				t.Errorf("round %d: mark %s is %v, %v", round, name, m, err)
			}
		}
		check(t, s)
	}
}
