package agg

import (
	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

// distinctCount counts the values of each group. While pairs of group and value
// are few they are bits; where they may be many, rows wait until there are
// enough of them to be sorted by group, and a group's new values are found by
// stamping those it has.
type distinctCount struct {
	members
	n     []int64
	lists [][]int32 // the numbers of each group, instead of seen; nil until needed
	held  int64     // memory of lists' elements
	rows  byGroup[int32]
	stamp []int32 // by number: the last group it was seen in
	round int32
}

func (s *distinctCount) Grow(n int) { s.n = grown(s.n, n) }

func (s *distinctCount) Add(groups []int32, cols []vec.Column, n int) {
	s.count(groups, s.number(cols[0], n))
}

// AddCoded takes the values by code.
func (s *distinctCount) AddCoded(groups []int32, c *vec.Coded) bool {
	if s.t != table.String {
		return false
	}
	s.count(groups, s.numberCoded(c, len(groups)))
	return true
}

func (s *distinctCount) count(groups, ids []int32) {
	if s.lists == nil && !s.seen.room(len(s.n), s.values.Len()) && len(groups) > 1024 {
		s.list()
	}
	if s.lists == nil {
		for i, g := range groups {
			if ids[i] >= 0 && !s.seen.quick(g, ids[i]) && s.seen.add(g, ids[i]) {
				s.n[g]++
			}
		}
		return
	}
	for i, id := range ids {
		if id >= 0 {
			s.rows.groups, s.rows.values = append(s.rows.groups, groups[i]), append(s.rows.values, id)
		}
	}
	if len(s.rows.groups) >= mostRows {
		s.settle()
	}
}

// list goes over to lists.
func (s *distinctCount) list() {
	if s.lists == nil {
		s.lists = s.seen.byGroup(len(s.n))
		s.held = 4 * int64(s.seen.n)
		s.seen = pairs{}
	}
	s.lists = grown(s.lists, len(s.n))
}

// Settle takes in the rows that wait, and gives back the memory they were in.
func (s *distinctCount) Settle() {
	s.settle()
	s.rows = byGroup[int32]{}
}

// settle takes in the rows that wait.
func (s *distinctCount) settle() {
	if s.lists == nil {
		return
	}
	s.list()
	s.stamp = grown(s.stamp, s.values.Len())
	s.rows.take(len(s.n), func(g int32, numbers []int32) { s.unite(g, numbers, nil) })
}

// unite adds numbers, each as it is or as to has it, to those of a group.
func (s *distinctCount) unite(g int32, numbers, to []int32) {
	if s.round++; s.round < 0 { // once in 2^31
		clear(s.stamp)
		s.round = 1
	}
	list := s.lists[g]
	for _, number := range list {
		s.stamp[number] = s.round
	}
	before := cap(list)
	for _, number := range numbers {
		if to != nil {
			number = to[number]
		}
		if s.stamp[number] != s.round {
			s.stamp[number] = s.round
			list = append(list, number)
		}
	}
	s.held += 4 * int64(cap(list)-before)
	s.lists[g], s.n[g] = list, int64(len(list))
}

func (s *distinctCount) Merge(other State, to []int32) {
	o := other.(*distinctCount)
	s.settle()
	o.settle()
	here := s.renumber(&o.members)
	if s.lists == nil && o.lists == nil {
		o.seen.each(func(group, number int32) {
			if g := to[group]; s.seen.add(g, here[number]) {
				s.n[g]++
			}
		})
		return
	}
	s.list()
	o.list()
	s.stamp = grown(s.stamp, s.values.Len())
	for g, list := range o.lists {
		s.unite(to[g], list, here)
	}
}

func (s *distinctCount) Encode(b []byte, groups []int32) []byte {
	s.settle()
	return s.encode(b, groups, func() [][]int32 {
		if s.lists != nil {
			s.list()
			return s.lists
		}
		return s.seen.byGroup(len(s.n))
	})
}

func (s *distinctCount) Decode(r *wire.Reader, n int) {
	s.decode(r, n, func(group, number int32) {
		if s.seen.add(group, number) {
			s.n[group]++
		}
	})
}

func (s *distinctCount) Results() []vec.Column {
	s.settle()
	return []vec.Column{{Arr: vec.NewInt64s(s.n, nil)}}
}

func (s *distinctCount) Size() int64 {
	return s.members.Size() + 8*int64(cap(s.n)) + 24*int64(cap(s.lists)) + s.held + s.rows.size() + 4*int64(cap(s.stamp))
}
