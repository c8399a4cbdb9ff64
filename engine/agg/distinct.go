package agg

import (
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/dyn"
	"tidemark/internal/wire"
	"tidemark/table"
)

func init() {
	register(Func{
		Name: "count_distinct", Prefix: "count_distinct", If: "count_distinctif",
		Doc:        "Counts the distinct values that are not null, exactly.",
		Examples:   []fn.Example{{Query: `datatable(s:string)["a", "b", "a"] | summarize count_distinct(s)`, Want: `2`}},
		IfExamples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize count_distinctif(x, x > 3)`, Want: `2`}},
		Overloads: []Overload{{Params: []fn.Param{fn.Any}, Result: table.Long, New: func(spec Spec) State {
			return &distinctCount{members: newMembers(spec.Types[0])}
		}}},
	})
	set := Func{
		Name: "make_set", Prefix: "set", If: "make_set_if", Check: checkSize,
		Doc:        "Gathers the distinct values that are not null into an array, in the order in which they first appear; of arrays their elements.",
		Examples:   []fn.Example{{Query: `datatable(x:long)[1, 2, 1] | summarize make_set(x)`, Want: `[1,2]`}, {Query: `datatable(d:dynamic)[dynamic([1, 2]), dynamic([2, 3])] | summarize make_set(d)`, Want: `[1,2,3]`}},
		IfExamples: []fn.Example{{Query: `range x from 1 to 5 step 1 | summarize make_set_if(x, x > 3)`, Want: `[4,5]`}},
		Overloads:  setOf(maxSize),
	}
	register(set)
	register(Func{
		Name: "makeset", Prefix: "set", Page: "make-set-aggregation-function", Check: checkSize,
		Doc:       "Gathers distinct values into an array: an older make_set() that keeps 128 values unless told otherwise.",
		Examples:  []fn.Example{{Query: `datatable(x:long)[1, 2, 1] | summarize makeset(x)`, Want: `[1,2]`}},
		Overloads: setOf(oldMaxSize),
	})
}

// How many values make_set, make_list and make_bag keep at most: always, and
// in their older forms where no other number is given.
const (
	maxSize    = 1 << 20
	oldMaxSize = 128
)

func setOf(size int64) []Overload {
	return []Overload{{Params: []fn.Param{fn.Any, fn.P(table.Long)}, Optional: 1, Result: table.Dynamic, New: func(spec Spec) State {
		return newSet(spec.Types[0], sizeOf(spec, size))
	}}}
}

func sizeOf(spec Spec, otherwise int64) int { return int(min(spec.long(1, otherwise), maxSize)) }

// checkSize looks at the greatest number of values, the last argument.
func checkSize(args []Arg) error {
	last := len(args) - 1
	if last < 1 || args[last].Type == table.Bool {
		return nil
	}
	if c := args[last].Const; c == nil || c.IsNull(0) || args[last].Type.IsInteger() && c.Int64(0) <= 0 {
		return &fn.MismatchError{Arg: last, Msg: "the greatest number of values is a constant above 0"}
	}
	return nil
}

// members tells which values each group has: values are numbered once for all
// groups, strings of a dictionary once per entry.
type members struct {
	t      table.Type
	values *vec.Grouper
	seen   pairs
	out    *membersOut // once they are being written out
}

// membersOut is what writing members out group by group needs of all of them.
type membersOut struct {
	place []int32   // by number: its place among those of a call, or 0
	lists [][]int32 // the numbers of each group
}

func newMembers(t table.Type) members {
	return members{t: t, values: vec.NewGrouper([]table.Type{t})}
}

// number returns the number of each row's value, -1 for null.
func (m *members) number(c vec.Column, n int) []int32 {
	ids := m.values.IDs([]vec.Column{c}, n)
	if c.HasNulls() || m.t == table.Dynamic {
		for i := range ids {
			if absent(c, m.t, i) {
				ids[i] = -1
			}
		}
	}
	return ids
}

// Number makes the values use numbers that they have.
func (m *members) Number(n *vec.Numbering) { m.values.Number(0, n) }

// numberCoded is number for a column by codes.
func (m *members) numberCoded(c *vec.Coded, n int) []int32 {
	return m.values.IDsOf([]vec.GroupKey{{Coded: c}}, n)
}

// renumber takes in the values of o and returns their numbers here; nil where
// they are the same.
func (m *members) renumber(o *members) []int32 {
	return m.values.Merge(o.values)
}

func (m *members) Size() int64 { return m.seen.size() + m.values.Size() }

// encode writes the values that some groups have, then for each group which.
func (m *members) encode(b []byte, groups []int32, lists func() [][]int32) []byte {
	if m.out == nil {
		m.out = &membersOut{place: make([]int32, m.values.Len()), lists: lists()}
	}
	var used []int32
	for _, g := range groups {
		for _, number := range m.out.lists[g] {
			if m.out.place[number] == 0 {
				used = append(used, number)
				m.out.place[number] = int32(len(used))
			}
		}
	}
	b = wire.Uint(b, uint64(len(used)))
	b = vec.AppendColumn(b, m.values.Values(used), len(used))
	for _, g := range groups {
		b = wire.Uint(b, uint64(len(m.out.lists[g])))
		for _, number := range m.out.lists[g] {
			b = wire.Uint(b, uint64(m.out.place[number]-1))
		}
	}
	for _, number := range used {
		m.out.place[number] = 0
	}
	return b
}

// decode reads what encode wrote for n groups into members that are empty, and
// calls add for each value of each.
func (m *members) decode(r *wire.Reader, n int, add func(group, number int32)) {
	used := r.Len(1)
	values := vec.ReadColumn(r, used)
	if r.Err() != nil {
		return
	}
	numbers := append([]int32(nil), m.values.IDs([]vec.Column{values}, used)...)
	for g := range n {
		for range r.Len(1) {
			if place := r.Uint(); place < uint64(used) {
				add(int32(g), numbers[place])
			}
		}
	}
}

// byGroup lists the numbers of each of n groups.
func (p *pairs) byGroup(n int) [][]int32 {
	start := make([]int, n+1)
	p.each(func(group, _ int32) { start[group+1]++ })
	for g := range n {
		start[g+1] += start[g]
	}
	all := make([]int32, p.n)
	out := make([][]int32, n)
	for g := range out {
		out[g] = all[start[g]:start[g]:start[g+1]]
	}
	p.each(func(group, number int32) { out[group] = append(out[group], number) })
	return out
}

// set gathers the distinct values of each group. Where the argument is
// dynamic, values are elements as JSON text, and parts has those of each
// distinct argument.
type set struct {
	members
	lists [][]int32
	max   int
	held  int64 // memory of lists' elements
	whole *members
	parts [][]int32
}

func newSet(t table.Type, size int) *set {
	s := &set{members: newMembers(t), max: size}
	if t == table.Dynamic {
		whole := newMembers(t)
		s.whole = &whole
	}
	return s
}

func (s *set) Grow(n int) { s.lists = grown(s.lists, n) }

func (s *set) Add(groups []int32, cols []vec.Column, n int) {
	if s.whole != nil {
		s.addDynamic(groups, cols[0], n)
		return
	}
	s.addAll(groups, s.number(cols[0], n))
}

// AddCoded takes the values by code.
func (s *set) AddCoded(groups []int32, c *vec.Coded) bool {
	if s.t != table.String {
		return false
	}
	s.addAll(groups, s.numberCoded(c, len(groups)))
	return true
}

func (s *set) addAll(groups, ids []int32) {
	s.seen.room(len(s.lists), s.values.Len())
	for i, g := range groups {
		if id := ids[i]; id >= 0 && !s.seen.quick(g, id) {
			s.add(g, id)
		}
	}
}

func (s *set) add(g, id int32) {
	if len(s.lists[g]) < s.max && s.seen.add(g, id) {
		before := cap(s.lists[g])
		s.lists[g] = append(s.lists[g], id)
		s.held += 4 * int64(cap(s.lists[g])-before)
	}
}

// addDynamic takes each distinct argument apart once.
func (s *set) addDynamic(groups []int32, c vec.Column, n int) {
	ids := s.whole.number(c, n)
	for i, g := range groups {
		id := ids[i]
		if id < 0 {
			continue
		}
		if id >= int32(len(s.parts)) {
			s.parts = grown(s.parts, s.whole.values.Len())
		}
		if s.parts[id] == nil {
			s.parts[id] = s.split(c.Str(i))
		}
		for _, part := range s.parts[id] {
			s.add(g, part)
		}
	}
}

// split numbers the elements of an array, or what is not an array itself.
func (s *set) split(text string) []int32 {
	parts := []string{text}
	if len(text) > 0 && text[0] == '[' {
		var sp dyn.Splitter
		if fields, err := sp.Array([]byte(text), nil); err == nil {
			parts = parts[:0]
			for _, f := range fields {
				if f.Kind != dyn.KindNull {
					parts = append(parts, string(f.Append(nil)))
				}
			}
		}
	}
	c := vec.Column{Arr: vec.NewStrings(parts, nil)}
	return append(make([]int32, 0, len(parts)), s.values.IDs([]vec.Column{c}, len(parts))...)
}

func (s *set) Merge(other State, to []int32) {
	o := other.(*set)
	here := s.renumber(&o.members)
	for i, list := range o.lists {
		for _, id := range list {
			s.add(to[i], here[id])
		}
	}
}

// Results writes each value as JSON once, however many groups have it.
func (s *set) Results() []vec.Column {
	texts := make([][]byte, s.values.Len())
	values := s.values.Keys()[0]
	out := make([]string, len(s.lists))
	var b []byte
	for i, list := range s.lists {
		b = append(b[:0], '[')
		for k, id := range list {
			if k > 0 {
				b = append(b, ',')
			}
			if texts[id] == nil {
				texts[id] = json(nil, values, s.t, int(id))
			}
			b = append(b, texts[id]...)
		}
		out[i] = string(append(b, ']'))
	}
	return []vec.Column{{Arr: vec.NewStrings(out, nil)}}
}

func (s *set) Size() int64 {
	n := s.members.Size() + 24*int64(cap(s.lists)) + s.held
	if s.whole != nil {
		n += s.whole.Size() + 32*int64(cap(s.parts))
	}
	return n
}

func (s *set) Encode(b []byte, groups []int32) []byte {
	return s.encode(b, groups, func() [][]int32 { return s.lists })
}

func (s *set) Decode(r *wire.Reader, n int) { s.decode(r, n, s.add) }
