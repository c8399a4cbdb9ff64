package vec

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// keyRows are n rows of a key by code, and the same as a column.
func keyRows(r *rand.Rand, size, n int, sel []int32) (table.Type, GroupKey, Column) {
	rows := n
	if sel != nil {
		rows = int(sel[n-1]) + 1
	}
	codes := make([]int, rows)
	for i := range codes {
		codes[i] = r.IntN(size)
	}
	of := func(i int) int {
		if sel != nil {
			i = int(sel[i])
		}
		return codes[i]
	}
	if r.IntN(3) == 0 {
		b := &Bins{Sel: sel}
		for k := range size {
			b.Lows = append(b.Lows, int64(k)*3600)
		}
		for _, c := range codes {
			b.Places = append(b.Places, uint16(c))
		}
		out := NewBuilder(table.Long, n)
		for i := range n {
			out.Int64(b.Lows[of(i)])
		}
		return table.Long, GroupKey{Bins: b}, Column{Arr: out.Done()}
	}
	values := make([]string, size)
	for k := range values {
		values[k] = fmt.Sprintf("v%04d", k)
	}
	c := &Coded{Packed: &Packed{Values: NewStrings(values, nil).(*array.String)}, Sel: sel, Kin: n}
	for _, x := range codes {
		if size <= 256 {
			c.B8 = append(c.B8, uint8(x))
		} else {
			c.B16 = append(c.B16, uint16(x))
		}
	}
	out := NewBuilder(table.String, n)
	for i := range n {
		out.Str(values[of(i)])
	}
	return table.String, GroupKey{Coded: c}, Column{Arr: out.Done()}
}

// cellKeys are n rows of some keys by code, of which each has few values, and
// the same as columns.
func cellKeys(r *rand.Rand, n int) (types []table.Type, keys []GroupKey, flat []Column) {
	var sel []int32
	if r.IntN(2) == 0 {
		for i := int32(0); len(sel) < n; i++ {
			if r.IntN(3) > 0 {
				sel = append(sel, i)
			}
		}
	}
	for k := range 1 + r.IntN(3) {
		size := 1 + r.IntN(6)
		if k == 0 {
			size = 1 + r.IntN(300)
		}
		t, key, c := keyRows(r, size, n, sel)
		types, keys, flat = append(types, t), append(keys, key), append(flat, c)
	}
	return types, keys, flat
}

// TestCells groups and counts rows by cells, and by their values.
func TestCells(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	counted, declined := 0, 0
	for range 200 {
		n := 1 + r.IntN(5000)
		types, keys, flat := cellKeys(r, n)
		plain, byCell, counts := NewGrouper(types), NewGrouper(types), NewGrouper(types)
		want := slices.Clone(plain.IDs(flat, n))
		rows := make([]int64, plain.Len())
		for _, id := range want {
			rows[id]++
		}
		got := byCell.Find(flat, n)
		if slices.Max(got) >= 0 {
			t.Fatal("there are groups before the first row")
		}
		ids := slices.Clone(byCell.IDsOf(keys, n))
		if !slices.Equal(ids, byCell.Find(flat, n)) || byCell.Len() != plain.Len() {
			t.Fatalf("%d rows of %d keys: %d groups, want %d", n, len(keys), byCell.Len(), plain.Len())
		}
		groups, some, ok := counts.Counts(keys, n)
		if !ok {
			declined++
			continue
		}
		counted++
		sums := make([]int64, counts.Len())
		for i, g := range groups {
			sums[g] += some[i]
		}
		for i, g := range counts.Find(flat, n) {
			if g < 0 || sums[g] != rows[want[i]] {
				t.Fatalf("row %d of %d is in a group of %d, want %d", i, n, sums[g], rows[want[i]])
			}
		}
	}
	if counted < 50 || declined < 20 {
		t.Errorf("%d times rows were counted by cell, %d times not", counted, declined)
	}
}

// BenchmarkCells is about a block of rows by hour and kind: counted, and told
// apart.
func BenchmarkCells(b *testing.B) {
	const n = 16384
	r := rand.New(rand.NewPCG(1, 1))
	var types []table.Type
	var keys []GroupKey
	for _, size := range []int{7, 5} {
		t, key, _ := keyRows(r, size, n, nil)
		types, keys = append(types, t), append(keys, key)
	}
	for name, f := range map[string]func(g *Grouper){
		"counts": func(g *Grouper) { g.Counts(keys, n) },
		"ids":    func(g *Grouper) { g.IDsOf(keys, n) },
		"halves": func(g *Grouper) { g.Join(g.Halves(keys, n)) },
	} {
		b.Run(name, func(b *testing.B) {
			g := NewGrouper(types)
			for b.Loop() {
				f(g)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}
