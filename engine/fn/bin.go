package fn

import (
	"fmt"
	"math"

	"tidemark/engine/vec"
	"tidemark/internal/dec"
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "bin", Aliases: []string{"floor"}, Family: "rounding", Naming: ByFirst,
		Usage:    []string{"bin(number, number): number", "bin(datetime, timespan): datetime", "bin(timespan, timespan): timespan"},
		Doc:      "Rounds a value down to a multiple of a size; gives null where the size is not positive.",
		Examples: []Example{{`print bin(7, 5)`, `5`}, {`print bin(-1, 5)`, `-5`}, {`print bin(datetime(1970-05-11 13:45:07), 1h)`, `1970-05-11T13:00:00.0000000Z`}},
		Resolve:  resolveBin,
	})
	register(Scalar{
		Name: "bin_at", Family: "rounding", Naming: ByFirst,
		Usage:    []string{"bin_at(number, number, number): number", "bin_at(datetime, timespan, datetime): datetime", "bin_at(timespan, timespan, timespan): timespan"},
		Doc:      "Rounds a value down to a multiple of a size, counted from a fixed point.",
		Examples: []Example{{`print bin_at(6.5, 2.5, 7)`, `4.5`}, {`print bin_at(datetime(2017-05-15 10:20:00.0), 1d, datetime(1970-01-01 12:00:00.0))`, `2017-05-14T12:00:00.0000000Z`}},
		Resolve:  resolveBinAt,
	})
}

func resolveBin(args []Arg) (Overload, error) {
	if len(args) != 2 {
		return Overload{}, &MismatchError{Arg: -1, Msg: fmt.Sprintf("bin() takes 2 arguments, not %d", len(args)), Hint: "usage: bin(value, size)"}
	}
	t, size, err := binTypes(args[0], args[1])
	if err != nil {
		return Overload{}, err
	}
	o := Overload{Params: []Param{P(t), P(size)}, Result: t}
	switch t {
	case table.Real:
		o.Kernel = Try2(binReal).Kernel
	case table.Decimal:
		o.Kernel = Try2(binDec).Kernel
	default:
		o.Kernel = binInts
	}
	return o, nil
}

// binTypes returns the types that value and size are converted to.
func binTypes(value, size Arg) (v, s table.Type, err error) {
	v, s = value.Type, size.Type
	if v == table.Dynamic { // Kusto takes none; numbers are what they mostly hold
		v = table.Real
		if s == table.Timespan {
			v = table.Datetime
		}
	}
	switch {
	case v == table.Unknown || s == table.Unknown:
		if v == table.Unknown {
			v = s
		}
		return v, v, nil
	case v.IsNumeric() && s.IsNumeric():
		t := max(v, s)
		if t == table.Int {
			t = table.Long // even of two ints, as Kusto has it
		}
		return t, t, nil
	case v == table.Datetime && (s == table.Timespan || s == table.Datetime), v == table.Timespan && s == table.Timespan:
		return v, s, nil
	case v == table.Datetime || v == table.Timespan:
		return v, s, &MismatchError{Arg: 1, Msg: fmt.Sprintf("bin() of a %s takes a timespan here, not a %s", v, s), Hint: "write the size with a unit, such as 1h or 1d"}
	case v.IsNumeric():
		return v, s, &MismatchError{Arg: 1, Msg: fmt.Sprintf("bin() of a %s takes a number here, not a %s", v, s)}
	}
	return v, s, &MismatchError{Arg: 0, Msg: fmt.Sprintf("bin() takes a number, datetime or timespan here, not a %s", v), Hint: "convert it, such as with todatetime() or tolong()"}
}

// floorTo rounds v down to a multiple of size, which is positive.
func floorTo(v, size int64) (int64, bool) {
	r := v % size
	if r < 0 {
		r += size
	}
	return v - r, v-r <= v // false where it falls below the least long
}

// binInts is bin() over all types that are whole numbers inside.
func binInts(args *Args) vec.Column {
	if size := args.Cols[1]; size.Const && !args.Cols[0].Const {
		if size.IsNull(0) || size.Int64(0) <= 0 {
			return vec.Column{Arr: vec.Nulls(table.Long.Arrow(), 1), Const: true}
		}
		return vec.Column{Arr: vec.NewInt64s(binBy(vec.Int64s(args.Cols[0].Arr), size.Int64(0)), vec.Validity(args.Cols[0].Arr))}
	}
	return Try2(func(v, size int64) (int64, bool) {
		if size <= 0 {
			return 0, false
		}
		return floorTo(v, size)
	}).Kernel(args)
}

// binBy bins values by one size. Neighbours mostly fall into the same bin, in
// data that comes in order of time, which saves the division.
func binBy(values []int64, size int64) []int64 {
	out := make([]int64, len(values))
	var low int64
	for i, v := range values {
		if v < low || uint64(v-low) >= uint64(size) {
			low, _ = floorTo(v, size)
		}
		out[i] = low
	}
	return out
}

func binReal(v, size float64) (float64, bool) {
	if !(size > 0) {
		return 0, false
	}
	return math.Floor(v/size) * size, true
}

func binDec(v, size Dec) (Dec, bool) {
	if dec.Compare(string(size), "0") <= 0 {
		return "", false
	}
	r, ok := dec.Op('%', string(v), string(size))
	if !ok {
		return "", false
	}
	if dec.Compare(r, "0") < 0 {
		if r, ok = dec.Op('+', r, string(size)); !ok {
			return "", false
		}
	}
	d, ok := dec.Op('-', string(v), r)
	return Dec(d), ok
}

func resolveBinAt(args []Arg) (Overload, error) {
	if len(args) != 3 {
		return Overload{}, &MismatchError{Arg: -1, Msg: fmt.Sprintf("bin_at() takes 3 arguments, not %d", len(args)), Hint: "usage: bin_at(value, size, fixed point)"}
	}
	t, size, err := binTypes(args[0], args[1])
	if err != nil {
		return Overload{}, err
	}
	if fixed := args[2].Type; t.IsNumeric() && fixed.IsNumeric() {
		t = max(t, fixed)
		size = t
	} else if fixed != t && fixed != table.Dynamic && fixed != table.Unknown {
		return Overload{}, &MismatchError{Arg: 2, Msg: fmt.Sprintf("bin_at() takes a fixed point of the value's type, %s, not a %s", t, fixed)}
	}
	o := Overload{Params: []Param{P(t), P(size), P(t)}, Result: t}
	switch t {
	case table.Real:
		o.Kernel = Try3(func(v, size, fixed float64) (float64, bool) {
			b, ok := binReal(v-fixed, size)
			return b + fixed, ok
		}).Kernel
	case table.Decimal:
		o.Kernel = Try3(binAtDec).Kernel
	default:
		o.Kernel = Try3(func(v, size, fixed int64) (int64, bool) {
			if size <= 0 {
				return 0, false
			}
			b, ok := floorTo(v-fixed, size)
			return b + fixed, ok && (t != table.Datetime || table.Time(b+fixed).Valid())
		}).Kernel
	}
	return o, nil
}

func binAtDec(v, size, fixed Dec) (Dec, bool) {
	d, ok := dec.Op('-', string(v), string(fixed))
	if !ok {
		return "", false
	}
	b, ok := binDec(Dec(d), size)
	if !ok {
		return "", false
	}
	d, ok = dec.Op('+', string(b), string(fixed))
	return Dec(d), ok
}
