package op_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"tidemark/engine"
	"tidemark/engine/op"
	"tidemark/table"
)

// spillSame runs queries without a limit, and again within budgets that they
// do not fit into. Each must go to files, give the same rows, and leave
// nothing behind.
func spillSame(t *testing.T, rows int, budgets []int64, queries []string) {
	t.Helper()
	records := lawRows(rand.New(rand.NewPCG(7, 8)), rows, 200)
	c := oneTable{table.NewMemory("T", lawSchema, records...)}
	dir := t.TempDir()
	for _, q := range queries {
		want := rowsOf(t, q, c, engine.Options{Threads: 1})
		for i, limit := range budgets {
			for _, threads := range []int{1, 3} {
				if threads > 1 && strings.Contains(q, "take_any") || strings.Contains(q, "make_") {
					continue // they show the order of the rows
				}
				budget := op.NewBudget(limit)
				got, spilled := spillRows(t, q, c, engine.Options{Threads: threads, Budget: budget, TempDirs: []string{dir}})
				label := fmt.Sprintf("%d KiB, %d workers: %s", limit>>10, threads, q)
				want := want
				if !strings.Contains(q, "sort by") {
					got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s\ngives %d rows, %.300s\nwant %d rows, %.300s", label, len(got), different(got, want), len(want), different(want, got))
				}
				if i == 0 && spilled == 0 {
					t.Errorf("%s\nnothing was written", label)
				}
				if budget.Used() != 0 {
					t.Errorf("%s\n%d bytes are still held", label, budget.Used())
				}
				if over := budget.Peak() - limit; i > 0 && over > max(limit/2, 1<<20) { // tables of a grouper are not smaller
					t.Errorf("%s\n%d KiB were in use", label, budget.Peak()>>10)
				}
			}
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%d files are left", len(left))
	}
}

// different is the first row that the other has not.
func different(a, b []string) string {
	for i, row := range a {
		if i >= len(b) || row != b[i] {
			return row
		}
	}
	return ""
}

// spillRows is rowsOf and how many bytes went to files.
func spillRows(t *testing.T, query string, c table.Catalog, o engine.Options) ([]string, int64) {
	t.Helper()
	r, err := engine.Run(context.Background(), query, c, o)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer r.Close()
	rows, err := tableRows(r.Tables()[0])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return rows, r.Stats().SpilledBytes
}

// TestSpillSort: sorted in memory and merged from files is the same, equal keys
// in the order of the rows.
func TestSpillSort(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 9))
	keys := []string{"At", "Size", "Kind", "Path", "One", "Ok", "Share", "tostring(Bag)", "todecimal(Size)", "Size + Id % 7"}
	list := slices.Clone(keys)
	for range 8 {
		by := ""
		for i := range 1 + r.IntN(3) {
			by += []string{"", ", "}[min(i, 1)] + keys[r.IntN(len(keys))] + []string{"", " asc", " desc", " asc nulls last", " desc nulls first"}[r.IntN(5)]
		}
		list = append(list, by)
	}
	for i, by := range list {
		list[i] = "T | sort by " + by
	}
	list = append(list, "T | extend n = Id % 7 | top 4000 by Path asc | sort by Path asc",
		"T | extend L = strcat(Path, Id) | sort by L | project L, Id")
	spillSame(t, 6_000, []int64{120 << 10, 600 << 10}, list)
}

// TestSpillGroups: groups that were in files are those that would have been in
// memory, whatever is aggregated.
func TestSpillGroups(t *testing.T) {
	by := []string{"Id", "Path, Size", "K = Id / 3, Kind", "Share", "tostring(Id)", "tostring(Bag), Id % 5000", "bin(At, 1s), Path"}
	aggs := []string{
		"count()", "sum(Size), avg(Share), min(Path), max(At)", "dcount(Path), count_distinct(Size), n = countif(Ok)",
		"arg_max(At, *)", "arg_min(Size, Path, Kind)", "take_any(Path), take_any(Size)", "make_set(Kind), make_set(Bag)",
		"stdev(Size), variance(Share), covariance(Size, Share)", "percentiles(Size, 5, 50, 95), percentile(At, 50)", "make_bag(Bag), buildschema(Bag)",
		"binary_all_or(Size), sum(todecimal(Size)), avg(todecimal(Size)), max(todecimal(Size))", "hll(Path), tdigest(Share)", "make_list(Path), make_list(Size, 2)",
	}
	var list []string
	for i, a := range aggs {
		list = append(list, fmt.Sprintf("T | summarize %s by %s", a, by[i%len(by)]))
	}
	for _, k := range by {
		list = append(list, fmt.Sprintf("T | summarize count(), max(Id) by %s", k), "T | extend K = Id / 3 | distinct "+strings.TrimPrefix(strings.NewReplacer("K = Id / 3", "K", "tostring(Id)", "Path, Id", "Id % 5000", "Path, Id", "bin(At, 1s)", "At").Replace(k), "K = "))
	}
	list = append(list, "T | summarize arg_max(At, *) by Id, Path", "T | summarize arg_min(strcat(Path, Id), Size, Bag) by Id", "T | summarize make_list(Id) by Path, Size | sort by Path, Size", "T | summarize n = count() by Id, Path | summarize sum(n), max(Id) by Path | sort by Path")
	spillSame(t, 5_000, []int64{150 << 10, 600 << 10}, list)
}

// TestSpillWaiting: rows that wait for their groups to be told apart go to files,
// too.
func TestSpillWaiting(t *testing.T) {
	defer op.ManyGroups(100)()
	spillSame(t, 5_000, []int64{150 << 10, 600 << 10, 1200 << 10}, []string{
		"T | summarize arg_max(At, *) by Id, Path", "T | summarize arg_max(Id, *) by Size, Path, Kind", "T | summarize arg_min(Id, At, Bag) by tostring(Id), Path"})
}

