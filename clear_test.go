package tidemark

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// mixedRows are rows of both tables, with and without an _ItemId.
func mixedRows(first, n int) string {
	var b strings.Builder
	for i := first; i < first+n; i++ {
		id := ""
		if i%3 == 0 {
			id = fmt.Sprintf(`,"_ItemId":"id-%d"`, i)
		}
		fmt.Fprintf(&b, `{"Type":"%s","TimeGenerated":"2026-03-11T07:%02d:00Z","Computer":"web%d"%s}`+"\n",
			[]string{"ConfigurationChange", "ConfigurationData"}[i%2], i%60, i, id)
	}
	return b.String()
}

// TestClearedLoadsAgain: files that gave rows to a table are loaded again once
// the table has been dropped or emptied, as a whole and once, and the rows that
// they gave to another table stay as they are. That holds after the database has
// been opened anew, and where the second load breaks off.
func TestClearedLoadsAgain(t *testing.T) {
	t.Parallel()
	for _, how := range []string{".drop table ConfigurationChange", ".clear table ConfigurationChange data", ".set-or-replace ConfigurationChange <| ConfigurationChange | take 0"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			dir, file := t.TempDir(), filepath.Join(t.TempDir(), "a.ndjson")
			ctx := context.Background()
			var db *DB
			reopen := func() {
				t.Helper()
				if db != nil {
					db.Close()
				}
				var err error
				if db, err = Open(dir); err != nil {
					t.Fatal(err)
				}
			}
			reopen()
			defer func() { db.Close() }()
			expect := func(when string, changes, data int) {
				t.Helper()
				for name, n := range map[string]int{"ConfigurationChange": changes, "ConfigurationData": data} {
					rows, _ := pruningAnswer(t, ctx, db, name+" | summarize count(), dcount(Computer)")
					if got, want := strings.Join(rows, " "), fmt.Sprintf("%d|%d|", n, n); got != want {
						t.Errorf("%s: %s has %s, want %s", when, name, got, want)
					}
				}
			}
			load := func(ctx context.Context, o IngestOptions) IngestStats {
				t.Helper()
				s, err := db.IngestFile(ctx, file, o)
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				return s
			}
			os.WriteFile(file, []byte(mixedRows(0, 600)), 0o666)
			load(ctx, IngestOptions{})
			expect("loaded", 300, 300)
			pruningAnswer(t, ctx, db, how)
			expect("emptied", 0, 300)
			reopen()
			broken, stop := context.WithCancel(ctx)
			load(broken, IngestOptions{BatchRows: 100, Progress: func(s IngestStats) {
				if s.RowsIn >= 100 {
					stop()
				}
			}})
			reopen()
			load(ctx, IngestOptions{})
			expect("loaded again", 300, 300)
			if s := load(ctx, IngestOptions{}); s.RowsIn != 0 {
				t.Errorf("the third time gave %d rows", s.RowsIn)
			}
			// It has grown since: all of it comes again, its new rows once.
			pruningAnswer(t, ctx, db, how)
			os.WriteFile(file, []byte(mixedRows(0, 800)), 0o666)
			if s := load(ctx, IngestOptions{}); s.RowsIn != 500 || s.RowsDuplicate != 300 {
				t.Errorf("%d rows came, and %d had", s.RowsIn, s.RowsDuplicate)
			}
			expect("grown", 400, 400)
			if problems, err := db.Verify(ctx, func(p error) { t.Error(p) }); err != nil || problems.Rows != 800 {
				t.Errorf("%+v, %v", problems, err)
			}
		})
	}
}

// TestClearedIsFollowed: a file that is followed goes on where it was when its
// table is emptied.
func TestClearedIsFollowed(t *testing.T) {
	t.Parallel()
	db, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, stop := context.WithCancel(context.Background())
	file := filepath.Join(t.TempDir(), "a.ndjson")
	os.WriteFile(file, []byte(mixedRows(0, 100)), 0o666)
	done := make(chan error)
	go func() {
		_, err := db.Follow(ctx, []FollowSource{{Paths: []string{file}}}, FollowOptions{Poll: time.Millisecond})
		done <- err
	}()
	until := func(want string) {
		t.Helper()
		for {
			rows, _ := pruningAnswer(t, ctx, db, "ConfigurationChange | summarize count(), min(toint(substring(Computer, 3)))")
			if got := strings.Join(rows, " "); got == want {
				return
			} else if len(got) > 40 {
				t.Fatal(got)
			}
			time.Sleep(time.Millisecond)
		}
	}
	until("50|0|")
	pruningAnswer(t, ctx, db, ".clear table ConfigurationChange data")
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(mixedRows(100, 20))
	f.Close()
	until("10|100|")
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
