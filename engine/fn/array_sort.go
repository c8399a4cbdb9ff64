package fn

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/table"
)

func init() {
	for _, f := range []struct {
		name, word, want string
		sign             int
	}{{"array_sort_asc", "ascending", "[1,2,3,null]", 1}, {"array_sort_desc", "descending", "[3,2,1,null]", -1}} {
		register(Scalar{
			Name: f.name, Family: "dynamic",
			Doc:      "Sorts an array in " + f.word + " order, and further ones along with it; nulls come last, unless the last argument is false.",
			Examples: []Example{{"print " + f.name + "(dynamic([2, null, 3, 1]))", f.want}},
			Overloads: []Overload{
				{Params: []Param{P(table.Dynamic)}, Variadic: true, Result: table.Dynamic},
				{Params: []Param{P(table.Dynamic), P(table.Bool)}, Result: table.Dynamic},
			},
			Resolve: func(args []Arg) (Overload, error) { return resolveSort(f.name, args, f.sign) },
		})
	}
}

// resolveSort takes arrays and perhaps a bool after them.
func resolveSort(name string, args []Arg, sign int) (Overload, error) {
	if len(args) == 0 {
		return Overload{}, &MismatchError{Arg: -1, Msg: name + "() takes at least 1 argument, not 0"}
	}
	params := make([]Param, len(args))
	for i, a := range args {
		params[i] = P(table.Dynamic)
		switch {
		case a.Type == table.Bool && i > 0 && i == len(args)-1:
			params[i] = P(table.Bool)
		case a.Type != table.Dynamic && a.Type != table.Unknown:
			return Overload{}, &MismatchError{Arg: i, Msg: fmt.Sprintf("%s() takes a dynamic array here, not a %s", name, a.Type)}
		}
	}
	return Rows(params, false, table.Dynamic, func(types []table.Type, row []any) any {
		nullsLast := true
		if last := len(types) - 1; types[last] == table.Bool {
			if b, ok := row[last].(bool); ok {
				nullsLast = b
			}
			row = row[:last]
		}
		return sortArrays(row, sign, nullsLast)
	}), nil
}

// sortArrays sorts the first array and moves the others' elements along. One
// array gives an array, several an array of arrays: what a call gives that
// makes a column of each.
func sortArrays(row []any, sign int, nullsLast bool) any {
	first, _ := row[0].(string)
	if !isArray(first) {
		return nil
	}
	keys := sortKeys(elements(first))
	idx := make([]int, len(keys))
	for i := range idx {
		idx[i] = i
	}
	slices.SortStableFunc(idx, func(i, j int) int {
		a, b := &keys[i], &keys[j]
		if aNull, bNull := a.class == classNull, b.class == classNull; aNull || bNull {
			switch {
			case aNull && bNull:
				return 0
			case aNull == nullsLast:
				return 1
			}
			return -1
		}
		if a.class != b.class {
			return int(a.class) - int(b.class)
		}
		return a.compare(b) * sign
	})
	sorted := make([]string, len(row))
	for k, v := range row {
		text, _ := v.(string)
		values := elements(text)
		if !isArray(text) || len(values) != len(idx) {
			sorted[k] = "null"
			continue
		}
		out := make([]string, len(idx))
		for i, from := range idx {
			out[i] = values[from]
		}
		sorted[k] = string(joinElements(out))
	}
	if len(sorted) == 1 {
		return sorted[0]
	}
	return string(joinElements(sorted))
}

// sortKey is an element by its class, in the order in which array_sort_asc()
// puts elements of different types.
type sortKey struct {
	class  sortClass
	number float64
	text   string
}

type sortClass uint8

const (
	classNumber sortClass = iota // times too
	classString
	classOther
	classNull
)

func sortKeys(values []string) []sortKey {
	keys := make([]sortKey, len(values))
	for i, v := range values {
		k := &keys[i]
		switch {
		case v == "null":
			k.class = classNull
		case v[0] == '"':
			k.class = classString
			k.text, _ = dynString(v)
			// Timespans are text in JSON, and as text 9 days come after 10.
			if d, ok := spanText(k.text); ok {
				k.class, k.number = classNumber, float64(d)
			}
		default:
			f, ok := number(v)
			k.class, k.number, k.text = classNumber, f, v
			if !ok {
				k.class = classOther
			}
		}
	}
	return keys
}

// spanText reads a timespan as tostring() writes it; other texts that might
// be read as one, such as "1", stay what they are.
func spanText(s string) (table.Duration, bool) {
	if len(s) < 8 || strings.IndexByte(s, ':') < 0 {
		return 0, false
	}
	d, ok := table.ParseDuration(s)
	return d, ok && d.String() == s
}

func (a *sortKey) compare(b *sortKey) int {
	if a.class == classNumber {
		if c := order(a.number, b.number); c != 0 || len(a.text) < 16 {
			return c
		}
		// Longs beyond 2^53 are the same as reals.
		x, okx := table.ParseLong(a.text)
		y, oky := table.ParseLong(b.text)
		if okx && oky {
			return order(x, y)
		}
		return 0
	}
	return strings.Compare(a.text, b.text)
}
