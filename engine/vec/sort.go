package vec

import (
	"cmp"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/internal/dec"
	"tidemark/table"
)

// Key is one key to sort by.
type Key struct {
	Col        Column
	Type       table.Type
	Desc       bool
	NullsFirst bool
}

// Order returns the rows 0…n-1 in the order of the keys; rows with equal keys
// keep their order.
func Order(keys []Key, n int) []int32 {
	if n >= radixRows {
		if words, ok := ranked(keys, n); ok {
			return radixOrder(words, n)
		}
	}
	rows := All(n)
	cmps := Comparators(keys, n)
	slices.SortStableFunc(rows, func(a, b int32) int {
		for _, c := range cmps {
			if d := c(a, b); d != 0 {
				return d
			}
		}
		return 0
	})
	return rows
}

// Comparators returns for each key a function that compares two rows of it.
func Comparators(keys []Key, n int) []func(a, b int32) int {
	var out []func(a, b int32) int
	for _, k := range keys {
		if k.Col.Const {
			continue
		}
		out = append(out, k.comparator(n))
	}
	return out
}

func (k Key) comparator(n int) func(a, b int32) int {
	values := k.values()
	if k.Desc {
		inner := values
		values = func(a, b int32) int { return inner(b, a) }
	}
	if !k.Col.HasNulls() {
		return values
	}
	first := -1
	if !k.NullsFirst {
		first = 1
	}
	return func(a, b int32) int {
		x, y := k.Col.IsNull(int(a)), k.Col.IsNull(int(b))
		switch {
		case x && y:
			return 0
		case x:
			return first
		case y:
			return -first
		}
		return values(a, b)
	}
}

// values compares rows that are not null, ascending.
func (k Key) values() func(a, b int32) int {
	switch a := k.Col.Arr.(type) {
	case *array.Int64:
		v := a.Int64Values()
		return func(i, j int32) int { return cmp.Compare(v[i], v[j]) }
	case *array.Float64:
		v := a.Float64Values()
		return func(i, j int32) int { return cmp.Compare(v[i], v[j]) }
	case *array.Boolean:
		v := Bools(a)
		return func(i, j int32) int {
			switch {
			case v[i] == v[j]:
				return 0
			case v[j]:
				return -1
			}
			return 1
		}
	case *array.Dictionary:
		rank := rankValues(StringSlice(a.Dictionary()), k.Type)
		codes := Codes(a)
		return func(i, j int32) int { return cmp.Compare(rank[codes[i]], rank[codes[j]]) }
	}
	v := StringSlice(k.Col.Arr)
	compare := CompareStrings(k.Type)
	return func(i, j int32) int { return compare(v[i], v[j]) }
}

// rankValues gives each entry of a dictionary its place in order, equal
// entries the same place, so that rows compare by a number.
func rankValues(values []string, t table.Type) []int32 {
	compare := CompareStrings(t)
	order := All(len(values))
	if slices.IsSortedFunc(values, compare) { // as those of extents are
		if t != table.Decimal && !slices.ContainsFunc(order[min(1, len(order)):], func(i int32) bool { return values[i] == values[i-1] }) {
			return order
		}
	} else {
		slices.SortFunc(order, func(a, b int32) int { return compare(values[a], values[b]) })
	}
	rank := make([]int32, len(values))
	r := int32(0)
	for i, o := range order {
		if i > 0 && compare(values[order[i-1]], values[o]) != 0 {
			r++
		}
		rank[o] = r
	}
	return rank
}

// CompareStrings returns how two values of a type with layout Strings compare:
// decimals by value, all others by bytes.
func CompareStrings(t table.Type) func(a, b string) int {
	if t == table.Decimal {
		return dec.Compare
	}
	return strings.Compare
}
