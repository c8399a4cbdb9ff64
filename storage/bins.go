package storage

import (
	"slices"

	"tidemark/table"
)

// mostBins is how many bins a block may have that is to be read in bins.
const mostBins = 4096

// binBuffer is how many numbers are unpacked at once: what the nearest cache
// of the processor holds along with the bins.
const binBuffer = 1024

// Bins returns the rows of column i as places in bins of one size, which are
// few in columns that come nearly in order, such as times, and where the bins
// begin; it uses the memory of buf. Numbers are never written to memory. It
// declines where there are many bins, nulls, or numbers below 0.
func (b *block) Bins(i int, size int64, buf []uint16) (bins []uint16, lows []int64, ok bool) {
	if b.rows != nil || size <= 0 || i == len(b.unit.scan.src.def.Columns) {
		return nil, nil, false
	}
	c, ok := b.unit.inParts(i)
	lo, hi, known := b.Bounds(i)
	if !ok || c.m.phys != table.Int64s || !known || lo < 0 || hi/size-lo/size >= mostBins {
		return nil, nil, false
	}
	nums, err := c.numbers()
	if err != nil || nums.null {
		return nil, nil, false // Column gives the error
	}
	first := lo / size * size
	lows = make([]int64, hi/size-lo/size+1)
	for k := range lows {
		lows[k] = first + int64(k)*size
	}
	bins = slices.Grow(buf[:0], b.b-b.a)[:b.b-b.a]
	var buffer [binBuffer]int64
	for a := 0; a < len(bins); a += binBuffer {
		out := bins[a:min(a+binBuffer, len(bins))]
		vals := buffer[:len(out)]
		readNumbers(nums, b.a+a, vals)
		if !binAll(vals, lows, size, out) {
			return nil, nil, false
		}
	}
	return bins, lows, true
}

// binAll puts numbers into bins, and reports whether all have one. Neighbours
// mostly have the same, which saves the division.
func binAll(vals, lows []int64, size int64, out []uint16) bool {
	k := 0
	low := lows[k]
	for i, v := range vals {
		if uint64(v-low) >= uint64(size) {
			if v < lows[0] {
				return false
			}
			if k = int((v - lows[0]) / size); k >= len(lows) {
				return false
			}
			low = lows[k]
		}
		out[i] = uint16(k)
	}
	return true
}
