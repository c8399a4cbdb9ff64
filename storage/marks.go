package storage

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sync/atomic"

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

// Marked returns the rows of the block that satisfy the first conditions of
// some, as a bitmap that must not be changed, how many rows these are, and of
// how many conditions: of those on columns that have few strings, up to one
// where codes are better compared. Condition k is on column columns[k]; pass
// says of each value of its dictionary whether it satisfies it: 1, or 0.
// names[k] is Same of its predicate. What is found of conditions with names is
// kept: whoever asks the same again only has to look it up.
func (b *block) Marked(columns []int, names []string, pass func(k int, values *array.String) []uint8) (rows []uint64, n, conditions int) {
	if len(columns) == 0 || !b.markable(columns[0]) {
		return nil, 0, 0
	}
	named := 0
	for named < len(names) && names[named] != "" {
		named++
	}
	var found markedRows
	if of := b.unit.markedFor(columns[:named], names[:named]); of != nil && b.whole() {
		found = of.block(b, columns[:named], pass)
	} else {
		found.more(b, columns[:named], pass)
	}
	if found.conditions == named {
		found.more(b, columns, pass)
	}
	return found.rows, found.n, found.conditions
}

// whole reports that the block is all that a scan hands out at a time.
func (b *block) whole() bool {
	step := b.unit.scan.src.t.store.opts.BlockRows
	return b.a%step == 0 && b.b == min(b.a+step, b.unit.rows)
}

// markedRows are the rows of a block that satisfy the first conditions of some.
type markedRows struct {
	rows          []uint64
	n, conditions int
}

// more applies the conditions that have not been, as long as they can be.
func (m *markedRows) more(b *block, columns []int, pass func(int, *array.String) []uint8) {
	for k := m.conditions; k < len(columns); k++ {
		rows, ok := b.markedBy(columns[k], func(values *array.String) []uint8 { return pass(k, values) })
		switch {
		case !ok:
			return
		case k == 0:
			m.rows = rows
		default:
			m.rows = slices.Clone(m.rows)
			for j, w := range rows {
				m.rows[j] &= w
			}
		}
		m.conditions, m.n = k+1, 0
		for _, w := range m.rows {
			m.n += bits.OnesCount64(w)
		}
	}
}

// markedExtent is what is remembered of conditions that have names, of each
// block of an extent that was asked for.
type markedExtent struct {
	blocks []atomic.Pointer[markedRows]
	bytes  int64 // when all blocks are there
}

func (m *markedExtent) size() int64 { return m.bytes }

// markedLast is what was last asked for of a unit.
type markedLast struct {
	columns []int
	names   []string
	found   *markedExtent
}

// block finds the rows of a block, or remembers them.
func (m *markedExtent) block(b *block, columns []int, pass func(int, *array.String) []uint8) markedRows {
	at := &m.blocks[b.a/b.unit.scan.src.t.store.opts.BlockRows]
	if found := at.Load(); found != nil {
		return *found
	}
	found := &markedRows{}
	found.more(b, columns, pass)
	at.Store(found)
	return *found
}

// markedFor is what is remembered of conditions; nil where nothing is to be.
func (u *unit) markedFor(columns []int, names []string) *markedExtent {
	if last := u.marked.Load(); last != nil && slices.Equal(last.columns, columns) && slices.Equal(last.names, names) {
		return last.found
	}
	if u.extent == nil || len(columns) == 0 {
		return nil
	}
	var name []byte
	for k, i := range columns {
		name = binary.AppendUvarint(name, uint64(u.scan.src.def.Columns[i].ID))
		name = append(binary.AppendUvarint(name, uint64(len(names[k]))), names[k]...)
	}
	if len(name) > maxSame {
		return nil
	}
	key := cacheKey{extent: u.extent, kind: cachedMarkedRows, same: string(name)}
	v, err := u.scan.src.t.store.cache.get(key, func() (sized, error) {
		step := u.scan.src.t.store.opts.BlockRows
		m := &markedExtent{blocks: make([]atomic.Pointer[markedRows], (u.rows+step-1)/step)}
		m.bytes = int64(u.rows/8 + 64*len(m.blocks) + len(key.same) + 256)
		return m, nil
	})
	if err != nil {
		return nil
	}
	last := &markedLast{slices.Clone(columns), slices.Clone(names), v.(*markedExtent)}
	u.marked.Store(last)
	return last.found
}

// markable reports that the block may have bitmaps of column i.
func (b *block) markable(i int) bool {
	if b.rows != nil || b.a%64 != 0 || b.b <= b.a || i == len(b.unit.scan.src.def.Columns) || (b.b-1)/pageRows != b.a/pageRows {
		return false
	}
	c, ok := b.unit.inParts(i)
	return ok && c.m.phys == table.Strings && c.m.zone.nulls == 0 && c.m.zone.distinct <= markedStrings
}

// markedBy returns the rows whose value of column i passes.
func (b *block) markedBy(i int, pass func(values *array.String) []uint8) ([]uint64, bool) {
	if !b.markable(i) {
		return nil, false
	}
	c, _ := b.unit.inParts(i)
	d, err := c.dict()
	if err != nil {
		return nil, false // Column gives the error
	}
	codes, but := fewer(pass(d.arr))
	if len(codes) > markedAtOnce {
		return nil, false
	}
	k := b.a / pageRows
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

// newMarks finds the rows of a page that have a code, which is below 256.
func newMarks(p *page, code int32) marks {
	out := make(marks, (p.n+63)/64)
	var codes [4096]uint8
	for a := 0; a < p.n; a += len(codes) {
		n := min(len(codes), p.n-a)
		readPage(p, a, codes[:n])
		for i := n; i < len(codes); i++ {
			codes[i] = ^uint8(code) // in the last word: another
		}
		words := out[a/64 : (a+n+63)/64]
		for w := range words {
			words[w] = sameBytes((*[64]uint8)(codes[64*w:]), uint8(code))
		}
	}
	return out
}

// sameBytes has bit i set where byte i is b.
func sameBytes(bytes *[64]uint8, b uint8) (set uint64) {
	const low = 0x7f7f7f7f7f7f7f7f
	want := uint64(b) * 0x0101010101010101
	for k := range 8 {
		x := binary.LittleEndian.Uint64(bytes[8*k:]) ^ want
		same := ^(x&low + low | x | low) // the upper bit of the bytes that are 0 in x
		set |= same >> 7 * 0x0102040810204080 >> 56 << (8 * k)
	}
	return set
}
