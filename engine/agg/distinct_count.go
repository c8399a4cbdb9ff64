package agg

import (
	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

// distinctCount counts the values of each group. While pairs of group and value
// are few they are bits; where they may be many they are sets, and strings that
// have numbers are taken by these.
type distinctCount struct {
	members
	n       []int64     // of seen
	sets    *numberSets // instead of seen; nil until needed
	threads int
}

// directNumbers is how many numbers there may be that a value is taken by at
// once. Above, values are numbered anew while they are few, so that bits are.
const directNumbers = 1 << 14

// Number makes the values use numbers that they have.
func (s *distinctCount) Number(n *vec.Numbering) {
	s.members.Number(n)
	if most := n.Most(); most > 0 && most <= directNumbers {
		s.values.Direct()
	}
}

func (s *distinctCount) Grow(n int) { s.n = grown(s.n, n) }

// Share is called before the first row.
func (s *distinctCount) Share(threads int) { s.threads = threads }

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
	if s.sets == nil && !s.seen.room(len(s.n), s.values.Len()) && len(groups) > 1024 {
		if to := s.list(); to != nil {
			for i, id := range ids {
				if id >= 0 {
					ids[i] = to[id]
				}
			}
		}
	}
	if s.sets == nil {
		for i, g := range groups {
			if ids[i] >= 0 && !s.seen.quick(g, ids[i]) && s.seen.add(g, ids[i]) {
				s.n[g]++
			}
		}
		return
	}
	s.sets.add(groups, ids)
	if s.sets.waiting.full(len(s.n), s.threads) {
		s.settle(1) // the other workers are at the same
	}
}

// list goes over to sets. Where numbers change with it, it returns the new ones.
func (s *distinctCount) list() (to []int32) {
	if s.sets != nil {
		return nil
	}
	s.sets = &numberSets{lists: s.seen.byGroup(len(s.n)), held: 4 * int64(s.seen.n), listed: s.seen.n}
	s.seen = pairs{}
	if to = s.values.Direct(); to != nil {
		for _, list := range s.sets.lists {
			for i, id := range list {
				list[i] = to[id]
			}
		}
	}
	return to
}

// Settle takes in the rows that wait, and gives back the memory they were in.
func (s *distinctCount) Settle() {
	if s.sets != nil {
		s.settle(1)
	}
}

func (s *distinctCount) settle(threads int) { s.sets.settle(len(s.n), s.values.Len(), threads) }

func (s *distinctCount) Merge(other State, to []int32) {
	o := other.(*distinctCount)
	if s.sets == nil && o.sets == nil {
		s.mergeSeen(o, to, s.renumber(&o.members))
		return
	}
	s.list()
	o.list()
	if len(o.sets.others) > 0 {
		o.settle(1)
	}
	s.sets.merge(mergedSets{o.sets, to, s.renumber(&o.members)})
	if s.sets.waiting.full(len(s.n), s.threads) {
		s.settle(1)
	}
}

func (s *distinctCount) mergeSeen(o *distinctCount, to, here []int32) {
	if o.seen.bits != nil && here == nil {
		// They come with the least number first, and would need more room with
		// each that is twice as large.
		s.seen.room(len(s.n), 1<<o.seen.width)
	}
	o.seen.each(func(group, number int32) {
		if here != nil {
			number = here[number]
		}
		if g := to[group]; s.seen.add(g, number) {
			s.n[g]++
		}
	})
}

func (s *distinctCount) Encode(b []byte, groups []int32) []byte {
	if s.sets != nil {
		s.settle(s.threads)
	}
	return s.encode(b, groups, func() [][]int32 {
		if s.sets != nil {
			return s.sets.lists
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
	if s.sets != nil {
		s.sets.each(len(s.n), s.values.Len(), s.threads, func(_ int, g int32, distinct []int32) { s.n[g] = int64(len(distinct)) })
	}
	return []vec.Column{{Arr: vec.NewInt64s(s.n, nil)}}
}

func (s *distinctCount) Size() int64 {
	n := s.members.Size() + 8*int64(cap(s.n))
	if s.sets != nil {
		n += s.sets.size() + 4*int64(s.values.Len()*max(1, s.threads)) // and the stamps to come
	}
	return n
}
