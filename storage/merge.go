package storage

import (
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"tidemark/table"
)

// mergeColumns returns the rows of several columns of one layout, one after
// the other.
func mergeColumns(p table.Physical, parts []*column) *column {
	c := &column{phys: p}
	for _, q := range parts {
		c.n += q.n
		c.nulls += q.nulls
	}
	if len(parts) == 1 {
		return parts[0]
	}
	if c.nulls == c.n {
		return nullColumn(p, c.n)
	}
	if c.nulls > 0 {
		c.valid = mergeNulls(c.n, parts)
	}
	switch p {
	case table.Bools:
		c.bits = make([]byte, bitutil.BytesForBits(int64(c.n)))
		at := 0
		for _, q := range parts {
			if q.constant {
				bitutil.SetBitsTo(c.bits, int64(at), int64(q.n), q.boolAt(0))
			} else {
				bitutil.CopyBitmap(q.bits, 0, q.n, c.bits, at)
			}
			at += q.n
		}
	case table.Int64s:
		c.ints = make([]int64, 0, c.n)
		for _, q := range parts {
			c.ints = appendValues(c.ints, q.ints, q)
		}
	case table.Float64s:
		c.floats = make([]float64, 0, c.n)
		for _, q := range parts {
			c.floats = appendValues(c.floats, q.floats, q)
		}
	default:
		c.mergeStrings(parts)
	}
	c.settle()
	return c
}

func appendValues[T any](dst, values []T, c *column) []T {
	if !c.constant {
		return append(dst, values...)
	}
	for i := 0; i < c.n; i++ {
		dst = append(dst, values[0])
	}
	return dst
}

func mergeNulls(n int, parts []*column) []byte {
	valid := make([]byte, bitutil.BytesForBits(int64(n)))
	at := 0
	for _, q := range parts {
		switch {
		case q.valid != nil:
			bitutil.CopyBitmap(q.valid, 0, q.n, valid, at)
		case q.nulls == 0:
			bitutil.SetBitsTo(valid, int64(at), int64(q.n), true)
		}
		at += q.n
	}
	return valid
}

// mergeStrings merges the sorted dictionaries and translates the codes, so
// that no string is hashed again.
func (c *column) mergeStrings(parts []*column) {
	var dicts []*dict
	for _, q := range parts {
		if q.nulls < q.n {
			dicts = append(dicts, q.dict)
		}
	}
	var maps [][]int32
	c.dict, maps = mergeDicts(dicts)
	c.codes = newCodes(c.n, c.dict.len())
	at := 0
	for _, q := range parts {
		if q.nulls == q.n {
			at += q.n
			continue
		}
		m := maps[0]
		maps = maps[1:]
		c.codes.translate(at, q, m)
		at += q.n
	}
}

// translate sets the codes from place at on to those of q, looked up in place.
func (c codes) translate(at int, q *column, place []int32) {
	switch {
	case c.b8 != nil:
		translateInto(c.b8[at:at+q.n], q, place)
	case c.b16 != nil:
		translateInto(c.b16[at:at+q.n], q, place)
	default:
		translateInto(c.b32[at:at+q.n], q, place)
	}
}

func translateInto[T wholeNumber](dst []T, q *column, place []int32) {
	switch {
	case q.constant:
		fill(dst, T(place[0]))
	case q.codes.b8 != nil:
		lookUp(dst, q.codes.b8, place)
	case q.codes.b16 != nil:
		lookUp(dst, q.codes.b16, place)
	default:
		lookUp(dst, q.codes.b32, place)
	}
	if q.nulls > 0 { // the code of null is 0
		for i := range dst {
			if q.isNull(i) {
				dst[i] = 0
			}
		}
	}
}

func lookUp[T, S wholeNumber](dst []T, codes []S, place []int32) {
	for i, v := range codes {
		dst[i] = T(place[v])
	}
}
