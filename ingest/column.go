package ingest

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"tidemark/table"
)

// column collects the values of one column of a batch. Rows that set nothing
// are filled up when a later row does, so that a column costs nothing until
// its first value. A row may set its value again: the last one stays.
type column struct {
	typ     table.Type
	n       int  // rows filled so far
	used    bool // some row has set a value
	nulls   int
	offsets []int32 // Strings
	data    []byte  // Strings
	ints    []int64 // Int64s
	reals   []float64
	bools   []bool
	null    []bool // not kept for string, which has no nulls
	hint    int    // of sizes kept for later batches: length of data
}

// reserve makes room for n values with so many bytes of text, and some more.
func (c *column) reserve(n, bytes int) {
	n += n/16 + 16
	switch c.typ.Physical() {
	case table.Strings:
		c.offsets, c.data = make([]int32, 0, n+1), make([]byte, 0, bytes+bytes/16+64)
	case table.Int64s:
		c.ints = make([]int64, 0, n)
	case table.Float64s:
		c.reals = make([]float64, 0, n)
	case table.Bools:
		c.bools = make([]bool, 0, n)
	}
	if c.typ != table.String {
		c.null = make([]bool, 0, n)
	}
}

// at makes the column ready to take the value of row.
func (c *column) at(row int) {
	if c.n > row {
		c.cut(row)
	}
	if !c.used {
		c.used = true
		if c.typ.Physical() == table.Strings {
			c.offsets = append(c.offsets[:0], 0)
		}
	}
	c.fill(row)
}

// fill adds empty strings or nulls up to row.
func (c *column) fill(row int) {
	for c.n < row {
		switch c.typ.Physical() {
		case table.Strings:
			c.offsets = append(c.offsets, int32(len(c.data)))
		case table.Int64s:
			c.ints = append(c.ints, 0)
		case table.Float64s:
			c.reals = append(c.reals, 0)
		case table.Bools:
			c.bools = append(c.bools, false)
		}
		if c.typ != table.String {
			c.null = append(c.null, true)
			c.nulls++
		}
		c.n++
	}
}

// cut takes back the rows from row on.
func (c *column) cut(row int) {
	if c.n <= row {
		return
	}
	switch c.typ.Physical() {
	case table.Strings:
		c.offsets = c.offsets[:row+1]
		c.data = c.data[:c.offsets[row]]
	case table.Int64s:
		c.ints = c.ints[:row]
	case table.Float64s:
		c.reals = c.reals[:row]
	case table.Bools:
		c.bools = c.bools[:row]
	}
	if c.typ != table.String {
		for _, null := range c.null[row:] {
			if null {
				c.nulls--
			}
		}
		c.null = c.null[:row]
	}
	c.n = row
}

func (c *column) setText(row int, s []byte) {
	if len(s) == 0 && c.typ == table.String && c.n <= row {
		return // empty is what a row without a value has
	}
	c.at(row)
	c.data = append(c.data, s...)
	c.offsets = append(c.offsets, int32(len(c.data)))
	c.set()
}

func (c *column) setInt(row int, v int64) {
	c.at(row)
	c.ints = append(c.ints, v)
	c.set()
}

func (c *column) setReal(row int, v float64) {
	c.at(row)
	c.reals = append(c.reals, v)
	c.set()
}

func (c *column) setBool(row int, v bool) {
	c.at(row)
	c.bools = append(c.bools, v)
	c.set()
}

// set marks the value just added as one that is not null.
func (c *column) set() {
	if c.typ != table.String {
		c.null = append(c.null, false)
	}
	c.n++
}

// setNull takes back what the row has set before.
func (c *column) setNull(row int) { c.cut(row) }

// text returns what a Strings column has at row.
func (c *column) text(row int) []byte {
	if row >= c.n || !c.used {
		return nil
	}
	return c.data[c.offsets[row]:c.offsets[row+1]]
}

// isSet reports whether row has a value: not null, not the empty string.
func (c *column) isSet(row int) bool {
	if row >= c.n {
		return false
	}
	if c.typ == table.String {
		return c.offsets[row] < c.offsets[row+1]
	}
	return !c.null[row]
}

// keep returns a column with only the rows of sel.
func (c *column) keep(sel []int) column {
	k := column{typ: c.typ}
	for i, row := range sel {
		if row >= c.n || c.typ != table.String && c.null[row] {
			continue
		}
		switch c.typ.Physical() {
		case table.Strings:
			k.setText(i, c.text(row))
		case table.Int64s:
			k.setInt(i, c.ints[row])
		case table.Float64s:
			k.setReal(i, c.reals[row])
		case table.Bools:
			k.setBool(i, c.bools[row])
		}
	}
	return k
}

// array returns the values of n rows. The column must not be used afterwards.
func (c *column) array(n int) arrow.Array {
	c.at(n)
	buffers := []*memory.Buffer{c.validity(n)}
	switch c.typ.Physical() {
	case table.Strings:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.offsets)), memory.NewBufferBytes(c.data))
	case table.Int64s:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(c.ints)))
	case table.Float64s:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Float64Traits.CastToBytes(c.reals)))
	case table.Bools:
		buffers = append(buffers, memory.NewBufferBytes(bitmap(c.bools, true)))
	}
	return array.MakeFromData(array.NewData(c.typ.Arrow(), n, buffers, nil, c.nulls, 0))
}

func (c *column) validity(n int) *memory.Buffer {
	if c.nulls == 0 {
		return nil
	}
	return memory.NewBufferBytes(bitmap(c.null, false))
}

// bitmap sets the bits of the places that hold want.
func bitmap(b []bool, want bool) []byte {
	bits := make([]byte, bitutil.BytesForBits(int64(len(b))))
	for i, v := range b {
		if v == want {
			bitutil.SetBit(bits, i)
		}
	}
	return bits
}
