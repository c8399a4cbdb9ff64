package vec

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow/array"
)

// ranks are the rows of a key as whole numbers of the same order.
type ranks struct {
	v    []uint64
	bits int // all are below 1<<bits
}

// radixRows is from how many rows on sorting by digits pays.
const radixRows = 256

// ranked gives the ranks of each key that varies, neighbours packed into one
// number while they fit; false where a key has none: strings that are no
// dictionary.
func ranked(keys []Key, n int) ([]ranks, bool) {
	var out []ranks
	for _, k := range keys {
		if k.Col.Const {
			continue
		}
		v, ok := k.ordinals(n)
		if !ok {
			return nil, false
		}
		r, ok := k.squeeze(v)
		if !ok {
			return nil, false
		}
		if last := len(out) - 1; last >= 0 && out[last].bits+r.bits <= 64 {
			p := &out[last]
			for i, x := range r.v {
				p.v[i] = p.v[i]<<r.bits | x
			}
			p.bits += r.bits
			continue
		}
		out = append(out, r)
	}
	return out, true
}

const sign = 1 << 63

// ordinals gives numbers of the same order as the values, ascending; rows that
// are null have any.
func (k Key) ordinals(n int) ([]uint64, bool) {
	out := make([]uint64, n)
	switch a := k.Col.Arr.(type) {
	case *array.Int64:
		for i, v := range a.Int64Values() {
			out[i] = uint64(v) ^ sign
		}
	case *array.Float64:
		for i, f := range a.Float64Values() {
			out[i] = realOrdinal(f)
		}
	case *array.Boolean:
		for i := range out {
			if a.Value(i) {
				out[i] = 1
			}
		}
	case *array.Dictionary:
		values := a.Dictionary()
		if values.Len() > 4*n { // ranking them would cost more than sorting
			return nil, false
		}
		rank := rankValues(StringSlice(values), k.Type)
		for i, code := range Codes(a) {
			if uint(code) < uint(len(rank)) { // null rows may have any code
				out[i] = uint64(rank[code])
			}
		}
	case *array.String:
		return k.ordinalsOfText(a, out)
	default:
		return nil, false
	}
	return out, true
}

// ordinalsOfText ranks strings that are no dictionary: each distinct one once.
// Where a look at some says that most are distinct it does not pay.
func (k Key) ordinalsOfText(a *array.String, out []uint64) ([]uint64, bool) {
	const sample = 1024
	c := newKeyColumn(k.Type)
	codes := make([]int32, len(out))
	for i := range codes {
		if i == sample && c.len() > sample/2 {
			return nil, false
		}
		codes[i] = c.ofStr(a.Value(i), true)
	}
	rank := rankValues(c.strs, k.Type)
	for i, code := range codes {
		out[i] = uint64(rank[code])
	}
	return out, true
}

// realOrdinal puts NaN first, as cmp.Compare does.
func realOrdinal(f float64) uint64 {
	switch b := math.Float64bits(f); {
	case f != f:
		return 0
	case f == 0:
		return sign
	case b&sign != 0:
		return ^b
	default:
		return b | sign
	}
}

// squeeze makes the numbers as small as they can be by taking the least from
// all, turns them round where the key is descending, and puts nulls first or
// last; false where there is no number left for null.
func (k Key) squeeze(v []uint64) (ranks, bool) {
	nulls := k.Col.HasNulls()
	lo, hi := uint64(math.MaxUint64), uint64(0)
	for i, x := range v {
		if !nulls || !k.Col.IsNull(i) {
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	if lo > hi {
		lo, hi = 0, 0 // all null
	}
	width := hi - lo
	first, null := uint64(0), uint64(0)
	if nulls {
		if width++; width == 0 {
			return ranks{}, false
		}
		first = 1
		if !k.NullsFirst {
			first, null = 0, width
		}
	}
	for i, x := range v {
		switch {
		case nulls && k.Col.IsNull(i):
			v[i] = null
		case k.Desc:
			v[i] = first + (hi - x)
		default:
			v[i] = first + (x - lo)
		}
	}
	return ranks{v, bits.Len64(width)}, true
}

// digit is how many bits of a key a pass sorts by.
const digit = 11

type radixItem struct {
	key uint64
	row int32
}

// radixOrder sorts rows by words, the first counting most. Rows with equal
// keys keep their order.
func radixOrder(words []ranks, n int) []int32 {
	if len(words) == 0 || len(words) == 1 && ascending(words[0].v) {
		return All(n)
	}
	items, other := make([]radixItem, n), make([]radixItem, n)
	for i := range items {
		items[i].row = int32(i)
	}
	for w := len(words) - 1; w >= 0; w-- {
		for i := range items {
			items[i].key = words[w].v[items[i].row]
		}
		for shift := 0; shift < words[w].bits; shift += digit {
			if radixPass(items, other, shift) {
				items, other = other, items
			}
		}
	}
	rows := make([]int32, n)
	for i, it := range items {
		rows[i] = it.row
	}
	return rows
}

// radixPass puts items into out by one digit; false where all have the same.
func radixPass(items, out []radixItem, shift int) bool {
	const mask = 1<<digit - 1
	var at [1 << digit]int
	for i := range items {
		at[items[i].key>>shift&mask]++
	}
	sum := 0
	for d, count := range at {
		if count == len(items) {
			return false
		}
		at[d] = sum
		sum += count
	}
	for _, it := range items {
		d := it.key >> shift & mask
		out[at[d]] = it
		at[d]++
	}
	return true
}

func ascending(v []uint64) bool {
	for i := 1; i < len(v); i++ {
		if v[i] < v[i-1] {
			return false
		}
	}
	return true
}
