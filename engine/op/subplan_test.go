package op_test

import (
	"context"
	"io"
	"testing"
	"time"

	"tidemark/engine"
	"tidemark/engine/op"
)

// TestSubplansTogether checks that bodies of mv-apply and partition that can be
// run for all groups at once are, and that they give what they give one by one.
func TestSubplansTogether(t *testing.T) {
	const rows = `range i from 1 to 200 step 1 | extend k = i % 7, a = pack_array(i, i % 3, i * 5 % 11) | `
	for _, body := range []string{
		"where a > 3 | summarize s = sum(a), n = count()",
		"summarize n = count() by odd = a % 2 | top 1 by n | extend m = n + 1",
		"distinct odd = a % 2 | take 1 | project odd",
		"order by a asc | take 2 | project a",
		"extend b = a * 2 | mv-expand c = pack_array(a, b) to typeof(long) | where c % 2 == 0 | project c",
		`extend s = strcat("x=", a) | parse s with "x=" x:long | project x`,
	} {
		for _, head := range []string{"mv-apply a to typeof(long) on (", "mv-expand a to typeof(long) | partition hint.strategy=native by k ("} {
			fast := total(t, rows+head+body+")")
			slow := total(t, rows+head+"as Whole | "+body+")") // a name for the rows needs a run for each group
			if fast != slow {
				t.Errorf("%s%s)\n gives %d together and %d one by one", head, body, fast, slow)
			}
		}
	}
}

// total runs a query and adds up its rows in a way that their order changes.
func total(t *testing.T, query string) int64 {
	t.Helper()
	r, err := engine.Run(context.Background(), query+" | extend text = tostring(pack_all()) | serialize place = row_number() | summarize sum(hash(text, 1000) * place)", noTables{}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := r.Tables()[0].NextBatch(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return b.Cols[0].Int64(0)
}

// TestManySubplans checks that neither way of running a body is slow.
func TestManySubplans(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	start := time.Now()
	const rows = `range i from 1 to 100000 step 1 | extend a = pack_array(i, i + 1) | mv-apply a to typeof(long) on (`
	total(t, rows+"summarize s = sum(a))")
	total(t, rows+"order by a desc | extend n = row_number())")
	if d := time.Since(start); d > 30*time.Second {
		t.Errorf("took %s", d)
	}
}

// TestSubplanMemory checks that a subplan answers to the budget and gives all
// back.
func TestSubplanMemory(t *testing.T) {
	budget := op.NewBudget(4 << 20)
	const query = `range i from 1 to 1000000 step 1 | partition hint.strategy=native by i (extend s = tostring(i))`
	r, err := engine.Run(context.Background(), query, noTables{}, engine.Options{Budget: budget})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = r.Tables()[0].NextBatch(context.Background())
	}
	if _, ok := err.(*op.MemoryError); !ok || err == io.EOF {
		t.Errorf("got %v, want an error about memory", err)
	}
	r.Close()
	budget.ResetPeak()
	if n := budget.Peak(); n != 0 {
		t.Errorf("%d bytes were not given back", n)
	}
}
