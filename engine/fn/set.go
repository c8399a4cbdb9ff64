package fn

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tidemark/internal/dyn"
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "set_union", Family: "dynamic", Doc: "Returns the distinct values that are in any of the arrays.",
		Examples: []Example{{`print set_union(dynamic([1, 2, 1]), dynamic([2, 3]))`, `[1,2,3]`}},
		Overloads: []Overload{onSets(func(out []string, s []*valueSet) []string {
			for _, t := range s[1:] {
				for i, key := range t.keys {
					s[0].add(key, t.texts[i])
				}
			}
			return append(out, s[0].texts...)
		})},
	})
	register(Scalar{
		Name: "set_intersect", Family: "dynamic", Doc: "Returns the distinct values that are in all of the arrays.",
		Examples: []Example{{`print set_intersect(dynamic([1, 2, 3]), dynamic([3, 2, 5]))`, `[2,3]`}},
		Overloads: []Overload{onSets(func(out []string, s []*valueSet) []string {
			return s[0].filter(out, func(key string) bool {
				return !slices.ContainsFunc(s[1:], func(t *valueSet) bool { return !t.has(key) })
			})
		})},
	})
	register(Scalar{
		Name: "set_difference", Family: "dynamic", Doc: "Returns the distinct values of the first array that are in none of the others.",
		Examples: []Example{{`print set_difference(dynamic([1, 2, 3]), dynamic([2]), dynamic([4]))`, `[1,3]`}},
		Overloads: []Overload{onSets(func(out []string, s []*valueSet) []string {
			return s[0].filter(out, func(key string) bool {
				return !slices.ContainsFunc(s[1:], func(t *valueSet) bool { return t.has(key) })
			})
		})},
	})
	register(Scalar{
		Name: "set_has_element", Family: "dynamic", Doc: "Tells whether an array holds a value.",
		Examples:  []Example{{`print set_has_element(dynamic(["this", "is"]), "is")`, `true`}},
		Overloads: []Overload{Rows([]Param{P(table.Dynamic), Any}, false, table.Bool, setHasElement)},
	})
	register(Scalar{
		Name: "set_equals", Family: "dynamic", Page: "scalar-functions", Doc: "Tells whether two arrays hold the same values, whatever their order and number.",
		Examples:  []Example{{`print set_equals(dynamic([1, 2, 1]), dynamic([2, 1]))`, `true`}},
		Overloads: []Overload{twoSets(setEquals)},
	})
	register(Scalar{
		Name: "jaccard_index", Family: "dynamic", Doc: "Returns how many distinct values two arrays share, as a part of all that they hold.",
		Examples:  []Example{{`print jaccard_index(dynamic([1, 2, 3]), dynamic([1, 2, 3, 4]))`, `0.75`}},
		Overloads: []Overload{twoSets(jaccard)},
	})
}

// valueSet is the distinct values of an array in order. Values are the same
// where their canonical texts are. It is used again for each row of a batch.
type valueSet struct {
	keys  []string
	texts []string
	index map[string]bool // the keys, where there are more than fewValues
}

// fewValues are as fast to search one by one as by a map.
const fewValues = 16

// read takes the elements of an array, or returns false where there is none.
func (s *valueSet) read(a string) bool {
	if !isArray(a) {
		return false
	}
	s.clear()
	eachElement(a, func(v string) bool { s.add(canonical(v), v); return true })
	return true
}

func (s *valueSet) clear() {
	if len(s.keys) > fewValues {
		s.index = nil
	}
	s.keys, s.texts = s.keys[:0], s.texts[:0]
}

func (s *valueSet) add(key, text string) {
	if s.has(key) {
		return
	}
	s.keys, s.texts = append(s.keys, key), append(s.texts, text)
	switch n := len(s.keys); {
	case n > fewValues+1:
		s.index[key] = true
	case n == fewValues+1:
		s.index = make(map[string]bool, 2*n)
		for _, key := range s.keys {
			s.index[key] = true
		}
	}
}

func (s *valueSet) has(key string) bool {
	if len(s.keys) > fewValues {
		return s.index[key]
	}
	return slices.Contains(s.keys, key)
}

// filter appends the values whose keys are to be kept.
func (s *valueSet) filter(out []string, keep func(key string) bool) []string {
	for i, key := range s.keys {
		if keep(key) {
			out = append(out, s.texts[i])
		}
	}
	return out
}

// shared is how many values are in both.
func (s *valueSet) shared(t *valueSet) int {
	n := 0
	for _, key := range s.keys {
		if t.has(key) {
			n++
		}
	}
	return n
}

// onSets lifts a body that appends to the values of the result, given those of
// the arguments; what is no array gives null.
func onSets(f func(out []string, s []*valueSet) []string) Overload {
	return perBatch(func() Overload {
		var all []*valueSet
		var out []string
		return dynRows(2, true, func(values []string) (Dyn, bool) {
			for len(all) < len(values) {
				all = append(all, &valueSet{})
			}
			for i, v := range values {
				if !all[i].read(v) {
					return "", false
				}
			}
			out = f(out[:0], all)
			return joinElements(out), true
		})
	})
}

// twoSets lifts a body over two sets.
func twoSets[R Value](f func(a, b *valueSet) R) Overload {
	return perBatch(func() Overload {
		var x, y valueSet
		return Try2(func(a, b Dyn) (r R, ok bool) {
			if !x.read(string(a)) || !y.read(string(b)) {
				return r, false
			}
			return f(&x, &y), true
		})
	})
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

func setEquals(a, b *valueSet) bool {
	return len(a.keys) == len(b.keys) && a.shared(b) == len(a.keys)
}

func jaccard(a, b *valueSet) Dyn {
	shared := a.shared(b)
	return Dyn(realJSON(float64(shared) / float64(len(a.keys)+len(b.keys)-shared)))
}

// plainString tells of a string that is written in one way only: ASCII without
// escapes.
func plainString(v string) bool {
	if v == "" || v[0] != '"' {
		return false
	}
	for i := range len(v) {
		if c := v[i]; c < ' ' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// canonical is a text that is the same for values that are the same: numbers
// in their shortest form, strings with the same escapes, objects with their
// keys in order.
func canonical(v string) string {
	switch {
	case v == "" || v == "null" || v == "true" || v == "false" || plainString(v):
		return v
	case v[0] == '"':
		s, _ := dynString(v)
		return string(quote(s))
	case v[0] == '[' || v[0] == '{':
		return string(appendSorted(nil, v, func(b []byte, scalar string) []byte {
			return append(b, canonical(scalar)...)
		}))
	}
	if isWhole(v) {
		if _, err := strconv.ParseInt(v, 10, 64); err == nil {
			return v
		}
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
