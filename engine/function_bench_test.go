package engine_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tidemark/engine"
	"tidemark/engine/fn"
	"tidemark/engine/geoip"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// benchRows is how many rows a batch of BenchmarkFunctions has.
const benchRows = 1 << 14

// BenchmarkFunctions computes every scalar function of the catalogue for
// batches of flat columns that hold the arguments of its examples in turn. A new
// function joins by its examples. A million rows, of one family:
//
//	go test ./engine -run '^$' -bench Functions/string -benchtime 61x
func BenchmarkFunctions(b *testing.B) {
	env := &fn.Env{Now: 638_000_000_000_000_000, GeoIP: geoip.File("geoip/testdata/places.mmdb")}
	if err := env.GeoIP.Open(); err != nil {
		b.Fatal(err)
	}
	defer env.GeoIP.Close()
	for _, f := range fn.All() {
		b.Run(f.Family+"/"+f.Name, func(b *testing.B) {
			o, args, ok := exampleCall(f, env)
			if !ok {
				b.Skip("the binder computes it")
			}
			for b.Loop() {
				o.Kernel(args)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}

// withoutCall are functions that the binder computes for whole tables.
var withoutCall = []string{"estimate_data_size"}

// Every function of the catalogue takes part in the benchmark.
func TestFunctionsHaveBenchmarks(t *testing.T) {
	env := &fn.Env{GeoIP: geoip.File("geoip/testdata/places.mmdb")}
	if err := env.GeoIP.Open(); err != nil {
		t.Fatal(err)
	}
	defer env.GeoIP.Close()
	for _, f := range fn.All() {
		if _, operator := fn.Operator(f.Name); operator {
			continue
		}
		if _, _, ok := exampleCall(f, env); ok == slices.Contains(withoutCall, f.Name) {
			t.Errorf("%s: takes part %t; give it an example whose first row calls it", f.Name, ok)
		}
	}
}

// exampleCall chooses the overload for the arguments of a function's first
// example, and gives flat columns of them: of all examples that fit it, in
// turn. Arguments that must be constant are.
func exampleCall(f *fn.Scalar, env *fn.Env) (fn.Overload, *fn.Args, bool) {
	var rows [][]fn.Arg
	for _, e := range f.Examples {
		for _, call := range callsOf(e.Query, append([]string{f.Name}, f.Aliases...)) {
			if args, ok := constants(e.Query, call); ok {
				rows = append(rows, args)
			}
		}
	}
	if len(rows) == 0 {
		return fn.Overload{}, nil, false
	}
	rows = slices.DeleteFunc(rows, func(r []fn.Arg) bool { return !sameTypes(r, rows[0]) })
	flat := slices.Clone(rows[0])
	for i := range flat {
		flat[i].Const = nil
	}
	// What a function must know beforehand it is told: first nothing, then one
	// argument, then all.
	tries := [][]fn.Arg{flat}
	for i := range flat {
		one := slices.Clone(flat)
		one[i] = rows[0][i]
		tries = append(tries, one)
	}
	tries = append(tries, rows[0])
	for _, args := range tries {
		o, types, err := f.Choose(args)
		if err != nil {
			continue
		}
		a := &fn.Args{Env: env, N: benchRows, Types: types}
		for i := range args {
			if args[i].Const != nil {
				a.Cols = append(a.Cols, converted(*args[i].Const, args[i].Type, types[i], env))
				continue
			}
			b := vec.NewBuilder(types[i], benchRows)
			for k := range benchRows {
				from := rows[k%len(rows)][i]
				b.Value(converted(*from.Const, from.Type, types[i], env).Value(0))
			}
			built := vec.Column{Arr: b.Done()} // a dictionary where values repeat
			a.Cols = append(a.Cols, vec.Column{Arr: built.Flat(benchRows)})
		}
		return o, a, true
	}
	return fn.Overload{}, nil, false
}

func sameTypes(a, b []fn.Arg) bool {
	return slices.EqualFunc(a, b, func(x, y fn.Arg) bool { return x.Type == y.Type })
}

func converted(c vec.Column, from, to table.Type, env *fn.Env) vec.Column {
	kernel, ok := fn.Converter(from, to)
	if from == to || !ok {
		return c
	}
	return kernel(&fn.Args{Env: env, N: 1, Cols: []vec.Column{c}, Types: []table.Type{from}})
}

// callsOf finds the calls of a function in a query.
func callsOf(query string, names []string) []*parser.Call {
	q, errs := parser.Parse(query)
	if errs.Fatal() {
		return nil
	}
	var out []*parser.Call
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Interface, reflect.Pointer:
			if v.IsNil() {
				return
			}
			if c, ok := v.Interface().(*parser.Call); ok && slices.Contains(names, c.Name.Name) {
				out = append(out, c)
			}
			walk(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		}
	}
	walk(reflect.ValueOf(q))
	return out
}

// constants evaluates the arguments of a call for the first row that it is
// made for.
func constants(query string, call *parser.Call) ([]fn.Arg, bool) {
	var out []fn.Arg
	for _, a := range call.Args {
		text := query[a.Span().Start:a.Span().End]
		if t, ok := typeof(text); ok {
			c := vec.Constant(table.String, t.String())
			out = append(out, fn.Arg{Type: table.String, Const: &c, Typeof: t})
			continue
		}
		before := "print "
		if i := strings.LastIndexAny(query[:call.Span().Start], ";|"); i >= 0 {
			before = query[:i+1] + map[byte]string{';': " print ", '|': " project "}[query[i]]
		}
		r, err := engine.Run(context.Background(), before+text, builtins{}, engine.Options{Threads: 1})
		if err != nil {
			return nil, false
		}
		first := r.Tables()[0]
		batch, err := first.NextBatch(context.Background())
		if err != nil || batch.N != 1 {
			r.Close()
			return nil, false
		}
		t := first.Columns()[0].Type
		c := vec.Constant(t, batch.Cols[0].Value(0))
		out = append(out, fn.Arg{Type: t, Const: &c})
		r.Close()
	}
	return out, true
}

func typeof(text string) (table.Type, bool) {
	var name string
	if _, err := fmt.Sscanf(text, "typeof(%s", &name); err != nil || name == "" {
		return table.Unknown, false
	}
	return table.TypeNamed(name[:len(name)-1])
}
