package op

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/vec"
)

// markedBlock keeps bitmaps of the rows that have this or that value of a
// column with few.
type markedBlock interface {
	// Marked returns the rows that satisfy the first conditions, as a bitmap
	// that must not be changed, how many rows they are, and of how many
	// conditions. pass has 1 or 0 for each value of the dictionary of the column
	// of condition k; what names says names it, so that it is remembered.
	Marked(columns []int, names []string, pass func(k int, values *array.String) []uint8) (rows []uint64, n, conditions int)
}

// filterMarks applies the first conditions by bitmaps, as many as are on
// columns that have such, and gives how many it has applied. Rows are not
// listed before they are asked for: where they are only counted, never.
func (r *blockReader) filterMarks(conds []*scanCond) int {
	b, ok := r.block.(markedBlock)
	if !ok {
		return 0
	}
	columns, names := r.scratch.columns[:0], r.scratch.names[:0]
	for _, c := range conds {
		if c.lifted == nil {
			break
		}
		columns, names = append(columns, c.columns[0]), append(names, c.name)
	}
	r.scratch.columns, r.scratch.names = columns, names
	rows, n, applied := b.Marked(columns, names, func(k int, values *array.String) []uint8 {
		return conds[k].passOf(values, r.width)
	})
	if applied == 0 {
		return 0
	}
	if r.marked = n; n < r.n {
		r.marks = rows
	}
	return applied
}

// passOf says of each value of a dictionary whether it satisfies the condition.
func (c *scanCond) passOf(values *array.String, width int) []uint8 {
	if c.passed.values != nil && vec.SameArray(c.passed.values, values) {
		return c.passed.pass
	}
	pass, _ := c.lifted.Pass(values, func(part vec.Column, n int) vec.Column {
		in := &vec.Batch{Cols: make([]vec.Column, width), N: n}
		in.Cols[c.columns[0]] = part
		return c.e.Eval(in)
	})
	c.passed = passedValues{values, pass}
	return pass
}

// passedValues is what was last found of a dictionary, by one goroutine.
type passedValues struct {
	values *array.String
	pass   []uint8
}
