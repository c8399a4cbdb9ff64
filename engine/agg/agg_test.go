package agg

import (
	"math"
	"strings"
	"testing"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/table"
)

// arg is an argument of a call under test.
type arg struct {
	t      table.Type
	values []any // nil, bool, int64, float64 or string
	fixed  bool  // a constant: the one value
}

func col(t table.Type, values ...any) arg {
	for i, v := range values {
		switch v := v.(type) {
		case int:
			values[i] = int64(v)
			if t == table.Real {
				values[i] = float64(v)
			}
		}
	}
	return arg{t: t, values: values}
}

func fixed(t table.Type, v any) arg {
	a := col(t, v)
	a.fixed = true
	return a
}

func (a arg) column() vec.Column {
	if a.fixed {
		return vec.Constant(a.t, a.values[0])
	}
	b := vec.NewBuilder(a.t, len(a.values))
	for _, v := range a.values {
		b.Value(v)
	}
	return vec.Column{Arr: b.Done()}
}

// dictionary is the column as a dictionary, where it has no nulls.
func dictionary(c vec.Column) vec.Column {
	codes, index, distinct := []int32{}, map[string]int32{}, []string{}
	for _, s := range vec.StringSlice(c.Arr) {
		if _, ok := index[s]; !ok {
			index[s] = int32(len(distinct))
			distinct = append(distinct, s)
		}
		codes = append(codes, index[s])
	}
	return vec.Column{Arr: vec.NewDict(codes, vec.NewStrings(distinct, nil), vec.Validity(c.Arr))}
}

func choose(t testing.TB, name string, args []arg) (*Func, Overload, Spec, []Arg) {
	t.Helper()
	f, ok := Lookup(name)
	if !ok {
		t.Fatalf("no %s", name)
	}
	described := make([]Arg, len(args))
	spec := Spec{Consts: make([]*vec.Column, len(args))}
	for i, a := range args {
		described[i] = Arg{Arg: fn.Arg{Type: a.t}, Name: string(rune('a' + i))}
		if a.fixed {
			c := a.column()
			spec.Consts[i], described[i].Const = &c, &c
		}
	}
	o, types, err := f.Choose(described)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	spec.Types = types
	return f, o, spec, described
}

// texts writes group g of the results.
func resultTexts(f *Func, o Overload, args []Arg, cols []vec.Column, g int) []string {
	var out []string
	for i, c := range f.Columns(o, args) {
		v := cols[i].Value(g)
		if v == nil {
			out = append(out, "null")
		} else {
			out = append(out, fn.TextOf(c.Type, v))
		}
	}
	return out
}

// run aggregates all rows as one group.
func run(t testing.TB, name string, args ...arg) string {
	t.Helper()
	f, o, spec, described := choose(t, name, args)
	n := 1
	cols := make([]vec.Column, len(args))
	for i, a := range args {
		cols[i] = a.column()
		if !a.fixed {
			n = len(a.values)
		}
	}
	s := o.New(spec)
	s.Grow(1)
	s.Add(make([]int32, n), cols, n)
	if s.Size() <= 0 {
		t.Errorf("%s: size %d", name, s.Size())
	}
	return strings.Join(resultTexts(f, o, described, s.Results(), 0), " ")
}

const (
	b, i, l, r, d, s, dt, ts, dy = table.Bool, table.Int, table.Long, table.Real, table.Decimal, table.String, table.Datetime, table.Timespan, table.Dynamic
)

