package fn

import (
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "array_length", Aliases: []string{"arraylength"}, Family: "dynamic",
		Doc:       "Counts the elements of an array; null of what is none.",
		Examples:  []Example{{`print array_length(dynamic([1, 2, 3, "four"]))`, `4`}},
		Overloads: []Overload{Try1(arrayLength)},
	})
	register(Scalar{
		Name: "array_concat", Family: "dynamic", Doc: "Joins arrays into one.",
		Examples:  []Example{{`print array_concat(dynamic([1, 2]), dynamic([3]))`, `[1,2,3]`}},
		Overloads: []Overload{dynRows(1, true, arrayConcat)},
	})
	register(Scalar{
		Name: "array_slice", Family: "dynamic",
		Doc:       "Returns the elements from one index to another, both included; negative indices count from the end.",
		Examples:  []Example{{`print array_slice(dynamic([1, 2, 3, 4, 5]), -3, -2)`, `[3,4]`}},
		Overloads: []Overload{Try3(arraySlice)},
	})
	register(Scalar{
		Name: "array_split", Family: "dynamic",
		Doc:      "Splits an array before an index, or before each index in an array of them.",
		Examples: []Example{{`print array_split(dynamic([1, 2, 3, 4, 5]), dynamic([1, 3]))`, `[[1],[2,3],[4,5]]`}},
		Overloads: []Overload{
			Try2(func(a Dyn, at int64) (Dyn, bool) { return arraySplit(a, []int64{at}) }),
			Try2(func(a, at Dyn) (Dyn, bool) { return arraySplit(a, wholes(at)) }),
		},
	})
	register(Scalar{
		Name: "array_index_of", Family: "dynamic",
		Doc:       "Returns the index of a value's occurrence in an array, or -1; a start, a length to search and which occurrence may follow.",
		Examples:  []Example{{`print array_index_of(dynamic(["this", "is", "an", "example"]), "an")`, `2`}},
		Overloads: []Overload{optional(Rows([]Param{P(table.Dynamic), Any, P(table.Long), P(table.Long), P(table.Long)}, false, table.Long, arrayIndexOf), 3)},
	})
	register(Scalar{
		Name: "array_iff", Aliases: []string{"array_iif"}, Family: "dynamic",
		Doc:       "Takes elements of the second array where those of the first are true, of the third where they are false.",
		Examples:  []Example{{`print array_iff(dynamic([true, false, true]), dynamic([1, 2, 3]), dynamic([4, 5, 6]))`, `[1,5,3]`}},
		Overloads: []Overload{Rows([]Param{P(table.Dynamic), Any, Any}, false, table.Dynamic, arrayIff)},
	})
	register(Scalar{
		Name: "array_reverse", Family: "dynamic", Doc: "Reverses the order of an array's elements.",
		Examples:  []Example{{`print array_reverse(dynamic([1, 2, 3]))`, `[3,2,1]`}},
		Overloads: []Overload{Try1(arrayReverse)},
	})
	for _, f := range []struct {
		name, doc, want string
		left            bool
		fill            bool
	}{
		{"array_rotate_left", "Moves an array's elements to the left, those that fall off to the end.", "[3,4,5,1,2]", true, false},
		{"array_rotate_right", "Moves an array's elements to the right, those that fall off to the start.", "[4,5,1,2,3]", false, false},
		{"array_shift_left", "Moves an array's elements to the left and fills up with null or a given value.", "[3,4,5,null,null]", true, true},
		{"array_shift_right", "Moves an array's elements to the right and fills up with null or a given value.", "[null,null,1,2,3]", false, true},
	} {
		s := Scalar{
			Name: f.name, Family: "dynamic", Doc: f.doc,
			Examples: []Example{{"print " + f.name + "(dynamic([1, 2, 3, 4, 5]), 2)", f.want}},
			Overloads: []Overload{Try2(func(a Dyn, n int64) (Dyn, bool) {
				return arrayMove(a, n, f.left, "null", f.fill)
			})},
		}
		if f.fill {
			s.Overloads = append(s.Overloads, Rows([]Param{P(table.Dynamic), P(table.Long), Any}, false, table.Dynamic, func(types []table.Type, row []any) any {
				if row[0] == nil || row[1] == nil {
					return nil
				}
				return dynOrNil(arrayMove(Dyn(row[0].(string)), row[1].(int64), f.left, JSON(types[2], row[2]), true))
			}))
		}
		register(s)
	}
	register(Scalar{
		Name: "array_sum", Family: "dynamic", Doc: "Adds up an array's numbers; null where it holds anything else.",
		Examples:  []Example{{`print array_sum(dynamic([1, 2, 3, 4]))`, `10`}},
		Overloads: []Overload{Try1(arraySum)},
	})
}

// optional lets the last n parameters of an overload be left out.
func optional(o Overload, n int) Overload {
	o.Optional = n
	return o
}

// dynRows lifts a body over any number of dynamics, at least that many. The
// result is null where one of them is.
func dynRows(least int, variadic bool, f func(values []string) (Dyn, bool)) Overload {
	params := make([]Param, least)
	for i := range params {
		params[i] = P(table.Dynamic)
	}
	return Rows(params, variadic, table.Dynamic, func(_ []table.Type, row []any) any {
		values := make([]string, 0, 4)
		for _, v := range row {
			if v == nil {
				return nil
			}
			values = append(values, v.(string))
		}
		return dynOrNil(f(values))
	})
}

// dynOrNil is a result for Rows.
func dynOrNil(d Dyn, ok bool) any {
	if !ok {
		return nil
	}
	return string(d)
}

