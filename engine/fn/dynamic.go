package fn

import (
	"strconv"
	"strings"

	"tidemark/engine/vec"
	"tidemark/internal/dyn"
	"tidemark/table"
)

// constantDyn is a function without arguments.
func constantDyn(f func() Dyn) Overload {
	return Overload{Result: table.Dynamic, Kernel: func(*Args) vec.Column {
		return vec.Constant(table.Dynamic, string(f()))
	}}
}

// Member returns v.name, or v["name"], of a dynamic that is an object. A
// member that is missing or null gives false.
func Member(v Dyn, name string) (Dyn, bool) {
	if len(v) == 0 || v[0] != '{' {
		return "", false
	}
	found := ""
	ok := false
	eachMember(string(v), func(key, value string) bool {
		if sameKey(key, name) {
			found, ok = value, value != "null"
			return false
		}
		return true
	})
	return Dyn(found), ok
}

// Element returns v[index] of a dynamic that is an array; negative indices
// count from its end. An element that is missing or null gives false.
func Element(v Dyn, index int64) (Dyn, bool) {
	if len(v) == 0 || v[0] != '[' {
		return "", false
	}
	if index < 0 {
		index += int64(arrayLen(string(v)))
		if index < 0 {
			return "", false
		}
	}
	found := ""
	ok := false
	eachElement(string(v), func(value string) bool {
		if index == 0 {
			found, ok = value, value != "null"
			return false
		}
		index--
		return true
	})
	return Dyn(found), ok
}

// The texts of dynamic values are valid and compact: no blanks between tokens.
// What follows relies on it, and walks over a text without building a tree.

// valueEnd returns where the JSON value that begins at i ends.
func valueEnd(s string, i int) int {
	if i >= len(s) {
		return len(s)
	}
	switch s[i] {
	case '"':
		return stringEnd(s, i)
	case '{', '[':
		depth := 0
		for i < len(s) {
			switch s[i] {
			case '"':
				i = stringEnd(s, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
				if depth == 0 {
					return i + 1
				}
			}
			i++
		}
		return len(s)
	}
	for i < len(s) && s[i] != ',' && s[i] != '}' && s[i] != ']' {
		i++
	}
	return i
}

// stringEnd returns where the string that begins at i ends.
func stringEnd(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}

// eachElement calls f with the text of each element of an array, until it
// returns false.
func eachElement(s string, f func(value string) bool) {
	if len(s) < 2 || s[0] != '[' || s[1] == ']' {
		return
	}
	for i := 1; i < len(s); i++ {
		end := valueEnd(s, i)
		if !f(s[i:end]) {
			return
		}
		i = end
	}
}

// eachMember calls f with each member of an object, the key as it is in the
// text but without quotes, until it returns false.
func eachMember(s string, f func(key, value string) bool) {
	if len(s) < 2 || s[0] != '{' || s[1] == '}' {
		return
	}
	for i := 1; i < len(s); i++ {
		colon := stringEnd(s, i)
		if colon+1 >= len(s) {
			return
		}
		end := valueEnd(s, colon+1)
		if !f(s[i+1:colon-1], s[colon+1:end]) {
			return
		}
		i = end
	}
}

// sameKey compares a key as eachMember gives it with a name.
func sameKey(key, name string) bool {
	if key == name {
		return true
	}
	return keyText(key) == name
}

// keyText is a key as eachMember gives it without escapes.
func keyText(key string) string {
	for i := 0; i < len(key); i++ {
		if key[i] == '\\' {
			s, _ := dynString(`"` + key + `"`)
			return s
		}
	}
	return key
}

func isArray(s string) bool { return len(s) > 1 && s[0] == '[' }

func isBag(s string) bool { return len(s) > 1 && s[0] == '{' }

// arrayLen counts an array's elements.
func arrayLen(s string) int {
	n := 0
	eachElement(s, func(string) bool { n++; return true })
	return n
}

// elements returns the texts of an array's elements.
func elements(s string) []string {
	out := make([]string, 0, min(strings.Count(s, ",")+1, 64))
	eachElement(s, func(v string) bool { out = append(out, v); return true })
	return out
}

// joinElements is the inverse of elements.
func joinElements(values []string) Dyn {
	n := 2
	for _, v := range values {
		n += len(v) + 1
	}
	var b strings.Builder
	b.Grow(n)
	b.WriteByte('[')
	for i, v := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(v)
	}
	b.WriteByte(']')
	return Dyn(b.String())
}

// number reads the text of an element that is a number.
func number(v string) (float64, bool) {
	if v == "" || v[0] != '-' && (v[0] < '0' || v[0] > '9') {
		return specialNumber(v)
	}
	f, err := strconv.ParseFloat(v, 64)
	return f, err == nil
}

// specialNumber reads the strings that stand for what JSON has no number for.
func specialNumber(v string) (float64, bool) {
	switch v {
	case `"NaN"`, `"Infinity"`, `"-Infinity"`:
		return table.ParseReal(v[1 : len(v)-1])
	}
	return 0, false
}

// onStack is room for most texts that are written, so that they are put
// together on the stack.
const onStack = 256

// Pack makes an object of a row's values, as pack_all() and bag_pack() do.
// Nulls stay, as null.
func Pack(names []string, types []table.Type, row []any) string {
	b := append(make([]byte, 0, onStack), '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = dyn.AppendString(b, name)
		b = append(b, ':')
		b = appendJSON(b, types[i], row[i])
	}
	return string(append(b, '}'))
}
