package fn

import (
	"fmt"
	"strings"

	"tidemark/internal/dyn"
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "pack_array", Family: "dynamic", Doc: "Makes an array of its arguments.",
		Examples:  []Example{{`print pack_array(1, "two", 3.5)`, `[1,"two",3.5]`}},
		Overloads: []Overload{Rows([]Param{Any}, true, table.Dynamic, packArray)},
	})
	register(Scalar{
		Name: "repeat", Family: "dynamic", Naming: ByName, Doc: "Makes an array of one value so many times.",
		Examples:  []Example{{`print repeat(1, 3)`, `[1,1,1]`}},
		Overloads: []Overload{Rows([]Param{Any, P(table.Long)}, false, table.Dynamic, repeatValue)},
	})
	register(Scalar{
		Name: "range", Family: "dynamic",
		Usage:    []string{"range(number, number, [number]): dynamic", "range(datetime, datetime, [timespan]): dynamic", "range(timespan, timespan, [timespan]): dynamic"},
		Doc:      "Makes an array of the values from one to another at a distance of 1, of 1h for times, or of the third argument.",
		Examples: []Example{{`print range(1, 8, 3)`, `[1,4,7]`}},
		Resolve:  resolveRange,
	})
	register(Scalar{
		Name: "zip", Family: "dynamic", Doc: "Makes an array of arrays: of the first elements of each argument, of the second, and so on.",
		Examples:  []Example{{`print zip(dynamic([1, 3, 5]), dynamic([2, 4]))`, `[[1,2],[3,4],[5,null]]`}},
		Overloads: []Overload{dynRows(2, true, zipArrays)},
	})
	register(Scalar{
		Name: "treepath", Family: "dynamic", Naming: ByName, Prefix: "tree", Doc: "Lists the paths to all that a dynamic holds.",
		Examples: []Example{{`print treepath(dynamic({"a": "b", "c": [1]}))`, `["['a']","['c']","['c'][0]"]`}},
		Overloads: []Overload{perBatch(func() Overload {
			var w pathWalk
			return Try1(w.treePath)
		})},
	})
	register(Scalar{
		Name: "dynamic_to_json", Family: "dynamic", Doc: "Writes a value as JSON with the keys of its property bags in order.",
		Examples: []Example{{`print dynamic_to_json(dynamic({"b": 1, "a": [2, 3]}))`, `{"a":[2,3],"b":1}`}},
		Overloads: []Overload{
			Of1(func(d Dyn) string {
				if isArray(string(d)) || isBag(string(d)) {
					return string(appendSorted(nil, string(d), func(b []byte, v string) []byte { return append(b, v...) }))
				}
				return dynText(string(d))
			}),
			Of1(func(s Text) string { return string(s) }),
		},
	})
}

func packArray(types []table.Type, row []any) any {
	values := make([]string, len(row))
	for i, v := range row {
		values[i] = JSON(types[i], v)
	}
	return string(joinElements(values))
}

// maxElements is the number of elements that Kusto's range() and repeat() stop
// at.
const maxElements = 1 << 20

func repeatValue(types []table.Type, row []any) any {
	n, ok := row[1].(int64)
	if !ok || n < 0 {
		return nil
	}
	n = min(n, maxElements)
	if n == 0 {
		return "[]"
	}
	v := JSON(types[0], row[0])
	return "[" + strings.Repeat(v+",", int(n)-1) + v + "]"
}