// TestSpillJoin: every kind of join gives the same rows when its sides are in
// files, with keys that few rows have, and with keys that so many have that a
// part of the file cannot be parted again.
func TestSpillJoin(t *testing.T) {
	var list []string
	for _, kind := range []string{"innerunique", "inner", "leftouter", "rightouter", "fullouter", "leftsemi", "rightsemi", "leftanti", "rightanti"} {
		for _, on := range []string{"Id", "Path, $left.Id == $right.Size", "Size"} {
			// Where keys are few, so are the rows of one side; their rest is not.
			left, right := "T | where Id % 3 != 0 | project Id, Size, Path, Kind", "T | where Id % 2 == 0 | project Id = iff(Id % 5 == 0, long(null), Id), Size, Path, Share, At, Bag"
			if on == "Size" {
				left = "T | where Id % 50 == 1 | project Id, Size, Path"
				if kind == "rightsemi" || kind == "rightanti" { // these hold the left side
					left, right = right, left
				}
			}
			list = append(list, fmt.Sprintf("%s | join kind=%s (%s) on %s", left, kind, right, on))
		}
	}
	list = append(list, "T | lookup (T | project Id, P = Path, S = Share) on Id", "T | join (T | summarize n = count() by Path, Size) on Path, Size | summarize count(), sum(n) by Kind")
	spillSame(t, 4_000, []int64{120 << 10, 600 << 10}, list)
}

// TestSpillOneGroup: what no file helps is an error that names what is large
// and how to allow more.
func TestSpillOneGroup(t *testing.T) {
	records := lawRows(rand.New(rand.NewPCG(7, 8)), 9000, 3000)
	c := oneTable{table.NewMemory("T", lawSchema, records...)}
	for _, q := range []string{
		"T | summarize make_list(Path)", "T | summarize count(), make_list(Path) by One", "T | summarize make_set(strcat(Path, Id)) by Kind = 1",
	} {
		dir := t.TempDir()
		r, err := engine.Run(context.Background(), q, c, engine.Options{Budget: op.NewBudget(128 << 10), TempDirs: []string{dir}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = tableRows(r.Tables()[0])
		r.Close()
		if e := new(op.MemoryError); !errors.As(err, &e) || !strings.Contains(err.Error(), "make_") || !strings.Contains(err.Error(), "--memory") {
			t.Errorf("%s: %v", q, err)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s: %d files are left", q, len(left))
		}
	}
}

// TestSpillCancel: a query that is cancelled while it writes ends at once, and
// leaves nothing.
func TestSpillCancel(t *testing.T) {
	records := lawRows(rand.New(rand.NewPCG(7, 8)), 9000, 100)
	dir := t.TempDir()
	for _, q := range []string{"T | sort by Path", "T | summarize count() by Id, Path", "T | join kind=inner T on Id"} {
		ctx, cancel := context.WithCancel(context.Background())
		c := oneTable{&cancelling{Source: table.NewMemory("T", lawSchema, records...), after: 60, cancel: cancel}}
		budget := op.NewBudget(128 << 10)
		r, err := engine.Run(ctx, q, c, engine.Options{Threads: 1, Budget: budget, TempDirs: []string{dir}})
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = r.Tables()[0].NextBatch(ctx)
		}
		r.Close()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", q, err)
		}
		if budget.Used() != 0 {
			t.Errorf("%s: %d bytes are still held", q, budget.Used())
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%d files are left", len(left))
	}
}

// cancelling cancels after so many blocks.
type cancelling struct {
	table.Source
	after  int
	cancel func()
}

func (c *cancelling) Scan(ctx context.Context, r table.Request) (table.Scan, error) {
	s, err := c.Source.Scan(ctx, r)
	return &cancellingScan{s, c}, err
}

type cancellingScan struct {
	table.Scan
	c *cancelling
}

func (s *cancellingScan) Next(ctx context.Context) (table.Block, error) {
	if s.c.after--; s.c.after == 0 {
		s.c.cancel()
	}
	return s.Scan.Next(ctx)
}

// TestSpillNowhere: without a place for files the error says so.
func TestSpillNowhere(t *testing.T) {
	records := lawRows(rand.New(rand.NewPCG(7, 8)), 9000, 1000)
	c := oneTable{table.NewMemory("T", lawSchema, records...)}
	r, err := engine.Run(context.Background(), "T | sort by Path", c, engine.Options{Budget: op.NewBudget(128 << 10), TempDirs: []string{t.TempDir() + "/gone"}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err = tableRows(r.Tables()[0]); err == nil || err == io.EOF || !strings.Contains(err.Error(), "temporary files") || !strings.Contains(err.Error(), "gone") {
		t.Error(err)
	}
}

// TestSpillShared: rows that are read more than once come from files as they
// would from memory, in their order.
func TestSpillShared(t *testing.T) {
	spillSame(t, 6_000, []int64{120 << 10, 600 << 10}, []string{
		"let M = materialize(T | project Id, Path, Bag); M | where Id % 2 == 0 | union M | sort by Id, Path",
		"let M = materialize(T | project Id, Path, Size); M",
		"T | as X | union (X | where Id < 50) | project Id, Path, Size | sort by Id, Path",
		"T | project Id, Bag, Path | evaluate bag_unpack(Bag)",
		"let M = materialize(T | extend L = strcat(Path, Id)); M | join kind=inner (M | project Id, L) on Id | project Id, L, L1 | sort by Id, L",
	})
}
