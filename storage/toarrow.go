package storage

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"tidemark/table"
)

var dictType = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

// zeroCodes backs the codes of constant string columns, which are all 0.
var zeroCodes = make([]int32, 1<<17)

// slice returns rows [a,b) as an Arrow array. Strings come as a dictionary
// whose data is the same object in every slice of the column.
func (c *column) slice(a, b int) arrow.Array {
	n := b - a
	if c.constant {
		return c.repeat(n)
	}
	valid, nulls := c.validity(a, b)
	switch c.phys {
	case table.Bools:
		bits := make([]byte, bitutil.BytesForBits(int64(n)))
		bitutil.CopyBitmap(c.bits, a, n, bits, 0)
		return makeArray(arrow.FixedWidthTypes.Boolean, n, valid, bits, nulls)
	case table.Int64s:
		return makeArray(arrow.PrimitiveTypes.Int64, n, valid, arrow.Int64Traits.CastToBytes(c.ints[a:b]), nulls)
	case table.Float64s:
		return makeArray(arrow.PrimitiveTypes.Float64, n, valid, arrow.Float64Traits.CastToBytes(c.floats[a:b]), nulls)
	}
	return c.dictArray(c.codes.expand(a, b), valid, nulls)
}

// gather returns the rows a+sel[i].
func (c *column) gather(a int, sel []int32) arrow.Array {
	n := len(sel)
	if c.constant {
		return c.repeat(n)
	}
	var valid []byte
	nulls := 0
	if c.valid != nil {
		valid = make([]byte, bitutil.BytesForBits(int64(n)))
		for i, r := range sel {
			if bitutil.BitIsSet(c.valid, a+int(r)) {
				bitutil.SetBit(valid, i)
			} else {
				nulls++
			}
		}
	}
	switch c.phys {
	case table.Bools:
		bits := make([]byte, bitutil.BytesForBits(int64(n)))
		for i, r := range sel {
			bitutil.SetBitTo(bits, i, bitutil.BitIsSet(c.bits, a+int(r)))
		}
		return makeArray(arrow.FixedWidthTypes.Boolean, n, valid, bits, nulls)
	case table.Int64s:
		out := make([]int64, n)
		for i, r := range sel {
			out[i] = c.ints[a+int(r)]
		}
		return makeArray(arrow.PrimitiveTypes.Int64, n, valid, arrow.Int64Traits.CastToBytes(out), nulls)
	case table.Float64s:
		out := make([]float64, n)
		for i, r := range sel {
			out[i] = c.floats[a+int(r)]
		}
		return makeArray(arrow.PrimitiveTypes.Float64, n, valid, arrow.Float64Traits.CastToBytes(out), nulls)
	}
	return c.dictArray(c.codes.gather(a, sel), valid, nulls)
}

// repeat returns n rows of a constant column.
func (c *column) repeat(n int) arrow.Array {
	var valid []byte
	nulls := 0
	if c.nulls > 0 {
		valid, nulls = make([]byte, bitutil.BytesForBits(int64(n))), n
	}
	switch c.phys {
	case table.Bools:
		bits := make([]byte, bitutil.BytesForBits(int64(n)))
		bitutil.SetBitsTo(bits, 0, int64(n), bitutil.BitIsSet(c.bits, 0))
		return makeArray(arrow.FixedWidthTypes.Boolean, n, valid, bits, nulls)
	case table.Int64s:
		return makeArray(arrow.PrimitiveTypes.Int64, n, valid, arrow.Int64Traits.CastToBytes(filled(n, c.ints[0])), nulls)
	case table.Float64s:
		return makeArray(arrow.PrimitiveTypes.Float64, n, valid, arrow.Float64Traits.CastToBytes(filled(n, c.floats[0])), nulls)
	}
	zeros := zeroCodes
	if n > len(zeros) {
		zeros = make([]int32, n)
	}
	return c.dictArray(zeros[:n:n], valid, nulls)
}

func filled[T any](n int, v T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// validity returns the bitmap of rows [a,b), nil when none is null.
func (c *column) validity(a, b int) (valid []byte, nulls int) {
	if c.valid == nil {
		return nil, 0
	}
	nulls = b - a - bitutil.CountSetBits(c.valid, a, b-a)
	if nulls == 0 {
		return nil, 0
	}
	valid = make([]byte, bitutil.BytesForBits(int64(b-a)))
	bitutil.CopyBitmap(c.valid, a, b-a, valid, 0)
	return valid, nulls
}

func (c *column) dictArray(codes []int32, valid []byte, nulls int) arrow.Array {
	return dictArray(c.dict, codes, valid, nulls)
}

func makeArray(t arrow.DataType, n int, valid, values []byte, nulls int) arrow.Array {
	var bitmap *memory.Buffer
	if nulls > 0 {
		bitmap = memory.NewBufferBytes(valid)
	}
	return array.MakeFromData(array.NewData(t, n, []*memory.Buffer{bitmap, memory.NewBufferBytes(values)}, nil, nulls, 0))
}
