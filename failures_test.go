package tidemark

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestIngestionFailures: rejected records can be queried, are no part of what
// union * and search * read, and go after two weeks.
func TestIngestionFailures(t *testing.T) {
	t.Parallel()
	var days atomic.Int64
	ctx := context.Background()
	db, err := Open("", Clock(func() time.Time { return time.Unix(1_750_000_000+86400*days.Load(), 0) }))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	answer := func(text string) string {
		t.Helper()
		rows, _ := pruningAnswer(t, ctx, db, text)
		return strings.Join(rows, " ")
	}
	if got := answer("_IngestionFailures | count"); got != "0|" {
		t.Errorf("before any: %s", got)
	}
	text := `{"ConfigChangeType":"Files","FileSystemPath":"/a"}` + "\nneedle\n"
	if _, err := db.Ingest(ctx, strings.NewReader(text), IngestOptions{Source: "a.json"}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"_IngestionFailures | project Source, Line, Offset, Class, RawRecord": "a.json|2|51|syntax|needle|",
		"_IngestionFailures | where ingestion_time() < ago(1s) | count":       "0|",
		"union * | count":                                 "1|",
		"union withsource=T _* | project T":               "_IngestionFailures|",
		"search 'needle' | count":                         "0|",
		"search in (_IngestionFailures) 'needle' | count": "1|",
		".show ingestion failures | project IngestionSourcePath, ErrorCode, OriginatesFromUpdatePolicy, FailureKind": "a.json|syntax|false|Permanent|",
		".show tables | where TableName startswith '_' | project DocString":                                          "Records that could not be read when they were loaded.|",
	} {
		if got := answer(query); got != want {
			t.Errorf("%s gives %s, want %s", query, got, want)
		}
	}
	for _, step := range []struct {
		day  int64
		want string
	}{{13, "1|"}, {15, "0|"}} {
		days.Store(step.day)
		if _, err := db.retain(ctx, db.store); err != nil {
			t.Fatal(err)
		}
		if got := answer("_IngestionFailures | count"); got != step.want {
			t.Errorf("after %d days there are %s", step.day, got)
		}
	}
}
