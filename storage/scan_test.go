package storage

import (
	"context"
	"fmt"
	"io"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// holds is what a predicate means, row by row.
func holds(p table.Predicate, v any) bool {
	if v == nil {
		return false
	}
	cmp := func(w any) int {
		switch v := v.(type) {
		case int64:
			return order(v, w.(int64))
		case float64:
			return order(v, w.(float64))
		case string:
			return strings.Compare(v, w.(string))
		}
		if v == w {
			return 0
		}
		return 1
	}
	switch p.Op {
	case table.Equal:
		return slices.ContainsFunc(p.Values, func(w any) bool { return cmp(w) == 0 })
	case table.Less:
		return cmp(p.Values[0]) < 0
	case table.LessEqual:
		return cmp(p.Values[0]) <= 0
	case table.Greater:
		return cmp(p.Values[0]) > 0
	case table.GreaterEqual:
		return cmp(p.Values[0]) >= 0
	}
	s, w := strings.ToLower(v.(string)), strings.ToLower(p.Values[0].(string))
	if p.Op == table.HasPrefix {
		return strings.HasPrefix(s, w)
	}
	return strings.Contains(s, w)
}

func order[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// TestPruning: whatever the predicates, no row that satisfies them is left out.
func TestPruning(t *testing.T) {
	r := rand.New(rand.NewSource(9))
	s := newStore(t, Options{BlockRows: 7})
	var rows []map[string]any
	for i := range 40 {
		var batch []map[string]any
		for range 1 + r.Intn(20) {
			row := randomRow(r, int64(i)*1e10)
			if i%4 == 0 {
				delete(row, "Path")
				delete(row, "Score")
			}
			batch = append(batch, row)
		}
		rows = append(rows, batch...)
		commit(t, s, "T", batch...)
		if i%7 == 6 {
			s.Seal(context.Background())
		}
	}
	ops := []table.PredicateOp{table.Equal, table.Less, table.LessEqual, table.Greater, table.GreaterEqual, table.Contains, table.Has, table.HasPrefix}
	pruned := int64(0)
	for range 400 {
		col := r.Intn(testSchema.Len())
		c := testSchema.Column(col)
		p := table.Predicate{Column: col, Op: ops[r.Intn(len(ops))]}
		if p.Op >= table.Contains && c.Type.Physical() != table.Strings || c.Type == table.Bool {
			p.Op = table.Equal
		}
		for range 1 + r.Intn(2) {
			v := rows[r.Intn(len(rows))][c.Name]
			switch {
			case r.Intn(3) == 0 && c.Type.Physical() == table.Int64s:
				v = int64(r.Intn(60)) * 1e10
			case r.Intn(3) == 0 && c.Type.Physical() == table.Strings:
				v = []string{"", "x", "zzz", "/", "host-1"}[r.Intn(5)]
			case v == nil:
				v = map[table.Physical]any{table.Bools: true, table.Int64s: int64(0), table.Float64s: 0.5, table.Strings: ""}[c.Type.Physical()]
			}
			p.Values = append(p.Values, v)
		}
		var want []string
		for _, row := range rows {
			v := row[c.Name]
			if v == nil && c.Type == table.String {
				v = ""
			}
			if holds(p, v) {
				want = append(want, text(testSchema, row))
			}
		}
		got := map[string]int{}
		for _, row := range readAll(t, s, "T", p) {
			got[row]++
		}
		pruned += int64(len(rows) - len(got))
		for _, w := range want {
			if got[w]--; got[w] < 0 {
				t.Fatalf("predicate %+v on %s left out row %s", p, c.Name, w)
			}
		}
	}
	if pruned == 0 {
		t.Error("nothing was ever pruned")
	}
}

// TestScanParallel reads one scan from several goroutines.
func TestScanParallel(t *testing.T) {
	s := newStore(t, Options{MergeRows: -1, BlockRows: 13})
	for range 3 {
		var rows []map[string]any
		for i := range 500 {
			rows = append(rows, map[string]any{"Size": int64(i), "Path": fmt.Sprint(i)})
		}
		commit(t, s, "T", rows...)
		s.Seal(context.Background())
	}
	src, _ := s.Table("T")
	sc, err := src.Scan(context.Background(), table.Request{Columns: []int{0, 1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	var sum, rows atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				b, err := sc.Next(context.Background())
				if err == io.EOF {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				sizes, _ := b.Column(3, nil)
				paths, err := b.Column(2, nil)
				if err != nil {
					t.Error(err)
					return
				}
				for i := range b.Rows() {
					sum.Add(sizes.(*array.Int64).Value(i))
					if value(paths, i) != fmt.Sprint(value(sizes, i)) {
						t.Error("columns do not fit together")
					}
				}
				rows.Add(int64(b.Rows()))
			}
		})
	}
	wg.Wait()
	st := sc.Stats()
	if rows.Load() != 1500 || sum.Load() != 3*499*500/2 || st.RowsScanned != 1500 || st.ExtentsTotal != 3 || st.ExtentsScanned != 3 || st.BytesRead == 0 {
		t.Errorf("%d rows, sum %d, %+v", rows.Load(), sum.Load(), st)
	}
	sc.Close()
	if _, err := sc.Next(context.Background()); err == nil || err == io.EOF {
		t.Errorf("next after close: %v", err)
	}
}

func TestScanLimit(t *testing.T) {
	s := newStore(t, Options{BlockRows: 10})
	for range 5 {
		commit(t, s, "T", map[string]any{"Size": int64(1)}, map[string]any{"Size": int64(2)})
	}
	src, _ := s.Table("T")
	for limit, want := range map[int64]int64{0: 10, 1: 1, 3: 3, 10: 10, 99: 10} {
		sc, err := src.Scan(context.Background(), table.Request{Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := sc.Next(context.Background()); err != nil {
				break
			}
		}
		if got := sc.Stats().RowsScanned; got != want {
			t.Errorf("limit %d: %d rows, want %d", limit, got, want)
		}
		sc.Close()
	}
}

// TestPruningSkips: a time range reads one extent of three.
func TestPruningSkips(t *testing.T) {
	s := newStore(t, Options{MergeRows: -1})
	for i := range 3 {
		commit(t, s, "T", map[string]any{"TimeGenerated": int64(i) * 1e12, "Computer": "a"}, map[string]any{"TimeGenerated": int64(i)*1e12 + 5, "Computer": "c"})
		s.Seal(context.Background())
	}
	src, _ := s.Table("T")
	scanned := func(ps ...table.Predicate) int64 {
		sc, err := src.Scan(context.Background(), table.Request{Where: ps})
		if err != nil {
			t.Fatal(err)
		}
		defer sc.Close()
		for {
			b, err := sc.Next(context.Background())
			if err != nil {
				return sc.Stats().ExtentsScanned
			}
			b.Column(1, nil)
		}
	}
	if n := scanned(table.Predicate{Column: 0, Op: table.GreaterEqual, Values: []any{int64(1e12)}}, table.Predicate{Column: 0, Op: table.Less, Values: []any{int64(2e12)}}); n != 1 {
		t.Errorf("time: %d extents", n)
	}
	equal := table.Predicate{Column: 1, Op: table.Equal, Values: []any{"b"}}
	if n := scanned(equal); n != 0 {
		t.Errorf("a value that no dictionary has: %d extents", n)
	}
}
