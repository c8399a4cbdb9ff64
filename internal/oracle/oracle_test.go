package oracle

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"tidemark/parser"
)

const (
	mutants = 4000
	// A token may be a name to us and a keyword to Microsoft's parser, so a
	// mutation can leave a query that only one of the two accepts.
	leastReal, leastMutant = 0.995, 0.98
)

func TestAgainstOracle(t *testing.T) {
	script, path := os.Getenv("KUSTO_ORACLE"), os.Getenv("KUSTO_QUERIES")
	if script == "" || path == "" || os.Getenv("KUSTO_LIB") == "" {
		t.Skip("KUSTO_ORACLE, KUSTO_LIB and KUSTO_QUERIES are not set")
	}
	queries := read(t, path)
	compare(t, script, "real", queries, leastReal)
	r := rand.New(rand.NewPCG(1, 2))
	var changed []string
	for len(changed) < mutants {
		if m := mutate(queries[r.IntN(len(queries))], r); m != "" {
			changed = append(changed, m)
		}
	}
	compare(t, script, "mutated", changed, leastMutant)
}

// compare counts on how many queries the verdicts agree.
func compare(t *testing.T, script, what string, queries []string, least float64) {
	t.Helper()
	verdicts := ask(t, script, queries)
	accepted, differ := 0, 0
	for i, q := range queries {
		_, errs := parser.Parse(q)
		if verdicts[i] {
			accepted++
		}
		if ours := !errs.Fatal(); ours != verdicts[i] {
			if differ++; differ <= 10 {
				t.Logf("we accept it: %t, Microsoft: %t\n%s\n%v", ours, verdicts[i], q, errs)
			}
		}
	}
	share := 1 - float64(differ)/float64(len(queries))
	t.Logf("%s: %d queries, Microsoft accepts %d, the same verdict on %.2f %%", what, len(queries), accepted, 100*share)
	if share < least {
		t.Errorf("%s: that is less than %.1f %%", what, 100*least)
	}
}

// ask returns for each query whether Microsoft's parser accepts it.
func ask(t *testing.T, script string, queries []string) []bool {
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
		t.Fatal(fmt.Errorf("%s: %w", script, err))
	}
	var answers []struct{ Parses bool }
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(queries) {
		t.Fatalf("%d answers for %d queries: %v", len(answers), len(queries), err)
	}
	verdicts := make([]bool, len(answers))
	for i, a := range answers {
		verdicts[i] = a.Parses
	}
	return verdicts
}

func read(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var q struct{ Query string }
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		out = append(out, q.Query)
	}
	return out
}

// token is a word, a number, a string, a comment, or a sign.
var token = regexp.MustCompile(`(?s)[@hH]?"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|//[^\n]*|[\w$]+|[^\w\s]`)

// mutate changes one token of a query; "" where there is too little to change.
func mutate(q string, r *rand.Rand) string {
	places := token.FindAllStringIndex(q, -1)
	if len(places) < 4 {
		return ""
	}
	i := r.IntN(len(places) - 1)
	a, b := places[i], places[i+1]
	switch r.IntN(3) {
	case 0:
		return q[:a[0]] + q[a[1]:]
	case 1:
		return q[:a[1]] + " " + q[a[0]:]
	}
	return q[:a[0]] + q[b[0]:b[1]] + q[a[1]:b[0]] + q[a[0]:a[1]] + q[b[1]:]
}
