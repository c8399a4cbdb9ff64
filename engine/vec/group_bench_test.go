package vec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tidemark/table"
)

// codesOf makes batches of a dictionary column of so many values.
func codesOf(r *rand.Rand, distinct, batches, rows int) []Column {
	strs := make([]string, distinct)
	for i := range strs {
		strs[i] = fmt.Sprintf(`c:\windows\system32\file-%d.dll`, i)
	}
	dict := NewStrings(strs, nil)
	out := make([]Column, batches)
	for i := range out {
		codes := make([]int32, rows)
		for j := range codes {
			codes[j] = int32(r.IntN(distinct))
		}
		out[i] = Column{Arr: NewDict(codes, dict, nil)}
	}
	return out
}

func BenchmarkGrouper(b *testing.B) {
	const batches, rows = 64, 16384
	r := rand.New(rand.NewPCG(1, 1))
	for _, sizes := range [][]int{{5}, {5000}, {5000, 5}, {5000, 100000}, {5000, 1000000}} {
		b.Run(fmt.Sprint(sizes), func(b *testing.B) {
			var cols [][]Column
			var types []table.Type
			for _, n := range sizes {
				cols, types = append(cols, codesOf(r, n, batches, rows)), append(types, table.String)
			}
			keys := make([]Column, len(sizes))
			for b.Loop() {
				g := NewGrouper(types)
				for i := range batches {
					for k := range keys {
						keys[k] = cols[k][i]
					}
					g.IDs(keys, rows)
				}
			}
			b.ReportMetric(float64(b.N)*batches*rows/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
