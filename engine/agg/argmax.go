package agg

import (
	"math"
	"strconv"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

func init() {
	for _, f := range []struct {
		name, prefix, most, want string
		legacy                   bool
	}{
		{"arg_max", "max", "greatest", "5", false},
		{"arg_min", "min", "least", "1", false},
		{"argmax", "max", "greatest", "5", true},
		{"argmin", "min", "least", "1", true},
	} {
		doc := "Gives the row with the " + f.most + " value of the first argument: that value and those of the others; of equal rows the first."
		if f.legacy {
			doc = "Gives the row with the " + f.most + " value of the first argument: an older form of " + f.name[:3] + "_" + f.prefix + "() that names the columns in another way."
		}
		register(Func{
			Name: f.name, Doc: doc, Star: true, Page: "arg-" + f.prefix + "-aggregation-function",
			Examples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize ` + f.name + `(x, x * 2)`, Want: f.want}},
			Outputs:  argColumns(f.prefix, f.legacy),
			Overloads: overloads(orderable, func(t table.Type) Overload {
				return Overload{Params: []fn.Param{fn.P(t), fn.Any}, Variadic: true, Optional: 1, Result: t, New: func(spec Spec) State {
					return newArgMost(spec.Types, f.prefix == "min")
				}}
			}),
		})
	}
}

// argColumns names the columns of arg_max(l, s, r+1) l, s and max_l_arg2, and
// those of argmax max_l, max_l_s and max_l_arg2.
func argColumns(prefix string, legacy bool) func(Overload, []Arg) []table.Column {
	return func(o Overload, args []Arg) []table.Column {
		out := make([]table.Column, len(args))
		base := prefix + "_" + args[0].Name
		for i, a := range args {
			name := a.Name
			switch {
			case i == 0 && (legacy || name == ""):
				name = base
			case i == 0:
			case name == "":
				name = base + "_arg" + strconv.Itoa(i)
			case legacy:
				name = base + "_" + name
			}
			out[i] = table.Column{Name: name, Type: a.Type}
		}
		out[0].Type = o.Result
		return out
	}
}

// What a group of argMost has so far.
const (
	nothing  = iota
	nullKey  // a row whose key is null
	valueKey // a row whose key is not
)

// argMost keeps of each group the row with the greatest key, as xored with
// flip, and of equal ones the first; a row whose key is null only while there
// is no other.
type argMost struct {
	t       table.Type
	least   bool
	flip    int64
	compare func(a, b string) int
	level   []uint8
	best    []int64  // the keys, unless they are strings or decimals
	bestStr []string // the keys that are
	bytes   int64    // of bestStr
	others  []*vec.Slots
	win     []int32 // the row of this batch that a group takes over, or -1
	winners []int32 // the groups that have one
}

func newArgMost(types []table.Type, least bool) *argMost {
	s := &argMost{t: types[0], least: least, flip: flipFor(least)}
	if s.t.Physical() == table.Strings {
		s.compare = comparing(s.t, least)
	}
	for _, t := range types[1:] {
		s.others = append(s.others, vec.NewSlots(t))
	}
	return s
}

func (s *argMost) Grow(n int) {
	s.level = grown(s.level, n)
	s.win = grownWith(s.win, n, -1)
	if s.compare == nil {
		s.best = grownWith(s.best, n, math.MinInt64)
	} else {
		s.bestStr = grown(s.bestStr, n)
	}
	for _, o := range s.others {
		o.Grow(n)
	}
}

// Add finds the winning row of each group first, and only then copies values.
func (s *argMost) Add(groups []int32, cols []vec.Column, _ int) {
	if s.compare == nil {
		s.pick(groups, keys(cols[0], s.t))
	} else {
		s.pickStr(groups, strs(cols[0], s.t))
	}
	for k, o := range s.others {
		o.SetAll(s.winners, cols[k+1], s.win)
	}
	for _, g := range s.winners {
		s.win[g] = -1
	}
	s.winners = s.winners[:0]
}

func (s *argMost) pick(groups []int32, in view[int64]) {
	for i, g := range groups {
		if !in.ok(i) {
			s.pickNull(g, i)
			continue
		}
		if k := in.v[i&in.mask] ^ s.flip; k > s.best[g] || s.level[g] != valueKey {
			s.best[g] = k
			s.won(g, i)
		}
	}
}

func (s *argMost) pickStr(groups []int32, in view[string]) {
	for i, g := range groups {
		if !in.ok(i) {
			s.pickNull(g, i)
			continue
		}
		if v := in.at(i); s.level[g] != valueKey || s.compare(v, s.bestStr[g]) > 0 {
			s.setStr(g, v)
			s.won(g, i)
		}
	}
}

func (s *argMost) setStr(g int32, v string) {
	s.bytes += int64(len(v) - len(s.bestStr[g]))
	s.bestStr[g] = v
}

func (s *argMost) won(g int32, row int) {
	s.level[g] = valueKey
	if s.win[g] < 0 {
		s.winners = append(s.winners, g)
	}
	s.win[g] = int32(row)
}

func (s *argMost) pickNull(g int32, row int) {
	if s.level[g] == nothing {
		s.won(g, row)
		s.level[g] = nullKey
	}
}

func (s *argMost) Merge(other State, to []int32) {
	o := other.(*argMost)
	for j, level := range o.level {
		g := to[j]
		better := level > s.level[g]
		if level == valueKey && s.level[g] == valueKey {
			if s.compare == nil {
				better = o.best[j] > s.best[g]
			} else {
				better = s.compare(o.bestStr[j], s.bestStr[g]) > 0
			}
		}
		if !better {
			continue
		}
		s.level[g] = level
		if s.compare == nil {
			s.best[g] = o.best[j]
		} else {
			s.setStr(g, o.bestStr[j])
		}
		for k, slots := range s.others {
			slots.Copy(g, o.others[k], int32(j))
		}
	}
}

func (s *argMost) Results() []vec.Column { return s.ResultsOf(0, len(s.level)) }

// ResultsOf is Results for groups [from, to).
func (s *argMost) ResultsOf(from, to int) []vec.Column {
	valid := make([]bool, to-from)
	for i, l := range s.level[from:to] {
		valid[i] = l == valueKey
	}
	var out []vec.Column
	if s.compare == nil {
		best := make([]int64, to-from)
		for i, k := range s.best[from:to] {
			best[i] = k ^ s.flip
		}
		out = append(out, fromKeys(s.t, best, valid))
	} else {
		if s.t == table.String {
			valid = nil
		}
		out = append(out, vec.Column{Arr: vec.EncodeStrings(s.bestStr[from:to], valid)})
	}
	for _, o := range s.others {
		out = append(out, o.DoneOf(from, to))
	}
	return out
}

func (s *argMost) Size() int64 {
	n := int64(cap(s.level)) + 4*int64(cap(s.win)+cap(s.winners)) + 8*int64(cap(s.best)) + 16*int64(cap(s.bestStr)) + s.bytes
	for _, o := range s.others {
		n += o.Size()
	}
	return n
}

func (s *argMost) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = append(b, s.level[g])
		if s.compare == nil {
			b = wire.Fixed(b, uint64(s.best[g]))
		} else {
			b = wire.Bytes(b, s.bestStr[g])
		}
	}
	for _, o := range s.others {
		b = o.Encode(b, groups)
	}
	return b
}

func (s *argMost) Decode(r *wire.Reader, n int) {
	for i := range n {
		if level := r.Raw(1); level != nil {
			s.level[i] = level[0]
		}
		if s.compare == nil {
			s.best[i] = int64(r.Fixed())
		} else {
			s.setStr(int32(i), r.Str())
		}
	}
	for _, o := range s.others {
		o.Decode(r, n)
	}
}
