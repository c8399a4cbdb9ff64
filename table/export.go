package table

import (
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// ErrTooLarge says that the strings of a column do not fit in one Arrow
// array. Exporting the record in slices helps.
var ErrTooLarge = errors.New("more than 1 GiB of text in a column of one record")

// InHalves calls f for a record, and where that is ErrTooLarge for its halves.
func InHalves(rec arrow.Record, f func(arrow.Record) error) error {
	err := f(rec)
	half := rec.NumRows() / 2
	if half == 0 || !errors.Is(err, ErrTooLarge) {
		return err
	}
	if err := InHalves(rec.NewSlice(0, half), f); err != nil {
		return err
	}
	return InHalves(rec.NewSlice(half, rec.NumRows()), f)
}

// maxText is how many bytes of text a column of a record may have: Arrow's
// offsets are int32.
const maxText = 1 << 30

// Exported is the standard Arrow type that values of type t have outside
// Tidemark:
//
//	bool      bool
//	int       int32
//	long      int64
//	real      float64
//	string    utf8
//	datetime  timestamp[us, UTC]   what is below a microsecond is cut off
//	timespan  duration[us]         likewise
//	decimal   utf8                 the canonical text
//	guid      utf8                 lower case with hyphens
//	dynamic   utf8                 JSON
//
// Microseconds, because nanoseconds reach from 1677 to 2262 only and agents do
// send the years 1 and 9999. KQL's type is in the field's metadata under
// "kusto.type".
func (t Type) Exported() arrow.DataType {
	switch t {
	case Int:
		return arrow.PrimitiveTypes.Int32
	case Datetime:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	case Timespan:
		return arrow.FixedWidthTypes.Duration_us
	}
	return t.Arrow()
}

// ExportSchema is the schema of what Export returns.
func ExportSchema(cols []Column) *arrow.Schema {
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.Exported(), Nullable: true,
			Metadata: arrow.NewMetadata([]string{"kusto.type"}, []string{c.Type.String()})}
	}
	return arrow.NewSchema(fields, nil)
}

// Export converts a record from the layout inside Tidemark to standard Arrow
// types, see Type.Exported. Dictionaries are decoded, so that all records of a
// result have one schema. Columns that need no change share memory with rec.
func Export(rec arrow.Record, cols []Column) (arrow.Record, error) {
	if int(rec.NumCols()) != len(cols) {
		return nil, fmt.Errorf("export: a record of %d columns for %d", rec.NumCols(), len(cols))
	}
	arrays := make([]arrow.Array, len(cols))
	for i, c := range cols {
		a, err := exportArray(rec.Column(i), c.Type)
		if err != nil {
			return nil, fmt.Errorf("export column %s: %w", c.Name, err)
		}
		arrays[i] = a
	}
	return array.NewRecord(ExportSchema(cols), arrays, rec.NumRows()), nil
}

// Flat decodes the dictionaries of a record and changes nothing else.
func Flat(rec arrow.Record, cols []Column) (arrow.Record, error) {
	if int(rec.NumCols()) != len(cols) {
		return nil, fmt.Errorf("a record of %d columns for %d", rec.NumCols(), len(cols))
	}
	arrays := make([]arrow.Array, len(cols))
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		a := rec.Column(i)
		if d, ok := a.(*array.Dictionary); ok {
			var err error
			if a, err = decodeDictionary(d, c.Type); err != nil {
				return nil, fmt.Errorf("column %s: %w", c.Name, err)
			}
		}
		if !arrow.TypeEqual(a.DataType(), c.Type.Arrow()) {
			return nil, fmt.Errorf("column %s: a %s cannot lie in an arrow %s", c.Name, c.Type, a.DataType())
		}
		arrays[i], fields[i] = a, arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: true}
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), arrays, rec.NumRows()), nil
}

func exportArray(a arrow.Array, t Type) (arrow.Array, error) {
	switch v := a.(type) {
	case *array.Dictionary:
		if t.Physical() == Strings {
			return decodeDictionary(v, t)
		}
	case *array.String:
		if t == String && v.NullN() > 0 {
			return withoutNulls(v), nil
		}
	case *array.Int64:
		switch t {
		case Int:
			return exportInts(v), nil
		case Datetime:
			return exportTimes(v), nil
		case Timespan:
			return exportDurations(v), nil
		}
	}
	if !arrow.TypeEqual(a.DataType(), t.Exported()) {
		return nil, fmt.Errorf("a %s cannot lie in an arrow %s", t, a.DataType())
	}
	return a, nil
}

// exportInts makes int32s. What int cannot hold becomes null, as KQL's
// arithmetic does.
func exportInts(a *array.Int64) arrow.Array {
	b := array.NewInt32Builder(memory.DefaultAllocator)
	b.Reserve(a.Len())
	for i := range a.Len() {
		if v := a.Value(i); a.IsNull(i) || v < math.MinInt32 || v > math.MaxInt32 {
			b.AppendNull()
		} else {
			b.Append(int32(v))
		}
	}
	return b.NewArray()
}

func exportTimes(a *array.Int64) arrow.Array {
	b := array.NewTimestampBuilder(memory.DefaultAllocator, Datetime.Exported().(*arrow.TimestampType))
	b.Reserve(a.Len())
	for i := range a.Len() {
		if a.IsNull(i) {
			b.AppendNull()
		} else {
			b.Append(arrow.Timestamp(Time(a.Value(i)).UnixMicro()))
		}
	}
	return b.NewArray()
}

func exportDurations(a *array.Int64) arrow.Array {
	b := array.NewDurationBuilder(memory.DefaultAllocator, arrow.FixedWidthTypes.Duration_us.(*arrow.DurationType))
	b.Reserve(a.Len())
	for i := range a.Len() {
		if a.IsNull(i) {
			b.AppendNull()
		} else {
			b.Append(arrow.Duration(a.Value(i) / int64(Microsecond)))
		}
	}
	return b.NewArray()
}

// withoutNulls makes null strings empty: KQL's strings are never null.
func withoutNulls(a *array.String) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.Reserve(a.Len())
	for i := range a.Len() {
		if a.IsNull(i) {
			b.Append("")
		} else {
			b.Append(a.Value(i))
		}
	}
	return b.NewArray()
}

func decodeDictionary(a *array.Dictionary, t Type) (arrow.Array, error) {
	values, ok := a.Dictionary().(*array.String)
	if !ok {
		return nil, fmt.Errorf("a dictionary of arrow %s", a.Dictionary().DataType())
	}
	absent := func(i int) bool { return a.IsNull(i) || values.IsNull(a.GetValueIndex(i)) }
	size := 0
	for i := range a.Len() {
		if !absent(i) {
			size += len(values.Value(a.GetValueIndex(i)))
		}
	}
	if size > maxText {
		return nil, ErrTooLarge
	}
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.Reserve(a.Len())
	b.ReserveData(size)
	for i := range a.Len() {
		switch {
		case absent(i) && t == String:
			b.Append("")
		case absent(i):
			b.AppendNull()
		default:
			b.Append(values.Value(a.GetValueIndex(i)))
		}
	}
	return b.NewArray(), nil
}
