package tidemark

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
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

// TestRetentionAtOnce: a policy takes effect when it is set, and the space of
// what is deleted comes back while the database is open or when it is closed
// and opened again.
func TestRetentionAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx := context.Background()
	var hours atomic.Int64
	now := Clock(func() time.Time { return time.Unix(1_750_000_000+3600*hours.Load(), 0) })
	db, err := Open(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	closeAndOpen := func() {
		t.Helper()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if db, err = Open(dir, now); err != nil {
			t.Fatal(err)
		}
	}
	defer func() { db.Close() }()
	size := func() (n int64) {
		filepath.WalkDir(filepath.Join(dir, "data"), func(path string, d fs.DirEntry, err error) error {
			if info, err := d.Info(); err == nil && strings.HasSuffix(path, ".vlog") && info.Size() < 64<<20 { // the one that is written is longer than what it holds
				n += info.Size()
			}
			return nil
		})
		return n
	}
	for _, how := range []string{".alter-merge table ConfigurationChange policy retention softdelete = 1h", ".clear table ConfigurationChange data", ".drop table ConfigurationChange"} {
		if _, err := db.Ingest(ctx, &digests{rows: 100_000}, IngestOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := db.store.Seal(ctx); err != nil {
			t.Fatal(err)
		}
		closeAndOpen()
		full := size()
		hours.Add(2)
		pruningAnswer(t, ctx, db, how)
		if rows, _ := pruningAnswer(t, ctx, db, "ConfigurationChange | count"); rows[0] != "0|" {
			t.Errorf("after %s there are %s rows", how, rows[0])
		}
		closeAndOpen()
		closeAndOpen()
		if left := size(); full < 2<<20 || left > full/4 {
			t.Errorf("%s: %d KB before, %d KB after", how, full>>10, left>>10)
		}
		pruningAnswer(t, ctx, db, ".alter-merge table ConfigurationChange policy retention softdelete = 1000d")
	}
}

// digests is a text of so many rows that do not compress.
type digests struct {
	rows, n int
	buf     bytes.Buffer
}

func (d *digests) Read(p []byte) (int, error) {
	for d.buf.Len() < len(p) && d.n < d.rows {
		d.n++
		fmt.Fprintf(&d.buf, `{"Type":"ConfigurationChange","TimeGenerated":"2026-03-11T07:00:00Z","FileContentChecksum":"%x"}`+"\n", sha256.Sum256([]byte(strconv.Itoa(d.n))))
	}
	return d.buf.Read(p)
}
