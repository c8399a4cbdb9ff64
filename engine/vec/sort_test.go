package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tidemark/table"
)

// plainOrder sorts by comparing values, as Order does for few rows.
func plainOrder(keys []Key, n int) []int32 {
	rows := All(n)
	cmps := Comparators(keys, n)
	slices.SortStableFunc(rows, func(a, b int32) int {
		for _, c := range cmps {
			if d := c(a, b); d != 0 {
				return d
			}
		}
		return 0
	})
	return rows
}

func TestOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	types := []table.Type{table.Bool, table.Long, table.Real, table.String, table.Guid, table.Decimal}
	for round := range 120 {
		n := radixRows + r.IntN(700)
		keys := make([]Key, 1+r.IntN(4))
		for i := range keys {
			typ := types[r.IntN(len(types))]
			c := randomColumn(r, typ, n, 1+r.IntN(400), typ != table.Decimal && r.IntN(2) == 0)
			if typ == table.Decimal {
				c = decimals(r, n)
			}
			if typ.Physical() == table.Strings && r.IntN(2) == 0 {
				c = asDict(c, n)
			}
			if r.IntN(6) == 0 {
				c = Column{Arr: c.Gather([]int32{0}).Flat(1), Const: true}
			}
			keys[i] = Key{Col: c, Type: typ, Desc: r.IntN(2) == 0, NullsFirst: r.IntN(2) == 0}
		}
		want := plainOrder(keys, n)
		if got := Order(keys, n); !slices.Equal(got, want) {
			t.Fatalf("round %d: %v\nwant %v", round, got, want)
		}
		limit := r.IntN(n)
		if got := Top(keys, n, limit); !slices.Equal(got, want[:limit]) {
			t.Fatalf("round %d: top %d: %v\nwant %v", round, limit, got, want[:limit])
		}
	}
}

func decimals(r *rand.Rand, n int) Column {
	b := NewBuilder(table.Decimal, n)
	for range n {
		b.Str([]string{"1", "1.0", "-2.5", "10", "9"}[r.IntN(5)])
	}
	return Column{Arr: b.Done()}
}

// TestOrderExtremes: there may be no number left for null.
func TestOrderExtremes(t *testing.T) {
	n := radixRows
	for _, null := range []bool{false, true} {
		b := NewBuilder(table.Long, n)
		for i := range n {
			switch {
			case null && i%3 == 0:
				b.Null()
			case i%2 == 0:
				b.Int64(math.MaxInt64 - int64(i))
			default:
				b.Int64(math.MinInt64 + int64(i) - 1)
			}
		}
		c := Column{Arr: b.Done()}
		for _, k := range []Key{{}, {Desc: true}, {NullsFirst: true}, {Desc: true, NullsFirst: true}} {
			k.Col, k.Type = c, table.Long
			keys := []Key{k, k}
			if got, want := Order(keys, n), plainOrder(keys, n); !slices.Equal(got, want) {
				t.Fatalf("%+v: %v\nwant %v", k, got, want)
			}
		}
	}
}

func BenchmarkOrder(b *testing.B) {
	const n = 100000
	r := rand.New(rand.NewPCG(1, 1))
	times := make([]int64, n)
	for i := range times {
		times[i] = r.Int64N(1 << 44)
	}
	for _, distinct := range []int{0, 10, 5000} {
		b.Run(fmt.Sprint(distinct), func(b *testing.B) {
			keys := []Key{{Col: Column{Arr: NewInt64s(times, nil)}, Type: table.Datetime}}
			if distinct > 0 {
				keys = append([]Key{{Col: codesOf(r, distinct, 1, n)[0], Type: table.String}}, keys...)
			}
			for b.Loop() {
				Order(keys, n)
			}
			b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}

// TestConcat: rows are the same whatever forms they come in.
func TestConcat(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	types := []table.Type{table.String, table.Guid, table.Long, table.Bool}
	for range 100 {
		n := 1 + r.IntN(400)
		cols := make([]Column, len(types))
		for i, typ := range types {
			cols[i] = randomColumn(r, typ, n, 1+r.IntN(30), r.IntN(3) == 0)
		}
		var parts []*Batch
		for a := 0; a < n; {
			b := min(n, a+1+r.IntN(90))
			parts = append(parts, &Batch{Cols: part(r, cols, types, a, b), N: b - a})
			a = b
		}
		all := Concat(parts, types)
		for row := range n {
			if got, want := key(all.Cols, row), key(cols, row); got != want || all.N != n {
				t.Fatalf("row %d of %d is %s, want %s", row, all.N, got, want)
			}
		}
	}
}
