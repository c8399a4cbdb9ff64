package table

import (
	"fmt"
	"math"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

func TestExport(t *testing.T) {
	ticks, _ := ParseTime("2026-02-03T10:15:02.3071239Z")
	ints := func(v ...int64) arrow.Array {
		b := array.NewInt64Builder(memory.DefaultAllocator)
		b.AppendValues(v, nil)
		b.AppendNull()
		return b.NewArray()
	}
	strs := array.NewStringBuilder(memory.DefaultAllocator)
	strs.AppendValues([]string{"x", "yy", ""}, []bool{true, true, false})
	text := strs.NewArray()
	index := array.NewInt32Builder(memory.DefaultAllocator)
	index.AppendValues([]int32{1, 2, 0}, []bool{true, true, false})
	dict := array.NewDictionaryArray(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, index.NewArray(), text)

	cases := []struct {
		t    Type
		in   arrow.Array
		want string
	}{
		{Int, ints(5, math.MaxInt32+1), "int32 [5 (null) (null)]"},
		{Long, ints(1, -1), "int64 [1 -1 (null)]"},
		{Datetime, ints(int64(ticks), int64(MinTime)), "timestamp[us, tz=UTC] [1770113702307123 -62135596800000000 (null)]"},
		{Timespan, ints(15, -15), "duration[us] [1 -1 (null)]"},
		{String, text, `utf8 ["x" "yy" ""]`},
		{Guid, text, `utf8 ["x" "yy" (null)]`},
		{Dynamic, dict, `utf8 ["yy" (null) (null)]`},
		{String, dict, `utf8 ["yy" "" ""]`},
	}
	for _, c := range cases {
		cols := []Column{{Name: "c", Type: c.t}}
		in := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "c", Type: c.in.DataType(), Nullable: true}}, nil), []arrow.Array{c.in}, 3)
		out, err := Export(in, cols)
		if err != nil {
			t.Errorf("%s: %v", c.t, err)
			continue
		}
		if got := fmt.Sprint(out.Column(0).DataType(), " ", out.Column(0)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.t, got, c.want)
		}
		sliced, err := Export(in.NewSlice(1, 3), cols)
		if err != nil || !array.Equal(sliced.Column(0), array.NewSlice(out.Column(0), 1, 3)) {
			t.Errorf("%s: a slice gives %v, %v", c.t, sliced, err)
		}
	}
}

func TestExportErrors(t *testing.T) {
	b := array.NewFloat64Builder(memory.DefaultAllocator)
	b.Append(1)
	rec := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "c", Type: arrow.PrimitiveTypes.Float64}}, nil), []arrow.Array{b.NewArray()}, 1)
	if _, err := Export(rec, []Column{{Name: "c", Type: Long}}); err == nil {
		t.Error("a float64 passed as a long")
	}
	if _, err := Export(rec, nil); err == nil {
		t.Error("a column too many passed")
	}
}