// resolveRange finds the type to count in.
func resolveRange(args []Arg) (Overload, error) {
	if len(args) < 2 || len(args) > 3 {
		return Overload{}, &MismatchError{Arg: -1, Msg: fmt.Sprintf("range() takes 2 or 3 arguments, not %d", len(args)), Hint: "usage: range(start, stop, [step])"}
	}
	t := args[0].Type
	var step table.Type
	if t == table.Dynamic || t == table.Unknown {
		t = args[1].Type
		if t == table.Dynamic || t == table.Unknown {
			t = table.Long
		}
	}
	switch {
	case t.IsNumeric():
		for _, a := range args[1:] {
			if a.Type.IsNumeric() {
				t = max(t, a.Type)
			}
		}
		step = t
	case t == table.Datetime || t == table.Timespan:
		step = table.Timespan
	default:
		return Overload{}, &MismatchError{Arg: 0, Msg: fmt.Sprintf("range() takes a number, datetime or timespan here, not a %s", t)}
	}
	params := []Param{P(t), P(t), P(step)}[:len(args)]
	if t == table.Real || t == table.Decimal {
		for i := range params {
			params[i] = P(table.Real)
		}
		return Rows(params, false, table.Dynamic, rangeReals), nil
	}
	return Rows(params, false, table.Dynamic, rangeWholes), nil
}

func rangeReals(_ []table.Type, row []any) any {
	start, ok1 := row[0].(float64)
	stop, ok2 := row[1].(float64)
	step, ok3 := 1.0, true
	if len(row) > 2 {
		step, ok3 = row[2].(float64)
	}
	if !ok1 || !ok2 || !ok3 || !(step != 0) {
		return nil
	}
	var out []string
	for n := 0; n < maxElements; n++ {
		v := start + float64(n)*step
		if !(step > 0 && v <= stop || step < 0 && v >= stop) {
			break
		}
		out = append(out, JSON(table.Real, v))
	}
	return string(joinElements(out))
}

func rangeWholes(types []table.Type, row []any) any {
	start, ok1 := row[0].(int64)
	stop, ok2 := row[1].(int64)
	step, ok3 := int64(1), true
	switch {
	case len(row) > 2:
		step, ok3 = row[2].(int64)
	case types[0] == table.Datetime || types[0] == table.Timespan:
		step = int64(table.Hour)
	}
	if !ok1 || !ok2 || !ok3 || step == 0 {
		return nil
	}
	var out []string
	for v := start; (step > 0 && v <= stop || step < 0 && v >= stop) && len(out) < maxElements; {
		out = append(out, JSON(types[0], v))
		next := v + step
		if (next > v) != (step > 0) { // overflow
			break
		}
		v = next
	}
	return string(joinElements(out))
}

func zipArrays(values []string) (Dyn, bool) {
	arrays := make([][]string, len(values))
	longest := 0
	for i, v := range values {
		if !isArray(v) {
			return "", false
		}
		arrays[i] = elements(v)
		longest = max(longest, len(arrays[i]))
	}
	out := make([]string, longest)
	tuple := make([]string, len(arrays))
	for i := range out {
		for k, a := range arrays {
			tuple[k] = "null"
			if i < len(a) {
				tuple[k] = a[i]
			}
		}
		out[i] = string(joinElements(tuple))
	}
	return joinElements(out), true
}

// treePath names every element of an array [0], and each path once.
func (w *pathWalk) treePath(d Dyn) (Dyn, bool) {
	if !isBag(string(d)) && !isArray(string(d)) {
		return "", false
	}
	w.found.clear()
	w.walk(make([]byte, 0, 64), string(d))
	return joinElements(w.found.texts), true
}

// pathWalk collects the paths of a value, as JSON texts. It is used again for
// each row of a batch.
type pathWalk struct {
	found  valueSet
	quoted []byte
}

// walk visits a value and all inside it, given where it lies.
func (w *pathWalk) walk(at []byte, v string) {
	if len(at) > 0 {
		w.quoted = dyn.AppendString(w.quoted[:0], at)
		text := string(w.quoted)
		w.found.add(text, text)
	}
	eachElement(v, func(e string) bool {
		w.walk(append(at, "[0]"...), e)
		return true
	})
	for _, m := range members(v) {
		w.walk(append(append(append(at, "['"...), m.key...), "']"...), m.value)
	}
}
