package op

import (
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/vec"
	"tidemark/table"
)

// What a block may do besides reading columns. Sources need not.
type (
	// constantBlock knows which of its columns have one value.
	constantBlock interface {
		// Constant returns column i as an array of length 1 where all rows of
		// the block have the same value.
		Constant(i int) (arrow.Array, bool)
	}
	// aheadBlock has columns brought from disk before they are read.
	aheadBlock interface {
		// Ahead tells which columns are going to be read, if only of few rows.
		Ahead(columns []int)
	}
	// codedBlock keeps strings as places in sorted dictionaries.
	codedBlock interface {
		// Codes returns the rows of column i without nulls, in one of three
		// widths, and the dictionary, which is the same for all blocks of an
		// extent.
		Codes(i int) (b8 []uint8, b16 []uint16, b32 []int32, values *array.String, ok bool)
		// Siblings is how many rows of the extent the scan hands out in all.
		Siblings() int
	}
	// presentBlock knows where its columns are null without their values.
	presentBlock interface {
		// Present returns a bitmap of the rows in which column i is not null;
		// nil where it is null in none.
		Present(i int) (valid []byte, ok bool)
	}
	// rangedBlock finds numbers in a range without writing all of them down.
	rangedBlock interface {
		// Between appends the rows in which column i, of whole numbers, is at
		// least lo and at most hi; it may decline.
		Between(i int, lo, hi int64, out []int32) ([]int32, bool)
	}
	// boundedBlock knows ranges of values without reading them.
	boundedBlock interface {
		// Bounds returns a range that holds all values of column i, which has
		// no nulls; false where none is known.
		Bounds(i int) (lo, hi int64, ok bool)
	}
)

// blockReader reads columns of a block for the rows that are left.
type blockReader struct {
	block   table.Block
	n       int // rows of the block
	width   int // columns of the source
	sel     []int32
	marks   vec.Marks          // set: the rows that are left, not listed in sel yet
	marked  int                // how many these are
	cache   map[int]vec.Column // of the rows sel; nil: none yet
	scratch *buffers
}

// newBlockReader begins to read a block. The reader that was made with the same
// buffers before is not to be used any more.
func newBlockReader(block table.Block, width int, scratch *buffers) *blockReader {
	scratch.used = 0
	scratch.reader = blockReader{block: block, n: block.Rows(), width: width, scratch: scratch}
	return &scratch.reader
}

// filter keeps the rows for which all conditions are true.
func (r *blockReader) filter(conds []*scanCond) error {
	if _, ok := r.block.(countedBlock); ok {
		return nil
	}
	n := r.filterMarks(conds)
	if n == 0 {
		n = r.filterBytes(conds)
	}
	if n > 0 && r.rows() == 0 {
		return nil
	}
	for _, c := range conds[n:] {
		sel, err := c.rows(r, r.selection())
		if err != nil {
			return err
		}
		if len(sel) < r.rows() {
			r.sel = sel
			clear(r.cache)
		}
		if len(sel) == 0 {
			break
		}
	}
	return nil
}

// filterBytes applies the first conditions at once where two or more of them
// want one value each of columns with few distinct strings, and gives how many
// it has applied.
func (r *blockReader) filterBytes(conds []*scanCond) int {
	var columns [][]uint8
	var want []uint8
	for _, c := range conds {
		if c.lifted == nil || len(c.equal) != 1 {
			break
		}
		p, ok := r.packed(c.columns[0])
		if !ok || p.B8 == nil {
			break
		}
		code := p.Find(c.equal[0])
		if code < 0 {
			r.sel = []int32{}
			return len(columns) + 1
		}
		columns, want = append(columns, p.B8), append(want, uint8(code))
	}
	if len(columns) < 2 {
		return 0
	}
	if rows := vec.BytesEqual(columns, want, r.buffer()); len(rows) < r.n {
		r.sel = rows
	}
	return len(columns)
}

// rows is how many are left.
func (r *blockReader) rows() int {
	switch {
	case r.marks != nil:
		return r.marked
	case r.sel == nil:
		return r.n
	}
	return len(r.sel)
}

