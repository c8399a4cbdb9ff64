package op_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine"
	"tidemark/engine/fn"
	"tidemark/engine/op"
	"tidemark/engine/vec"
	"tidemark/storage"
	"tidemark/table"
)

// lawSchema has what the fast ways look at: strings of few values, of many,
// and of one; numbers and times with nulls and without.
var lawSchema = table.MustSchema(
	table.Column{Name: "Id", Type: table.Long}, table.Column{Name: "Kind", Type: table.String}, table.Column{Name: "Path", Type: table.String},
	table.Column{Name: "One", Type: table.String}, table.Column{Name: "Size", Type: table.Long}, table.Column{Name: "At", Type: table.Datetime},
	table.Column{Name: "Ok", Type: table.Bool}, table.Column{Name: "Share", Type: table.Real}, table.Column{Name: "Bag", Type: table.Dynamic})

// lawRows makes n rows, and the same rows in records of so many.
func lawRows(r *rand.Rand, n, size int) []arrow.Record {
	var out []arrow.Record
	at := int64(table.MaxTime) / 2
	for from := 0; from < n; from += size {
		rows := min(size, n-from)
		b := make([]*vec.Builder, lawSchema.Len())
		for i, c := range lawSchema.Columns() {
			b[i] = vec.NewBuilder(c.Type, rows)
		}
		for i := range rows {
			at += int64(r.IntN(3)) * 10_000_000
			b[0].Int64(int64(from + i))
			b[1].Str([]string{"Files", "Registry", "Software", ""}[r.IntN(4)])
			b[2].Str(fmt.Sprintf(`c:\dir%d\File%d.%s`, r.IntN(6), r.IntN(90), []string{"exe", "DLL", "txt"}[r.IntN(3)]))
			b[3].Str("same")
			b[4].Value([]any{nil, int64(r.IntN(50)), int64(-r.IntN(5)), int64(7)}[r.IntN(4)])
			b[5].Int64(at)
			b[6].Value([]any{nil, true, false}[r.IntN(3)])
			b[7].Value([]any{nil, r.Float64(), 0.5}[r.IntN(3)])
			b[8].Value([]any{nil, `{"a":1}`, `[1,2]`}[r.IntN(3)])
		}
		fields, cols := make([]arrow.Field, len(b)), make([]arrow.Array, len(b))
		for i := range b {
			cols[i] = vec.Column{Arr: b[i].Done()}.Flat(rows)
			fields[i] = arrow.Field{Name: lawSchema.Column(i).Name, Type: cols[i].DataType(), Nullable: true}
		}
		out = append(out, array.NewRecord(arrow.NewSchema(fields, nil), cols, int64(rows)))
	}
	return out
}

type oneTable struct{ table.Source }

func (c oneTable) Table(name string) (table.Source, bool) { return c.Source, name == "T" }
func (c oneTable) Tables() []string                       { return []string{"T"} }

