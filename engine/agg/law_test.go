package agg

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

// value makes a random value of a type, now and then null.
func value(rnd *rand.Rand, t table.Type) any {
	if rnd.IntN(8) == 0 {
		if t == s {
			return ""
		}
		return nil
	}
	switch t {
	case b:
		return rnd.IntN(2) == 0
	case r:
		return float64(rnd.IntN(2000)-1000) / 8
	case d:
		return strconv.Itoa(rnd.IntN(50)) + ".5"
	case s:
		return "s" + strconv.Itoa(rnd.IntN(40))
	case dy:
		return []string{`[1,"a",2]`, `{"k` + strconv.Itoa(rnd.IntN(9)) + `":1}`, `"x"`, `3`, `null`, `[` + strconv.Itoa(rnd.IntN(9)) + `]`}[rnd.IntN(6)]
	case dt:
		return int64(table.MaxTime) - int64(rnd.IntN(1000))
	}
	return int64(rnd.IntN(100) - 30)
}

// calls are argument types for each aggregation; constants follow.
var calls = map[string][][]arg{
	"count": {{}}, "cnt": {{}}, "countif": {{col(b)}},
	"sum": {{col(l)}, {col(r)}, {col(d)}, {col(ts)}}, "sumif": {{col(r), col(b)}},
	"avg": {{col(l)}, {col(r)}, {col(d)}, {col(dt)}}, "avgif": {{col(dt), col(b)}},
	"min": {{col(l)}, {col(r)}, {col(d)}, {col(s)}, {col(b)}}, "max": {{col(dt)}, {col(r)}, {col(d)}, {col(s)}, {col(b)}},
	"minif": {{col(l), col(b)}}, "maxif": {{col(s), col(b)}},
	"arg_max": {{col(l), col(s), col(r)}, {col(s), col(l)}, {col(r)}, {col(d), col(b)}}, "arg_min": {{col(dt), col(dy)}, {col(b), col(l)}},
	"argmax": {{col(l), col(s)}}, "argmin": {{col(l), col(s)}},
	"take_any": {{col(s)}, {col(l), col(s)}}, "any": {{col(dy)}}, "take_anyif": {{col(s), col(b)}}, "anyif": {{col(l), col(b)}},
	"dcount": {{col(s)}, {col(l)}, {col(r)}, {col(dy)}, {col(d), fixed(l, 0)}}, "dcountif": {{col(s), col(b)}},
	"hll": {{col(s)}, {col(l), fixed(l, 2)}}, "hll_if": {{col(s), col(b)}}, "hll_merge": {{col(dy)}},
	"count_distinct": {{col(s)}, {col(l)}, {col(dy)}, {col(b)}}, "count_distinctif": {{col(s), col(b)}},
	"make_set": {{col(s)}, {col(l)}, {col(dy)}, {col(s), fixed(l, 7)}}, "makeset": {{col(r)}}, "make_set_if": {{col(s), col(b)}},
	"make_list": {{col(s)}, {col(l)}, {col(dy)}, {col(s), fixed(l, 7)}}, "makelist": {{col(r)}}, "make_list_if": {{col(s), col(b), fixed(l, 9)}},
	"make_list_with_nulls": {{col(l)}, {col(s)}},
	"make_bag":             {{col(dy)}, {col(dy), fixed(l, 3)}}, "make_dictionary": {{col(dy)}}, "make_bag_if": {{col(dy), col(b)}},
	"variance": {{col(l)}, {col(d)}}, "variancep": {{col(r)}}, "varianceif": {{col(r), col(b)}}, "variancepif": {{col(r), col(b)}},
	"stdev": {{col(r)}}, "stdevp": {{col(l)}}, "stdevif": {{col(r), col(b)}},
	"covariance": {{col(r), col(r)}}, "covariancep": {{col(r), col(d)}}, "covarianceif": {{col(r), col(r), col(b)}}, "covariancepif": {{col(r), col(r), col(b)}},
	"binary_all_and": {{col(l)}}, "binary_all_or": {{col(i)}}, "binary_all_xor": {{col(l)}},
	"percentile": {{col(l), fixed(l, 50)}, {col(d), fixed(l, 9)}}, "percentiles": {{col(r), fixed(l, 5), fixed(r, 99.5)}},
	"percentiles_array": {{col(dt), fixed(l, 5), fixed(l, 95)}},
	"percentilew":       {{col(r), col(l), fixed(l, 50)}}, "percentilesw": {{col(l), col(l), fixed(l, 50)}}, "percentilesw_array": {{col(l), col(l), fixed(dy, "[1,99]")}},
	"tdigest": {{col(r)}, {col(l), col(l)}}, "tdigest_merge": {{col(dy)}}, "buildschema": {{col(dy)}},
}

