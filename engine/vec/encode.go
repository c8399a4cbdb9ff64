package vec

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"tidemark/internal/wire"
)

// The forms of a column as bytes.
const (
	formInt64s = iota
	formFloat64s
	formBools
	formStrings
	formDict
	formConst // followed by a form of one row
)

// Encoder writes batches as bytes, for files that live as long as a query. Of
// a dictionary it writes the values that the rows have, not those that an
// extent has beyond.
type Encoder struct{ dicts []usedCodes }

// usedCodes numbers the codes of a dictionary that rows have.
type usedCodes struct {
	dict  arrow.Array
	place []int32 // by code: its number+1, or 0
	codes []int32 // by number
}

// AppendBatch appends a batch, for ReadBatch.
func (e *Encoder) AppendBatch(b []byte, batch *Batch) []byte {
	b = wire.Uint(wire.Uint(b, uint64(batch.N)), uint64(len(batch.Cols)))
	for len(e.dicts) < len(batch.Cols) {
		e.dicts = append(e.dicts, usedCodes{})
	}
	for i, c := range batch.Cols {
		b = e.dicts[i].appendColumn(b, c, batch.N)
	}
	return b
}

// AppendColumn appends n rows of a column, for ReadColumn.
func AppendColumn(b []byte, c Column, n int) []byte {
	var u usedCodes
	return u.appendColumn(b, c, n)
}

func (u *usedCodes) appendColumn(b []byte, c Column, n int) []byte {
	if c.Const {
		b, n = append(b, formConst), 1
	}
	if d, ok := c.Arr.(*array.Dictionary); ok {
		return u.appendDict(b, d)
	}
	return appendFlat(b, c.Arr, n)
}

func appendFlat(b []byte, a arrow.Array, n int) []byte {
	switch a := a.(type) {
	case *array.Int64:
		b = appendValid(append(b, formInt64s), a)
		return append(b, arrow.Int64Traits.CastToBytes(a.Int64Values()[:n])...)
	case *array.Float64:
		b = appendValid(append(b, formFloat64s), a)
		return append(b, arrow.Float64Traits.CastToBytes(a.Float64Values()[:n])...)
	case *array.Boolean:
		b = appendValid(append(b, formBools), a)
		packed, _ := packBools(Bools(a), n)
		return append(b, packed...)
	case *array.String:
		return appendStrings(b, n, Validity(a), a.Value)
	}
	panic("BUG: no bytes for " + a.DataType().String())
}

func appendValid(b []byte, a arrow.Array) []byte { return appendBits(b, Validity(a)) }

// appendBits writes which rows are valid; nil where all are.
func appendBits(b []byte, valid []bool) []byte {
	b = wire.Bool(b, valid != nil)
	if valid == nil {
		return b
	}
	packed, _ := packBools(valid, len(valid))
	return append(b, packed...)
}

// appendStrings writes lengths first, which compress well beside each other.
func appendStrings(b []byte, n int, valid []bool, value func(i int) string) []byte {
	b = appendBits(append(b, formStrings), valid)
	total := 0
	for i := range n {
		s := value(i)
		b = wire.Uint(b, uint64(len(s)))
		total += len(s)
	}
	b = wire.Uint(b, uint64(total))
	for i := range n {
		b = append(b, value(i)...)
	}
	return b
}

func (u *usedCodes) appendDict(b []byte, d *array.Dictionary) []byte {
	values := d.Dictionary().(*array.String)
	if u.dict == nil || !SameArray(u.dict, values) {
		u.dict, u.place = values, make([]int32, values.Len())
	}
	codes, valid := Codes(d), Validity(d)
	local := make([]int32, len(codes))
	for i, code := range codes {
		if valid != nil && !valid[i] {
			continue
		}
		if u.place[code] == 0 {
			u.codes = append(u.codes, code)
			u.place[code] = int32(len(u.codes))
		}
		local[i] = u.place[code] - 1
	}
	used := u.codes
	for _, code := range used {
		u.place[code] = 0
	}
	u.codes = u.codes[:0]
	if 2*len(used) > len(codes) {
		return appendStrings(b, len(codes), valid, func(i int) string {
			if valid != nil && !valid[i] {
				return ""
			}
			return values.Value(int(codes[i]))
		})
	}
	b = appendBits(append(b, formDict), valid)
	b = wire.Uint(b, uint64(len(used)))
	b = appendStrings(b, len(used), nil, func(i int) string { return values.Value(int(used[i])) })
	return append(b, arrow.Int32Traits.CastToBytes(local)...)
}