// stored puts records into a table on disk, in extents and a tail, and hands
// them out in blocks of so many rows.
func stored(t *testing.T, records []arrow.Record, block int) table.Catalog {
	t.Helper()
	s, err := storage.Open(t.TempDir(), storage.Options{Create: true, BlockRows: block, SealRows: 400, DiskReserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.CreateTable("T", lawSchema); err != nil {
		t.Fatal(err)
	}
	for _, rec := range records {
		if err := s.Commit(context.Background(), &table.Batch{Parts: []table.Part{{Table: "T", Rows: rec}}}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// rowsOf runs a query and gives its rows as text, in order.
func rowsOf(t *testing.T, query string, c table.Catalog, o engine.Options) []string {
	t.Helper()
	r, err := engine.Run(context.Background(), query, c, o)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer r.Close()
	out, err := tableRows(r.Tables()[0])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

// tableRows gives the rows of a table as text.
func tableRows(first *engine.Table) (out []string, err error) {
	for {
		b, err := first.NextBatch(context.Background())
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		for row := range b.N {
			var line strings.Builder
			for i, c := range b.Cols {
				fmt.Fprintf(&line, "%s|", fn.TextOf(first.Columns()[i].Type, c.Value(row)))
			}
			out = append(out, line.String())
		}
	}
}

// lawSame runs queries the plain way over rows in memory, and over the same rows
// on disk optimised, in blocks of several sizes and with one worker and four.
func lawSame(t *testing.T, rows int, queries func(r *rand.Rand) []string) {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 6))
	records := lawRows(r, rows, 130)
	plain := oneTable{table.NewMemory("T", lawSchema, records...)}
	list := queries(r)
	want := make([][]string, len(list))
	for i, q := range list {
		want[i] = rowsOf(t, q, plain, engine.Options{Threads: 1, NoOptimizer: true})
	}
	for _, block := range []int{1, 3, 16384} {
		disk := stored(t, records, block)
		for _, threads := range []int{1, 4} {
			for i, q := range list {
				got, want := rowsOf(t, q, disk, engine.Options{Threads: threads}), want[i]
				if !strings.Contains(q, "sort by") && !strings.Contains(q, "top ") {
					got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
				}
				if !slices.Equal(got, want) {
					t.Fatalf("blocks of %d, %d workers: %s\ngives %d rows, %.500s\nwant %d rows, %.500s", block, threads, q, len(got), got, len(want), want)
				}
			}
		}
	}
}

// atoms are conditions of each kind that a scan treats in its own way.
func atom(r *rand.Rand) string {
	n := r.IntN(60)
	all := []string{
		`Kind == "Files"`, `Kind != "Files"`, `Kind == "none"`, `"Registry" == Kind`, `Kind in ("Files", "", "none")`, `Kind !in ("Files")`, `Kind in~ ("FILES")`,
		fmt.Sprintf(`Path contains "file%d"`, n), fmt.Sprintf(`Path !contains "%d"`, n%10), `Path has "dll"`, `Path has_cs "dll"`, `Path startswith "C:\\dir1"`,
		`Path matches regex @"\d\.(exe|txt)$"`, `Path endswith_cs "exe"`, `strlen(Path) > 14`, `tolower(Path) == Path`, `isempty(Kind)`,
		`One == "same"`, `One == "other"`, `One has "same"`, `Path == Kind`, `strcat(Kind, One) == "Filessame"`,
		fmt.Sprintf(`Size > %d`, n), fmt.Sprintf(`Size <= %d`, n), `Size == 7`, `Size != 7`, `7 < Size`, `isnull(Size)`, `isnotnull(Size)`, `Size in (1, 2, 7)`, `Size between (2 .. 9)`,
		fmt.Sprintf(`Id < %d`, n*20), fmt.Sprintf(`Id >= %d`, n*20), `Id == 100`, `Id == Size`, `Id > long(null)`, `Size == long(null)`,
		fmt.Sprintf(`Id between (%d .. %d)`, n*9, n*18), `Id < -9223372036854775807 - 1`, `Id > 9223372036854775807`,
		`Ok`, `Ok == false`, `not(Ok)`, `Share >= 0.5`, `Share == 0.5`, `tostring(Bag) has "a"`, `Bag.a == 1`, `true`, `false`,
	}
	return all[r.IntN(len(all))]
}

func condition(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(3) == 0 {
		return atom(r)
	}
	c := condition(r, depth-1) + []string{" and ", " or "}[r.IntN(2)] + condition(r, depth-1)
	switch r.IntN(5) {
	case 0:
		return "not(" + c + ")"
	case 1:
		return c
	}
	return "(" + c + ")"
}

// TestConditionsLaw: a condition gives the same rows however a scan decides it.
func TestConditionsLaw(t *testing.T) {
	lawSame(t, 900, func(r *rand.Rand) (out []string) {
		for range 60 {
			out = append(out, "T | where "+condition(r, 3))
		}
		for range 10 {
			out = append(out, fmt.Sprintf("T | where %s | where %s | summarize count() by Kind", condition(r, 1), condition(r, 1)))
		}
		return out
	})
}

// TestTopLaw: the first rows are the same whether all are sorted or only those
// that may win are looked at; equal keys keep the order of the rows.
func TestTopLaw(t *testing.T) {
	lawSame(t, 900, func(r *rand.Rand) (out []string) {
		keys := []string{"At", "Id", "Size", "Kind", "Path", "One", "Ok", "Share", "Size + Id", "strlen(Path)"}
		for range 40 {
			by := ""
			for i := range 1 + r.IntN(3) {
				by += []string{"", ", "}[min(i, 1)] + keys[r.IntN(len(keys))] + []string{"", " asc", " desc", " asc nulls last", " desc nulls first"}[r.IntN(5)]
			}
			q := "T"
			if r.IntN(2) == 0 {
				q += " | where " + condition(r, 1)
			}
			if r.IntN(3) == 0 {
				q += " | extend New = strcat(Kind, Size), Id = Id"
			}
			out = append(out, fmt.Sprintf("%s | sort by %s | take %d", q, by, []int{0, 1, 7, 120, 5000}[r.IntN(5)]))
		}
		return out
	})
}

// TestCountLaw: counting by code, by pairs of keys and by value is the same.
func TestCountLaw(t *testing.T) {
	lawSame(t, 900, func(r *rand.Rand) (out []string) {
		for _, by := range []string{"Kind", "Path", "One", "Kind, One", "Path, Kind", "Ok", "bin(At, 1m)", "bin(At, 1m), Kind", "tolower(Path)"} {
			out = append(out, "T | summarize count() by "+by, "T | summarize count(), n = count(), sum(Size) by "+by, "T | summarize min(Path), max(Path), max(Kind), min(tolower(Path)), count_distinct(Path) by "+by, "T | distinct "+strings.Split(by, "(")[0])
			for range 2 {
				out = append(out, fmt.Sprintf("T | where %s | summarize count() by %s", condition(r, 1), by))
			}
		}
		return slices.DeleteFunc(out, func(q string) bool { return strings.HasSuffix(q, "bin") || strings.HasSuffix(q, "tolower") })
	})
}

// TestPickLaw: the row of each group is the same whether its columns are kept
// while rows are looked for or read once it is found, and whether rows wait.
func TestPickLaw(t *testing.T) {
	t.Run("groups", pickLaw)
	defer op.ManyGroups(10)()
	t.Run("rows wait", pickLaw)
}

func pickLaw(t *testing.T) {
	plain := oneTable{table.NewMemory("T", lawSchema, lawRows(rand.New(rand.NewPCG(5, 6)), 900, 130)...)}
	// With another aggregation beside it, what is picked is kept by group.
	kept := func(pick, by string) string {
		return "T | summarize " + pick + ", count_ = count()" + by + " | project-away count_"
	}
	lawSame(t, 900, func(r *rand.Rand) (out []string) {
		picks := []string{
			"arg_max(Id, *)", "arg_min(Id, *)", "arg_max(Size * 10000 + Id, Path, Bag)", "arg_min(Size * 10000 + Id, *)", "arg_max(strcat(Path, Id), *)",
			"arg_min(todecimal(Id), Ok, Share)", "arg_max(iff(Id < 500, long(null), Id), Kind, At)", "argmax(Id, Share, tolower(Path))", "arg_max(toreal(Id), *)",
		}
		for i, by := range []string{"Kind", "Path", "One", "Path, Kind", "Ok", "Share", "Size, Path", "bin(At, 1m), Kind", "tolower(Path)", "Id", "Id, Path", "Kind, Size, Path", "bin(At, 1s), Ok, One", ""} {
			for k := range 3 {
				pick, keys := picks[(i+4*k)%len(picks)], ""
				if by != "" {
					keys = " by " + by
				}
				q := "T | summarize " + pick + keys
				got, want := rowsOf(t, q, plain, engine.Options{}), rowsOf(t, kept(pick, keys), plain, engine.Options{Threads: 1})
				if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
					t.Fatalf("%s\ngives %.500s\nand %.500s where it is kept by group", q, got, want)
				}
				if k > 0 {
					q = fmt.Sprintf("T | where %s | extend Kind = strcat(Kind, One) | summarize %s%s", condition(r, 1), pick, keys)
				}
				out = append(out, q)
			}
		}
		return append(out, "T | summarize arg_max(Id, Path, Share) by Kind, Size | summarize count(), max(Path), sum(Share) by Kind",
			"T | summarize arg_max(Id, *) by Size, Path | summarize count(), min(Path), max(Kind), sum(Size) by Kind", "T | summarize arg_max(Id, Kind, Ok) by Size, Path | summarize count(), max(Path), dcount(Kind)",
			"T | summarize (I, P, L) = arg_max(Id, Path, strlen(Path)) by Size | where L > 14 | summarize max(P), max(Size) by L % 2", "T | summarize arg_max(Id, Path) | summarize count(), max(Path)",
			"T | where Id < 0 | summarize arg_max(Id, Path) | summarize count(), max(Path)", "T | where Id < 0 | summarize arg_max(Id, *)", "T | where Id < 0 | summarize arg_max(Id, *) by Kind", "T | summarize arg_max(Id, *) by Path | project Size, Ok")
	})
}

// TestGroupsTwice: rows of more groups than are made at a time are shared by the
// workers of whoever aggregates them again.
func TestGroupsTwice(t *testing.T) {
	records := lawRows(rand.New(rand.NewPCG(8, 9)), 150_000, 20_000)
	c := oneTable{table.NewMemory("T", lawSchema, records...)}
	for _, q := range []string{
		"T | summarize n = count(), k = min(Kind) by Id, Path | summarize sum(n), max(Path), count_distinct(Id), max(k) by Id % 5",
		"T | summarize a = arg_max(At, Size), count() by Id | summarize sum(Size), max(a), min(Id)",
		"T | distinct Id, Kind | summarize count() by Kind",
	} {
		want := slices.Sorted(slices.Values(rowsOf(t, q, c, engine.Options{Threads: 1})))
		got := slices.Sorted(slices.Values(rowsOf(t, q, c, engine.Options{Threads: 4})))
		if !slices.Equal(got, want) {
			t.Errorf("%s\ngives %.500s\nwant %.500s", q, got, want)
		}
	}
}

// TestRangesLaw: ranges of numbers, of which a scan makes one, leave the rows
// that their conditions leave.
func TestRangesLaw(t *testing.T) {
	t.Parallel()
	lawSame(t, 900, func(r *rand.Rand) (out []string) {
		conds := []string{"Id between (200 .. 420)", "Id !between (200 .. 420)", "Id >= 100 and Id < 300", "Id > 300 and Id < 100", "Id >= 300 and Id <= 300",
			"Id < 50 or Id > 850", "(Id < 50 or Id > 850) and Id != 3 and Id < 870", "Id > 10 and Size > 3 and Id < 700 and Size < 40",
			"Id > 400 and Kind == 'Files' and Id <= 500", "not(Id > 100 and Id < 800)", "Id >= 0", "Id < 0", "Id > 9223372036854775806", "Id < -9223372036854775807"}
		for range 20 {
			a, b := r.IntN(900), r.IntN(900)
			conds = append(conds, fmt.Sprintf("Id >= %d and Id < %d", a, b), fmt.Sprintf("Id < %d or Id >= %d and Path has 'exe'", a, b))
		}
		for _, c := range conds {
			out = append(out, "T | where "+c, "T | where "+c+" | count", "T | where "+c+" | summarize count(), max(Path), sum(Size) by Kind")
		}
		return append(out, "T | where At > toscalar(T | summarize avg(At)) and At < toscalar(T | summarize max(At)) | project Id, At",
			"T | where At between (toscalar(T | summarize avg(At)) .. 100s) | sort by At desc, Id asc | take 5")
	})
}