// TestMerge: rows cut at random places into several states, with groups
// numbered in each by itself, give when merged what one state of all rows
// gives, whatever the forms of the columns.
func TestMerge(t *testing.T) {
	for _, name := range Names() {
		f, _ := Lookup(name)
		if calls[name] == nil && f.Name == name {
			t.Errorf("no calls of %s", name)
		}
		for k, args := range calls[name] {
			for seed := range uint64(4) {
				checkMerge(t, rand.New(rand.NewPCG(seed, 7)), fmt.Sprint(name, k, " seed ", seed), name, slices.Clone(args))
			}
		}
	}
}

func checkMerge(t *testing.T, rnd *rand.Rand, label, name string, args []arg) {
	const rows, ngroups = 700, 9
	fillArgs(rnd, args, rows)
	groups := make([]int32, rows)
	for j := range groups {
		groups[j] = int32(rnd.IntN(ngroups - 1)) // the last has no rows
	}
	f, o, spec, described := choose(t, name, args)
	one, all := o.New(spec), o.New(spec)
	one.Grow(ngroups)
	one.Add(slices.Clone(groups), columns(args, 0, rows, nil), rows)
	all.Grow(ngroups)
	for from := 0; from < rows; {
		to := min(rows, from+1+rnd.IntN(300))
		part, numbers := o.New(spec), rnd.Perm(ngroups)
		part.Grow(ngroups)
		mid := from + rnd.IntN(to-from)
		for _, cut := range [][2]int{{from, mid}, {mid, to}} {
			local := make([]int32, 0, rows)
			for _, g := range groups[cut[0]:cut[1]] {
				local = append(local, int32(numbers[g]))
			}
			part.Add(local, columns(args, cut[0], cut[1], rnd), len(local))
		}
		back := make([]int32, ngroups)
		for g, number := range numbers {
			back[number] = int32(g)
		}
		all.Merge(part, back)
		from = to
	}
	want, got := one.Results(), all.Results()
	for g := range ngroups {
		a := strings.Join(resultTexts(f, o, described, want, g), " ")
		b := strings.Join(resultTexts(f, o, described, got, g), " ")
		if a != b {
			t.Errorf("%s, group %d:\n merged %s\n whole  %s", label, g, b, a)
			return
		}
	}
}

// TestEncode: a state that is written out, in parts and with its groups in
// another order, and read again, merges and gives results as it would have.
func TestEncode(t *testing.T) {
	for _, name := range Names() {
		for k, args := range calls[name] {
			for seed := range uint64(3) {
				checkEncode(t, rand.New(rand.NewPCG(seed, 9)), fmt.Sprint(name, k, " seed ", seed), name, slices.Clone(args))
			}
		}
	}
}

func checkEncode(t *testing.T, rnd *rand.Rand, label, name string, args []arg) {
	const rows, ngroups = 900, 7
	fillArgs(rnd, args, rows)
	groups := make([]int32, rows)
	for j := range groups {
		groups[j] = int32(rnd.IntN(ngroups - 1))
	}
	f, o, spec, described := choose(t, name, args)
	one, all := o.New(spec), o.New(spec)
	one.Grow(ngroups)
	all.Grow(ngroups)
	for from := 0; from < rows; from += rows / 3 {
		to := from + rows/3
		cols := columns(args, from, to, rnd)
		one.Add(slices.Clone(groups[from:to]), cols, to-from)
		part := o.New(spec)
		part.Grow(ngroups)
		part.Add(slices.Clone(groups[from:to]), cols, to-from)
		numbers := make([]int32, ngroups)
		for j, g := range rnd.Perm(ngroups) {
			numbers[j] = int32(g)
		}
		cut := rnd.IntN(ngroups + 1)
		for _, mine := range [][]int32{numbers[:cut], numbers[cut:]} {
			r := wire.NewReader(part.Encode([]byte("before"), mine))
			r.Raw(len("before"))
			back := o.New(spec)
			back.Grow(len(mine))
			back.Decode(r, len(mine))
			if r.Err() != nil || r.Left() != 0 {
				t.Fatalf("%s: %d bytes left, %v", label, r.Left(), r.Err())
			}
			if back.Size() < 0 {
				t.Errorf("%s: a size of %d", label, back.Size())
			}
			all.Merge(back, mine)
		}
	}
	want, got := one.Results(), all.Results()
	for g := range ngroups {
		a := strings.Join(resultTexts(f, o, described, want, g), " ")
		b := strings.Join(resultTexts(f, o, described, got, g), " ")
		if a != b {
			t.Errorf("%s, group %d:\n read back %s\n as it was %s", label, g, b, a)
			return
		}
	}
}