// ReadBatch reads what AppendBatch wrote.
func ReadBatch(r *wire.Reader) *Batch {
	n, cols := r.Uint(), r.Len(1)
	if n > 1<<31-1 {
		r.Raw(-1)
	}
	out := &Batch{Cols: make([]Column, 0, cols), N: int(n)}
	for range cols {
		c := ReadColumn(r, int(n))
		if r.Err() != nil {
			break
		}
		out.Cols = append(out.Cols, c)
	}
	return out
}

// ReadColumn reads what AppendColumn wrote for n rows. Strings share the
// reader's memory. After an error of the reader the column is not to be used.
func ReadColumn(r *wire.Reader, n int) Column {
	form := r.Raw(1)
	if form == nil {
		return Column{}
	}
	if form[0] == formConst {
		c := ReadColumn(r, 1)
		c.Const = true
		return c
	}
	valid := readBits(r, n)
	switch form[0] {
	case formInt64s:
		return Column{Arr: NewInt64s(readFixed(r, n, arrow.Int64Traits.CastFromBytes), valid)}
	case formFloat64s:
		return Column{Arr: NewFloat64s(readFixed(r, n, arrow.Float64Traits.CastFromBytes), valid)}
	case formBools:
		packed := r.Raw((n + 7) / 8)
		if packed == nil && n > 0 {
			return Column{}
		}
		return Column{Arr: NewBools(unpackBits(packed, 0, n), valid)}
	case formStrings:
		return Column{Arr: readStrings(r, n, valid)}
	case formDict:
		return readDict(r, n, valid)
	}
	r.Raw(-1)
	return Column{}
}

func readBits(r *wire.Reader, n int) []bool {
	if !r.Bool() {
		return nil
	}
	packed := r.Raw((n + 7) / 8)
	if packed == nil {
		return nil
	}
	return unpackBits(packed, 0, n)
}

// readFixed copies n values, which the reader's memory may have at any address.
func readFixed[T int32 | int64 | float64](r *wire.Reader, n int, cast func([]byte) []T) []T {
	var width T
	raw := r.Raw(n * sizeOf(width))
	if raw == nil {
		return nil
	}
	aligned := make([]byte, len(raw))
	copy(aligned, raw)
	return cast(aligned)
}

func sizeOf(v any) int {
	if _, ok := v.(int32); ok {
		return 4
	}
	return 8
}

func readStrings(r *wire.Reader, n int, valid []bool) arrow.Array {
	if n > r.Left() { // each length takes a byte
		r.Raw(-1)
		return nil
	}
	offsets := make([]int32, n+1)
	at := uint64(0)
	for i := range n {
		at += r.Uint()
		offsets[i+1] = int32(at)
	}
	data := r.Bytes()
	if uint64(len(data)) != at {
		r.Raw(-1)
		return nil
	}
	nb, nulls := validityBuffer(valid, n)
	return array.NewStringData(array.NewData(arrow.BinaryTypes.String, n,
		[]*memory.Buffer{nb, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(data)}, nil, nulls, 0))
}

func readDict(r *wire.Reader, n int, valid []bool) Column {
	used := r.Len(1)
	values := ReadColumn(r, used)
	codes := readFixed(r, n, arrow.Int32Traits.CastFromBytes)
	if r.Err() != nil {
		return Column{}
	}
	for _, c := range codes {
		if uint32(c) >= uint32(max(used, 1)) {
			r.Raw(-1)
			return Column{}
		}
	}
	return Column{Arr: NewDict(codes, values.Arr, valid)}
}