func TestResults(t *testing.T) {
	hour := int64(table.Hour)
	for _, c := range []struct {
		name string
		want string
		args []arg
	}{
		{"count", "3", []arg{col(l, 1, nil, 2)}},
		{"countif", "1", []arg{col(b, true, false, nil)}},
		{"sum", "3", []arg{col(l, 1, nil, 2)}},
		{"sum", "5", []arg{fixed(l, 5)}},
		{"sum", "0", []arg{fixed(l, nil)}},
		{"sum", "1", []arg{col(r, .1, .1, .1, .1, .1, .1, .1, .1, .1, .1)}},
		{"sum", "Infinity", []arg{col(r, 1e308, 1e308, 1.0)}},
		{"sum", "6.6", []arg{col(d, "1.1", "2.2", nil, "3.3")}},
		{"sum", "0", []arg{col(d)}},
		{"sum", "03:00:00", []arg{col(ts, hour, 2*hour)}},
		{"sumif", "4", []arg{col(l, 1, 4, 2), col(b, nil, true, false)}},
		{"avg", "2", []arg{col(l, 1, 3, nil, 2)}},
		{"avg", "NaN", []arg{col(l, nil)}},
		{"avg", "null", []arg{col(ts)}},
		{"avg", "1.5", []arg{col(d, "1", "2")}},
		{"avg", "01:30:00", []arg{col(ts, hour, 2*hour)}},
		{"avg", "9999-12-31T23:59:59.9999999Z", []arg{col(dt, int64(table.MaxTime), int64(table.MaxTime), int64(table.MaxTime), int64(table.MaxTime))}},
		{"avg", "-01:00:00", []arg{col(ts, -3*hour, hour)}},
		{"avgif", "4", []arg{col(l, 1, 4, 2), col(b, nil, true, false)}},
		{"min", "-1", []arg{col(l, 3, nil, -1)}},
		{"max", "3", []arg{col(i, 3, nil, -1)}},
		{"max", "null", []arg{col(l)}},
		{"max", "-2.5", []arg{col(r, -2.5, -3, nil)}},
		{"min", "NaN", []arg{col(r, -2.5, math.NaN(), math.Inf(-1))}},
		{"max", "-2.5", []arg{col(r, math.NaN(), -2.5, math.Inf(-1))}},
		{"dcount", "3", []arg{col(i, nil, 1, 2, 3, 2)}},
		{"dcount", "4", []arg{col(s, "", "a", "b", "c"), fixed(l, 2)}},
		{"dcount", "2", []arg{col(d, "1.50", "1.5", "1")}},
		{"dcount", "1", []arg{col(dy, "null", "{}", nil)}},
		{"dcountif", "2", []arg{col(s, "", "a", "b", "a", "a"), col(b, true, true, false, false, true)}},
		{"dcountif", "1", []arg{col(l, 1, 2), col(b, true, false), fixed(l, 4)}},
		{"count_distinct", "2", []arg{col(l, 1, nil, 2, 1)}},
		{"count_distinct", "1", []arg{fixed(s, "x")}},
		{"count_distinctif", "1", []arg{col(l, 1, 2), col(b, true, false)}},
		{"arg_max", "3 b", []arg{col(l, 1, 3, 3, nil), col(s, "a", "b", "c", "d")}},
		{"arg_min", "1 true 2.5", []arg{col(l, 1, 3, 1, nil), col(b, true, false, false, false), fixed(r, 2.5)}},
		{"arg_max", "null y", []arg{col(i, nil, nil), col(s, "y", "z")}},
		{"arg_max", "1 z", []arg{col(i, nil, 1), col(s, "y", "z")}},
		{"arg_max", "b null", []arg{col(s, "a", "b"), col(l, 1, nil)}},
		{"arg_min", "-2 9", []arg{col(d, "1", "-2"), col(l, 1, 9)}},
		{"arg_max", "null null", []arg{col(l), col(l)}},
		{"arg_max", "2", []arg{col(l, 1, 2)}},
		{"argmin", "1 a", []arg{col(l, 1, 2), col(s, "a", "b")}},
		{"take_any", "a", []arg{col(s, "", "a", "b")}},
		{"take_any", "7", []arg{col(l, nil, 7, 8)}},
		{"take_any", "null x", []arg{col(l, nil, 7, 8), col(s, "x", "y", "z")}},
		{"any", "{}", []arg{col(dy, "null", "{}")}},
		{"take_anyif", "b", []arg{col(s, "", "a", "b"), col(b, true, false, true)}},
		{"make_list", `[1,2,1]`, []arg{col(l, 1, nil, 2, 1)}},
		{"make_list", `[]`, []arg{col(l, nil)}},
		{"make_list", `["a","","\"q\""]`, []arg{col(s, "a", "", `"q"`)}},
		{"make_list", `[1,2,{"a":1}]`, []arg{col(dy, "[1,2]", "null", nil, `{"a":1}`)}},
		{"make_list", `[1.0,2.5]`, []arg{col(r, 1, 2.5)}},
		{"make_list", `["0001-01-01T00:00:00.0000000Z"]`, []arg{col(dt, 0)}},
		{"make_list", `[1,2]`, []arg{col(l, 1, 2, 3), fixed(l, 2)}},
		{"make_list_with_nulls", `[null,4]`, []arg{col(l, nil, 4)}},
		{"make_list_if", `[1,3]`, []arg{col(l, 1, 2, 3, 4), col(b, true, false, true, true), fixed(l, 2)}},
		{"make_set", `[1,2]`, []arg{col(l, 1, nil, 2, 1)}},
		{"make_set", `[1,2]`, []arg{col(l, 1, 2, 3), fixed(l, 2)}},
		{"make_set", `["A1","A2","A3","C1","C2",7,{"b":1}]`, []arg{col(dy, `["A1", "A2", "A3"]`, `["A2","C1"]`, `["C2", "A3",null]`, `7`, `{"b":1}`)}},
		{"make_set_if", `["y"]`, []arg{col(s, "x", "y", "y"), col(b, false, true, true)}},
		{"make_bag", `{"a":1,"b":[2]}`, []arg{col(dy, `{"a":1}`, `5`, nil, `{"b":[2],"a":9}`)}},
		{"make_bag", `{}`, []arg{col(dy)}},
		{"make_bag_if", `{"b":2}`, []arg{col(dy, `{"a":1}`, `{"b":2}`), col(b, false, true)}},
		{"variance", "2.5", []arg{col(l, 1, 2, 3, 4, 5)}},
		{"variance", "0", []arg{col(l)}},
		{"variance", "1", []arg{col(r, 1e12, 1e12+1, 1e12+2)}},
		{"variancep", "2", []arg{col(d, "1", "2", "3", "4", "5")}},
		{"stdevp", "1.4142135623730951", []arg{col(r, 1, 2, 3, 4, 5)}},
		{"stdev", "0", []arg{col(r, 7)}},
		{"covariance", "20.5", []arg{col(r, 1, 2, 3, 4, 5), col(r, 14, 10, 17, 20, 50)}},
		{"covariancep", "16.4", []arg{col(r, 1, 2, 3, 4, 5), col(r, 14, 10, 17, 20, 50)}},
		{"covariance", "null", []arg{col(r), col(r)}},
		{"binary_all_and", "8", []arg{col(l, 12, 10, nil)}},
		{"binary_all_or", "14", []arg{col(i, 12, 10)}},
		{"binary_all_xor", "null", []arg{col(l)}},
		{"percentile", "0", []arg{col(l, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), fixed(l, 0)}},
		{"percentiles", "4 9", []arg{col(i, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), fixed(l, 50), fixed(r, 99.9)}},
		{"percentile", "null", []arg{col(r), fixed(l, 50)}},
		{"percentile", "1.5", []arg{col(d, "1.5", nil), fixed(l, 50)}},
		{"percentiles_array", "null", []arg{col(r), fixed(l, 50)}},
		{"percentiles_array", `[1.0,2.5]`, []arg{col(r, 2.5, 1), fixed(dy, "[50, 99]")}},
		{"percentilesw", "20 20 40", []arg{col(l, 10, 20, 30, 40), col(l, 8, 6, 3, 1), fixed(l, 50), fixed(l, 75), fixed(r, 99.9)}},
		{"percentilesw_array", "[20,20,40]", []arg{col(l, 10, 20, 30, 40), col(l, 8, 6, 3, 1), fixed(dy, "[50,75,99.9]")}},
		{"tdigest", "[[7],[1,2],[2,1]]", []arg{col(r, 2, 1, 1)}},
		{"tdigest", "null", []arg{col(r)}},
		{"tdigest_merge", "[[7],[1,2],[3,1]]", []arg{col(dy, "[[7],[2,1],[1,2]]", "junk", "[[7],[1],[1]]")}},
		{"hll", "null", []arg{col(l)}},
		{"buildschema", "{\"x\":[\"long\",\"string\"],\"y\":[\"double\",{\"w\":\"string\"}],\"z\":{\"`indexer`\":[\"long\",\"string\"]},\"t\":{\"`indexer`\":\"string\"}}",
			[]arg{col(dy, `{"x":1, "y":3.5}`, `{"x":"somevalue", "z":[1, 2, 3]}`, `{"y":{"w":"zzz"}, "t":["aa", "bb"], "z":["foo"]}`)}},
		{"buildschema", "null", []arg{col(dy, nil)}},
		{"max", "b", []arg{col(s, "a", "b", "")}},
		{"max", "10", []arg{col(d, "9", "10", nil)}},
		{"min", "false", []arg{col(b, true, false, nil)}},
		{"maxif", "1", []arg{col(l, 1, 4), col(b, true, false)}},
	} {
		if got := run(t, c.name, c.args...); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	name := func(a Arg, n string) Arg { a.Name = n; return a }
	long, fifty := Arg{Arg: fn.Arg{Type: l}}, Arg{Arg: fn.Arg{Type: r}}
	c := vec.Constant(r, 95.5)
	fifty.Const = &c
	la, str := name(long, "l"), name(Arg{Arg: fn.Arg{Type: s}}, "s")
	pred := Arg{Arg: fn.Arg{Type: b}}
	for _, c := range []struct {
		name, want string
		args       []Arg
	}{
		{"count", "count_:long", nil},
		{"countif", "countif_:long", []Arg{pred}},
		{"sum", "sum_l:long", []Arg{la}},
		{"sumif", "sumif_l:long", []Arg{la, pred}},
		{"avg", "avg_:real", []Arg{long}},
		{"max", "max_s:string", []Arg{str}},
		{"hll_if", "hll_if_s:dynamic", []Arg{str, pred}},
		{"make_set_if", "set_s:dynamic", []Arg{str, pred}},
		{"makelist", "list_s:dynamic", []Arg{str}},
		{"merge_tdigest", "merge_tdigests_d:dynamic", []Arg{name(Arg{Arg: fn.Arg{Type: dy}}, "d")}},
		{"arg_max", "l:long s:string", []Arg{la, str}},
		{"arg_max", "max_:long s:string", []Arg{long, str}},
		{"arg_max", "l:long s:string max_l_arg2:long", []Arg{la, str, long}},
		{"argmin", "min_l:long min_l_s:string", []Arg{la, str}},
		{"argmax", "max_:long max__s:string", []Arg{long, str}},
		{"take_any", "any_arg0:long s:string", []Arg{long, str}},
		{"any", "any_l:long", []Arg{la}},
		{"any", "any_:long", []Arg{long}},
		{"take_anyif", ":long", []Arg{long, pred}},
		{"anyif", "anyif_s:string", []Arg{str, pred}},
		{"percentiles", "percentile_l_95_5:long", []Arg{la, fifty}},
		{"percentilesw_array", "percentiles_l:dynamic", []Arg{la, la, fifty}},
		{"binary_all_or", "l:long", []Arg{la}},
	} {
		f, _ := Lookup(c.name)
		o, _, err := f.Choose(c.args)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, col := range f.Columns(o, c.args) {
			got = append(got, col.Name+":"+col.Type.String())
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("%s: %s, want %s", c.name, g, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	k := func(t table.Type, v any) Arg {
		c := vec.Constant(t, v)
		return Arg{Arg: fn.Arg{Type: t, Const: &c}}
	}
	of := func(t table.Type) Arg { return Arg{Arg: fn.Arg{Type: t}} }
	for _, c := range []struct {
		name string
		args []Arg
	}{
		{"sum", []Arg{of(s)}}, {"sum", []Arg{of(dy)}}, {"max", []Arg{of(dy)}}, {"min", []Arg{of(table.Guid)}},
		{"arg_max", []Arg{of(dy), of(s)}}, {"count_distinct", []Arg{of(s), of(l)}}, {"stdev", []Arg{of(b)}},
		{"dcount", []Arg{of(s), k(l, int64(5))}}, {"dcount", []Arg{of(s), of(l)}},
		{"percentile", []Arg{of(l), k(l, int64(101))}}, {"percentile", []Arg{of(l), of(l)}}, {"percentile", []Arg{of(l), k(dy, "[5]")}},
		{"make_list", []Arg{of(s), k(l, int64(0))}}, {"make_bag", []Arg{of(s)}},
	} {
		f, _ := Lookup(c.name)
		if _, _, err := f.Choose(c.args); err == nil {
			t.Errorf("%s: taken", c.name)
		}
	}
}

func TestCatalogue(t *testing.T) {
	for _, f := range All() {
		if f.Doc == "" || !strings.HasSuffix(f.Doc, ".") || len(f.Examples) == 0 || len(f.Overloads) == 0 || len(f.Signatures()) == 0 {
			t.Errorf("%s lacks doc, examples or overloads", f.Name)
		}
	}
}
