package tidemark

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"tidemark/table"
)

// TestExchange asks questions of many groups, whose rows several workers hand
// to each other, of one worker and of several, with little memory and much.
func TestExchange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx := context.Background()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := table.NewSchema(table.Column{Name: "N", Type: table.Long}, table.Column{Name: "Computer", Type: table.String},
		table.Column{Name: "Path", Type: table.String}, table.Column{Name: "Kind", Type: table.String}, table.Column{Name: "Sum", Type: table.String})
	if err == nil {
		err = db.CreateTable("E", schema)
	}
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewSource(3))
	at := 0
	for _, rows := range []int{90000, 5000, 75000, 700} {
		var b strings.Builder
		b.WriteString("N,Computer,Path,Kind,Sum\n")
		for range rows {
			computer := r.Intn(900)
			if rows == 5000 { // one value has no codes
				computer = 7
			}
			fmt.Fprintf(&b, "%d,c%d,%s,k%d,%x\n", at, computer, strings.Repeat(fmt.Sprintf("p%d", r.Intn(30000)), r.Intn(2)), r.Intn(3), r.Intn(50000))
			at++
		}
		if _, err := db.Ingest(ctx, strings.NewReader(b.String()), IngestOptions{Format: "csv", Table: "E"}); err != nil {
			t.Fatal(err)
		}
		if rows != 700 { // these stay in the tail
			if err := db.store.Seal(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	questions := []string{
		`E | where Kind == "k1" | summarize arg_max(N, Sum) by Computer, Path`,
		`E | summarize arg_min(N, *) by Computer, Path`,
		`E | summarize count(), sum(N), max(Sum) by Path, Computer, Kind`,
		`E | summarize count_distinct(Path) by Computer`,
		`E | summarize dcount(Path), max(Kind) by Computer, N % 2`,
		`E | distinct Path, Computer`,
		`E | where N >= 169000 | summarize count() by Computer, Path`,
		`E | where N < 0 | summarize count() by Computer, Path`,
	}
	var want [][]string
	for _, opts := range [][]Option{{Threads(1)}, {Threads(2)}, {Threads(5)}, {Threads(3), MemoryLimit(6 << 20)}} {
		db, err := Open(dir, append(opts, ReadOnly())...)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range questions {
			rows, _ := pruningAnswer(t, ctx, db, text)
			slices.Sort(rows)
			if len(want) == i {
				want = append(want, rows)
			}
			if !slices.Equal(rows, want[i]) {
				t.Errorf("%s: %d rows, of one worker %d", text, len(rows), len(want[i]))
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i, least := range []int{20000, 80000, 80000, 900, 1800, 80000, 900, 0} {
		if len(want[i]) < least {
			t.Errorf("%s: only %d rows", questions[i], len(want[i]))
		}
	}
}
