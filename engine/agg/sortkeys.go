package agg

import (
	"math/bits"
	"slices"
)

const (
	radixKeys   = 512 // from how many keys on sorting by digits pays
	radixBits   = 11  // of a digit
	radixPasses = 4   // more, and comparing is as fast
)

// sortKeys sorts keys: by the digits of their distances from the least, where
// these are few for so many keys.
func sortKeys(keys []int64) {
	if len(keys) < radixKeys {
		slices.Sort(keys)
		return
	}
	lo, hi, sorted := keys[0], keys[0], true
	for i, k := range keys {
		sorted = sorted && (i == 0 || keys[i-1] <= k)
		lo, hi = min(lo, k), max(hi, k)
	}
	if sorted {
		return
	}
	width := bits.Len64(uint64(hi) - uint64(lo))
	if width > radixPasses*radixBits {
		slices.Sort(keys)
		return
	}
	from, to := keys, make([]int64, len(keys))
	for shift := 0; shift < width; shift += radixBits {
		var at [1 << radixBits]int32
		for _, k := range from {
			at[(uint64(k)-uint64(lo))>>shift&(1<<radixBits-1)]++
		}
		sum := int32(0)
		for d, n := range at {
			at[d], sum = sum, sum+n
		}
		for _, k := range from {
			d := &at[(uint64(k)-uint64(lo))>>shift&(1<<radixBits-1)]
			to[*d] = k
			*d++
		}
		from, to = to, from
	}
	if &from[0] != &keys[0] {
		copy(keys, from)
	}
}
