package vec

import "math/bits"

// Marks are rows as a bitmap, lowest bit first.
type Marks []uint64

// Count is how many rows are marked.
func (m Marks) Count() (n int) {
	for _, w := range m {
		n += bits.OnesCount64(w)
	}
	return n
}

// Rows appends the rows that are marked to out.
func (m Marks) Rows(out []int32) []int32 {
	for i, w := range m {
		first := int32(64 * i)
		if w == 1<<64-1 {
			for j := range int32(64) {
				out = append(out, first+j)
			}
			continue
		}
		for ; w != 0; w &= w - 1 {
			out = append(out, first+int32(bits.TrailingZeros64(w)))
		}
	}
	return out
}
