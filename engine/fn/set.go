package fn

import (
	"math"
	"strconv"
	"strings"

	"tidemark/internal/dyn"
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "set_union", Family: "dynamic", Doc: "Returns the distinct values that are in any of the arrays.",
		Examples: []Example{{`print set_union(dynamic([1, 2, 1]), dynamic([2, 3]))`, `[1,2,3]`}},
		Overloads: []Overload{dynRows(2, true, sets(func(s []*valueSet) []string {
			all := newValueSet()
			for _, t := range s {
				for i, key := range t.keys {
					all.add(key, t.texts[i])
				}
			}
			return all.texts
		}))},
	})
	register(Scalar{
		Name: "set_intersect", Family: "dynamic", Doc: "Returns the distinct values that are in all of the arrays.",
		Examples: []Example{{`print set_intersect(dynamic([1, 2, 3]), dynamic([3, 2, 5]))`, `[2,3]`}},
		Overloads: []Overload{dynRows(2, true, sets(func(s []*valueSet) []string {
			return s[0].filter(func(key string) bool {
				for _, t := range s[1:] {
					if !t.has(key) {
						return false
					}
				}
				return true
			})
		}))},
	})
	register(Scalar{
		Name: "set_difference", Family: "dynamic", Doc: "Returns the distinct values of the first array that are in none of the others.",
		Examples: []Example{{`print set_difference(dynamic([1, 2, 3]), dynamic([2]), dynamic([4]))`, `[1,3]`}},
		Overloads: []Overload{dynRows(2, true, sets(func(s []*valueSet) []string {
			return s[0].filter(func(key string) bool {
				for _, t := range s[1:] {
					if t.has(key) {
						return false
					}
				}
				return true
			})
		}))},
	})
	register(Scalar{
		Name: "set_has_element", Family: "dynamic", Doc: "Tells whether an array holds a value.",
		Examples:  []Example{{`print set_has_element(dynamic(["this", "is"]), "is")`, `true`}},
		Overloads: []Overload{Rows([]Param{P(table.Dynamic), Any}, false, table.Bool, setHasElement)},
	})
	register(Scalar{
		Name: "set_equals", Family: "dynamic", Page: "scalar-functions", Doc: "Tells whether two arrays hold the same values, whatever their order and number.",
		Examples:  []Example{{`print set_equals(dynamic([1, 2, 1]), dynamic([2, 1]))`, `true`}},
		Overloads: []Overload{Try2(setEquals)},
	})
	register(Scalar{
		Name: "jaccard_index", Family: "dynamic", Doc: "Returns how many distinct values two arrays share, as a part of all that they hold.",
		Examples:  []Example{{`print jaccard_index(dynamic([1, 2, 3]), dynamic([1, 2, 3, 4]))`, `0.75`}},
		Overloads: []Overload{Try2(jaccard)},
	})
}

// valueSet is the distinct values of an array in order. Values are the same
// where their canonical texts are.
type valueSet struct {
	index map[string]int
	keys  []string
	texts []string
}

func newValueSet() *valueSet { return &valueSet{index: map[string]int{}} }

// setOf returns the elements of an array, or false where there is none.
func setOf(a string) (*valueSet, bool) {
	if !isArray(a) {
		return nil, false
	}
	s := newValueSet()
	eachElement(a, func(v string) bool { s.add(canonical(v), v); return true })
	return s, true
}

func (s *valueSet) add(key, text string) {
	if _, ok := s.index[key]; !ok {
		s.index[key] = len(s.keys)
		s.keys = append(s.keys, key)
		s.texts = append(s.texts, text)
	}
}

func (s *valueSet) has(key string) bool { _, ok := s.index[key]; return ok }

func (s *valueSet) filter(keep func(key string) bool) []string {
	var out []string
	for i, key := range s.keys {
		if keep(key) {
			out = append(out, s.texts[i])
		}
	}
	return out
}

// sets lifts a body over sets; what is no array gives null.
func sets(f func([]*valueSet) []string) func([]string) (Dyn, bool) {
	return func(values []string) (Dyn, bool) {
		all := make([]*valueSet, len(values))
		for i, v := range values {
			s, ok := setOf(v)
			if !ok {
				return "", false
			}
			all[i] = s
		}
		return joinElements(f(all)), true
	}
}

func setHasElement(types []table.Type, row []any) any {
	a, _ := row[0].(string)
	if !isArray(a) || row[1] == nil {
		return nil
	}
	want := JSON(types[1], row[1])
	key := canonical(want)
	found := false
	plain := strings.IndexByte(want, '\\') < 0
	eachElement(a, func(v string) bool {
		switch {
		case v == want:
			found = true
		case v[0] == '"' && (want[0] != '"' || plain && strings.IndexByte(v, '\\') < 0):
			// Strings without escapes that differ are different.
		default:
			found = canonical(v) == key
		}
		return !found
	})
	return found
}

func setEquals(a, b Dyn) (bool, bool) {
	x, okx := setOf(string(a))
	y, oky := setOf(string(b))
	if !okx || !oky || len(x.keys) != len(y.keys) {
		return false, okx && oky
	}
	return len(x.filter(y.has)) == len(x.keys), true
}

func jaccard(a, b Dyn) (Dyn, bool) {
	x, okx := setOf(string(a))
	y, oky := setOf(string(b))
	if !okx || !oky {
		return "", false
	}
	shared := len(x.filter(y.has))
	all := len(x.keys) + len(y.keys) - shared
	return Dyn(JSON(table.Real, float64(shared)/float64(all))), true
}

// canonical is a text that is the same for values that are the same: numbers
// in their shortest form, strings with the same escapes, objects with their
// keys in order.
func canonical(v string) string {
	switch {
	case v == "" || v == "null" || v == "true" || v == "false":
		return v
	case v[0] == '"':
		s, _ := dynString(v)
		return string(quote(s))
	case v[0] == '[' || v[0] == '{':
		return string(appendSorted(nil, v, func(b []byte, scalar string) []byte {
			return append(b, canonical(scalar)...)
		}))
	}
	if _, err := strconv.ParseInt(v, 10, 64); err == nil {
		return v
	}
	f, ok := number(v)
	switch {
	case !ok:
		return v
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		return strconv.FormatInt(int64(f), 10)
	}
	return table.FormatReal(f)
}

// appendSorted writes a value with the members of its objects sorted by key.
func appendSorted(b []byte, v string, scalar func(b []byte, v string) []byte) []byte {
	switch {
	case isArray(v):
		b = append(b, '[')
		first := true
		eachElement(v, func(e string) bool {
			if !first {
				b = append(b, ',')
			}
			first = false
			b = appendSorted(b, e, scalar)
			return true
		})
		return append(b, ']')
	case isBag(v):
		b = append(b, '{')
		for i, m := range sortedMembers(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = dyn.AppendString(b, m.key)
			b = append(b, ':')
			b = appendSorted(b, m.value, scalar)
		}
		return append(b, '}')
	}
	return scalar(b, v)
}
