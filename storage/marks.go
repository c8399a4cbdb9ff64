package storage

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// marks are the rows of a page that have one value, as a bitmap: an eighth of
// the memory of codes of a byte, and compared 64 at once.
type marks []uint64

func (m marks) size() int64 { return int64(8*len(m) + 64) }

// What marks are kept of: values of columns that have few, where one or
// another of few of them is asked for.
const (
	markedStrings = 256
	markedAtOnce  = 4
)

// Marked returns the rows of the block whose value of column i passes, as a
// bitmap that must not be changed. pass says of each value of the dictionary
// whether it does: 1, or 0. It declines where codes are better compared.
func (b *block) Marked(i int, pass func(values *array.String) []uint8) ([]uint64, bool) {
	if b.rows != nil || b.a%64 != 0 || b.b <= b.a || i == len(b.unit.scan.src.def.Columns) {
		return nil, false
	}
	c, ok := b.unit.inParts(i)
	k := b.a / pageRows
	if !ok || c.m.phys != table.Strings || c.m.zone.nulls > 0 || c.m.zone.distinct > markedStrings || (b.b-1)/pageRows != k {
		return nil, false
	}
	d, err := c.dict()
	if err != nil {
		return nil, false // Column gives the error
	}
	codes, but := fewer(pass(d.arr))
	if len(codes) > markedAtOnce {
		return nil, false
	}
	from, n := (b.a-k*pageRows)/64, b.b-b.a
	if len(codes) == 1 && !but && n%64 == 0 {
		m, err := c.marks(k, codes[0])
		if err != nil {
			return nil, false
		}
		return m[from : from+n/64], true
	}
	out := make([]uint64, (n+63)/64)
	for _, code := range codes {
		m, err := c.marks(k, code)
		if err != nil {
			return nil, false
		}
		for j := range out {
			out[j] |= m[from+j]
		}
	}
	if but {
		for j := range out {
			out[j] = ^out[j]
		}
	}
	if left := n % 64; left > 0 {
		out[len(out)-1] &= 1<<left - 1
	}
	return out, true
}

// fewer lists the values that pass or, with but, those that do not, where
// these are fewer.
func fewer(pass []uint8) (codes []int32, but bool) {
	n := 0
	for _, p := range pass {
		n += int(p)
	}
	want := uint8(1)
	if but = 2*n > len(pass); but {
		want = 0
	}
	for code, p := range pass {
		if p == want {
			codes = append(codes, int32(code))
			if len(codes) > markedAtOnce {
				break
			}
		}
	}
	return codes, but
}

// marks are those of one value in page k.
func (c storedColumn) marks(k int, code int32) (marks, error) {
	return get1(c, cachedMarks, k<<16|int(code), func() (marks, error) {
		nums, err := c.numbers()
		if err != nil {
			return nil, err
		}
		return newMarks(&nums.pages[k], code), nil
	})
}

func newMarks(p *page, code int32) marks {
	out := make(marks, (p.n+63)/64)
	t := &codeTest{one: code}
	for _, row := range t.rowsOf(p, 0, 0, p.n, make([]int32, 0, p.n)) {
		out[row>>6] |= 1 << (row & 63)
	}
	return out
}
