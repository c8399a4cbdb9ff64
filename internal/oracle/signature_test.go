package oracle

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"tidemark/engine"
	"tidemark/engine/agg"
	"tidemark/engine/fn"
	"tidemark/table"
)

// typed is a table with a column of each type.
const typed = `datatable(b:bool, i:int, l:long, r:real, d:decimal, s:string, t:datetime, n:timespan, g:guid, y:dynamic)[] | `

// typedArgs are an argument of each type: a column, and a constant.
var typedArgs = [][]string{
	{"b", "i", "l", "r", "d", "s", "t", "n", "g", "y"},
	{"true", "int(1)", "2", "1.5", "decimal(2)", `"day"`, "datetime(2020-01-01)", "1h", "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", "dynamic([1])"},
}

// leastTypes is the share of the calls that both accept which must give a
// result of the same type and name.
const leastTypes = 0.99

// TestSignatures compares what calls of all functions and aggregations give,
// over the types of their arguments: whether the call is valid, the type of its
// result, and how its column is named.
func TestSignatures(t *testing.T) {
	script := os.Getenv("KUSTO_ORACLE")
	if script == "" || os.Getenv("KUSTO_LIB") == "" {
		t.Skip("KUSTO_ORACLE and KUSTO_LIB are not set")
	}
	r := rand.New(rand.NewPCG(3, 4))
	only := os.Getenv("KUSTO_ONLY")
	var queries []string
	for _, name := range fn.DocumentedNames() {
		if only == "" || slices.Contains(strings.Split(only, ","), name) {
			queries = append(queries, calls(r, name, "project ")...)
		}
	}
	for _, name := range agg.Names() {
		if only == "" || slices.Contains(strings.Split(only, ","), name) {
			queries = append(queries, calls(r, name, "summarize ")...)
		}
	}
	answers := analyze(t, script, queries)
	d := &differences{byName: map[string][]string{}}
	for i, q := range queries {
		d.add(q, answers[i])
	}
	d.report(t)
}

// calls are those of a function with all or some types of arguments.
func calls(r *rand.Rand, name, operator string) []string {
	var out []string
	add := func(args ...string) {
		out = append(out, typed+operator+name+"("+strings.Join(args, ", ")+")")
	}
	add()
	for _, list := range typedArgs {
		for _, a := range list {
			add(a)
		}
	}
	for _, a := range typedArgs[0] {
		for i := range typedArgs[0] {
			add(a, typedArgs[r.IntN(2)][i])
		}
	}
	for arity := 3; arity <= 4; arity++ {
		for range 30 {
			args := make([]string, arity)
			for i := range args {
				args[i] = typedArgs[r.IntN(2)][r.IntN(10)]
				if i > 0 && r.IntN(2) == 0 { // functions of one type are rare to meet by chance
					args[i] = args[0]
				}
			}
			add(args...)
		}
	}
	return out
}

// answer is what Microsoft's analyzer says of a query.
type answer struct {
	Valid   bool
	Results []struct {
		Columns []struct{ Name, Type string }
	}
	Diagnostics []struct{ Code, Severity, Message string }
}

func (a *answer) columns() string {
	var out []string
	if len(a.Results) > 0 {
		for _, c := range a.Results[0].Columns {
			out = append(out, c.Name+":"+c.Type)
		}
	}
	return strings.Join(out, ", ")
}

func analyze(t *testing.T, script string, queries []string) []answer {
	t.Helper()
	var all []answer
	for part := range slices.Chunk(queries, 20000) {
		in, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "queries.json")
		if err := os.WriteFile(file, in, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("node", "--max-old-space-size=4000", script, file).Output()
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", script, err))
		}
		var answers []answer
		if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(part) {
			t.Fatalf("%d answers for %d queries: %v", len(answers), len(part), err)
		}
		all = append(all, answers...)
	}
	return all
}

// differences are the calls that we and Microsoft's analyzer see differently.
type differences struct {
	both, same       int
	refused, allowed int // by us alone
	byName           map[string][]string
}

func (d *differences) add(q string, theirs answer) {
	c := engine.Check(q, nothing{}, engine.Options{}, false)
	ours := !c.Diagnostics.Fatal()
	call := q[len(typed):]
	name, _, _ := strings.Cut(call, "(")
	note := func(format string, args ...any) {
		d.byName[name] = append(d.byName[name], call+": "+fmt.Sprintf(format, args...))
	}
	switch {
	case ours && theirs.Valid:
		d.both++
		var cols []string
		for _, c := range c.Columns {
			if !c.Hidden {
				cols = append(cols, c.Name+":"+c.Type.String())
			}
		}
		if got, want := strings.Join(cols, ", "), theirs.columns(); got != want {
			note("%s, and should give %s", got, want)
			return
		}
		d.same++
	case theirs.Valid:
		d.refused++
		note("refused (%v), and should give %s", c.Diagnostics[0].Msg, theirs.columns())
	case ours:
		d.allowed++
		for _, x := range theirs.Diagnostics {
			if x.Severity == "Error" {
				note("allowed, and should say %s %s", x.Code, x.Message)
				break
			}
		}
	}
}

func (d *differences) report(t *testing.T) {
	t.Logf("valid to both %d, of these the same type and name %d (%.2f %%); refused by us alone %d, allowed by us alone %d",
		d.both, d.same, 100*float64(d.same)/float64(d.both), d.refused, d.allowed)
	var names []string
	for name := range d.byName {
		names = append(names, name)
	}
	sort.Strings(names)
	shown := 4
	if testing.Verbose() {
		shown = 1000
	}
	for _, name := range names {
		list := d.byName[name]
		t.Logf("%s: %d", name, len(list))
		for _, x := range list[:min(shown, len(list))] {
			t.Log("    " + x)
		}
	}
	if float64(d.same) < leastTypes*float64(d.both) {
		t.Errorf("less than %.0f %% of the calls give the same", 100*leastTypes)
	}
}

type nothing struct{}

func (nothing) Table(string) (table.Source, bool) { return nil, false }
func (nothing) Tables() []string                  { return nil }
