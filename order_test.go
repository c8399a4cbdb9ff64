package tidemark

import (
	"context"
	"math/rand"
	"slices"
	"testing"
)

// TestOrderOfRows: extents that several goroutines read give the rows in the
// order in which one goroutine does.
func TestOrderOfRows(t *testing.T) {
	t.Parallel()
	db := pruningTable(t)
	r := rand.New(rand.NewSource(3))
	questions := []string{"T | project N, Many", "T | where N % 7 == 0 | extend M = N * 2", "T | where N > 5 | take 20000", "T", `T | where Few == "no such"`}
	for range 30 {
		questions = append(questions, "T | where "+pruningCondition(r, 2)+" | project N, Few, Hash")
	}
	for _, q := range questions {
		db.opts.threads = 1
		want, _ := pruningAnswer(t, context.Background(), db, q)
		db.opts.threads = 4
		got, _ := pruningAnswer(t, context.Background(), db, q)
		if !slices.Equal(got, want) {
			t.Fatalf("%s: with four goroutines %d rows, with one %d, or in another order", q, len(got), len(want))
		}
	}
}

// TestOrderedScanEnds: readers that nobody waits for end with the result, also
// in the middle, and a query that is given up says so.
func TestOrderedScanEnds(t *testing.T) {
	t.Parallel()
	db := pruningTable(t)
	db.opts.threads = 4
	for range 20 {
		res, err := db.Query(context.Background(), "T | where N >= 0")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := res.Tables()[0].Next(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := res.Close(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	res, err := db.Query(ctx, "T | where N >= 0")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	cancel()
	if _, err := res.Tables()[0].Next(ctx); err != context.Canceled {
		t.Fatalf("%v", err)
	}
}
