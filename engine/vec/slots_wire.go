package vec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/internal/wire"
	"tidemark/table"
)

// Encode appends the values of some slots, for Decode.
func (s *Slots) Encode(b []byte, at []int32) []byte {
	valid := take(s.valid, at)
	var a arrow.Array
	switch s.t.Physical() {
	case table.Bools:
		a = NewBools(take(s.bools, at), valid)
	case table.Int64s:
		a = NewInt64s(take(s.ints, at), valid)
	case table.Float64s:
		a = NewFloat64s(take(s.reals, at), valid)
	default:
		a = NewStrings(take(s.strs, at), valid)
	}
	return AppendColumn(b, Column{Arr: a}, len(at))
}

// Decode reads n values that Encode wrote into the first n slots.
func (s *Slots) Decode(r *wire.Reader, n int) {
	c := ReadColumn(r, n)
	if r.Err() != nil {
		return
	}
	for i := range n {
		s.Set(int32(i), c, i)
	}
}
