package agg

import "slices"

// numberSets are the distinct numbers of each group, where groups and numbers
// are many. Rows wait until there are enough of them to be sorted by group; the
// distinct ones of a group are then found by stamping numbers.
type numberSets struct {
	waiting byGroup[int32]
	lists   [][]int32 // what was found so far
	held    int64     // memory of lists' elements
	listed  int       // elements of lists
	others  []mergedSets
}

// mergedSets are those of another worker: groups and numbers there, as they are
// here; here is nil where numbers are the same.
type mergedSets struct {
	*numberSets
	to, here []int32
}

// add lets rows wait; numbers below 0 are none.
func (s *numberSets) add(groups, numbers []int32) {
	c := s.waiting.chunk(len(groups))
	before := len(c.groups)
	for i, number := range numbers {
		if number >= 0 {
			c.groups, c.values = append(c.groups, groups[i]), append(c.values, number)
		}
	}
	s.waiting.n += len(c.groups) - before
}

// merge takes in other sets: at once where they are few.
func (s *numberSets) merge(o mergedSets) {
	if o.waiting.n+o.listed >= muchToMerge {
		s.others = append(s.others, o)
		return
	}
	take := func(groups []int32, numbers []int32) {
		groups, numbers = slices.Clone(groups), slices.Clone(numbers)
		for i, g := range groups {
			groups[i] = o.to[g]
			if o.here != nil {
				numbers[i] = o.here[numbers[i]]
			}
		}
		s.add(groups, numbers)
	}
	for _, c := range o.waiting.chunks {
		take(c.groups, c.values)
	}
	for g, list := range o.lists {
		if len(list) > 0 {
			take(slices.Repeat([]int32{int32(g)}, len(list)), list)
		}
	}
}

// each calls f, in several goroutines, with the distinct numbers of each group
// that has any, in any order; these are valid until it returns. All numbers are
// below top.
func (s *numberSets) each(groups, top, threads int, f func(worker int, g int32, distinct []int32)) {
	parts := append([]mergedSets{{numberSets: s}}, s.others...)
	sorted := make([]sortedRows[int32], len(parts))
	from := make([][]int32, len(parts))
	parallel(len(parts), threads, func(_, i int) {
		there := groups
		if parts[i].to != nil {
			there = len(parts[i].to)
			from[i] = inverse(parts[i].to, groups)
		}
		sorted[i] = parts[i].waiting.sort(there)
	})
	stamps := make([]stamps, max(1, threads))
	eachGroup(groups, threads, func(worker int, g int32) {
		t := &stamps[worker]
		t.begin(top)
		for i, p := range parts {
			there := g
			if from[i] != nil {
				there = from[i][g]
			}
			if there < 0 {
				continue
			}
			if int(there) < len(p.lists) {
				t.take(p.lists[there], p.here)
			}
			t.take(sorted[i].of(there), p.here)
		}
		if len(t.found) > 0 {
			f(worker, g, t.found)
		}
	})
}

// stamps tells numbers apart.
type stamps struct {
	of    []int32 // by number: the last round it was seen in
	round int32
	found []int32
}

func (t *stamps) begin(top int) {
	t.of = grown(t.of, top)
	t.found = t.found[:0]
	if t.round++; t.round < 0 { // once in 2^31
		clear(t.of)
		t.round = 1
	}
}

// take finds numbers, each as it is or as here has it.
func (t *stamps) take(numbers, here []int32) {
	of, round, found := t.of, t.round, t.found
	for _, number := range numbers {
		if here != nil {
			number = here[number]
		}
		if of[number] != round {
			of[number] = round
			found = append(found, number)
		}
	}
	t.found = found
}

// settle takes in all that waits.
func (s *numberSets) settle(groups, top, threads int) {
	if s.waiting.n == 0 && len(s.others) == 0 {
		s.lists = grown(s.lists, groups)
		return
	}
	lists, arenas := make([][]int32, groups), make([]arena, max(1, threads))
	s.each(groups, top, threads, func(worker int, g int32, distinct []int32) {
		lists[g] = arenas[worker].keep(distinct)
	})
	*s = numberSets{lists: lists}
	for _, a := range arenas {
		s.held += a.size
		s.listed += a.n
	}
}

// arena keeps lists beside each other.
type arena struct {
	free []int32
	size int64 // bytes of all
	n    int   // elements
}

func (a *arena) keep(list []int32) []int32 {
	if cap(a.free)-len(a.free) < len(list) {
		n := max(len(list), 1<<14)
		a.free = make([]int32, 0, n)
		a.size += 4 * int64(n)
	}
	at := len(a.free)
	a.free = append(a.free, list...)
	a.n += len(list)
	return a.free[at:len(a.free):len(a.free)]
}

func (s *numberSets) size() int64 {
	n := s.waiting.size() + 24*int64(cap(s.lists)) + s.held
	for _, o := range s.others {
		n += o.size() + 4*int64(len(o.to)+len(o.here))
	}
	return n
}
