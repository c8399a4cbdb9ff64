package agg

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tidemark/engine/agg/sketch"
	"tidemark/engine/vec"
)

// BenchmarkAdd adds batches of 65,536 rows in 1,000 groups.
func BenchmarkAdd(bench *testing.B) {
	const rows, ngroups = 1 << 16, 1000
	rnd := rand.New(rand.NewPCG(1, 2))
	groups := make([]int32, rows)
	long, real, text, few, size := make([]any, rows), make([]any, rows), make([]any, rows), make([]any, rows), make([]any, rows)
	for k := range groups {
		groups[k] = int32(rnd.IntN(ngroups))
		long[k], real[k] = int64(rnd.IntN(1e6)), rnd.Float64()
		text[k], few[k] = "value-"+strconv.Itoa(rnd.IntN(1e6)), "value-"+strconv.Itoa(rnd.IntN(50))
		size[k] = int64(rnd.ExpFloat64() * 5)
	}
	for _, c := range []struct {
		label, name string
		args        []arg
	}{
		{"count", "count", nil},
		{"sum/long", "sum", []arg{{t: l, values: long}}},
		{"sum/real", "sum", []arg{{t: r, values: real}}},
		{"avg/real", "avg", []arg{{t: r, values: real}}},
		{"max/long", "max", []arg{{t: l, values: long}}},
		{"max/string", "max", []arg{{t: s, values: text}}},
		{"dcount/long", "dcount", []arg{{t: l, values: long}}},
		{"dcount/string", "dcount", []arg{{t: s, values: text}}},
		{"dcount/dictionary", "dcount", []arg{{t: s, values: few}}},
		{"count_distinct/long", "count_distinct", []arg{{t: l, values: long}}},
		{"count_distinct/dictionary", "count_distinct", []arg{{t: s, values: few}}},
		{"arg_max", "arg_max", []arg{{t: l, values: long}, {t: s, values: text}}},
		{"make_set/string", "make_set", []arg{{t: s, values: text}}},
		{"make_set/dictionary", "make_set", []arg{{t: s, values: few}}},
		{"make_list/dictionary", "make_list", []arg{{t: s, values: few}}},
		{"variance/real", "variance", []arg{{t: r, values: real}}},
		{"percentile/few", "percentile", []arg{{t: l, values: size}, fixed(l, 95)}},
		{"percentile/real", "percentile", []arg{{t: r, values: real}, fixed(l, 95)}},
	} {
		bench.Run(c.label, func(bench *testing.B) {
			_, o, spec, _ := choose(bench, c.name, c.args)
			cols := columns(c.args, 0, rows, nil)
			if strings.HasSuffix(c.label, "dictionary") {
				cols[0] = dictionary(cols[0])
			}
			bench.SetBytes(rows) // so that MB/s are millions of rows a second
			for bench.Loop() {
				st := o.New(spec)
				st.Grow(ngroups)
				st.Add(groups, cols, rows)
				st.Results()
			}
		})
	}
}

// BenchmarkAll computes every aggregation of the catalogue, by the calls that
// its laws are tested with, over a million rows of flat columns in 1,000
// groups. A new aggregation joins by its calls.
func BenchmarkAll(bench *testing.B) {
	const batch, batches, ngroups = 1 << 16, 16, 1000
	for _, name := range Names() {
		for k, args := range calls[name] {
			bench.Run(fmt.Sprintf("%s/%d", name, k), func(bench *testing.B) {
				rnd := rand.New(rand.NewPCG(1, 2))
				args := slices.Clone(args)
				fillArgs(rnd, args, batch)
				if strings.HasSuffix(name, "_merge") {
					args[0].values = someSketches(name, batch)
				}
				_, o, spec, _ := choose(bench, name, args)
				groups := make([]int32, batch)
				for i := range groups {
					groups[i] = int32(rnd.IntN(ngroups))
				}
				cols := columns(args, 0, batch, nil)
				for i, c := range cols {
					if !c.Const {
						cols[i] = vec.Column{Arr: c.Flat(batch)}
					}
				}
				for bench.Loop() {
					st := o.New(spec)
					st.Grow(ngroups)
					for range batches {
						st.Add(groups, cols, batch)
					}
					st.Results()
				}
				bench.ReportMetric(float64(bench.Elapsed().Nanoseconds())/float64(bench.N)/(batch*batches), "ns/row")
			})
		}
	}
}

// someSketches are states of a few values each, as the results of grouping by
// something fine are.
func someSketches(name string, n int) []any {
	out := make([]any, n)
	for i := range out {
		if name == "hll_merge" {
			h := sketch.NewHLL(1)
			for k := range 5 {
				h.Add(sketch.HashInt(int64((i + k*k) % 500)))
			}
			out[i] = h.JSON()
			continue
		}
		var d sketch.Digest
		for k := range 5 {
			d.Merge([]float64{float64((i + 7*k) % 500)}, []float64{1})
		}
		out[i] = d.JSON()
	}
	return out
}
