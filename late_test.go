package tidemark

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestLateRows loads rows in random order, hours and days late, across
// restarts: each is found at its time.
func TestLateRows(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), context.Background()
	r := rand.New(rand.NewPCG(5, 5))
	begin := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	minutes := r.Perm(20 * 24 * 60)[:6000]
	perDay := map[int]int{}
	for part := range 6 {
		db, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, m := range minutes[part*1000 : (part+1)*1000] {
			perDay[m/(24*60)]++
			fmt.Fprintf(&b, `{"TimeGenerated":%q,"ConfigChangeType":"Files","Size":%d,"_ItemId":"%d"}`+"\n", begin.Add(time.Duration(m)*time.Minute).Format(time.RFC3339), m, m)
		}
		if _, err := db.Ingest(ctx, strings.NewReader(b.String()), IngestOptions{BatchRows: 1 + r.IntN(400)}); err != nil {
			t.Fatal(err)
		}
		for day := range 20 {
			from := begin.AddDate(0, 0, day)
			query := fmt.Sprintf("ConfigurationChange | where TimeGenerated >= datetime(%s) and TimeGenerated < datetime(%s) | summarize count(), countif(Size / 1440 != %d)",
				from.Format("2006-01-02"), from.AddDate(0, 0, 1).Format("2006-01-02"), day)
			rows, _ := pruningAnswer(t, ctx, db, query)
			if want := fmt.Sprintf("%d|0|", perDay[day]); rows[0] != want {
				t.Errorf("part %d, day %d: %s, want %s", part, day, rows[0], want)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSkewedRows: a time ahead of the clock stays and is marked; one that is
// late is not.
func TestSkewedRows(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 11, 7, 0, 0, 0, time.UTC)
	db, err := Open("", Clock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var b strings.Builder
	for _, offset := range []time.Duration{-300 * time.Hour, 0, 4 * time.Minute, time.Hour} {
		fmt.Fprintf(&b, `{"TimeGenerated":%q,"ConfigChangeType":"Files"}`+"\n", now.Add(offset).Format(time.RFC3339))
	}
	if _, err := db.Ingest(context.Background(), strings.NewReader(b.String()), IngestOptions{}); err != nil {
		t.Fatal(err)
	}
	rows, _ := pruningAnswer(t, context.Background(), db, "ConfigurationChange | sort by TimeGenerated asc | project Ahead = TimeGenerated - now(), Skew = tostring(AdditionalFields.clockSkew)")
	if got, want := strings.Join(rows, " "), "-300h0m0s|| 0s|| 4m0s|| 1h0m0s|01:00:00|"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestIngestionTime: it is the time of the commit, and never goes back, though
// the clock does, also while the database is closed.
func TestIngestionTime(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), context.Background()
	begin := time.Date(2026, 3, 11, 7, 0, 0, 0, time.UTC)
	var minute atomic.Int64
	clock := Clock(func() time.Time { return begin.Add(time.Duration(minute.Load()) * time.Minute) })
	var db *DB
	open := func() {
		t.Helper()
		var err error
		if db, err = Open(dir, clock); err != nil {
			t.Fatal(err)
		}
	}
	open()
	n := 0
	want := []int64{10, 12, 12, 12, 13, 13, 13, 40}
	for i, at := range []int64{10, 12, 5, -1000, 13, 13, 0, 40} {
		minute.Store(at)
		if i%3 == 2 { // while it is closed, too
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			open()
		}
		var b strings.Builder
		for range 3 {
			fmt.Fprintf(&b, `{"TimeGenerated":"2026-03-01T00:00:00Z","ConfigChangeType":"Files","Size":%d,"_ItemId":"%d"}`+"\n", i, n)
			n++
		}
		if _, err := db.Ingest(ctx, strings.NewReader(b.String()), IngestOptions{BatchRows: 2}); err != nil {
			t.Fatal(err)
		}
	}
	defer db.Close()
	rows, _ := pruningAnswer(t, ctx, db, fmt.Sprintf("ConfigurationChange | extend at = (ingestion_time() - datetime(%s)) / 1m | summarize min(at), max(at) by Size | sort by Size asc", begin.Format(time.RFC3339)))
	for i, row := range rows {
		if w := fmt.Sprintf("%d|%d|%d|", i, want[i], want[i]); row != w {
			t.Errorf("%s, want %s", row, w)
		}
	}
	if len(rows) != len(want) {
		t.Errorf("%d loads of %d", len(rows), len(want))
	}
}
