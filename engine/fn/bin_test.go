package fn

import (
	"math"
	"testing"

	"tidemark/engine/vec"
	"tidemark/table"
)

func TestBin(t *testing.T) {
	runCases(t, []scalarCase{
		{"bin", in(7, 5), "5", table.Long},
		{"bin", in(-1, 5), "-5", 0},
		{"bin", in(-5, 5), "-5", 0},
		{"bin", in(Int(4), Int(3)), "3", table.Long},
		{"bin", in(4, 1.5), "3", table.Real},
		{"bin", in(4.6, 1), "4", table.Real},
		{"bin", in(-4.6, 1), "-5", 0},
		{"floor", in(4.6, 0.0), "null", 0},
		{"bin", in(4, 0), "null", 0},
		{"bin", in(4, -1), "null", 0},
		{"bin", in(null(table.Long), 3), "null", 0},
		{"bin", in(3, null(table.Long)), "null", 0},
		{"bin", in(Dec("7.5"), 2), "6.0", table.Decimal},
		{"bin", in(Dec("-7.5"), 2), "-8.0", 0},
		{"bin", in(tm("1970-05-11 13:45:07"), span("1d")), "1970-05-11T00:00:00.0000000Z", table.Datetime},
		{"bin", in(tm("0001-01-01 13:45:07"), span("7d")), "0001-01-01T00:00:00.0000000Z", 0},
		{"bin", in(tm("9999-12-31 23:59:59.9999999"), span("1h")), "9999-12-31T23:00:00.0000000Z", 0},
		{"bin", in(span("-1h"), span("1d")), "-1.00:00:00", table.Timespan},
		{"bin", in(math.MinInt64, 10), "null", 0},
		{"bin", in(tm("2020-01-01"), 1), "error: bin() of a datetime takes a timespan here, not a long", 0},
		{"bin", in("a", 1), "error: bin() takes a number, datetime or timespan here, not a string", 0},
		{"bin_at", in(6.5, 2.5, 7), "4.5", table.Real},
		{"bin_at", in(5, -1, 0), "null", 0},
		{"bin_at", in(-3, 5, 1), "-4", table.Long},
		{"bin_at", in(tm("2017-05-17 10:20:00"), span("7d"), tm("2017-06-04")), "2017-05-14T00:00:00.0000000Z", table.Datetime},
		{"bin_at", in(span("1h"), span("1d"), span("12h")), "-12:00:00", table.Timespan},
		{"bin_at", in(Dec("6.5"), Dec("2.5"), Dec("7")), "4.5", table.Decimal},
	})
}

// TestBinBy compares the loop that remembers a bin with the plain one.
func TestBinBy(t *testing.T) {
	values := []int64{0, 1, 9, 10, 11, -1, -10, -11, math.MaxInt64, 0, math.MinInt64 + 10, 5, math.MaxInt64 - 3}
	for _, size := range []int64{1, 3, 10, math.MaxInt64} {
		got := binBy(values, size)
		for i, v := range values {
			if want, _ := floorTo(v, size); got[i] != want {
				t.Errorf("bin(%d, %d) = %d, want %d", v, size, got[i], want)
			}
		}
	}
}

func times(n int, step table.Duration) vec.Column {
	v := make([]int64, n)
	for i := range v {
		v[i] = int64(tm("2025-06-01")) + int64(i)*int64(step)
	}
	return vec.Column{Arr: vec.NewInt64s(v, nil)}
}

func BenchmarkBinDatetime(b *testing.B) {
	cols := []vec.Column{times(4096, 7*table.Second), vec.Constant(table.Timespan, int64(table.Hour))}
	benchKernel(b, "bin", cols, []table.Type{table.Datetime, table.Timespan}, 4096)
}
