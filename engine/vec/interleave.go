package vec

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// Interleave makes a batch of rows of several batches that have columns of
// these types: row i is row rows[i] of batches[from[i]].
func Interleave(batches []*Batch, from, rows []int32, types []table.Type) *Batch {
	if len(batches) == 1 {
		return batches[0].Gather(rows)
	}
	out := &Batch{Cols: make([]Column, len(types)), N: len(rows)}
	cols := make([]Column, len(batches))
	for i, t := range types {
		for k, b := range batches {
			cols[k] = b.Cols[i]
		}
		out.Cols[i] = interleave(cols, from, rows, t)
	}
	return out
}

func interleave(cols []Column, from, rows []int32, t table.Type) Column {
	valid := interleaveValid(cols, from, rows)
	switch t.Physical() {
	case table.Int64s:
		return Column{Arr: NewInt64s(interleaved(cols, from, rows, func(c Column) []int64 { return Int64s(c.Arr) }), valid)}
	case table.Float64s:
		return Column{Arr: NewFloat64s(interleaved(cols, from, rows, func(c Column) []float64 { return Float64s(c.Arr) }), valid)}
	case table.Bools:
		return Column{Arr: NewBools(interleaved(cols, from, rows, func(c Column) []bool { return Bools(c.Arr) }), valid)}
	}
	return Column{Arr: EncodeStrings(interleavedStrings(cols, from, rows), valid)}
}

func interleaveValid(cols []Column, from, rows []int32) []bool {
	nulls := false
	valids := make([][]bool, len(cols))
	for k, c := range cols {
		valids[k] = Validity(c.Arr)
		nulls = nulls || valids[k] != nil
	}
	if !nulls {
		return nil
	}
	out := make([]bool, len(rows))
	for i, k := range from {
		out[i] = valids[k] == nil || valids[k][cols[k].at(int(rows[i]))]
	}
	return out
}

func interleaved[T any](cols []Column, from, rows []int32, values func(Column) []T) []T {
	all, masks := make([][]T, len(cols)), make([]int32, len(cols))
	for k, c := range cols {
		all[k] = values(c)
		if !c.Const {
			masks[k] = -1
		}
	}
	out := make([]T, len(rows))
	for i, k := range from {
		out[i] = all[k][rows[i]&masks[k]]
	}
	return out
}

func interleavedStrings(cols []Column, from, rows []int32) []string {
	values, codes := make([]*array.String, len(cols)), make([][]int32, len(cols))
	for k, c := range cols {
		if d, ok := c.Arr.(*array.Dictionary); ok {
			values[k], codes[k] = d.Dictionary().(*array.String), Codes(d)
			continue
		}
		values[k] = c.Arr.(*array.String)
	}
	out := make([]string, len(rows))
	for i, k := range from {
		row := cols[k].at(int(rows[i]))
		if codes[k] != nil {
			if row = int(codes[k][row]); uint(row) >= uint(values[k].Len()) {
				continue // null rows may have any code
			}
		}
		out[i] = values[k].Value(row)
	}
	return out
}
