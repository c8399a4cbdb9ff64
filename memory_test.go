package tidemark

import (
	"context"
	"io"
	"runtime/debug"
	"testing"
	"time"
)

// openSoft opens a scratch database with a soft bound, and gives the limit of
// the runtime, which is as before when the test is over.
func openSoft(t *testing.T, soft int64) (db *DB, limit func() int64) {
	t.Helper()
	limit = func() int64 { return debug.SetMemoryLimit(-1) }
	before := limit()
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	db, err := Open("", SoftMemory(soft))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, limit
}

// TestSoftMemory: the runtime's limit is what was asked for, above what queries
// hold while they hold much, and what was asked for again when they are done.
func TestSoftMemory(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	const soft = 72 << 20
	db, limit := openSoft(t, soft)
	if limit() != soft {
		t.Fatalf("the limit is %d at first, want %d", limit(), soft)
	}
	res, err := db.Query(context.Background(), `range x from 1 to 1000000 step 1 | extend y = x % 1000 | summarize count() by x, y | sort by x desc | serialize n = row_number() | where n == 1`)
	if err != nil {
		t.Fatal(err)
	}
	highest := int64(0)
	done, seen := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(seen)
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
				highest = max(highest, limit())
			}
		}
	}()
	rows := res.Tables()[0]
	for err == nil {
		_, err = rows.Next(context.Background())
	}
	close(done)
	<-seen
	if err != io.EOF {
		t.Fatal(err)
	}
	if held := db.budget.Peak(); held <= soft || highest < held {
		t.Errorf("the limit was %d at most while the query held %d, with a soft bound of %d", highest, held, soft)
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
	_, limit := openSoft(t, 1<<20)
	if got := limit(); got != before {
		t.Errorf("the limit was changed from %d to %d", before, got)
	}
}

// TestSoftMemoryOfCache: the bound goes up with what the storage keeps, and down
// with it, without a query that reserves anything.
func TestSoftMemoryOfCache(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	const soft = 96 << 20
	db, limit := openSoft(t, soft)
	for _, kept := range []int64{5 << 30, 1 << 30, 0} {
		db.cached(kept)
		want := max(soft, kept+kept/headroomShare)
		if got := limit(); got < want || got > want+headroomLeast {
			t.Errorf("with %d bytes kept the limit is %d, want %d", kept, got, want)
		}
	}
}
