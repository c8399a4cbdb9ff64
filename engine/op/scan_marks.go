package op

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/vec"
)

// markedBlock keeps bitmaps of the rows that have this or that value of a
// column with few.
type markedBlock interface {
	// Marked returns the rows whose value of column i passes, as a bitmap that
	// must not be changed; pass has 1 or 0 for each value of the dictionary.
	Marked(i int, pass func(values *array.String) []uint8) (rows []uint64, ok bool)
}

// filterMarks applies the first conditions by bitmaps, as many as are on
// columns that have such, and gives how many it has applied. Rows are not
// listed before they are asked for: where they are only counted, never.
func (r *blockReader) filterMarks(conds []*scanCond) int {
	b, ok := r.block.(markedBlock)
	if !ok {
		return 0
	}
	var found vec.Marks
	n := 0
	for _, c := range conds {
		if c.lifted == nil {
			break
		}
		m, ok := b.Marked(c.columns[0], func(values *array.String) []uint8 { return c.passOf(values, r.width) })
		if !ok {
			break
		}
		if n++; n == 1 {
			found = m
		} else {
			r.scratch.marks = found.And(m, r.scratch.marks)
			found = r.scratch.marks
		}
	}
	if n == 0 {
		return 0
	}
	if r.marked = found.Count(); r.marked < r.n {
		r.marks = found
	}
	return n
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
