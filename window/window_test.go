package window

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// testRow is a row of the tests' table; times are small numbers, 0 is null.
type testRow struct {
	time, arrival int64
	name          string
}

var testSchema = func() *table.Schema {
	s, err := table.NewSchema(table.Column{Name: "Name", Type: table.String}, table.Column{Name: TimeColumn, Type: table.Datetime},
		table.Column{Name: ArrivalColumn, Type: table.Datetime, Hidden: true})
	if err != nil {
		panic(err)
	}
	return s
}()

func times(values ...int64) arrow.Array {
	b := array.NewInt64Builder(allocator)
	for _, v := range values {
		if v == 0 {
			b.AppendNull()
		} else {
			b.Append(v)
		}
	}
	return b.NewArray()
}

// rowsTable makes a table of rows, in blocks of some, its strings flat or as a
// dictionary with many values that do not occur.
func rowsTable(rows []testRow, size int, dictionary bool) table.Source {
	var records []arrow.Record
	for part := range slices.Chunk(rows, size) {
		texts := array.NewStringBuilder(allocator)
		codes := array.NewInt32Builder(allocator)
		var at, arrived []int64
		if dictionary {
			for i := range 100 {
				texts.Append(fmt.Sprint("unused ", i))
			}
		}
		for i, r := range part {
			texts.Append(r.name)
			codes.Append(int32(100 + i))
			at, arrived = append(at, r.time), append(arrived, r.arrival)
		}
		names := arrow.Array(texts.NewArray())
		if dictionary {
			names = array.NewDictionaryArray(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, codes.NewArray(), names)
		}
		cols := []arrow.Array{names, times(at...), times(arrived...)}
		fields := make([]arrow.Field, len(cols))
		for i, c := range cols {
			fields[i] = arrow.Field{Name: testSchema.Column(i).Name, Type: c.DataType(), Nullable: true}
		}
		records = append(records, array.NewRecord(arrow.NewSchema(fields, nil), cols, int64(len(part))))
	}
	return table.NewMemory("T", testSchema, records...)
}

type oneTable struct{ table.Source }

func (o oneTable) Table(name string) (table.Source, bool) { return o.Source, name == "T" }
func (o oneTable) Tables() []string                       { return []string{"T"} }

// read reads a table: the names and both times of its rows, each block whole
// and in parts.
func read(t *testing.T, src table.Source) []string {
	t.Helper()
	scan, err := src.Scan(t.Context(), table.Request{Columns: []int{0, 1, 2}, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer scan.Close()
	var out []string
	for {
		b, err := scan.Next(t.Context())
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		all := make([]string, b.Rows())
		for c := range 3 {
			whole := column(t, b, c, nil)
			if len(whole) != b.Rows() {
				t.Fatalf("column %d has %d of %d rows", c, len(whole), b.Rows())
			}
			var sel []int32
			var want []string
			for i := 0; i < b.Rows(); i += 2 {
				sel, want = append(sel, int32(i)), append(want, whole[i])
			}
			if got := column(t, b, c, sel); !slices.Equal(got, want) {
				t.Fatalf("rows %v of column %d are %v, want %v", sel, c, got, want)
			}
			for i := range all {
				all[i] += whole[i] + " "
			}
		}
		out = append(out, all...)
	}
}

func column(t *testing.T, b table.Block, c int, sel []int32) []string {
	t.Helper()
	a, err := b.Column(c, sel)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, a.Len())
	for i := range out {
		out[i] = a.ValueStr(i)
		if d, ok := a.(*array.Dictionary); ok {
			out[i] = d.Dictionary().ValueStr(d.GetValueIndex(i))
		}
	}
	return out
}

// naive is what a view shows, by its definition.
func naive(rows []testRow, v View) []string {
	var out []string
	text := func(n int64) string {
		if n == 0 {
			return "(null)"
		}
		return fmt.Sprint(n)
	}
	for _, r := range rows {
		if v.Generated {
			r.arrival = r.time
		}
		at, arrived := table.Time(r.time), table.Time(r.arrival)
		in := true
		if v.From != 0 || v.To != 0 {
			in = r.time != 0 && (v.From == 0 || at >= v.From) && (v.To == 0 || at < v.To)
		}
		if r.arrival != 0 {
			in = in && (v.After == 0 || arrived > v.After) && (v.Upto == 0 || arrived <= v.Upto)
			in = in && (v.MaxAge == 0 || r.time == 0 || r.arrival-r.time <= int64(v.MaxAge))
			for _, s := range v.Silent {
				in = in && !(arrived > s.After && arrived <= s.Upto)
			}
		}
		if in {
			out = append(out, r.name+" "+text(r.time)+" "+text(r.arrival)+" ")
		}
	}
	return out
}

// someView is a view with some of the bounds.
func someView(r *rand.Rand) View {
	var v View
	at := func() table.Time { return table.Time(1 + r.Int64N(40)) }
	if r.IntN(2) == 0 {
		v.From = at()
	}
	if r.IntN(2) == 0 {
		v.To = at()
	}
	if r.IntN(3) == 0 {
		v.After = at()
	}
	if r.IntN(2) == 0 {
		v.Upto = at()
	}
	if r.IntN(4) == 0 {
		v.MaxAge = table.Duration(1 + r.IntN(10))
	}
	for range r.IntN(3) {
		v.Silent = append(v.Silent, Span{at(), at()})
	}
	v.Generated = r.IntN(4) == 0
	return v
}

// TestViews compares what views show with their definition, with and without a
// cache, and with one in which nothing has room.
func TestViews(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		rows := make([]testRow, r.IntN(60))
		for i := range rows {
			rows[i] = testRow{r.Int64N(40), r.Int64N(40), fmt.Sprint("r", i)}
		}
		src := rowsTable(rows, 1+r.IntN(20), r.IntN(2) == 0)
		v := someView(r)
		want := naive(rows, v)
		small, large := NewCache(3), NewCache(1000)
		for name, cache := range map[string]*Cache{"no cache": nil, "a small cache": small, "a cache": large} {
			for again := range 2 {
				c := NewCatalog(oneTable{src}, v, cache)
				s, ok := c.Table("T")
				if !ok || !slices.Equal(c.Read(), []string{"T"}) {
					t.Fatal(ok, c.Read())
				}
				if got := read(t, s); !slices.Equal(got, want) {
					t.Fatalf("%s, time %d: %+v\ngot  %v\nwant %v\nof   %v", name, again, v, got, want, rows)
				}
			}
		}
		if len(want) > 3 && len(small.shared) > 0 {
			for _, w := range small.shared {
				if w.blocks != nil {
					t.Errorf("a window of %d rows is kept where 3 have room", len(want))
				}
			}
		}
		small.Close()
		large.Close()
	}
}

