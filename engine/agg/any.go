package agg

import (
	"strconv"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

func init() {
	anyOf := []Overload{{Params: []fn.Param{fn.Any}, Variadic: true, New: newAnyRow}}
	ifOf := []Overload{{Params: []fn.Param{fn.Any, fn.P(table.Bool)}, New: func(spec Spec) State {
		return &filtered{inner: newAnyRow(Spec{Types: spec.Types[:1]}), at: 1}
	}}}
	register(Func{
		Name: "take_any", Star: true,
		Doc:      "Gives the values of one row of the group: of the first row, or where one argument is asked for, the first value that is not null or empty.",
		Examples: []fn.Example{{Query: `datatable(s:string)["", "a", "b"] | summarize take_any(s)`, Want: `a`}},
		Outputs: func(_ Overload, args []Arg) []table.Column {
			return anyColumns(args, func(i int, name string) string {
				if name == "" {
					return "any_arg" + strconv.Itoa(i)
				}
				return name
			})
		},
		Overloads: anyOf,
	})
	register(Func{
		Name: "any", Star: true, Page: "take-any-aggregation-function",
		Doc:      "Gives the values of one row of the group: an older name of take_any().",
		Examples: []fn.Example{{Query: `datatable(s:string)["", "a", "b"] | summarize any(s)`, Want: `a`}},
		Outputs: func(_ Overload, args []Arg) []table.Column {
			return anyColumns(args, func(i int, name string) string {
				if name == "" && len(args) > 1 {
					return "any_arg" + strconv.Itoa(i)
				}
				return "any_" + name
			})
		},
		Overloads: anyOf,
	})
	register(Func{
		Name: "take_anyif", Page: "take-anyif-aggregation-function",
		Doc:      "Gives a value from a row where a predicate is true.",
		Examples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize take_anyif(x, x > 3)`, Want: `4`}},
		Outputs: func(_ Overload, args []Arg) []table.Column {
			return anyColumns(args[:1], func(_ int, name string) string { return name })
		},
		Overloads: ifOf,
	})
	register(Func{
		Name: "anyif", Page: "take-anyif-aggregation-function",
		Doc:      "Gives a value from a row where a predicate is true: an older name of take_anyif().",
		Examples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize anyif(x, x > 3)`, Want: `4`}},
		Outputs: func(_ Overload, args []Arg) []table.Column {
			return anyColumns(args[:1], func(_ int, name string) string { return "anyif_" + name })
		},
		Overloads: ifOf,
	})
}

func anyColumns(args []Arg, name func(i int, name string) string) []table.Column {
	out := make([]table.Column, len(args))
	for i, a := range args {
		out[i] = table.Column{Name: name(i, a.Name), Type: a.Type}
	}
	return out
}

// anyRow keeps the first row of each group. Of one column it keeps the first
// value that says something, if there is one.
type anyRow struct {
	types  []table.Type
	values []*vec.Slots
	level  []uint8
}

// What a group of anyRow has so far; at the last level it is settled.
const (
	noRow = iota
	blankRow
	settledRow
)

func newAnyRow(spec Spec) State {
	s := &anyRow{types: spec.Types}
	for _, t := range spec.Types {
		s.values = append(s.values, vec.NewSlots(t))
	}
	return s
}

func (s *anyRow) Grow(n int) {
	s.level = grown(s.level, n)
	for _, v := range s.values {
		v.Grow(n)
	}
}

func (s *anyRow) Add(groups []int32, cols []vec.Column, _ int) {
	for i, g := range groups {
		if s.level[g] == settledRow {
			continue
		}
		level := uint8(settledRow)
		if len(cols) == 1 && blank(cols[0], s.types[0], i) {
			level = blankRow
		}
		if level > s.level[g] {
			s.level[g] = level
			for k, v := range s.values {
				v.Set(g, cols[k], i)
			}
		}
	}
}

// blank reports whether row i is null or an empty string.
func blank(c vec.Column, t table.Type, i int) bool {
	return absent(c, t, i) || t == table.String && c.Str(i) == ""
}

func (s *anyRow) Merge(other State, to []int32) {
	o := other.(*anyRow)
	for j, level := range o.level {
		if g := to[j]; level > s.level[g] {
			s.level[g] = level
			for k, v := range s.values {
				v.Copy(g, o.values[k], int32(j))
			}
		}
	}
}

func (s *anyRow) Results() []vec.Column { return s.ResultsOf(0, len(s.level)) }

// ResultsOf is Results for groups [from, to).
func (s *anyRow) ResultsOf(from, to int) []vec.Column {
	out := make([]vec.Column, len(s.values))
	for i, v := range s.values {
		out[i] = v.DoneOf(from, to)
	}
	return out
}

func (s *anyRow) Size() int64 {
	n := int64(cap(s.level))
	for _, v := range s.values {
		n += v.Size()
	}
	return n
}

func (s *anyRow) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = append(b, s.level[g])
	}
	for _, v := range s.values {
		b = v.Encode(b, groups)
	}
	return b
}

func (s *anyRow) Decode(r *wire.Reader, n int) {
	copy(s.level, r.Raw(n))
	for _, v := range s.values {
		v.Decode(r, n)
	}
}
