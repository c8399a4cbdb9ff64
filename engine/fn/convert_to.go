package fn

import (
	"strconv"
	"strings"

	"tidemark/engine/vec"
	"tidemark/table"
)

// to registers a function that converts a value of any type to type t; null
// where that cannot be done.
func to(s Scalar, t table.Type) { convertFrom(s, Any, t) }

// convertFrom is to for values of some types.
func convertFrom(s Scalar, from Param, t table.Type) {
	s.Family, s.Naming = "conversion", ByFirst
	s.Overloads = []Overload{{Params: []Param{from}, Result: t, Kernel: func(a *Args) vec.Column {
		k, ok := Converter(a.Types[0], t)
		if !ok {
			k = nulls(t)
		}
		return k(a)
	}}}
	register(s)
}

func init() {
	to(Scalar{Name: "tostring", Doc: "Converts a value to a string; null gives an empty one.",
		Examples: []Example{{`print tostring(123)`, "123"}, {`print tostring(1h)`, "01:00:00"}}}, table.String)
	to(Scalar{Name: "toint", Doc: "Converts a value to an int; a fraction is cut off.",
		Examples: []Example{{`print toint("123")`, "123"}, {`print toint(2.7)`, "2"}}}, table.Int)
	to(Scalar{Name: "tolong", Doc: "Converts a value to a long; a fraction is cut off.",
		Examples: []Example{{`print tolong("0x1F")`, "31"}}}, table.Long)
	to(Scalar{Name: "toreal", Aliases: []string{"todouble"}, Doc: "Converts a value to a real.",
		Examples: []Example{{`print toreal("123.4")`, "123.4"}}}, table.Real)
	to(Scalar{Name: "todecimal", Doc: "Converts a value to a decimal.",
		Examples: []Example{{`print todecimal("123.45678")`, "123.45678"}}}, table.Decimal)
	to(Scalar{Name: "tobool", Aliases: []string{"toboolean"}, Doc: "Converts a value to a bool; numbers other than 0 are true.",
		Examples: []Example{{`print tobool("true")`, "true"}, {`print tobool(0)`, "false"}}}, table.Bool)
	to(Scalar{Name: "todatetime", Doc: "Converts a value to a datetime.",
		Examples: []Example{{`print todatetime("2015-12-31 23:59:59.9")`, "2015-12-31T23:59:59.9000000Z"}}}, table.Datetime)
	to(Scalar{Name: "totimespan", Aliases: []string{"totime"}, Doc: "Converts a value to a timespan.",
		Examples: []Example{{`print totimespan("0.00:03:00")`, "00:03:00"}}}, table.Timespan)
	convertFrom(Scalar{Name: "toguid", Doc: "Converts a string to a guid.",
		Examples: []Example{{`print toguid("0123456789ABCDEF0123456789ABCDEF")`, "01234567-89ab-cdef-0123-456789abcdef"}}}, TextOrDynamic, table.Guid)
	convertFrom(Scalar{Name: "parse_json", Aliases: []string{"todynamic", "parsejson", "toobject"}, Doc: "Reads a string as JSON; what is not JSON stays a string.",
		Examples: []Example{{`print parse_json('{"a": [1, 2]}').a[1]`, "2"}, {`print todynamic("a b")`, "a b"}}}, TextOrDynamic, table.Dynamic)
	register(Scalar{Name: "tohex", Family: "conversion", Naming: ByFirst, Doc: "Writes a number in hexadecimal, with zeros in front up to a least length.",
		Examples: []Example{{`print tohex(256)`, "100"}, {`print tohex(256, 8)`, "00000100"}, {`print tohex(-1)`, "ffffffffffffffff"}},
		Overloads: []Overload{
			Of1(func(v Int) string { return hex(uint64(uint32(v)), 0) }),
			Of1(func(v int64) string { return hex(uint64(v), 0) }),
			Of2(func(v Int, least int64) string { return hex(uint64(uint32(v)), least) }),
			Of2(func(v, least int64) string { return hex(uint64(v), least) }),
		}})
	registerTests()
}

// hex writes v with at least that many digits, at most 16.
func hex(v uint64, least int64) string {
	s := strconv.FormatUint(v, 16)
	if n := int(min(least, 16)) - len(s); n > 0 {
		return strings.Repeat("0", n) + s
	}
	return s
}

// perRow makes an overload of one argument of any type whose body sees nulls.
func perRow[R Value](body func(t table.Type, c vec.Column, i int) R) Overload {
	return Overload{Params: []Param{Any}, Result: typeOf[R](), Kernel: func(a *Args) vec.Column {
		r := newResults[R](a)
		for i := range r.out {
			r.out[i] = body(a.Types[0], a.Cols[0], i)
		}
		return r.column()
	}}
}

// isNull tells whether a row is null; strings never are, JSON's null is.
func isNull(t table.Type, c vec.Column, i int) bool {
	switch {
	case t == table.String:
		return false
	case c.IsNull(i):
		return true
	}
	return t == table.Dynamic && c.Str(i) == "null"
}

// isEmpty tells whether tostring() of a row is empty.
func isEmpty(t table.Type, c vec.Column, i int) bool {
	switch {
	case c.IsNull(i):
		return true
	case t == table.String:
		return c.Str(i) == ""
	case t == table.Dynamic:
		s := c.Str(i)
		return s == "null" || s == `""`
	}
	return false
}

// registerTests registers the functions that ask about a value.
func registerTests() {
	register(Scalar{Name: "isempty", Family: "conversion", Doc: "Tells whether a value is null or an empty string.",
		Examples:  []Example{{`print isempty("")`, "true"}, {`print isempty(0)`, "false"}},
		Overloads: []Overload{perRow(isEmpty)}})
	register(Scalar{Name: "isnotempty", Aliases: []string{"notempty"}, Family: "conversion", Doc: "Tells whether a value is neither null nor an empty string.",
		Examples:  []Example{{`print isnotempty("a")`, "true"}},
		Overloads: []Overload{perRow(func(t table.Type, c vec.Column, i int) bool { return !isEmpty(t, c, i) })}})
	register(Scalar{Name: "isnull", Family: "conversion", Doc: "Tells whether a value is null; a string never is.",
		Examples:  []Example{{`print isnull(long(null))`, "true"}, {`print isnull("")`, "false"}},
		Overloads: []Overload{perRow(isNull)}})
	register(Scalar{Name: "isnotnull", Aliases: []string{"notnull"}, Family: "conversion", Doc: "Tells whether a value is not null.",
		Examples:  []Example{{`print isnotnull(1)`, "true"}},
		Overloads: []Overload{perRow(func(t table.Type, c vec.Column, i int) bool { return !isNull(t, c, i) })}})
	register(Scalar{Name: "gettype", Family: "conversion", Naming: ByName, Prefix: "type", Doc: "Names the type of a value; of a dynamic, that of what it holds.",
		Examples:  []Example{{`print gettype(111)`, "long"}, {`print gettype(parse_json("[1]"))`, "array"}},
		Overloads: []Overload{perRow(typeName)}})
}

func typeName(t table.Type, c vec.Column, i int) string {
	if t == table.Unknown {
		return "null"
	}
	if t != table.Dynamic {
		return t.String()
	}
	if isNull(t, c, i) {
		return "null"
	}
	switch s := c.Str(i); {
	case s[0] == '{':
		return "dictionary"
	case s[0] == '[':
		return "array"
	case s[0] == '"':
		return "string"
	case s == "true" || s == "false":
		return "bool"
	default:
		v, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return "real"
		}
		if _, ok := longToInt(v); ok {
			return "int"
		}
		return "long"
	}
}
