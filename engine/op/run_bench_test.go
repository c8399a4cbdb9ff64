package op_test

import (
	"context"
	"io"
	"math/rand/v2"
	"testing"

	"tidemark/engine"
	"tidemark/storage"
	"tidemark/table"
)

// benchQuery times a query over a table on disk of 200,000 rows.
func benchQuery(b *testing.B, query string) {
	b.Helper()
	s, err := storage.Open(b.TempDir(), storage.Options{Create: true, SealRows: 100000, DiskReserve: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	if err := s.CreateTable("T", lawSchema); err != nil {
		b.Fatal(err)
	}
	for _, rec := range lawRows(rand.New(rand.NewPCG(1, 1)), 200000, 100000) {
		if err := s.Commit(context.Background(), &table.Batch{Parts: []table.Part{{Table: "T", Rows: rec}}}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		r, err := engine.Run(context.Background(), query, s, engine.Options{Threads: 2})
		if err != nil {
			b.Fatal(err)
		}
		for {
			_, err := r.Tables()[0].NextBatch(context.Background())
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		r.Close()
	}
	b.ReportMetric(float64(b.N)*200000/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func BenchmarkWhereEqual(b *testing.B) {
	benchQuery(b, `T | where Kind == "none" or Kind == "Files" | count`)
}
func BenchmarkWhereContains(b *testing.B) { benchQuery(b, `T | where Path contains "file12" | count`) }
func BenchmarkWhereAny(b *testing.B) {
	benchQuery(b, `T | where Path has "file7" or Kind has "file7" or One has "file7" | count`)
}
func BenchmarkWhereRange(b *testing.B)  { benchQuery(b, `T | where Id between (1000 .. 90000) | count`) }
func BenchmarkTopTime(b *testing.B)     { benchQuery(b, `T | top 100 by At desc`) }
func BenchmarkTopString(b *testing.B)   { benchQuery(b, `T | top 100 by Path asc`) }
func BenchmarkCountByKind(b *testing.B) { benchQuery(b, `T | summarize count() by Kind`) }
func BenchmarkCountByPath(b *testing.B) { benchQuery(b, `T | summarize count() by Path`) }
