package tidemark

import (
	"context"
	"strings"
	"testing"
)

// .explain shows the steps, and of those that read tables what the query itself
// reports.
func TestExplain(t *testing.T) {
	t.Parallel()
	db := pruningTable(t)
	for _, c := range []struct{ query, steps string }{
		{`T | where TimeGenerated > datetime(2026-01-29) | count`,
			"summarize count()\n  scan T [] where (TimeGenerated > datetime(2026-01-29T00:00:00.0000000Z))"},
		{`T | where Many has "hosts" and Few == "etc" | top 3 by N`,
			"top 3 by N desc\n  scan T ["},
		{`T | where TimeGenerated > toscalar(T | summarize max(TimeGenerated)) - 1d | count`,
			"first\n  take 1\n    summarize max(TimeGenerated)\n      scan T [TimeGenerated]\nsummarize count()\n  scan T [] where (TimeGenerated > (toscalar(…) - timespan(1.00:00:00)))"},
		{`T | where Many == "no such" | join kind=inner (T | where Many == "no such") on N | count`,
			"summarize count()\n  join kind=inner on $left.N == $right.N\n    scan T [N] where (Many == \"no such\")\n    scan T [N] where (Many == \"no such\")"},
		{`T | summarize count() by Kind`, "summarize count() by Kind\n  scan T [Kind]"},
		{`print 1`, "project print_0 = 1\n  print"},
	} {
		_, want := pruningAnswer(t, context.Background(), db, c.query)
		res, err := db.Query(context.Background(), ".explain "+c.query)
		if err != nil {
			t.Fatalf("%s: %v", c.query, err)
		}
		var got Stats
		var steps []string
		for row, err := range res.Rows(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			steps = append(steps, row.String("Step"))
			got.ExtentsTotal += row.Int("Extents")
			got.ExtentsScanned += row.Int("ExtentsRead")
			got.RowsScanned += row.Int("RowsRead")
			got.Pruned.ExtentsByRange += row.Int("ExtentsByRange")
			got.Pruned.ExtentsByText += row.Int("ExtentsByText")
			got.Pruned.ExtentsByValue += row.Int("ExtentsByValue")
			got.Pruned.ExtentsByCount += row.Int("ExtentsByCount")
			got.Pruned.BlocksByRange += row.Int("BlocksByRange")
			got.Pruned.RowsByValue += row.Int("RowsByValue")
		}
		res.Close()
		if text := strings.Join(steps, "\n"); !strings.HasPrefix(text, c.steps) {
			t.Errorf("%s:\n%s\nwant\n%s", c.query, text, c.steps)
		}
		if got.ExtentsTotal != want.ExtentsTotal || got.ExtentsScanned != want.ExtentsScanned || got.RowsScanned != want.RowsScanned || got.Pruned != want.Pruned {
			t.Errorf("%s: explained %+v, the query says %+v", c.query, got, want)
		}
		if strings.Contains(c.query, "where") && got.ExtentsScanned == got.ExtentsTotal && got.Pruned.BlocksByRange+got.Pruned.RowsByValue == 0 {
			t.Errorf("%s: nothing is passed over: the test proves little", c.query)
		}
	}
}
