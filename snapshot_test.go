package tidemark

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestLargeInventory compares lists of 100,000 items, which as a whole fit into
// no transaction, across a restart.
func TestLargeInventory(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), context.Background()
	message := func(hour, from, to, salt int) string {
		r := rand.New(rand.NewPCG(1, 1))
		var b strings.Builder
		fmt.Fprintf(&b, `{"DataItems":[{"Timestamp":"2026-01-01T%02d:00:00Z","Computer":"web01","ConfigChangeType":"Files","Collections":[`, hour)
		for i := range to {
			sum := fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64())
			if i < from {
				continue
			}
			if i%1000 == salt {
				sum = strings.Repeat("ab", 16)
			}
			if i > from {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"FileSystemPath":"/f/%d","FileContentChecksum":%q}`, i, sum)
		}
		return b.String() + "]}]}\n"
	}
	for _, step := range []struct{ text, want string }{
		{message(0, 0, 100_000, -1), ""},
		{message(1, 10, 100_010, 500), "Added|10| Modified|100| Removed|10|"},
		{message(1, 10, 100_010, 500), "Added|10| Modified|100| Removed|10|"},
	} {
		db, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Ingest(ctx, strings.NewReader(step.text), IngestOptions{}); err != nil {
			t.Fatal(err)
		}
		rows, _ := pruningAnswer(t, ctx, db, "ConfigurationChange | summarize N = count() by ChangeCategory | sort by ChangeCategory asc")
		if got := strings.Join(rows, " "); got != step.want {
			t.Errorf("changes %s, want %s", got, step.want)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
