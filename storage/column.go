package storage

import (
	"sort"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"tidemark/table"
)

// column is the rows of one column of a tail entry or an extent, decoded. It
// is immutable. A constant column has one value (at place 0), and is null in
// all rows when nulls == n.
type column struct {
	n        int
	phys     table.Physical
	constant bool
	nulls    int
	valid    []byte // bitmap, lowest bit first; nil when no row is null or the column is constant
	ints     []int64
	floats   []float64
	bits     []byte // bitmap of bools
	dict     *dict  // Strings
	codes    codes  // Strings: places in dict; 0 where null
}

// codes are places in a dictionary, in the least whole number of bytes: what
// is scanned is memory, so a byte a row beats four. One of the three is set.
type codes struct {
	b8  []uint8
	b16 []uint16
	b32 []int32
}

func newCodes(n, distinct int) codes {
	switch {
	case distinct <= 1<<8:
		return codes{b8: make([]uint8, n)}
	case distinct <= 1<<16:
		return codes{b16: make([]uint16, n)}
	}
	return codes{b32: make([]int32, n)}
}

func (c codes) at(i int) int32 {
	switch {
	case c.b8 != nil:
		return int32(c.b8[i])
	case c.b16 != nil:
		return int32(c.b16[i])
	}
	return c.b32[i]
}

func (c codes) set(i int, v int32) {
	switch {
	case c.b8 != nil:
		c.b8[i] = uint8(v)
	case c.b16 != nil:
		c.b16[i] = uint16(v)
	default:
		c.b32[i] = v
	}
}

func (c codes) size() int { return len(c.b8) + 2*len(c.b16) + 4*len(c.b32) }

// expand returns codes [a,b) as int32.
func (c codes) expand(a, b int) []int32 {
	if c.b32 != nil {
		return c.b32[a:b:b]
	}
	out := make([]int32, b-a)
	if c.b8 != nil {
		for i, v := range c.b8[a:b] {
			out[i] = int32(v)
		}
		return out
	}
	for i, v := range c.b16[a:b] {
		out[i] = int32(v)
	}
	return out
}

// gather returns the codes of rows a+sel[i] as int32.
func (c codes) gather(a int, sel []int32) []int32 {
	out := make([]int32, len(sel))
	switch {
	case c.b8 != nil:
		for i, r := range sel {
			out[i] = int32(c.b8[a+int(r)])
		}
	case c.b16 != nil:
		for i, r := range sel {
			out[i] = int32(c.b16[a+int(r)])
		}
	default:
		for i, r := range sel {
			out[i] = c.b32[a+int(r)]
		}
	}
	return out
}

// dict is the distinct strings of a column in ascending order of bytes. It is
// never empty, so that code 0 can stand for null.
type dict struct {
	arr     *array.String // nil where hex is set
	offsets []int32
	data    []byte
	hex     byte // the strings are hex digits, packed: see hexdict.go
}

// newDict makes a dictionary over offsets (one more than strings) and bytes.
func newDict(offsets []int32, data []byte) *dict {
	d := array.NewData(arrow.BinaryTypes.String, len(offsets)-1,
		[]*memory.Buffer{nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(data)}, nil, 0, 0)
	return &dict{arr: array.NewStringData(d), offsets: offsets, data: data}
}

func dictOf(values ...string) *dict {
	return newDict(joinStrings(values))
}

func joinStrings(values []string) (offsets []int32, data []byte) {
	total := 0
	for _, v := range values {
		total += len(v)
	}
	offsets, data = make([]int32, 1, len(values)+1), make([]byte, 0, total)
	for _, v := range values {
		data = append(data, v...)
		offsets = append(offsets, int32(len(data)))
	}
	return offsets, data
}

func (d *dict) len() int { return len(d.offsets) - 1 }

// at returns string i. It aliases the dictionary, which never changes.
func (d *dict) at(i int) string {
	s := d.key(i)
	if d.hex != dictBytes && s != "" {
		return string(unpackHex(d.data[d.offsets[i]:d.offsets[i+1]], 2*len(s), d.hex))
	}
	return s
}

// find returns the code of s.
func (d *dict) find(s string) (int32, bool) {
	i := sort.Search(d.len(), func(i int) bool { return d.at(i) >= s })
	return int32(i), i < d.len() && d.at(i) == s
}

func (d *dict) size() int64 { return int64(4*len(d.offsets) + len(d.data) + 256) }

// size is the memory the column takes, in bytes.
func (c *column) size() int64 {
	n := 128 + len(c.valid) + 8*len(c.ints) + 8*len(c.floats) + len(c.bits) + c.codes.size()
	if c.dict != nil {
		return int64(n) + c.dict.size()
	}
	return int64(n)
}

func (c *column) isNull(i int) bool {
	if c.constant {
		return c.nulls > 0
	}
	return c.valid != nil && !bitutil.BitIsSet(c.valid, i)
}

// code is the dictionary place of row i.
func (c *column) code(i int) int32 {
	if c.constant {
		return 0
	}
	return c.codes.at(i)
}

func (c *column) intAt(i int) int64 {
	if c.constant {
		return c.ints[0]
	}
	return c.ints[i]
}

func (c *column) floatAt(i int) float64 {
	if c.constant {
		return c.floats[0]
	}
	return c.floats[i]
}

func (c *column) boolAt(i int) bool {
	if c.constant {
		i = 0
	}
	return bitutil.BitIsSet(c.bits, i)
}

// nullColumn is n rows of null.
func nullColumn(p table.Physical, n int) *column {
	c := &column{n: n, phys: p, constant: true, nulls: n}
	c.fillConstant()
	return c
}

// absentColumn is what rows written before a column was added have in it.
func absentColumn(t table.Type, n int) *column {
	c := nullColumn(t.Physical(), n)
	if t == table.String {
		c.nulls = 0
	}
	return c
}

var emptyDict = dictOf("")

// fillConstant gives a constant column a value where it has none.
func (c *column) fillConstant() {
	switch c.phys {
	case table.Bools:
		if c.bits == nil {
			c.bits = []byte{0}
		}
	case table.Int64s:
		if c.ints == nil {
			c.ints = []int64{0}
		}
	case table.Float64s:
		if c.floats == nil {
			c.floats = []float64{0}
		}
	default:
		if c.dict == nil {
			c.dict = emptyDict
		}
	}
}
