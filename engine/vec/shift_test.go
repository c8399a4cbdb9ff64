package vec

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// randomStrings gives a column of n rows in one of the forms: flat, one value
// for all, or a dictionary in which values may come twice.
func randomStrings(r *rand.Rand, n int) Column {
	values := make([]string, 1+r.Intn(6))
	for i := range values {
		values[i] = fmt.Sprint("v", r.Intn(5))[:1+r.Intn(2)]
	}
	if r.Intn(5) == 0 {
		return Constant(table.String, values[0])
	}
	codes, flat := make([]int32, n), make([]string, n)
	for i := range codes {
		codes[i] = int32(r.Intn(len(values)))
		flat[i] = values[codes[i]]
	}
	if r.Intn(4) == 0 {
		return Column{Arr: NewStrings(flat, nil)}
	}
	return Column{Arr: NewDict(codes, NewStrings(values, nil), nil)}
}

func TestShift(t *testing.T) {
	r := rand.New(rand.NewSource(4))
	coded := 0
	for range 500 {
		n := 1 + r.Intn(20)
		c, by := randomStrings(r, n), r.Intn(2*n+3)-n-1
		other := Constant(table.String, []any{"", "v", "v1", nil}[r.Intn(4)])
		got := c.Shift(table.String, by, n, other)
		if _, ok := got.Dict(); ok {
			coded++
		}
		for i := range n {
			want := other.Str(0)
			if j := i + by; j >= 0 && j < n {
				want = c.Str(j)
			}
			if got.IsNull(i) || got.Str(i) != want {
				t.Fatalf("by %d: row %d of %d is %q, want %q", by, i, n, got.Str(i), want)
			}
		}
	}
	if coded == 0 {
		t.Error("no dictionary stayed one")
	}
	numbers := Column{Arr: NewInt64s([]int64{1, 2, 3}, []bool{true, false, true})}
	got := numbers.Shift(table.Long, -1, 3, Constant(table.Long, nil))
	if text := got.Arr.(*array.Int64).String(); text != "[(null) 1 (null)]" {
		t.Errorf("numbers: %s", text)
	}
}

func TestSameNumbers(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	numbered := 0
	for range 300 {
		n := 1 + r.Intn(40)
		a, b := randomStrings(r, n), randomStrings(r, n)
		if r.Intn(3) == 0 {
			b = a.Shift(table.String, -1, n, Constant(table.String, ""))
		}
		x, y, ok := SameNumbers(a, b, n)
		if !ok {
			continue
		}
		numbered++
		for i := range n {
			if (x[i] == y[i]) != (a.Str(i) == b.Str(i)) {
				t.Fatalf("row %d: %q and %q have the numbers %d and %d", i, a.Str(i), b.Str(i), x[i], y[i])
			}
		}
	}
	if numbered == 0 {
		t.Error("nothing was numbered")
	}
}

// BenchmarkShift compares a column of strings with what was in the row before.
func BenchmarkShift(b *testing.B) {
	const n = 1 << 17
	r := rand.New(rand.NewSource(6))
	values, codes := make([]string, 5000), make([]int32, n)
	for i := range values {
		values[i] = fmt.Sprintf("HOST-%06d.corp.contoso.com", i)
	}
	for i := range codes {
		codes[i] = int32(r.Intn(len(values)))
	}
	c := Column{Arr: NewDict(codes, NewStrings(values, nil), nil)}
	for b.Loop() {
		prev := c.Shift(table.String, -1, n, Constant(table.String, ""))
		if _, _, ok := SameNumbers(c, prev, n); !ok {
			b.Fatal("declined")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}
