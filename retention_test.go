package tidemark

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestRetention: rows that a policy does not want go when the database is
// opened, those of other tables stay, and a reader deletes nothing.
func TestRetention(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var day atomic.Int64
	now := Clock(func() time.Time { return time.Unix(1_750_000_000+86400*day.Load(), 0) })
	ctx := context.Background()
	with := func(f func(db *DB), opts ...Option) {
		t.Helper()
		db, err := Open(dir, append(opts, now)...)
		if err != nil {
			t.Fatal(err)
		}
		f(db)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	run := func(db *DB, text string) string {
		t.Helper()
		rows, _ := pruningAnswer(t, ctx, db, text)
		return strings.Join(rows, " ")
	}
	load := func(db *DB) {
		t.Helper()
		for _, name := range []string{"Kept", "Short"} {
			if _, err := db.Ingest(ctx, strings.NewReader("A\nx\ny\n"), IngestOptions{Format: "csv", Table: name}); err != nil {
				t.Fatal(err)
			}
		}
	}
	with(func(db *DB) {
		run(db, ".create table Kept (A: string)")
		run(db, ".create table Short (A: string)")
		run(db, ".alter-merge table Short policy retention softdelete = 14d")
		load(db)
	})
	count := "union withsource=T Kept, Short | summarize N = count() by T | sort by T asc"
	day.Store(10)
	with(load)
	day.Store(15) // the first rows of Short are 15 days old, the others 5
	with(func(db *DB) {
		if got := run(db, count); got != "Kept|4| Short|4|" {
			t.Errorf("a reader sees %s", got)
		}
	}, ReadOnly())
	with(func(db *DB) {
		if _, err := db.retain(ctx, db.store); err != nil { // the one that runs by itself may be done or not
			t.Fatal(err)
		}
		if got := run(db, count); got != "Kept|4| Short|2|" {
			t.Errorf("after 15 days there are %s", got)
		}
	})
}
