package op_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"tidemark/engine"
	"tidemark/engine/op"
	"tidemark/table"
)

// benchSpill runs a query over 200,000 rows, in memory and within a budget that
// sends it to files.
func benchSpill(b *testing.B, query string) {
	const n = 200_000
	c := oneTable{table.NewMemory("T", lawSchema, lawRows(rand.New(rand.NewPCG(1, 2)), n, 16384)...)}
	for _, limit := range []int64{0, 8 << 20} {
		name := "memory"
		if limit > 0 {
			name = fmt.Sprintf("budget=%dMiB", limit>>20)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			spilled := int64(0)
			for b.Loop() {
				r, err := engine.Run(context.Background(), query, c, engine.Options{Budget: op.NewBudget(limit), TempDirs: []string{b.TempDir()}})
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					_, err = r.Tables()[0].NextBatch(context.Background())
				}
				if err != io.EOF {
					b.Fatal(err)
				}
				spilled = r.Stats().SpilledBytes
				r.Close()
			}
			b.ReportMetric(float64(n)/1e6*float64(b.N)/b.Elapsed().Seconds(), "Mrows/s")
			b.ReportMetric(float64(spilled)/1e6, "MB-spilled")
		})
	}
}

func BenchmarkSpillSort(b *testing.B)       { benchSpill(b, `T | sort by Size asc, Path desc`) }
func BenchmarkSpillSortNumber(b *testing.B) { benchSpill(b, `T | extend K = hash(Id) | sort by K`) }
func BenchmarkSpillGroup(b *testing.B) {
	benchSpill(b, `T | summarize count(), sum(Size), max(At) by Id`)
}
func BenchmarkSpillGroupRows(b *testing.B) {
	benchSpill(b, `T | summarize arg_max(At, *) by Id = Id / 2`)
}
func BenchmarkSpillDistinct(b *testing.B) { benchSpill(b, `T | distinct Id, Path`) }
func BenchmarkSpillJoin(b *testing.B) {
	benchSpill(b, `T | join kind=inner (T | project Id, Again = Path, Size) on Id`)
}
func BenchmarkSpillAnti(b *testing.B) {
	benchSpill(b, `T | join kind=leftanti (T | where Id % 2 == 0 | project Id, Path) on Id, Path`)
}
