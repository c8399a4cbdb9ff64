package storage

import (
	"context"
	"fmt"
	"io"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"tidemark/table"
)

var testSchema = table.MustSchema(
	table.Column{Name: "TimeGenerated", Type: table.Datetime},
	table.Column{Name: "Computer", Type: table.String, Doc: "who"},
	table.Column{Name: "Path", Type: table.String},
	table.Column{Name: "Size", Type: table.Long},
	table.Column{Name: "Ok", Type: table.Bool},
	table.Column{Name: "Score", Type: table.Real},
	table.Column{Name: "Id", Type: table.Guid, Hidden: true},
)

// record makes an arrow record of rows, which are values by column name (nil:
// null). Strings come as a dictionary when dictionary is set.
func record(schema *table.Schema, names []string, rows []map[string]any, dictionary bool) arrow.Record {
	var fields []arrow.Field
	var cols []arrow.Array
	for _, name := range names {
		t := schema.Column(schema.Index(name)).Type
		dt := t.Arrow()
		if dictionary && t.Physical() == table.Strings {
			dt = dictType
		}
		b := array.NewBuilder(memory.DefaultAllocator, dt)
		for _, r := range rows {
			switch v := r[name].(type) {
			case nil:
				b.AppendNull()
			case int64:
				b.(*array.Int64Builder).Append(v)
			case float64:
				b.(*array.Float64Builder).Append(v)
			case bool:
				b.(*array.BooleanBuilder).Append(v)
			case string:
				if d, ok := b.(*array.BinaryDictionaryBuilder); ok {
					if err := d.AppendString(v); err != nil {
						panic(err)
					}
				} else {
					b.(*array.StringBuilder).Append(v)
				}
			}
		}
		fields = append(fields, arrow.Field{Name: name, Type: dt, Nullable: true})
		cols = append(cols, b.NewArray())
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, int64(len(rows)))
}

// text writes a row as the store must give it back.
func text(schema *table.Schema, r map[string]any) string {
	var b strings.Builder
	for _, c := range schema.Columns() {
		v := r[c.Name]
		if v == nil && c.Type == table.String {
			v = ""
		}
		fmt.Fprintf(&b, "%v|", v)
	}
	return b.String()
}

func value(a arrow.Array, i int) any {
	if a.IsNull(i) {
		return nil
	}
	switch a := a.(type) {
	case *array.Boolean:
		return a.Value(i)
	case *array.Int64:
		return a.Value(i)
	case *array.Float64:
		return a.Value(i)
	case *array.String:
		return a.Value(i)
	case *array.Dictionary:
		return value(a.Dictionary(), a.GetValueIndex(i))
	}
	panic(a.DataType().String())
}

// readAll returns all rows of a table as text, in the order they come.
func readAll(t testing.TB, s *Store, name string, where ...table.Predicate) []string {
	t.Helper()
	rows, err := readRows(s, name, where...)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func readRows(s *Store, name string, where ...table.Predicate) ([]string, error) {
	src, ok := s.Table(name)
	if !ok {
		return nil, ErrNoTable
	}
	sc, err := src.Scan(context.Background(), table.Request{Where: where})
	if err != nil {
		return nil, err
	}
	defer sc.Close()
	var out []string
	schema := src.Schema()
	for {
		b, err := sc.Next(context.Background())
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		cols := make([]arrow.Array, schema.Len()-1)
		for i := range cols {
			if cols[i], err = b.Column(i, nil); err != nil {
				return nil, err
			}
			if cols[i].Len() != b.Rows() {
				return nil, fmt.Errorf("column %d has %d rows, the block %d", i, cols[i].Len(), b.Rows())
			}
		}
		for r := range b.Rows() {
			var w strings.Builder
			for i := range cols {
				fmt.Fprintf(&w, "%v|", value(cols[i], r))
			}
			out = append(out, w.String())
		}
	}
}

func randomRow(r *rand.Rand, time int64) map[string]any {
	m := map[string]any{}
	set := func(name string, v any) {
		if r.Intn(5) > 0 {
			m[name] = v
		}
	}
	m["TimeGenerated"] = time + int64(r.Intn(1000))*10_000_000
	set("Computer", fmt.Sprintf("host-%d", r.Intn(20)))
	set("Path", strings.Repeat("/dir", r.Intn(4))+fmt.Sprintf("/file-%d", r.Intn(5000)))
	positive, negative := r.Int63()>>r.Intn(63), r.Int63()>>r.Intn(63)
	set("Size", positive-negative)
	set("Ok", r.Intn(2) == 0)
	set("Score", r.NormFloat64())
	set("Id", fmt.Sprintf("%016x", r.Uint64()))
	return m
}

func open(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// check fails the test when Verify finds anything.
func check(t testing.TB, s *Store) {
	t.Helper()
	sum, err := s.Verify(context.Background(), func(p Problem) { t.Errorf("verify: %v", p.Err) })
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	if sum.Problems > 0 {
		t.Fatalf("verify: %d problems", sum.Problems)
	}
}

// TestModel compares the store with rows in memory, over random batches,
// seals, drops and reopenings.
func TestModel(t *testing.T) {
	seeds := 4
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			testModel(t, rand.New(rand.NewSource(int64(seed))))
		})
	}
}

