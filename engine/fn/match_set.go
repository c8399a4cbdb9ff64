package fn

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/vec"
	"tidemark/internal/dec"
	"tidemark/table"
)

// Set is the right side of in, !in, in~ and !in~: values to look up.
type Set struct {
	t    table.Type
	fold bool
	ints map[int64]struct{}
	strs map[string]struct{}
}

// NewSet makes a set of values of type t, in the form that vec.Column.Value
// returns them; nulls are in no set. With fold the case of strings does not
// count.
func NewSet(t table.Type, values []any, fold bool) *Set {
	s := &Set{t: t, fold: fold && (t == table.String || t == table.Dynamic)}
	if t.Physical() == table.Strings {
		s.strs = make(map[string]struct{}, len(values))
	} else {
		s.ints = make(map[int64]struct{}, len(values))
	}
	for _, v := range values {
		switch v := v.(type) {
		case bool:
			s.ints[bit(v)] = struct{}{}
		case int64:
			s.ints[v] = struct{}{}
		case float64:
			s.ints[realBits(v)] = struct{}{}
		case string:
			s.strs[s.key(v)] = struct{}{}
		case nil:
			if t == table.String {
				s.strs[""] = struct{}{}
			}
		}
	}
	return s
}

// realBits is a key that equal reals share.
func realBits(f float64) int64 {
	if f == 0 {
		f = 0 // of either sign
	}
	return int64(math.Float64bits(f))
}

// key returns what equal values share.
func (s *Set) key(v string) string {
	switch {
	case s.t == table.Dynamic:
		v = dynText(v)
	case s.t == table.Decimal:
		if d, ok := dec.Op('/', v, "1"); ok { // without zeros at the end
			return d
		}
	}
	if s.fold {
		return foldKey(v)
	}
	return v
}

// Len is the number of different values.
func (s *Set) Len() int { return len(s.ints) + len(s.strs) }

// Contains tells for each of n rows whether its value is in the set. Null is
// not. The column may have any form.
func (s *Set) Contains(c vec.Column, n int) vec.Column { return s.look(c, n, true) }

// Lacks tells the opposite of Contains.
func (s *Set) Lacks(c vec.Column, n int) vec.Column { return s.look(c, n, false) }

func (s *Set) look(c vec.Column, n int, found bool) vec.Column {
	if c.Const {
		n = 1
	}
	out := make([]bool, n)
	if d, ok := c.Dict(); ok {
		s.lookDict(d, out, found)
	} else {
		s.lookArray(c.Arr, out, found)
	}
	return vec.Column{Arr: vec.NewBools(out, nil), Const: c.Const}
}

func (s *Set) lookDict(d *array.Dictionary, out []bool, found bool) {
	values := d.Dictionary()
	answers := make([]bool, values.Len())
	s.lookArray(values, answers, found)
	for i, code := range vec.Codes(d) {
		if d.IsNull(i) {
			out[i] = s.has("") == found && s.t == table.String || !found && s.t != table.String
		} else {
			out[i] = answers[code]
		}
	}
}

// lookArray fills out, which may be shorter than the array.
func (s *Set) lookArray(a arrow.Array, out []bool, found bool) {
	switch x := a.(type) {
	case *array.Int64:
		for i, v := range x.Int64Values()[:len(out)] {
			_, ok := s.ints[v]
			out[i] = ok == found
		}
	case *array.Float64:
		for i, v := range x.Float64Values()[:len(out)] {
			_, ok := s.ints[realBits(v)]
			out[i] = ok == found
		}
	case *array.Boolean:
		for i := range out {
			_, ok := s.ints[bit(x.Value(i))]
			out[i] = ok == found
		}
	case *array.String:
		for i := range out {
			out[i] = s.has(x.Value(i)) == found
		}
	}
	if s.t == table.String || a.NullN() == 0 {
		return
	}
	for i := range out {
		if a.IsNull(i) {
			out[i] = !found
		}
	}
}

// has looks up a text without memory of its own where it can.
func (s *Set) has(v string) bool {
	if s.t == table.String && s.fold {
		var buf [64]byte
		_, ok := s.strs[string(appendFold(buf[:0], v))]
		return ok
	}
	_, ok := s.strs[s.key(v)]
	return ok
}
