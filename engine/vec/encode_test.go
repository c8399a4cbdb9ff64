package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tidemark/internal/wire"
	"tidemark/table"
)

var spillTypes = []table.Type{table.Bool, table.Long, table.Real, table.Decimal, table.String, table.Dynamic}

// anyColumn makes n rows of a type in any form, slices included.
func anyColumn(rnd *rand.Rand, t table.Type, n int) Column {
	b := NewBuilder(t, n)
	extra := rnd.IntN(5)
	for range n + extra {
		if rnd.IntN(4) == 0 {
			b.Null()
			continue
		}
		switch t.Physical() {
		case table.Bools:
			b.Bool(rnd.IntN(2) == 0)
		case table.Int64s:
			b.Int64(rnd.Int64N(9) - 4)
		case table.Float64s:
			b.Float64([]float64{0, math.Copysign(0, -1), math.NaN(), 1.5, math.Inf(1)}[rnd.IntN(5)])
		default:
			b.Str(fmt.Sprint(rnd.IntN(9)))
		}
	}
	a := b.Done()
	switch {
	case rnd.IntN(5) == 0 && n > 0:
		return Constant(t, Column{Arr: a}.Value(0))
	case t.Physical() == table.Strings && rnd.IntN(2) == 0:
		valid := Validity(a)
		values := []string{"unused", "0", "1", "2", "3", "4", "5", "6", "7", "8", ""}
		codes := make([]int32, a.Len())
		for i := range codes {
			codes[i] = int32(rnd.IntN(len(values)))
			if valid != nil && !valid[i] {
				codes[i] = 99 // null rows may have any code
			}
		}
		a = NewDict(codes, NewStrings(values, nil), valid)
	}
	whole := &Batch{Cols: []Column{{Arr: a}}, N: n + extra}
	return whole.Slice(extra, n+extra).Cols[0]
}

func anyBatch(rnd *rand.Rand, n int) *Batch {
	out := &Batch{N: n}
	for _, t := range spillTypes {
		out.Cols = append(out.Cols, anyColumn(rnd, t, n))
	}
	return out
}

func rowText(b *Batch, i int) string {
	text := ""
	for _, c := range b.Cols {
		v := c.Value(i)
		if f, ok := v.(float64); ok {
			v = math.Float64bits(f)
		}
		text += fmt.Sprintf("%v|", v)
	}
	return text
}

// TestEncode: batches of all forms are read as they were written, one after the
// other, and what is cut short is an error.
func TestEncode(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	var e Encoder
	for range 300 {
		a, b := anyBatch(rnd, rnd.IntN(70)), anyBatch(rnd, rnd.IntN(70))
		text := e.AppendBatch(e.AppendBatch(nil, a), b)
		r := wire.NewReader(text)
		for _, want := range []*Batch{a, b} {
			got := ReadBatch(r)
			if r.Err() != nil || got.N != want.N {
				t.Fatal(r.Err(), got.N, want.N)
			}
			for i := range want.N {
				if x, y := rowText(got, i), rowText(want, i); x != y {
					t.Fatalf("row %d: %s, was %s", i, x, y)
				}
			}
		}
		if r.Left() > 0 {
			t.Fatal(r.Left(), "bytes left")
		}
		r = wire.NewReader(text[:rnd.IntN(len(text))])
		ReadBatch(r)
		if ReadBatch(r); r.Err() == nil {
			t.Fatal("half of the bytes are enough")
		}
	}
}

func FuzzReadBatch(f *testing.F) {
	var e Encoder
	f.Add(e.AppendBatch(nil, anyBatch(rand.New(rand.NewPCG(2, 2)), 20)))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := wire.NewReader(b)
		batch := ReadBatch(r)
		if r.Err() != nil {
			return
		}
		for i := range batch.N {
			rowText(batch, i)
		}
	})
}

// TestInterleave: rows of several batches come where they are asked for.
func TestInterleave(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	for range 300 {
		batches := make([]*Batch, 1+rnd.IntN(4))
		for k := range batches {
			batches[k] = anyBatch(rnd, 1+rnd.IntN(20))
		}
		n := rnd.IntN(100)
		from, rows := make([]int32, n), make([]int32, n)
		for i := range n {
			from[i] = int32(rnd.IntN(len(batches)))
			rows[i] = int32(rnd.IntN(batches[from[i]].N))
		}
		got := Interleave(batches, from, rows, spillTypes)
		for i := range n {
			if x, y := rowText(got, i), rowText(batches[from[i]], int(rows[i])); x != y {
				t.Fatalf("row %d: %s, want %s", i, x, y)
			}
		}
	}
}

// TestHash: rows of one group have one hash, whatever the form of the columns.
func TestHash(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		at := rnd.IntN(len(spillTypes))
		types := spillTypes[at:]
		g := NewGrouper(types)
		hashes := map[int32]uint64{}
		for range 3 {
			b := anyBatch(rnd, 40)
			out := make([]uint64, b.N)
			Hash(b.Cols[at:], types, b.N, out)
			for i, id := range g.IDs(b.Cols[at:], b.N) {
				if h, ok := hashes[id]; ok && h != out[i] {
					t.Fatalf("%s has two hashes", rowText(b, i))
				}
				hashes[id] = out[i]
			}
		}
	}
}

// TestCompact: what is kept of a few rows of a large dictionary is small, and
// the same.
func TestCompact(t *testing.T) {
	values := make([]string, 1000)
	for i := range values {
		values[i] = fmt.Sprint("value ", i)
	}
	b := &Batch{N: 3, Cols: []Column{{Arr: NewDict([]int32{7, 900, 7}, NewStrings(values, nil), nil)}}}
	var m Meter
	c := b.Compact()
	if large, small := m.Add(b), m.Add(c); small*10 > large {
		t.Errorf("%d bytes of %d are left", small, large)
	}
	for i := range 3 {
		if rowText(b, i) != rowText(c, i) {
			t.Error(rowText(c, i))
		}
	}
	if b.Kin = 1000; b.Compact() != b {
		t.Error("a dictionary that many rows share is given up")
	}
}

// TestRanked: rows of different batches compare as rows of one do.
func TestRanked(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	for range 400 {
		typ := spillTypes[rnd.IntN(len(spillTypes))]
		n, m := 1+rnd.IntN(40), 1+rnd.IntN(40)
		a, b := anyColumn(rnd, typ, n), anyColumn(rnd, typ, m)
		both := Concat([]*Batch{{Cols: []Column{a}, N: n}, {Cols: []Column{b}, N: m}}, []table.Type{typ})
		key := Key{Type: typ, Desc: rnd.IntN(2) == 0, NullsFirst: rnd.IntN(2) == 0}
		x, y, z := key, key, key
		x.Col, y.Col, z.Col = a, b, both.Cols[0].Expand(both.N)
		p, q := []Ranked{x.Rank(n)}, []Ranked{y.Rank(m)}
		c := z.comparator(both.N)
		for i := range int32(n) {
			for j := range int32(m) {
				if got, want := CompareRanked(p, i, q, j), c(i, int32(n)+j); got != want {
					t.Fatalf("%s %v: %v and %v compare as %d, want %d", typ, key, a.Value(int(i)), b.Value(int(j)), got, want)
				}
			}
		}
	}
}
