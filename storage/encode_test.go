package storage

import (
	"bytes"
	"fmt"
	"math"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"tidemark/table"
)

// layouts are a type of each physical layout.
var layouts = []table.Type{table.Bool, table.Long, table.Real, table.String, table.Guid}

// columnFrom makes a column, through Arrow, as scans see it.
func columnFrom(t testing.TB, typ table.Type, values []any) *column {
	t.Helper()
	c := packedFrom(t, typ, values)
	if c.dict != nil {
		c.dict = c.dict.text()
	}
	return c
}

// packedFrom makes a column, through Arrow, as it is stored: hex digits are
// packed.
func packedFrom(t testing.TB, typ table.Type, values []any) *column {
	t.Helper()
	schema := table.MustSchema(table.Column{Name: "x", Type: typ})
	rows := make([]map[string]any, len(values))
	for i, v := range values {
		rows[i] = map[string]any{"x": v}
	}
	rec := record(schema, []string{"x"}, rows, len(values)%2 == 0)
	c, err := fromArrow(rec.Column(0), typ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// valuesOf reads a column back, through Arrow.
func valuesOf(c *column, a, b int) (out []any) {
	arr := c.slice(a, b)
	for i := range arr.Len() {
		out = append(out, value(arr, i))
	}
	return out
}

func sameValues(t *testing.T, got, want []any, typ table.Type) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	for i := range want {
		w := want[i]
		if w == nil && typ == table.String {
			w = ""
		}
		if f, ok := w.(float64); ok {
			if g, ok := got[i].(float64); !ok || math.Float64bits(f) != math.Float64bits(g) {
				t.Fatalf("value %d is %v, want %v", i, got[i], w)
			}
			continue
		}
		if got[i] != w {
			t.Fatalf("value %d is %v, want %v", i, got[i], w)
		}
	}
}

// testValues returns lists of values that are hard in some way.
func testValues(typ table.Type, r *rand.Rand) [][]any {
	some := map[table.Type][]any{
		table.Bool:   {true, false},
		table.Long:   {int64(0), int64(-1), int64(math.MinInt64), int64(math.MaxInt64), int64(1 << 57), int64(638000000000000000)},
		table.Real:   {0.0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1.5, math.MaxFloat64, math.SmallestNonzeroFloat64},
		table.String: {"", "a", "A", "é", "\x00", "\xff", strings.Repeat("long ", 500), "0a", "0A"},
		table.Guid:   {"", "x", "deadbeef", "deadbee", "DEADBEEF"},
	}[typ]
	lists := [][]any{{}, {nil}, {nil, nil, nil}, some}
	for _, v := range some {
		lists = append(lists, []any{v}, []any{v, v, v}, []any{v, nil}, []any{nil, v, v, v, v, v, v, v, v, v})
	}
	for _, n := range []int{2, 7, 8, 9, 255, 256, 257, 1000} {
		var l, dense []any
		for i := range n {
			v := some[r.Intn(len(some))]
			switch typ {
			case table.Long:
				v = r.Int63() >> r.Intn(63) * 10
			case table.Real:
				v = r.NormFloat64()
			case table.String, table.Guid:
				v = fmt.Sprintf("%08x", r.Intn(3*n))
			}
			dense = append(dense, v)
			if i%3 == 0 {
				v = nil
			}
			l = append(l, v)
		}
		lists = append(lists, l, dense)
	}
	return lists
}

// TestRoundTrip: what goes in comes out, by slice and by selection, whatever
// the compression, and after merging and cutting.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for _, typ := range layouts {
		var all []any
		var parts []*column
		for _, want := range testValues(typ, r) {
			c := columnFrom(t, typ, want)
			for _, comp := range []compressor{noCompression, fastCompression, goodCompression} {
				b := encodeChunk(c, comp)
				d, err := decodeChunk(b, c.phys, c.n)
				if err != nil {
					t.Fatalf("%s %v: %v", typ, want, err)
				}
				sameValues(t, valuesOf(d, 0, d.n), want, typ)
				if !bytes.Equal(encodeChunk(d, comp), b) {
					t.Fatalf("%s: encoding differs the second time", typ)
				}
				z := newZone(d)
				w := &writer{}
				w.zone(z, d.phys)
				rd := &reader{b: w.b}
				if err := sound(d, rd.zone(d.n, d.phys)); err != nil || rd.done() != nil {
					t.Fatalf("%s: zone: %v %v", typ, err, rd.err)
				}
				if _, err := decodeChunk(b, c.phys, c.n+1); err == nil {
					t.Fatal("a wrong number of rows was accepted")
				}
			}
			if c.n > 3 {
				sel := []int32{0, 2, int32(c.n - 2)}
				g := c.gather(1, sel)
				sameValues(t, []any{value(g, 0), value(g, 1), value(g, 2)}, []any{want[1], want[3], want[c.n-1]}, typ)
				sameValues(t, valuesOf(c, 1, c.n-1), want[1:c.n-1], typ)
				cut := c.cut(1, c.n-1)
				sameValues(t, valuesOf(cut, 0, cut.n), want[1:c.n-1], typ)
				if err := sound(cut, nil); err != nil {
					t.Fatal(err)
				}
			}
			if c.n > 0 {
				all = append(all, want...)
				parts = append(parts, c)
			}
		}
		m := mergeColumns(typ.Physical(), parts)
		sameValues(t, valuesOf(m, 0, m.n), all, typ)
		if err := sound(m, newZone(m)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWideCodes has more than 65,536 distinct strings, and rows enough for
// several blocks of zones.
func TestWideCodes(t *testing.T) {
	n := 150_000
	strs := array.NewStringBuilder(memory.DefaultAllocator)
	ints := array.NewInt64Builder(memory.DefaultAllocator)
	for i := range n {
		strs.Append(fmt.Sprint(i * 7919 % 100_003))
		ints.Append(int64(i) * 10_000_000)
	}
	for typ, a := range map[table.Type]arrow.Array{table.String: strs.NewArray(), table.Long: ints.NewArray()} {
		c, err := fromArrow(a, typ)
		if err != nil {
			t.Fatal(err)
		}
		d, err := decodeChunk(encodeChunk(c, goodCompression), c.phys, n)
		if err != nil {
			t.Fatal(err)
		}
		got := d.slice(100, n-100)
		for i := range got.Len() {
			if value(got, i) != value(a, i+100) {
				t.Fatalf("row %d: %v, want %v", i, value(got, i), value(a, i+100))
			}
		}
		if typ == table.Long {
			z := newZone(d)
			p := table.Predicate{Op: table.Less, Values: []any{int64(10)}}
			if len(z.blocks) != 3 || z.excludesRows(p, table.Int64s, 0, 10) || !z.excludesRows(p, table.Int64s, zoneRows, n) {
				t.Error("zones of blocks do not prune")
			}
		}
	}
}

// TestSlicedInput: arrays that are slices of others, and dictionaries with
// unused, repeated and null entries.
func TestSlicedInput(t *testing.T) {
	for _, typ := range layouts {
		for _, want := range testValues(typ, rand.New(rand.NewSource(2))) {
			if len(want) < 9 {
				continue
			}
			schema := table.MustSchema(table.Column{Name: "x", Type: typ})
			rows := make([]map[string]any, len(want))
			for i, v := range want {
				rows[i] = map[string]any{"x": v}
			}
			for _, dictionary := range []bool{false, true} {
				a := array.NewSlice(record(schema, []string{"x"}, rows, dictionary).Column(0), 3, int64(len(want)-1))
				c, err := fromArrow(a, typ)
				if err != nil {
					t.Fatal(err)
				}
				if c.dict != nil {
					c.dict = c.dict.text()
				}
				sameValues(t, valuesOf(c, 0, c.n), want[3:len(want)-1], typ)
			}
		}
	}
	values := array.NewStringBuilder(memory.DefaultAllocator)
	values.AppendValues([]string{"b", "unused", "a", "b", ""}, []bool{true, true, true, true, false})
	idx := array.NewInt32Builder(memory.DefaultAllocator)
	idx.AppendValues([]int32{0, 2, 3, 4, 0}, []bool{true, true, true, true, false})
	a := array.NewDictionaryArray(dictType, idx.NewArray(), values.NewArray())
	c, err := fromArrow(a, table.Dynamic)
	if err != nil {
		t.Fatal(err)
	}
	sameValues(t, valuesOf(c, 0, 5), []any{"b", "a", "b", nil, nil}, table.Dynamic)
	if c.dict.len() != 2 {
		t.Errorf("dictionary of %d", c.dict.len())
	}
}

// TestSharedDictionary: blocks of an extent have the same dictionary.
func TestSharedDictionary(t *testing.T) {
	c := columnFrom(t, table.String, []any{"a", "b", "a", "c", nil})
	x, y := c.slice(0, 2).(*array.Dictionary), c.gather(2, []int32{0, 1}).(*array.Dictionary)
	if x.Data().Dictionary() != y.Data().Dictionary() {
		t.Error("the dictionaries are two")
	}
}

func TestBitPacking(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	for width := 0; width <= 64; width++ {
		if width > maxPacked && width < 64 {
			continue
		}
		for _, n := range []int{0, 1, 2, 7, 8, 9, 63, 64, 65, 100} {
			want := make([]int64, n)
			for i := range want {
				want[i] = int64(r.Uint64() & (1<<width - 1))
				if width == 64 {
					want[i] = int64(r.Uint64())
				}
			}
			b := pack(nil, n, width, func(i int) uint64 { return uint64(want[i]) })
			if len(b) != packedSize(n, width) {
				t.Fatalf("width %d: %d bytes", width, len(b))
			}
			got := make([]int64, n)
			unpack(got, b, width, 0, 1)
			if !slices.Equal(got, want) {
				t.Fatalf("width %d, %d values: %v, want %v", width, n, got, want)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		k    key
		want keyParts
	}{
		{stateKey(), keyParts{kind: 's'}},
		{tableKey(7), keyParts{kind: 't', table: 7}},
		{headKey(7), keyParts{kind: 'h', table: 7}},
		{tailKey(7, 9), keyParts{kind: 'r', table: 7, id: 9}},
		{tailDataKey(7, 9, 3), keyParts{kind: 'b', table: 7, id: 9, piece: 3}},
		{manifestKey(7, 9), keyParts{kind: 'm', table: 7, id: 9}},
		{chunkKey(7, 5, 9, 2, 3), keyParts{kind: 'x', table: 7, day: 5, id: 9, column: 2, piece: 3}},
		{droppedKey(7, 3), keyParts{kind: 'd', table: 7, piece: 3}},
	} {
		got, ok := parseKey(c.k)
		if !ok || fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("key %x is %+v, want %+v", []byte(c.k), got, c.want)
		}
		if _, ok := parseKey(c.k[:len(c.k)-1]); ok {
			t.Errorf("key %x cut short was accepted", []byte(c.k))
		}
		if !strings.HasPrefix(string(garbageKey(c.k)), "g"+string(c.k[:1])) {
			t.Error("garbage key")
		}
	}
	if g, err := parseGarbage(garbageKey(markKey("rows/T/1/"))); err != nil || string(g.prefix) != "krows/T/1/" {
		t.Errorf("garbage %+v, %v", g, err)
	}
	for _, p := range []key{chunkPrefix(7, 5, 9), tailDataPrefix(7, 9)} {
		g, err := parseGarbage(garbageKey(p))
		if err != nil || g.id != 9 || !bytes.Equal(g.prefix, p) {
			t.Errorf("garbage %+v, %v", g, err)
		}
	}
}

// FuzzParts: bytes that are no part of a column, and no manifest of one with
// parts, give an error, not a panic; those that are can be read at every row.
func FuzzParts(f *testing.F) {
	r := rand.New(rand.NewSource(4))
	for _, typ := range layouts {
		for _, values := range testValues(typ, r) {
			if c := columnFrom(f, typ, values); inParts(c.phys) && !c.constant && c.n < 300 {
				parts, _ := allParts(f, c)
				for _, b := range parts {
					f.Add(b, parts[partApart], uint16(c.n))
				}
			}
		}
	}
	two := &zone{rows: 3, distinct: 2, all: span{slo: "a", shi: "b"}}
	stored := func(follows bool) *extentColumn {
		p := &columnParts{follows: follows, leader: 1}
		p.pieces[partNumbers] = []piece{{size: 5, sum: 6, at: place{2, 900}}, {size: 1, sum: 1, at: place{3, 7}}}
		return &extentColumn{phys: table.Strings, zone: two, parts: p}
	}
	e := &extent{rows: 3, runs: []run{{seq: 5, rows: 3, ingest: 9}}, cols: []*extentColumn{nil, stored(false), stored(true)}}
	if _, err := decodeManifest(1, e.encode()); err != nil {
		f.Fatal(err)
	}
	f.Add(e.encode(), []byte(nil), uint16(3))
	f.Fuzz(func(t *testing.T, b, apart []byte, rows uint16) {
		b, n := bytes.Clone(b), int(rows)
		if e, err := decodeManifest(1, b); err == nil {
			if _, err := decodeManifest(1, e.encode()); err != nil {
				t.Errorf("a manifest is not read that was written as it was read: %v", err)
			}
		}
		if shape, err := decodeNumbers(b, n); err == nil {
			shape.tells([]int32{0, int32(max(0, n-1))}[:min(n, 2)])
		}
		if c, err := decodeAllNumbers(b, bytes.Clone(apart), n); err == nil {
			all := make([]int64, n)
			readNumbers(c, 0, all)
			rows := make([]int32, n)
			for i := range rows {
				rows[i] = int32(i)
			}
			gathered := make([]int64, n)
			gatherNumbers(c, rows, gathered)
			if !slices.Equal(all, gathered) {
				t.Error("rows by themselves are others than all at once")
			}
			c.validity(0, n)
		}
		decodePlaces(b, n, 7)
		if h, err := decodeTextHead(b, n); err == nil {
			joinPages(h, apart)
			decodeFilter(apart, len(h.ends))
		}
		for _, form := range []byte{dictBytes, dictHexLower, dictHexUpper} {
			if p, err := decodeTextPage(b, n, form); err == nil && n > 0 {
				p.append(nil, n-1)
				p.dict()
			}
		}
	})
}

// FuzzDecode: bytes that are no chunk, manifest or tail entry give an error,
// not a panic.
func FuzzDecode(f *testing.F) {
	r := rand.New(rand.NewSource(4))
	for _, typ := range layouts {
		for _, values := range testValues(typ, r) {
			c := columnFrom(f, typ, values)
			if c.n < 300 {
				f.Add(encodeChunk(c, goodCompression), byte(c.phys), uint16(c.n))
				f.Add(encodeTailRows([]*column{nil, c}), byte(c.phys), uint16(c.n))
			}
		}
	}
	e := &extent{rows: 3, runs: []run{{seq: 5, rows: 3, ingest: 9}}, cols: []*extentColumn{nil, {phys: table.Strings, zone: newZone(nullColumn(table.Strings, 3)), pieces: []piece{{size: 5, sum: 6}}}}}
	f.Add(e.encode(), byte(0), uint16(3))
	t := &tailEntry{rows: 3, runs: e.runs}
	f.Add(t.encodeHeader([]byte{0, 1, 2, 0, 0}), byte(0), uint16(3))
	f.Fuzz(func(t *testing.T, b []byte, phys byte, n uint16) {
		b = bytes.Clone(b)
		if c, err := decodeChunk(b, table.Physical(phys%4), int(n)); err == nil && n > 0 {
			valuesOf(c, 0, c.n)
		}
		decodeManifest(1, b)
		if e, err := decodeTailHeader(1, b); err == nil {
			for id := range e.cols {
				e.column(uint32(id))
			}
		}
		(&tailEntry{rows: int(n)}).decodeRows(b)
		decodeHead(b)
		decodeState(b)
		parseKey(b)
		parseGarbage(append(key{kindGarbage}, b...))
		unwrap(key("k"), b)
	})
}
