package vec

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// Slots holds a value a group that can be set again and again: the state of
// aggregations that keep values, such as max or arg_max. All slots begin null.
type Slots struct {
	t     table.Type
	valid []bool
	bools []bool
	ints  []int64
	reals []float64
	strs  []string
	bytes int64 // of strs
}

// NewSlots makes slots for values of type t.
func NewSlots(t table.Type) *Slots { return &Slots{t: t} }

// Grow makes room for n slots.
func (s *Slots) Grow(n int) {
	s.valid = grow(s.valid, n)
	switch s.t.Physical() {
	case table.Bools:
		s.bools = grow(s.bools, n)
	case table.Int64s:
		s.ints = grow(s.ints, n)
	case table.Float64s:
		s.reals = grow(s.reals, n)
	default:
		s.strs = grow(s.strs, n)
	}
}

func grow[T any](v []T, n int) []T {
	if n <= len(v) {
		return v
	}
	if n <= cap(v) {
		return v[:n]
	}
	out := make([]T, n, max(n, 2*cap(v)))
	copy(out, v)
	return out
}

// Valid reports whether slot i has a value.
func (s *Slots) Valid(i int32) bool { return s.valid[i] }

// Set puts row r of a column of the same layout into slot i.
func (s *Slots) Set(i int32, c Column, r int) {
	s.valid[i] = !c.IsNull(r)
	if !s.valid[i] {
		return
	}
	switch s.t.Physical() {
	case table.Bools:
		s.bools[i] = c.Bool(r)
	case table.Int64s:
		s.ints[i] = c.Int64(r)
	case table.Float64s:
		s.reals[i] = c.Float64(r)
	default:
		s.setStr(i, c.Str(r))
	}
}

func (s *Slots) setStr(i int32, v string) {
	s.bytes += int64(len(v) - len(s.strs[i]))
	s.strs[i] = v
}

// SetAll puts into each of the slots at a row of a column of the same layout:
// rows has the row of each slot, by slot.
func (s *Slots) SetAll(at []int32, c Column, rows []int32) {
	if c.Const || c.HasNulls() {
		for _, i := range at {
			s.Set(i, c, int(rows[i]))
		}
		return
	}
	switch a := c.Arr.(type) {
	case *array.Int64:
		setAll(s.ints, a.Int64Values(), s.valid, at, rows)
	case *array.Float64:
		setAll(s.reals, a.Float64Values(), s.valid, at, rows)
	case *array.Dictionary:
		values, codes := a.Dictionary().(*array.String), Codes(a)
		for _, i := range at {
			s.setStr(i, values.Value(int(codes[rows[i]])))
			s.valid[i] = true
		}
	default:
		for _, i := range at {
			s.Set(i, c, int(rows[i]))
		}
	}
}

func setAll[T any](out, values []T, valid []bool, at, rows []int32) {
	for _, i := range at {
		out[i], valid[i] = values[rows[i]], true
	}
}

// Copy puts slot j of o into slot i.
func (s *Slots) Copy(i int32, o *Slots, j int32) {
	s.valid[i] = o.valid[j]
	switch s.t.Physical() {
	case table.Bools:
		s.bools[i] = o.bools[j]
	case table.Int64s:
		s.ints[i] = o.ints[j]
	case table.Float64s:
		s.reals[i] = o.reals[j]
	default:
		s.setStr(i, o.strs[j])
	}
}

// Compare compares row r of a column with slot i; both must have values.
func (s *Slots) Compare(c Column, r int, i int32) int {
	switch s.t.Physical() {
	case table.Bools:
		return compareBools(c.Bool(r), s.bools[i])
	case table.Int64s:
		return compare(c.Int64(r), s.ints[i])
	case table.Float64s:
		return compare(c.Float64(r), s.reals[i])
	}
	return CompareStrings(s.t)(c.Str(r), s.strs[i])
}

// CompareSlots compares slot j of o with slot i; both must have values.
func (s *Slots) CompareSlots(o *Slots, j, i int32) int {
	switch s.t.Physical() {
	case table.Bools:
		return compareBools(o.bools[j], s.bools[i])
	case table.Int64s:
		return compare(o.ints[j], s.ints[i])
	case table.Float64s:
		return compare(o.reals[j], s.reals[i])
	}
	return CompareStrings(s.t)(o.strs[j], s.strs[i])
}

func compare[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// Done returns the slots as a column, a row each.
func (s *Slots) Done() Column { return s.DoneOf(0, len(s.valid)) }

// DoneOf is Done for slots [from, to).
func (s *Slots) DoneOf(from, to int) Column {
	var a arrow.Array
	valid := s.valid[from:to]
	if s.t == table.String {
		valid = nil
	}
	switch s.t.Physical() {
	case table.Bools:
		a = NewBools(s.bools[from:to], valid)
	case table.Int64s:
		a = NewInt64s(s.ints[from:to], valid)
	case table.Float64s:
		a = NewFloat64s(s.reals[from:to], valid)
	default:
		a = EncodeStrings(s.strs[from:to], valid)
	}
	return Column{Arr: a}
}

// Size is the memory held, in bytes. Strings share the memory of the batches
// they came from.
func (s *Slots) Size() int64 {
	return s.bytes + int64(cap(s.valid)+cap(s.bools)) + 8*int64(cap(s.ints)+cap(s.reals)) + 16*int64(cap(s.strs))
}
