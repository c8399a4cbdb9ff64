package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tidemark/table"
)

// randomColumn makes n values of a type out of a few; nulls where asked for.
func randomColumn(r *rand.Rand, t table.Type, n, few int, nulls bool) Column {
	b := NewBuilder(t, n)
	for range n {
		v := r.IntN(few)
		switch {
		case nulls && r.IntN(5) == 0:
			b.Null()
		case t == table.Bool:
			b.Bool(v&1 == 0)
		case t == table.Real:
			b.Float64([]float64{0, math.Copysign(0, -1), math.NaN(), 1.5, -2}[v%5])
		case t.Physical() == table.Int64s:
			b.Int64(int64(v) * 36_000_000_000)
		default:
			b.Str(fmt.Sprint("value ", v))
		}
	}
	return Column{Arr: b.Done()}
}

// asDict gives a column of strings as a dictionary with an entry a row, in
// which equal values have several entries.
func asDict(c Column, n int) Column {
	strs, codes := StringSlice(c.Flat(n)), All(n)
	slices.Reverse(strs)
	slices.Reverse(codes)
	return Column{Arr: NewDict(codes, NewStrings(strs, nil), Validity(c.Arr))}
}

// part gives rows [a,b) of columns, in forms that differ from call to call.
func part(r *rand.Rand, cols []Column, types []table.Type, a, b int) []Column {
	out := (&Batch{Cols: cols, N: 0}).Slice(a, b).Cols
	for i, c := range out {
		switch {
		case b-a == 1 && r.IntN(2) == 0:
			out[i] = Column{Arr: c.Flat(1), Const: true}
		case types[i].Physical() == table.Strings && r.IntN(2) == 0:
			out[i] = asDict(c, b-a)
		}
	}
	return out
}

func key(cols []Column, row int) string {
	s := ""
	for _, c := range cols {
		v := c.Value(row)
		if f, ok := v.(float64); ok {
			v = f + 0 // -0 is 0
			if f == 0 {
				v = 0.0
			}
		}
		s += fmt.Sprintf("%v|", v)
	}
	return s
}

// TestGrouper compares with a map of keys: for any forms and sizes of batches,
// with one grouper or two that are merged.
func TestGrouper(t *testing.T) {
	t.Run("own numbers", func(t *testing.T) { testGrouper(t, func(*Grouper) {}) })
	defer func(n int) { manyStrings = n }(manyStrings)
	for _, manyStrings = range []int{1 << 14, 5, 40} {
		numbers := []*Numbering{NewNumbering(), NewNumbering(), NewNumbering()}
		t.Run(fmt.Sprint("numbers of strings, from ", manyStrings), func(t *testing.T) {
			testGrouper(t, func(g *Grouper) {
				for i := range g.cols {
					g.Number(i, numbers[i])
				}
			})
		})
	}
}

func testGrouper(t *testing.T, number func(*Grouper)) {
	r := rand.New(rand.NewPCG(1, 2))
	all := []table.Type{table.Bool, table.Long, table.Datetime, table.Real, table.String, table.Guid}
	for round := range 150 {
		n, few := r.IntN(300), 1+r.IntN(1+round*20)
		types := make([]table.Type, r.IntN(4))
		cols := make([]Column, len(types))
		for i := range types {
			types[i] = all[r.IntN(len(all))]
			cols[i] = randomColumn(r, types[i], n, few, r.IntN(2) == 0)
		}
		ref, order := map[string]int32{}, []string{}
		want := make([]int32, n)
		for row := range want {
			k := key(cols, row)
			if _, ok := ref[k]; !ok {
				ref[k] = int32(len(order))
				order = append(order, k)
			}
			want[row] = ref[k]
		}
		one, two, first := NewGrouper(types), NewGrouper(types), NewGrouper(types)
		hashed := r.IntN(2) == 0
		for _, g := range []*Grouper{one, two, first} {
			number(g)
			if hashed {
				g.Sparse()
			}
		}
		size := []int{1, 3, 1000}[r.IntN(3)]
		var got, second []int32
		half := n / 2 / size * size
		for a := 0; a < n; a += size {
			b := min(a+size, n)
			got = append(got, one.IDs(part(r, cols, types, a, b), b-a)...)
			if a >= half {
				second = append(second, two.IDs(part(r, cols, types, a, b), b-a)...)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("round %d, %v: %v, want %v", round, types, got, want)
		}
		checkKeys(t, one, order)
		if found := one.Find(cols, n); !slices.Equal(found, want) {
			t.Fatalf("round %d: found %v, want %v", round, found, want)
		}
		b := (&Batch{Cols: cols, N: n}).Slice(0, half)
		first.IDs(b.Cols, half)
		to := first.Merge(two)
		for i, id := range second {
			if to[id] != want[half+i] {
				t.Fatalf("round %d: merged %d, want %d", round, to[id], want[half+i])
			}
		}
		if n > 0 {
			checkKeys(t, first, order)
		}
	}
}

func checkKeys(t *testing.T, g *Grouper, want []string) {
	t.Helper()
	keys := g.Keys()
	if len(keys) == 0 {
		return
	}
	if g.Len() != len(want) {
		t.Fatalf("%d groups, want %d", g.Len(), len(want))
	}
	for i, k := range want {
		if got := key(keys, i); got != k {
			t.Fatalf("key %d is %s, want %s", i, got, k)
		}
	}
}

// TestPairing goes over the border between the direct table and hashing.
func TestPairing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, most := range []int{3, 1000, 1100, 5000} {
		p, ref := &pairing{}, map[uint64]int32{}
		for range 40 {
			left, right := make([]int32, 500), make([]int32, 500)
			for i := range left {
				left[i], right[i] = int32(r.IntN(most)), int32(r.IntN(most))
			}
			was := slices.Clone(left)
			p.join(left, right)
			for i, id := range left {
				k := pairKey(was[i], right[i])
				if _, ok := ref[k]; !ok {
					ref[k] = int32(len(ref))
				}
				if ref[k] != id || p.find(was[i], right[i]) != id || p.left[id] != was[i] || p.right[id] != right[i] {
					t.Fatalf("pair %d %d of %d: %d, want %d", was[i], right[i], most, id, ref[k])
				}
			}
		}
		if p.find(int32(most), 1) != -1 || p.find(1, int32(most)) != -1 {
			t.Error("a pair that never came is found")
		}
	}
}