func arrayLength(a Dyn) (int64, bool) {
	if !isArray(string(a)) {
		return 0, false
	}
	return int64(arrayLen(string(a))), true
}

// arrayConcat gives null where an argument is no array.
func arrayConcat(values []string) (Dyn, bool) {
	var all []string
	for _, v := range values {
		if !isArray(v) {
			return "", false
		}
		all = append(all, elements(v)...)
	}
	return joinElements(all), true
}

func arraySlice(a Dyn, start, end int64) (Dyn, bool) {
	if !isArray(string(a)) {
		return "", false
	}
	values := elements(string(a))
	n := int64(len(values))
	if start < 0 {
		start = max(start+n, 0)
	}
	if end < 0 {
		end += n
	}
	end = min(end, n-1)
	if start > end {
		return "[]", true
	}
	return joinElements(values[start : end+1]), true
}

func arraySplit(a Dyn, at []int64) (Dyn, bool) {
	if !isArray(string(a)) || len(at) == 0 {
		return "", false
	}
	values := elements(string(a))
	n := int64(len(values))
	var parts []string
	from := int64(0)
	for _, i := range at {
		if i < 0 {
			i += n
		}
		i = max(from, min(i, n))
		parts = append(parts, string(joinElements(values[from:i])))
		from = i
	}
	return joinElements(append(parts, string(joinElements(values[from:])))), true
}

// wholes reads an array of whole numbers, or nothing where it is none.
func wholes(a Dyn) []int64 {
	var out []int64
	ok := true
	eachElement(string(a), func(v string) bool {
		f, isNumber := number(v)
		ok = ok && isNumber
		out = append(out, int64(f))
		return ok
	})
	if !ok {
		return nil
	}
	return out
}

// arrayIndexOf gets array, value[, start[, length[, occurrence]]].
func arrayIndexOf(types []table.Type, row []any) any {
	a, _ := row[0].(string)
	if !isArray(a) {
		return nil
	}
	at := func(i int, missing int64) int64 {
		if i < len(row) {
			if v, ok := row[i].(int64); ok {
				return v
			}
		}
		return missing
	}
	want := JSON(types[1], row[1])
	values := elements(a)
	n := int64(len(values))
	start, length, occurrence := at(2, 0), at(3, -1), at(4, 1)
	if start < 0 {
		start = max(start+n, 0)
	}
	if occurrence < 1 || length < -1 {
		return nil
	}
	if length < 0 || length > n {
		length = n
	}
	for i := start; i < n && i < start+length; i++ {
		if sameValue(values[i], want) {
			if occurrence--; occurrence == 0 {
				return i
			}
		}
	}
	return int64(-1)
}

// sameValue compares the JSON texts of two values; numbers are the same
// whether they are written 1 or 1.0.
func sameValue(a, b string) bool {
	return a == b || sameKind(a, b) && !(plainString(a) && plainString(b)) && canonical(a) == canonical(b)
}

// sameKind tells whether the values are of one kind, judged by how they begin;
// constants are only ever the same by their text.
func sameKind(a, b string) bool {
	if a == "" || b == "" || a[0] >= 'a' && a[0] <= 'z' {
		return false
	}
	digit := func(c byte) bool { return c == '-' || c >= '0' && c <= '9' }
	return a[0] == b[0] || digit(a[0]) && digit(b[0])
}

// arrayIff gets condition, value if true, value if false; the last two are
// arrays or values to repeat.
func arrayIff(types []table.Type, row []any) any {
	condition, _ := row[0].(string)
	if !isArray(condition) {
		return nil
	}
	source := func(i int) func(int) string {
		text := JSON(types[i], row[i])
		if !isArray(text) {
			return func(int) string { return text }
		}
		values := elements(text)
		return func(k int) string {
			if k < len(values) {
				return values[k]
			}
			return "null"
		}
	}
	yes, no := source(1), source(2)
	var out []string
	for i, c := range elements(condition) {
		f, isNumber := number(c)
		switch {
		case c == "true" || isNumber && f != 0:
			out = append(out, yes(i))
		case c == "false" || isNumber:
			out = append(out, no(i))
		default:
			out = append(out, "null")
		}
	}
	return string(joinElements(out))
}

func arrayReverse(a Dyn) (Dyn, bool) {
	if !isArray(string(a)) {
		return "", false
	}
	values := elements(string(a))
	for i, j := 0, len(values)-1; i < j; i, j = i+1, j-1 {
		values[i], values[j] = values[j], values[i]
	}
	return joinElements(values), true
}

// arrayMove shifts, filling up, or rotates.
func arrayMove(a Dyn, n int64, left bool, fill string, shift bool) (Dyn, bool) {
	if !isArray(string(a)) {
		return "", false
	}
	values := elements(string(a))
	count := int64(len(values))
	if count == 0 {
		return a, true
	}
	if !left {
		n = -n
	}
	out := make([]string, count)
	if shift {
		n = max(-count, min(n, count))
	} else {
		n = (n%count + count) % count
	}
	for i := range out {
		from := int64(i) + n
		switch {
		case from >= 0 && from < count:
			out[i] = values[from]
		case shift:
			out[i] = fill
		default:
			out[i] = values[from%count]
		}
	}
	return joinElements(out), true
}

func arraySum(a Dyn) (float64, bool) {
	if !isArray(string(a)) {
		return 0, false
	}
	sum, ok := 0.0, true
	eachElement(string(a), func(v string) bool {
		var f float64
		switch v {
		case "true":
			f = 1
		case "false":
		default:
			f, ok = number(v)
		}
		sum += f
		return ok
	})
	return sum, ok
}