// selection lists the rows that are left; nil: all.
func (r *blockReader) selection() []int32 {
	if r.marks != nil {
		r.sel, r.marks = r.marks.Rows(r.buffer()), nil
	}
	return r.sel
}

// kin is how many rows come with the dictionaries of the block.
func (r *blockReader) kin() int {
	if b, ok := r.block.(codedBlock); ok {
		return b.Siblings()
	}
	return r.n
}

func (r *blockReader) packed(i int) (*vec.Packed, bool) {
	b, ok := r.block.(codedBlock)
	if !ok {
		return nil, false
	}
	b8, b16, b32, values, ok := b.Codes(i)
	return &vec.Packed{B8: b8, B16: b16, B32: b32, Values: values}, ok
}

// column reads column i for the rows that are left.
func (r *blockReader) column(i int) (vec.Column, error) {
	if c, ok := r.cache[i]; ok {
		return c, nil
	}
	c, err := readColumn(r.block, i, r.selection())
	if err != nil {
		return vec.Column{}, err
	}
	if r.cache == nil {
		r.cache = map[int]vec.Column{}
	}
	r.cache[i] = c
	return c, nil
}

// valuesOfOne is up to how many values one goroutine reads: what they take is
// not much more than waking another.
const valuesOfOne = 1 << 15

// readBy reads columns, which are different ones, for the rows that are left, by so
// many goroutines where they are much to read.
func (r *blockReader) readBy(threads int, columns []int) error {
	threads = min(threads, len(columns))
	if threads < 2 || len(columns)*r.rows() <= valuesOfOne {
		return nil
	}
	sel, cols := r.selection(), make([]vec.Column, len(columns))
	var next atomic.Int64
	err := each(threads, func(int) error {
		for {
			i := int(next.Add(1)) - 1
			if i >= len(columns) {
				return nil
			}
			c, ok := r.cache[columns[i]]
			if !ok {
				var err error
				if c, err = readColumn(r.block, columns[i], sel); err != nil {
					return err
				}
			}
			cols[i] = c
		}
	})
	if err != nil {
		return err
	}
	if r.cache == nil {
		r.cache = map[int]vec.Column{}
	}
	for i, c := range columns {
		r.cache[c] = cols[i]
	}
	return nil
}

// columnFor reads column i for the rows sel, which may be fewer than are left.
func (r *blockReader) columnFor(i int, sel []int32) (vec.Column, error) {
	if left := r.selection(); len(sel) == len(left) && (sel == nil) == (left == nil) {
		return r.column(i)
	}
	return readColumn(r.block, i, sel)
}

func readColumn(block table.Block, i int, sel []int32) (vec.Column, error) {
	if cb, ok := block.(constantBlock); ok {
		if a, ok := cb.Constant(i); ok {
			return vec.Column{Arr: vec.Column{Arr: a}.Flat(1), Const: true}, nil
		}
	}
	a, err := block.Column(i, sel)
	return vec.Column{Arr: a}, err
}

// buffers are selections that a stream uses again for each block.
type buffers struct {
	all     [][]int32
	used    int
	columns []int    // of conditions
	names   []string // of these
	reader  blockReader
}

// selections are buffers that no stream uses: making one costs the clearing of
// memory that a query for the last minutes uses a part of.
var selections = sync.Pool{New: func() any { return new([]int32) }}

// free gives the buffers back. Nothing that was read with them may be used
// any more.
func (b *buffers) free() {
	for _, s := range b.all {
		selections.Put(&s)
	}
	*b = buffers{}
}

// buffer returns an empty selection that is valid until the next block.
func (r *blockReader) buffer() []int32 {
	b := r.scratch
	if b.used == len(b.all) {
		b.all = append(b.all, *selections.Get().(*[]int32))
	}
	if cap(b.all[b.used]) < r.n+8 {
		b.all[b.used] = make([]int32, 0, r.n+8)
	}
	b.used++
	return b.all[b.used-1][:0]
}
