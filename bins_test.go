package tidemark

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestBinsChangeNothing groups by bins that blocks are read in, and by the same
// bins of columns that are computed.
func TestBinsChangeNothing(t *testing.T) {
	t.Parallel()
	db := pruningTable(t)
	ctx := context.Background()
	for _, where := range []string{"", `where Few != "exe" | `, `where Many has "temp" | `, `where Kind != "host" | `, "where N > 9000 | "} {
		for k, bin := range []string{"bin(%s, %s)", "bin(%s, %s), Few", "Few, bin(%s, %s)", "bin(%s, %s), Kind", "State, toupper(Kind), bin(%s, %s)"} {
			for _, by := range [][3]string{
				{"N", "N + N - N", "1"}, {"N", "N + N - N", "1000"}, {"N", "N + N - N", "7"}, {"Long", "Long + N - N", "100"},
				{"TimeGenerated", "TimeGenerated + (N - N) * 1s", "1h"}, {"TimeGenerated", "TimeGenerated + (N - N) * 1s", "1d"}, {"TimeGenerated", "TimeGenerated + (N - N) * 1s", "10s"},
			} {
				ask := func(column string) []string {
					what := []string{"Rows = count(), Sum = sum(N), Least = min(TimeGenerated)", "Rows = count()"}[k%2]
					got, _ := pruningAnswer(t, ctx, db, "T | "+where+"summarize "+what+" by "+fmt.Sprintf(bin, column, by[2]))
					slices.Sort(got)
					return got
				}
				if got, want := ask(by[0]), ask(by[1]); !slices.Equal(got, want) || len(got) == 0 {
					t.Fatalf("%s by "+bin+": %d groups, computed %d:\n%.300s\n%.300s", where, by[0], by[2], len(got), len(want), strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		}
	}
}
