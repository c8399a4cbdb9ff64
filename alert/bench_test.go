package alert

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"tidemark"
)

// BenchmarkTick is one tick of 1,000 rules on the database that
// TIDEMARK_BENCH_DB names, such as one of 10,000,000 rows; on one made of the
// test's day where it names none. The database is written to: use a copy.
func BenchmarkTick(b *testing.B) {
	dir := os.Getenv("TIDEMARK_BENCH_DB")
	db, err := tidemark.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if dir == "" {
		var text strings.Builder
		for _, r := range readDay(b) {
			text.WriteString(strings.Replace(r.text, "{", fmt.Sprintf(`{"Type":%q,`, r.table), 1) + "\n")
		}
		if _, err := db.Ingest(b.Context(), strings.NewReader(text.String()), tidemark.IngestOptions{}); err != nil {
			b.Fatal(err)
		}
	}
	var rules strings.Builder
	for i := range 1000 {
		q := seven[i%len(seven)]
		fmt.Fprintf(&rules, "---\nid: bench-%d\nname: %s %d\nkind: Scheduled\nqueryFrequency: 1m\nqueryPeriod: %s\ntriggerOperator: gt\ntriggerThreshold: 0\nquery: %s\ntidemark: {queryDelay: 5m}\n",
			i, q.name, i, []string{"5m", "15m", "1h"}[i%3], yamlText(q.query+fmt.Sprintf(" | where Computer != 'c%d'", i)))
	}
	s, err := New(context.Background(), db, parseRules(b, rules.String()), nil, Options{})
	if err != nil {
		b.Fatal(err)
	}
	// The ticks look at times that the rows are of, as an import is replayed.
	at := time.Date(2025, 6, 11, 12, 0, 0, 0, time.UTC)
	for b.Loop() {
		for _, r := range s.rules {
			r.next = at
		}
		data, err := s.dataAt(b.Context(), at.Add(5*time.Minute))
		if err != nil {
			b.Fatal(err)
		}
		data.Generated = true
		if err := s.round(b.Context(), s.rules); err != nil {
			b.Fatal(err)
		}
		at = at.Add(time.Minute)
		s.closeCaches(true)
	}
}
