package agg

import (
	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

// Picker is a state that picks a row of each group by its first argument: its
// results are what all arguments are in that row.
type Picker interface {
	// Rows makes a state that finds the same rows and keeps of each no more than
	// its first argument and its place.
	Rows() Placed
}

// Placed is a state that is told where rows are instead of what else they hold.
// Its results are its argument and the place of the row.
type Placed interface {
	State
	// AddPlaced takes in rows with an argument each. Their places ascend.
	AddPlaced(groups []int32, c vec.Column, places []int64)
}

// Rows picks by keys that are numbers without the detour over values of any
// type.
func (s *argMost) Rows() Placed {
	if s.compare != nil {
		return &argPlace{newArgMost([]table.Type{s.t, table.Long}, s.least)}
	}
	return &argRow{t: s.t, flip: s.flip}
}

// argPlace is argMost with a place as its second argument.
type argPlace struct{ *argMost }

func (s *argPlace) AddPlaced(groups []int32, c vec.Column, places []int64) {
	s.Add(groups, []vec.Column{c, {Arr: vec.NewInt64s(places, nil)}}, len(groups))
}

func (s *argPlace) Merge(other State, to []int32) { s.argMost.Merge(other.(*argPlace).argMost, to) }

// argRow is argMost for keys that are not strings, with a place as its second
// argument. What a group has is in one line of the processor's cache.
type argRow struct {
	t    table.Type
	flip int64
	best []placedKey
}

// placedKey is a key and the place of its row, 1 more; 0: there is none yet.
// With nullPlace the key is null.
type placedKey struct{ key, place int64 }

const nullPlace = 1 << 62

func (s *argRow) Grow(n int) { s.best = grown(s.best, n) }

func (s *argRow) AddPlaced(groups []int32, c vec.Column, places []int64) {
	in := keys(c, s.t)
	for i, g := range groups {
		k := s.placed(in, i, places[i])
		if b := &s.best[g]; k.better(b) {
			*b = k
		}
	}
}

// placed is the key of row i, which is at a place.
func (s *argRow) placed(in view[int64], i int, place int64) placedKey {
	if !in.ok(i) {
		return placedKey{place: (place + 1) | nullPlace}
	}
	return placedKey{in.at(i) ^ s.flip, place + 1}
}

// TakeAll takes in rows that have waited.
func (s *argRow) TakeAll(groups []int32, rows []PairRow) {
	for i, g := range groups {
		if b := &s.best[g]; rows[i].better(b) {
			*b = rows[i].placedKey
		}
	}
}

// better reports whether a row is to be kept instead of another: of equal ones
// the first is.
func (k *placedKey) better(o *placedKey) bool {
	switch {
	case o.place == 0:
		return k.place != 0
	case k.place == 0:
		return false
	case (k.place^o.place)&nullPlace != 0:
		return o.place&nullPlace != 0
	case k.key != o.key:
		return k.key > o.key
	}
	return k.place < o.place
}

// Add takes the place as the second argument.
func (s *argRow) Add(groups []int32, cols []vec.Column, n int) {
	s.AddPlaced(groups, cols[0], vec.Int64s(cols[1].Flat(n)))
}

func (s *argRow) Merge(other State, to []int32) {
	for j := range other.(*argRow).best {
		k := &other.(*argRow).best[j]
		if b := &s.best[to[j]]; k.better(b) {
			*b = *k
		}
	}
}

func (s *argRow) Results() []vec.Column { return s.ResultsOf(0, len(s.best)) }

// ResultsOf is Results for groups [from, to).
func (s *argRow) ResultsOf(from, to int) []vec.Column {
	n := to - from
	best, places := make([]int64, n), make([]int64, n)
	valid, some := make([]bool, n), make([]bool, n)
	for i, k := range s.best[from:to] {
		best[i], places[i] = k.key^s.flip, k.place&^nullPlace-1
		valid[i], some[i] = k.place != 0 && k.place&nullPlace == 0, k.place != 0
	}
	return []vec.Column{fromKeys(s.t, best, valid), {Arr: vec.NewInt64s(places, some)}}
}

func (s *argRow) Size() int64 { return 16 * int64(cap(s.best)) }

func (s *argRow) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		b = wire.Fixed(wire.Fixed(b, uint64(s.best[g].key)), uint64(s.best[g].place))
	}
	return b
}

func (s *argRow) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.best[i] = placedKey{int64(r.Fixed()), int64(r.Fixed())}
	}
}
