package vec

import (
	"cmp"

	"tidemark/table"
)

// Ranked is a key of rows in a form that compares with the same key of other
// rows: what merging sorted rows needs.
type Ranked struct {
	nulls   []uint8  // 0, 1 or 2: null and first, not null, null and last; nil where none is
	numbers []uint64 // of the order asked for
	strs    []string // instead of numbers
	compare func(a, b string) int
}

// Rank returns n rows of the key so.
func (k Key) Rank(n int) Ranked {
	var r Ranked
	k.Col = k.Col.Expand(n)
	if k.Col.HasNulls() {
		null := uint8(2)
		if k.NullsFirst {
			null = 0
		}
		r.nulls = make([]uint8, n)
		for i := range r.nulls {
			r.nulls[i] = 1
			if k.Col.IsNull(i) {
				r.nulls[i] = null
			}
		}
	}
	if k.Type.Physical() == table.Strings {
		r.strs = StringSlice(k.Col.Arr)
		r.compare = CompareStrings(k.Type)
		if k.Desc {
			ascending := r.compare
			r.compare = func(a, b string) int { return ascending(b, a) }
		}
		return r
	}
	r.numbers, _ = k.ordinals(n)
	if k.Desc {
		for i, v := range r.numbers {
			r.numbers[i] = ^v
		}
	}
	return r
}

// Compare compares row i of some rows with row j of others, as Order does.
func (r *Ranked) Compare(i int32, o *Ranked, j int32) int {
	if r.nulls != nil || o.nulls != nil {
		a, b := r.null(i), o.null(j)
		if a != b || a != 1 {
			return cmp.Compare(a, b)
		}
	}
	if r.strs != nil {
		return r.compare(r.strs[i], o.strs[j])
	}
	return cmp.Compare(r.numbers[i], o.numbers[j])
}

func (r *Ranked) null(i int32) uint8 {
	if r.nulls == nil {
		return 1
	}
	return r.nulls[i]
}

// Size is the memory held, in bytes, besides that of the rows themselves.
func (r *Ranked) Size() int64 {
	return int64(len(r.nulls)) + 8*int64(len(r.numbers)) + 16*int64(len(r.strs))
}

// CompareRanked compares row i with row j by several keys.
func CompareRanked(a []Ranked, i int32, b []Ranked, j int32) int {
	for k := range a {
		if d := a[k].Compare(i, &b[k], j); d != 0 {
			return d
		}
	}
	return 0
}

// Runs cuts 0…n-1 into runs of size, the last one shorter.
func Runs(n, size int) func(yield func(from, to int) bool) {
	return func(yield func(from, to int) bool) {
		for from := 0; from < n; from += size {
			if !yield(from, min(n, from+size)) {
				return
			}
		}
	}
}

// ByPart lists the rows of each part, given the part of each row.
func ByPart(part []uint8, parts int) [][]int32 {
	n := make([]int, parts)
	for _, p := range part {
		n[p]++
	}
	lists := make([][]int32, parts)
	for p := range lists {
		lists[p] = make([]int32, 0, n[p])
	}
	for row, p := range part {
		lists[p] = append(lists[p], int32(row))
	}
	return lists
}
