package oracle

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"testing"

	"tidemark/engine"
	"tidemark/parser"
	"tidemark/table"
)

// leastBound is the share of the queries that call no function unknown to
// Microsoft's analyzer which must bind without anything unknown to us.
const leastBound = 0.97

// unknownCodes are the errors about what a query names and there is none of.
var unknownCodes = map[string]bool{"KS211": true, "KS124": true, "KS144": true, "TM009": true}

// TestCommunity binds real queries over tables that have whatever column is
// named, and counts those with an operator, function or plugin unknown to us.
func TestCommunity(t *testing.T) {
	script, path := os.Getenv("KUSTO_ORACLE"), os.Getenv("KUSTO_QUERIES")
	if script == "" || path == "" || os.Getenv("KUSTO_LIB") == "" {
		t.Skip("KUSTO_ORACLE, KUSTO_LIB and KUSTO_QUERIES are not set")
	}
	queries := read(t, path)
	strangers := unknownFunctions(t, script, queries)
	runnable, bound := 0, 0
	unknown, others := map[string]int{}, map[string]int{}
	for i, q := range queries {
		if strangers[i] > 0 {
			continue
		}
		runnable++
		c := engine.Check(q, anything{}, engine.Options{}, false)
		known := true
		for _, d := range c.Diagnostics {
			switch {
			case d.Severity == parser.SeverityWarning:
			case unknownCodes[d.Code]:
				known = false
				unknown[d.Code+" "+d.Msg]++
			default:
				others[d.Code+" "+d.Msg]++
				if testing.Verbose() && os.Getenv("KUSTO_SHOW") != "" {
					t.Logf("%v\n%s", d, q)
				}
			}
		}
		if known {
			bound++
		}
	}
	share := float64(bound) / float64(runnable)
	t.Logf("%d queries, %d call no function unknown to Microsoft's analyzer, %d of these bind without anything unknown: %.2f %%", len(queries), runnable, bound, 100*share)
	most(t, "unknown", unknown)
	most(t, "other errors", others)
	if share < leastBound {
		t.Errorf("that is less than %.0f %%", 100*leastBound)
	}
}

func most(t *testing.T, what string, counts map[string]int) {
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	sort.Slice(names, func(i, k int) bool { return counts[names[i]] > counts[names[k]] })
	t.Logf("%s: %d", what, len(names))
	for _, name := range names[:min(40, len(names))] {
		t.Logf("%6d %s", counts[name], name)
	}
}

// unknownFunctions counts for each query the functions that Microsoft's
// analyzer does not know: those that a workspace defines.
func unknownFunctions(t *testing.T, script string, queries []string) []int {
	t.Helper()
	in, err := json.Marshal(queries)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "queries.json")
	if err := os.WriteFile(file, in, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("node", script, file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []struct {
		Unknown []string `json:"unknown_functions"`
	}
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(queries) {
		t.Fatalf("%d answers for %d queries: %v", len(answers), len(queries), err)
	}
	counts := make([]int, len(answers))
	for i, a := range answers {
		counts[i] = len(a.Unknown)
	}
	return counts
}

// anything has every table, and each has every column, of an unknown type.
type anything struct{}

func (anything) Table(name string) (table.Source, bool) {
	s, err := table.NewSchema(table.Column{Name: "$open", Type: table.Dynamic, Hidden: true})
	return table.NewMemory(name, s), err == nil
}

func (anything) Tables() []string { return nil }