func testModel(t *testing.T, r *rand.Rand) {
	dir := t.TempDir()
	o := Options{Create: true, BlockRows: []int{1, 3, 1000, 0}[r.Intn(4)], SealRows: 20 + r.Intn(3000), DiskReserve: -1}
	s := open(t, dir, o)
	defer func() { s.Close() }()
	model := map[string][]string{}
	marks := map[string][]byte{}
	time := int64(table.FromUnix(1_750_000_000, 0))
	names := []string{"A", "a", "Long name"}
	for step := range 120 {
		switch k := r.Intn(100); {
		case k < 4:
			name := names[r.Intn(len(names))]
			if err := s.CreateTable(name, testSchema); (err == nil) != (model[name] == nil) {
				t.Fatalf("create %s: %v", name, err)
			}
			if model[name] == nil {
				model[name] = []string{}
			}
		case k < 6:
			name := names[r.Intn(len(names))]
			if err := s.DropTable(name); (err == nil) != (model[name] != nil) {
				t.Fatalf("drop %s: %v", name, err)
			}
			delete(model, name)
		case k < 10:
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir, o)
		case k < 14:
			if err := s.Seal(context.Background()); err != nil {
				t.Fatal(err)
			}
		case k < 24:
			compareModel(t, s, model, marks)
		default:
			b := &table.Batch{Marks: map[string][]byte{fmt.Sprint(r.Intn(5)): fmt.Appendf(nil, "%d", step)}}
			for name := range model {
				n := r.Intn(3)
				if r.Intn(8) == 0 {
					n = r.Intn(5000)
				}
				var rows []map[string]any
				for range n {
					rows = append(rows, randomRow(r, time))
				}
				time += 10_000_000 * 3600
				cols := slices.Clone(testSchema.Names())
				r.Shuffle(len(cols), func(i, j int) { cols[i], cols[j] = cols[j], cols[i] })
				b.Parts = append(b.Parts, table.Part{Table: name, Rows: record(testSchema, cols, rows, r.Intn(2) == 0)})
				for _, row := range rows {
					model[name] = append(model[name], text(testSchema, row))
				}
			}
			if err := s.Commit(context.Background(), b); err != nil {
				t.Fatal(err)
			}
			for k, v := range b.Marks {
				marks[k] = v
			}
		}
	}
	compareModel(t, s, model, marks)
	check(t, s)
}

func compareModel(t *testing.T, s *Store, model map[string][]string, marks map[string][]byte) {
	t.Helper()
	if len(s.Tables()) != len(model) {
		t.Fatalf("tables %q, want %d", s.Tables(), len(model))
	}
	for name, want := range model {
		got := readAll(t, s, name)
		want = slices.Clone(want)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("table %s: %d rows, want %d", name, len(got), len(want))
		}
	}
	for k, v := range marks {
		if got, err := s.Mark(k); err != nil || string(got) != string(v) {
			t.Fatalf("mark %s: %q, %v, want %q", k, got, err, v)
		}
	}
}
