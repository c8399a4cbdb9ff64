package op_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tidemark/engine"
	"tidemark/engine/op"
)

// TestShortestPathsAgree checks the search breadth first against the search
// through all paths, which a condition on the path asks for.
func TestShortestPathsAgree(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var edges []string
		for range 14 {
			edges = append(edges, fmt.Sprintf("%d, %d", rnd.IntN(7), rnd.IntN(7)))
		}
		graph := "datatable(s:long, t:long)[" + strings.Join(edges, ",") + "] | make-graph s --> t with_node_id=n | graph-shortest-paths "
		for _, pattern := range []string{"(x)-[e*1..4]->(y)", "(x)<-[e*1..4]-(y)", "(x)-[e*1..4]-(y)"} {
			for _, output := range []string{"any", "all"} {
				project := " project x = x.n, y = y.n, e = tostring(map(e, pack_array(s, t))) | extend e = tostring(e) | sort by x asc, y asc, e asc"
				if output == "any" {
					project = " project x = x.n, y = y.n, e = array_length(map(e, s)) | extend e = tostring(e) | sort by x asc, y asc, e asc"
				}
				fast := runQuery(t, graph+"output="+output+pattern+" where all(e, s >= 0)"+project, options)
				slow := runQuery(t, graph+"output="+output+pattern+" where any(e, s >= 0)"+project, options)
				if fast != slow || strings.HasPrefix(fast, "error") {
					t.Fatalf("%s%s %s\nbreadth first:\n%s\nall paths:\n%s", graph, output, pattern, fast, slow)
				}
			}
		}
	}
}

// TestGraphDirections checks that a pattern finds the same read from either
// end, wherever the search begins.
func TestGraphDirections(t *testing.T) {
	const graph = `range i from 0 to 40 step 1 | project s = i * 7 % 13, t = i * 5 % 11, w = i % 3 | make-graph s --> t with_node_id=n | graph-match `
	const project = ` project x = x.n, y = y.n, z = z.n, e = tostring(map(e, s)), w = f.w | extend e = tostring(e) | sort by x asc, y asc, z asc, e asc, w asc`
	for _, cycles := range []string{"all", "none", "unique_edges"} {
		for _, cond := range []string{"", " where x.n == 1", " where z.n == 2", " where y.n < 4 and all(e, w > 0) and f.w != e.w"} {
			there := runQuery(t, graph+"cycles="+cycles+" (x)-[e*1..2]->(y)-[f]->(z)"+cond+project, options)
			parts := runQuery(t, graph+"cycles="+cycles+" (y)-[f]->(z), (x)-[e*1..2]->(y)"+cond+project, options)
			if there != parts || strings.HasPrefix(there, "error") {
				t.Errorf("cycles=%s%s: in one pattern\n%s\nin two\n%s", cycles, cond, there, parts)
			}
		}
	}
}

// TestGraphStops checks that a search without end is cut off, and that what it
// held is given back.
func TestGraphStops(t *testing.T) {
	const query = `range i from 0 to 899 step 1 | project s = i / 30, t = i % 30 | make-graph s --> t with_node_id=n
		| graph-match cycles=all (x)-[e*1..12]->(y) where any(e, s < 0) project x.n`
	budget := op.NewBudget(1 << 30)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	r, err := engine.Run(ctx, query, noTables{}, engine.Options{Budget: budget})
	if err == nil {
		_, err = r.Tables()[0].NextBatch(ctx)
		r.Close()
	}
	if err == nil || err == io.EOF || ctx.Err() == nil {
		t.Errorf("got %v, want an end by the deadline", err)
	}
	budget.ResetPeak()
	if n := budget.Peak(); n != 0 {
		t.Errorf("%d bytes were not given back", n)
	}
}

// TestGraphTake checks that a search is not carried further than its rows are
// read.
func TestGraphTake(t *testing.T) {
	const query = `range i from 0 to 899 step 1 | project s = i / 30, t = i % 30 | make-graph s --> t
		| graph-match cycles=all (x)-[e*1..12]->(y) project a = 1 | take 3 | count`
	if got := firstCell(t, query); got != "3" {
		t.Errorf("got %s rows, want 3", got)
	}
}
