package fn

import (
	"math"
	"testing"

	"tidemark/engine/vec"
	"tidemark/table"
)

// value is a typed argument of a call in a test.
type value struct {
	t table.Type
	v any
}

func str(s string) value        { return value{table.String, s} }
func long(v int64) value        { return value{table.Long, v} }
func realValue(v float64) value { return value{table.Real, v} }
func dynv(s string) value       { return value{table.Dynamic, s} }

// call chooses the overload of a function, converts the arguments and returns
// the result and its type. It runs the kernel over constants and over rows and
// fails where they differ.
func call(t *testing.T, s *Scalar, values ...value) (any, table.Type) {
	t.Helper()
	return callArgs(t, s, constants(values), values)
}

func constants(values []value) []Arg {
	args := make([]Arg, len(values))
	for i, v := range values {
		c := vec.Constant(v.t, v.v)
		args[i] = Arg{Type: v.t, Const: &c}
	}
	return args
}

func callArgs(t *testing.T, s *Scalar, args []Arg, values []value) (any, table.Type) {
	t.Helper()
	o, types, err := s.Choose(args)
	if err != nil {
		t.Errorf("%s%v: %v", s.Name, values, err)
		return nil, table.Unknown
	}
	fixed, flat := &Args{Env: &Env{}, N: 3, Types: types}, &Args{Env: &Env{}, N: 3, Types: types}
	for i, v := range values {
		c := vec.Constant(v.t, v.v)
		if types[i] != v.t {
			k, ok := Converter(v.t, types[i])
			if !ok {
				t.Fatalf("%s: no conversion from %s to %s", s.Name, v.t, types[i])
			}
			c = k(&Args{N: 3, Cols: []vec.Column{c}, Types: []table.Type{v.t}})
		}
		fixed.Cols = append(fixed.Cols, c)
		flat.Cols = append(flat.Cols, vec.Column{Arr: c.Flat(3)})
	}
	got := o.Kernel(fixed).Value(0)
	rows := o.Kernel(flat)
	for i := range 3 {
		if v := rows.Value(i); v != got && !(isNaN(v) && isNaN(got)) {
			t.Errorf("%s%v: row %d is %v, constant is %v", s.Name, values, i, v, got)
		}
	}
	return got, o.Result
}

func isNaN(v any) bool {
	f, ok := v.(float64)
	return ok && math.IsNaN(f)
}

// check compares the text of a call's result; "null" stands for null.
func check(t *testing.T, want, name string, values ...value) {
	t.Helper()
	s, ok := Lookup(name)
	if !ok {
		t.Fatalf("no function %s", name)
	}
	v, typ := call(t, s, values...)
	got := TextOf(typ, v)
	if v == nil {
		got = "null"
	}
	if got != want {
		t.Errorf("%s%v = %s, want %s", name, values, got, want)
	}
}

func TestConvertString(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"toint", "123", "123"}, {"toint", "2147483648", "null"}, {"toint", "", "null"}, {"toint", " 5 ", "5"}, {"toint", "2.9", "2"}, {"toint", "x", "null"},
		{"tolong", "0x1F", "31"}, {"tolong", "-9223372036854775808", "-9223372036854775808"}, {"tolong", "9223372036854775808", "null"},
		{"toreal", "1e3", "1000"}, {"todouble", "nan", "NaN"}, {"toreal", "1_000", "null"}, {"todecimal", "123.45678", "123.45678"}, {"todecimal", "x", "null"},
		{"tobool", "TRUE", "true"}, {"tobool", "0", "false"}, {"tobool", "yes", "null"}, {"toboolean", "123", "true"},
		{"todatetime", "2015-12-31 23:59:59.9", "2015-12-31T23:59:59.9000000Z"}, {"todatetime", "nope", "null"}, {"totimespan", "0.00:03:00", "00:03:00"}, {"totime", "1d", "1.00:00:00"},
		{"toguid", "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdef"}, {"toguid", "0123456789ab-cdef-0123-456789abcdef", "01234567-89ab-cdef-0123-456789abcdef"},
		{"toguid", "0123456789abcdef0123456789abcdefgh", "01234567-89ab-cdef-0123-456789abcdef"}, {"toguid", "a string that is not a guid", "null"}, {"toguid", "", "null"},
		{"todynamic", ` {"a" : [1, "x y"]} `, `{"a":[1,"x y"]}`}, {"parse_json", `"abc"`, "abc"}, {"parse_json", "", "null"}, {"parse_json", "null", "null"}, {"parse_json", " null ", "null"}, {"parse_json", " ", " "}, {"parse_json", " a ", " a "}, {"parse_json", `a "b`, `a "b`},
		{"tostring", "é", "é"},
	} {
		check(t, c.want, c.name, str(c.in))
	}
}