// TestCatalog looks at names that there are not.
func TestCatalog(t *testing.T) {
	c := NewCatalog(oneTable{rowsTable(nil, 1, false)}, View{}, nil)
	if _, ok := c.Table("U"); ok || c.Read() != nil || !slices.Equal(c.Tables(), []string{"T"}) || c.Functions() != nil {
		t.Error("there is a table U")
	}
	if _, ok := c.Function("f"); ok {
		t.Error("there is a function")
	}
}

// TestShared reads one window from many goroutines, while some of them give
// up: the table is read once, and what one gives up does not spoil the others.
func TestShared(t *testing.T) {
	rows := make([]testRow, 1000)
	for i := range rows {
		rows[i] = testRow{int64(1 + i%40), int64(1 + i%40), fmt.Sprint("r", i)}
	}
	counted := &counting{Source: rowsTable(rows, 10, true)}
	v := View{From: 5, To: 20}
	want := naive(rows, v)
	cache := NewCache(10_000)
	given, giveUp := context.WithCancel(t.Context())
	giveUp()
	if s, _ := NewCatalog(oneTable{counted}, v, cache).Table("T"); s != nil {
		if _, err := s.Scan(given, table.Request{}); err == nil {
			t.Error("a scan that was given up begins")
		}
	}
	counted.scans = 0
	var wait sync.WaitGroup
	for range 8 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			s, _ := NewCatalog(oneTable{counted}, v, cache).Table("T")
			if got := read(t, s); !slices.Equal(got, want) {
				t.Errorf("%d rows, want %d", len(got), len(want))
			}
		}()
	}
	wait.Wait()
	if counted.scans != 1 {
		t.Errorf("the table was read %d times", counted.scans)
	}
	s, _ := NewCatalog(oneTable{counted}, v, cache).Table("T")
	open, err := s.Scan(t.Context(), table.Request{})
	if err != nil {
		t.Fatal(err)
	}
	cache.Close()
	if counted.closed != 0 {
		t.Error("the window is closed while somebody reads it")
	}
	open.Close()
	open.Close()
	if counted.closed != 1 {
		t.Errorf("it was closed %d times", counted.closed)
	}
}

// counting counts scans and how many of them were closed.
type counting struct {
	table.Source
	mu            sync.Mutex
	scans, closed int
}

func (c *counting) Scan(ctx context.Context, r table.Request) (table.Scan, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scans++
	s, err := c.Source.Scan(ctx, r)
	return &countedScan{s, c}, err
}

type countedScan struct {
	table.Scan
	c *counting
}

func (s *countedScan) Close() error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.c.closed++
	return s.Scan.Close()
}

func TestArrivals(t *testing.T) {
	src := rowsTable([]testRow{{5, 10, "a"}, {3, 11, "b"}, {5, 11, "c"}, {0, 11, "d"}, {9, 12, "e"}}, 2, false)
	for _, c := range []struct {
		view  View
		limit int
		want  []table.Time
	}{
		{View{}, 10, []table.Time{3, 5, 9}},
		{View{After: 10, Upto: 11}, 10, []table.Time{3, 5}},
		{View{After: 12}, 10, []table.Time{}},
		{View{MaxAge: 5}, 10, []table.Time{5, 9}},
	} {
		if got, err := Arrivals(t.Context(), src, c.view, c.limit); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, %v", c.view, got, err)
		}
	}
	if got, err := Arrivals(t.Context(), src, View{}, 1); err != nil || len(got) != 1 {
		t.Errorf("at most one: %v, %v", got, err)
	}
}
