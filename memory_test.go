package tidemark

import (
	"context"
	"runtime/debug"
	"testing"
)

// TestSoftMemory: the runtime's limit is what was asked for, above what queries
// hold while they hold much, and what was asked for again when they are done.
func TestSoftMemory(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	const soft = 96 << 20
	db, err := Open("", SoftMemory(soft))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	limit := func() int64 { return debug.SetMemoryLimit(-1) }
	if limit() != soft {
		t.Fatalf("the limit is %d at first, want %d", limit(), soft)
	}
	res, err := db.Query(context.Background(), `range x from 1 to 4000000 step 1 | sort by x desc | where x == 1`)
	if err != nil {
		t.Fatal(err)
	}
	table := res.Tables()[0]
	highest := int64(0)
	for {
		_, err := table.Next(context.Background())
		highest = max(highest, limit())
		if err != nil {
			break
		}
	}
	if held := db.budget.Peak(); highest < held+held/headroomShare {
		t.Errorf("the limit was %d at most while the query held %d", highest, held)
	}
	if err := res.Close(); err != nil {
		t.Fatal(err)
	}
	if limit() != soft {
		t.Errorf("the limit is %d in the end, want %d", limit(), soft)
	}
}

// TestSoftMemoryOfUser: who sets GOMEMLIMIT has said what the limit is.
func TestSoftMemoryOfUser(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "3GiB")
	before := debug.SetMemoryLimit(-1)
	db, err := Open("", SoftMemory(1<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("the limit was changed from %d to %d", before, got)
	}
}

// TestSoftMemoryOfCache: the bound goes up with what the storage keeps, and down
// with it, without a query that reserves anything.
func TestSoftMemoryOfCache(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	const soft = 96 << 20
	db, err := Open("", SoftMemory(soft))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, kept := range []int64{5 << 30, 1 << 30, 0} {
		db.cached(kept)
		want := max(soft, kept+kept/headroomShare)
		if got := debug.SetMemoryLimit(-1); got < want || got > want+headroomLeast {
			t.Errorf("with %d bytes kept the limit is %d, want %d", kept, got, want)
		}
	}
}