func TestConvertOthers(t *testing.T) {
	check(t, "true", "tostring", value{table.Bool, true})
	check(t, "1.5", "tostring", realValue(1.5))
	check(t, "", "tostring", value{table.Long, nil})
	check(t, "2", "toint", realValue(2.7))
	check(t, "null", "tolong", realValue(1e300))
	check(t, "1", "tolong", value{table.Bool, true})
	check(t, "5", "tolong", value{table.Decimal, "5.9"})
	check(t, "636923520000000000", "tolong", value{table.Datetime, int64(636923520000000000)})
	check(t, "2019-05-01T00:00:00.0000000Z", "todatetime", long(636922656000000000))
	check(t, "00:00:01", "totimespan", long(10000000))
	check(t, "null", "toguid", value{table.String, "1"})
	check(t, "null", "tobool", value{table.Datetime, int64(1)})
}

func TestConvertDynamic(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"tostring", `"a\"b\u00e9"`, `a"bé`}, {"tostring", `"x"`, "x"}, {"tostring", `{"a":1}`, `{"a":1}`}, {"tostring", "null", ""}, {"tostring", "1.50", "1.50"},
		{"tolong", `"5"`, "5"}, {"tolong", "5.7", "5"}, {"tolong", "true", "1"}, {"tolong", "[1]", "null"}, {"tolong", "null", "null"}, {"toint", "99999999999", "null"},
		{"toreal", `"1.5"`, "1.5"}, {"toreal", "3", "3"}, {"tobool", "true", "true"}, {"tobool", `"false"`, "false"}, {"tobool", "1.5", "true"}, {"tobool", "{}", "null"},
		{"todatetime", `"2020-01-01"`, "2020-01-01T00:00:00.0000000Z"}, {"todatetime", "{}", "null"}, {"totimespan", `"1.00:00:00"`, "1.00:00:00"}, {"totimespan", "10000000", "00:00:01"},
		{"toguid", `"01234567-89ab-cdef-0123-456789abcdef"`, "01234567-89ab-cdef-0123-456789abcdef"}, {"todecimal", "1.5", "1.5"},
		{"gettype", "1", "int"}, {"gettype", "99999999999", "long"}, {"gettype", "1.0", "real"}, {"gettype", `"a"`, "string"}, {"gettype", "{}", "dictionary"}, {"gettype", "[]", "array"}, {"gettype", "null", "null"}, {"gettype", "true", "bool"},
		{"isempty", `""`, "true"}, {"isempty", "[]", "false"}, {"isempty", "null", "true"}, {"isnull", "null", "true"}, {"isnull", "{}", "false"}, {"isnotnull", `""`, "true"}, {"isnotempty", `"a"`, "true"},
	} {
		check(t, c.want, c.name, dynv(c.in))
	}
	for _, name := range []string{"isempty", "isnull"} {
		check(t, "true", name, value{table.Dynamic, nil})
		check(t, "true", name, value{table.Datetime, nil})
	}
	check(t, "false", "isnull", value{table.String, nil})
	check(t, "true", "isempty", value{table.String, nil})
	check(t, "null", "gettype", value{table.Dynamic, nil})
	check(t, "long", "gettype", value{table.Long, nil})
}

func TestAsks(t *testing.T) {
	check(t, "true", "isnan", realValue(math.NaN()))
	check(t, "false", "isnan", long(1))
	check(t, "false", "isfinite", value{table.Real, nil})
	check(t, "true", "isinf", realValue(math.Inf(-1)))
	check(t, "true", "isfinite", realValue(0))
}

func TestToHex(t *testing.T) {
	check(t, "100", "tohex", long(256))
	check(t, "ffffffffffffff00", "tohex", long(-256))
	check(t, "ffffff00", "tohex", value{table.Int, int64(-256)}, long(8))
	check(t, "00000100", "tohex", long(256), long(8))
	check(t, "100", "tohex", long(256), long(2))
	check(t, "0000000000000001", "tohex", long(1), long(99))
	check(t, "", "tohex", value{table.Long, nil})
}

func TestJSON(t *testing.T) {
	for _, c := range []struct {
		v    value
		want string
	}{
		{realValue(1), "1.0"}, {realValue(1e300), "1E+300"}, {realValue(math.NaN()), `"NaN"`}, {realValue(math.Inf(-1)), `"-Infinity"`}, {long(5), "5"}, {value{table.Bool, true}, "true"},
		{str(`a"b`), `"a\"b"`}, {dynv(`[1]`), `[1]`}, {value{table.Timespan, int64(10000000)}, `"00:00:01"`}, {value{table.Long, nil}, "null"}, {value{table.Decimal, "1.50"}, `"1.50"`},
	} {
		if got := JSON(c.v.t, c.v.v); got != c.want {
			t.Errorf("JSON(%v) = %s, want %s", c.v, got, c.want)
		}
	}
}