// TestDecodeDamage: damage of a file is an error of the reader, not a panic.
func TestDecodeDamage(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	for _, name := range Names() {
		for _, args := range calls[name] {
			args = slices.Clone(args)
			fillArgs(rnd, args, 50)
			_, o, spec, _ := choose(t, name, args)
			s := o.New(spec)
			s.Grow(2)
			s.Add(slices.Repeat([]int32{0, 1}, 25), columns(args, 0, 50, rnd), 50)
			whole := s.Encode(nil, []int32{1, 0})
			for range 20 {
				short := slices.Clone(whole[:rnd.IntN(len(whole))])
				r := wire.NewReader(short)
				back := o.New(spec)
				back.Grow(2)
				back.Decode(r, 2)
				if r.Err() == nil {
					t.Errorf("%s: %d of %d bytes are enough", name, len(short), len(whole))
				}
			}
		}
	}
}

func fillArgs(rnd *rand.Rand, args []arg, rows int) {
	for k := range args {
		if args[k].fixed {
			continue
		}
		args[k].values = make([]any, rows)
		for j := range rows {
			args[k].values[j] = value(rnd, args[k].t)
		}
	}
}

// columns are rows from…to of the arguments. With rnd, strings are now and
// then dictionaries.
func columns(args []arg, from, to int, rnd *rand.Rand) []vec.Column {
	out := make([]vec.Column, len(args))
	for k, a := range args {
		if !a.fixed {
			a.values = a.values[from:to]
		}
		out[k] = a.column()
		if rnd != nil && a.t.Physical() == table.Strings && !a.fixed && rnd.IntN(2) == 0 {
			out[k] = dictionary(vec.Column{Arr: out[k].Flat(len(a.values))})
		}
	}
	return out
}

// TestConstant: a constant column is as good as one of equal rows.
func TestConstant(t *testing.T) {
	for name, all := range calls {
		for k, args := range all {
			flat, constant := slices.Clone(args), slices.Clone(args)
			rnd := rand.New(rand.NewPCG(3, uint64(k)))
			for j, a := range args {
				if a.fixed {
					continue
				}
				v := value(rnd, a.t)
				flat[j] = arg{t: a.t, values: slices.Repeat([]any{v}, 70)}
				constant[j] = arg{t: a.t, values: []any{v}, fixed: true}
			}
			f, o, spec, described := choose(t, name, args)
			var texts []string
			for _, args := range [][]arg{flat, constant} {
				s := o.New(spec)
				s.Grow(2)
				s.Add(slices.Repeat([]int32{0, 1}, 35), columns(args, 0, 70, nil), 70)
				texts = append(texts, strings.Join(resultTexts(f, o, described, s.Results(), 1), " "))
			}
			if texts[0] != texts[1] {
				t.Errorf("%s: constant %s, flat %s", name, texts[1], texts[0])
			}
		}
	}
}

// TestPercentileNaive compares with sorting.
func TestPercentileNaive(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 10, 999, 5000, 50_000} {
		v := make([]float64, n)
		values := make([]any, n)
		for j := range v {
			v[j] = float64(rnd.IntN(n*2)) / 4
			values[j] = v[j]
		}
		slices.Sort(v)
		for _, p := range []float64{0, 1, 25, 50, 75, 95, 99.9, 100} {
			want := v[max(int(math.Ceil(p/100*float64(n)-1e-9)), 1)-1]
			if got := run(t, "percentile", arg{t: r, values: values}, fixed(r, p)); got != table.FormatReal(want) {
				t.Errorf("%d values, %v: %s, want %v", n, p, got, want)
			}
		}
	}
}

// TestPercentileDigest looks at the error in rank where values are too many to
// be kept, in one state and in several merged.
func TestPercentileDigest(t *testing.T) {
	const n, parts = 600_000, 4
	rnd := rand.New(rand.NewPCG(5, 6))
	v := make([]float64, n)
	for j := range v {
		v[j] = math.Exp(rnd.NormFloat64() * 3)
	}
	ps := []float64{0, 0.1, 1, 10, 50, 90, 99, 99.9, 100}
	var whole samples
	var split [parts]samples
	for j, x := range v {
		whole.add(r, realKey(x), 1)
		split[j%parts].add(r, realKey(x), 1)
	}
	for j := 1; j < parts; j++ {
		split[0].merge(r, &split[j])
	}
	slices.Sort(v)
	for _, s := range []*samples{&whole, &split[0]} {
		keys, _ := s.percentiles(r, ps)
		for j, p := range ps {
			at, _ := slices.BinarySearch(v, keyReal(keys[j]))
			if off := math.Abs(float64(at)/n*100 - p); off > 0.1 {
				t.Errorf("percentile %v is off by %.3f%%", p, off)
			}
		}
		if s.size() > 4<<20 {
			t.Errorf("%d bytes held", s.size())
		}
	}
}
