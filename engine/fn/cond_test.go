package fn

import (
	"testing"

	"tidemark/engine/vec"
	"tidemark/table"
)

// null is a null argument of a type.
type null table.Type

// argOf makes an argument of a Go value.
func argOf(v any) (table.Type, any) {
	switch v := v.(type) {
	case null:
		return table.Type(v), nil
	case bool:
		return table.Bool, v
	case int:
		return table.Long, int64(v)
	case int64:
		return table.Long, v
	case Int:
		return table.Int, int64(v)
	case float64:
		return table.Real, v
	case string:
		return table.String, v
	case table.Time:
		return table.Datetime, int64(v)
	case table.Duration:
		return table.Timespan, int64(v)
	case Dyn:
		return table.Dynamic, string(v)
	case Guid:
		return table.Guid, string(v)
	case Dec:
		return table.Decimal, string(v)
	}
	panic("no KQL type for this test value")
}

// apply calls a function as the binder would and returns the result as
// tostring() prints it, with its type; "null" for a null that is no string.
func apply(t testing.TB, name string, args ...any) (string, table.Type) {
	t.Helper()
	s, ok := Lookup(name)
	if !ok {
		t.Fatalf("no function %s", name)
	}
	in := make([]Arg, len(args))
	cols := make([]vec.Column, len(args))
	for i, a := range args {
		typ, v := argOf(a)
		cols[i] = vec.Constant(typ, v)
		in[i] = Arg{Type: typ, Const: &cols[i]}
	}
	o, types, err := s.Choose(in)
	if err != nil {
		return "error: " + err.Error(), table.Unknown
	}
	env := &Env{Now: tm("2025-06-01 12:34:56.7890123")}
	for i := range cols {
		if types[i] != in[i].Type {
			k, ok := Converter(in[i].Type, types[i])
			if !ok {
				t.Fatalf("%s: no conversion from %s to %s", name, in[i].Type, types[i])
			}
			cols[i] = k(&Args{Env: env, N: 1, Cols: cols[i : i+1], Types: []table.Type{in[i].Type}})
		}
	}
	// Constant and spread out over rows must agree.
	c := o.Kernel(&Args{Env: env, N: 1, Cols: cols, Types: types})
	flat := make([]vec.Column, len(cols))
	for i := range cols {
		flat[i] = vec.Column{Arr: cols[i].Flat(3)}
	}
	got := show(o.Result, c, 0)
	if len(cols) > 0 && !s.Volatile {
		if rows := o.Kernel(&Args{Env: env, N: 3, Cols: flat, Types: types}); show(o.Result, rows, 2) != got {
			t.Errorf("%s%v: constant gives %q, rows give %q", name, args, got, show(o.Result, rows, 2))
		}
	}
	return got, o.Result
}

func show(t table.Type, c vec.Column, i int) string {
	if c.IsNull(i) {
		return "null"
	}
	return TextOf(t, c.Value(i))
}

func tm(s string) table.Time {
	v, ok := table.ParseTime(s)
	if !ok {
		panic("not a datetime: " + s)
	}
	return v
}

func span(s string) table.Duration {
	v, ok := table.ParseDuration(s)
	if !ok {
		panic("not a timespan: " + s)
	}
	return v
}

// scalarCase is one call and what it gives. Where typ is not Unknown the
// result's type is compared too.
type scalarCase struct {
	name string
	args []any
	want string
	typ  table.Type
}

func in(args ...any) []any { return args }

func runCases(t *testing.T, cases []scalarCase) {
	t.Helper()
	for _, c := range cases {
		got, typ := apply(t, c.name, c.args...)
		if got != c.want {
			t.Errorf("%s%v = %q, want %q", c.name, c.args, got, c.want)
		}
		if c.typ != table.Unknown && typ != c.typ {
			t.Errorf("%s%v is a %s, want %s", c.name, c.args, typ, c.typ)
		}
	}
}

func TestConditionals(t *testing.T) {
	runCases(t, []scalarCase{
		{"iff", in(true, 1, 2), "1", table.Long},
		{"iff", in(false, 1, 2), "2", 0},
		{"iff", in(null(table.Bool), 1, 2), "2", 0},
		{"iff", in(true, 1, 2.5), "1", table.Real},
		{"iff", in(true, Int(1), 2), "1", table.Long},
		{"iif", in(false, "a", "b"), "b", table.String},
		{"iff", in(true, null(table.Long), 2), "null", table.Long},
		{"iff", in(true, Dyn(`"x"`), "b"), "x", table.String},
		{"iff", in(false, Dyn(`{"a":1}`), null(table.Dynamic)), "null", table.Dynamic},
		{"iff", in(true, "1", 2), "1", table.Dynamic},
		{"iff", in(true, span("1h"), tm("2020-01-01")), "01:00:00", table.Dynamic},
		{"iff", in(1, 2, 3), "error: iff() takes a bool here, not a long", 0},
		{"iff", in(true, 2), "error: iff() takes 3 arguments, not 2", 0},
		{"case", in(false, "a", null(table.Bool), "b", "c"), "c", table.String},
		{"case", in(true, "a", true, "b", "c"), "a", 0},
		{"case", in(false, 1, true, 2.5, Dec("3")), "2.5", table.Decimal},
		{"case", in(false, tm("2020-01-01"), true, null(table.Datetime), tm("2021-01-01")), "null", table.Datetime},
		{"coalesce", in(null(table.Long), 42, 33), "42", table.Long},
		{"coalesce", in("", "", "x"), "x", 0},
		{"coalesce", in("", ""), "", 0},
		{"coalesce", in(null(table.Long), null(table.Real)), "null", table.Real},
		{"coalesce", in(1, "a"), "error: coalesce() takes arguments of one type, not long and string", 0},
		{"min_of", in(10, 1, -3, 17), "-3", table.Long},
		{"min_of", in(null(table.Int), Int(3)), "3", table.Int},
		{"min_of", in(null(table.Int), null(table.Int)), "null", 0},
		{"max_of", in(1, 2.5), "2.5", table.Real},
		{"max_of", in("a", "c", "b"), "c", 0},
		{"max_of", in(Dec("10"), Dec("9")), "10", 0},
		{"max_of", in(true, false), "true", 0},
		{"max_of", in(Dyn("1"), Dyn("2")), "error: max_of() takes values that have an order, not a dynamic", 0},
		{"not", in(true), "false", table.Bool},
		{"not", in(null(table.Bool)), "null", 0},
		{"around", in(tm("2021-01-01 01:29"), tm("2021-01-01 01:30"), span("1m")), "true", 0},
		{"around", in(5, 7, 1), "false", 0},
	})
}

// TestConditionalRows mixes constants, dictionaries and nulls over rows.
func TestConditionalRows(t *testing.T) {
	pred := vec.Column{Arr: vec.NewBools([]bool{true, false, true, false}, []bool{true, true, false, true})}
	dict := vec.Column{Arr: vec.NewDict([]int32{0, 1, 0, 1}, vec.NewStrings([]string{"p", "q"}, nil), nil)}
	word := vec.Constant(table.String, "const")
	rows := func(name string, typ table.Type, cols ...vec.Column) (out []string) {
		s, _ := Lookup(name)
		args := make([]Arg, len(cols))
		types := make([]table.Type, len(cols))
		for i := range cols {
			types[i] = typ
			if i == 0 && name == "iff" {
				types[i] = table.Bool
			}
			args[i].Type = types[i]
		}
		o, _, err := s.Choose(args)
		if err != nil {
			t.Fatal(err)
		}
		c := o.Kernel(&Args{N: 4, Cols: cols, Types: types})
		for i := range 4 {
			out = append(out, show(typ, c, i))
		}
		return out
	}
	same := func(got []string, want ...string) {
		t.Helper()
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("got %v, want %v", got, want)
				return
			}
		}
	}
	same(rows("iff", table.String, pred, dict, word), "p", "const", "const", "const")
	same(rows("iff", table.String, pred, word, vec.Constant(table.String, "else")), "const", "else", "else", "else")
	same(rows("iff", table.Guid, pred, vec.Constant(table.Guid, nil), vec.Constant(table.Guid, "g")), "null", "g", "g", "g")
	ints := vec.Column{Arr: vec.NewInt64s([]int64{1, 2, 3, 4}, []bool{true, false, true, false})}
	same(rows("coalesce", table.Long, ints, vec.Constant(table.Long, int64(9))), "1", "9", "3", "9")
	same(rows("coalesce", table.Long, ints, vec.Constant(table.Long, nil)), "1", "null", "3", "null")
	same(rows("max_of", table.Long, ints, vec.Constant(table.Long, int64(2))), "2", "2", "3", "2")
}

func BenchmarkIff(b *testing.B) {
	const n = 4096
	pred, ints := make([]bool, n), make([]int64, n)
	for i := range pred {
		pred[i], ints[i] = i%3 == 0, int64(i)
	}
	cols := []vec.Column{{Arr: vec.NewBools(pred, nil)}, {Arr: vec.NewInt64s(ints, nil)}, vec.Constant(table.Long, int64(7))}
	benchKernel(b, "iff", cols, []table.Type{table.Bool, table.Long, table.Long}, n)
}

func benchKernel(b *testing.B, name string, cols []vec.Column, types []table.Type, n int) {
	s, _ := Lookup(name)
	args := make([]Arg, len(cols))
	for i := range cols {
		args[i].Type = types[i]
	}
	o, _, err := s.Choose(args)
	if err != nil {
		b.Fatal(err)
	}
	a := &Args{Env: &Env{}, N: n, Cols: cols, Types: types}
	for b.Loop() {
		o.Kernel(a)
	}
	b.ReportMetric(float64(b.N)*float64(n)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}
