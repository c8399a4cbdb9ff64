package fn

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"tidemark/engine/vec"
	"tidemark/internal/dec"
	"tidemark/internal/dyn"
	"tidemark/table"
)

type pair struct{ from, to table.Type }

// conversions holds every way from one scalar type to another, but for those
// to the same type. What cannot be converted becomes null.
var conversions = map[pair]Kernel{}

func conversion(o Overload) {
	from := table.Type(o.Params[0])
	if o.Params[0] == AsText {
		from = table.String
	}
	conversions[pair{from, o.Result}] = o.Kernel
}

// Converter returns the kernel of one argument that converts a column, and
// whether values of type from convert to type to at all. The binder uses it
// for implicit conversions and the to… functions for explicit ones.
func Converter(from, to table.Type) (Kernel, bool) {
	if from == to {
		return same, true
	}
	if from == table.Unknown {
		return nulls(to), true
	}
	k, ok := conversions[pair{from, to}]
	return k, ok
}

// same returns its argument.
func same(a *Args) vec.Column { return a.Cols[0] }

// nulls makes a kernel that gives null whatever its arguments.
func nulls(t table.Type) Kernel {
	return func(*Args) vec.Column { return vec.Constant(t, nil) }
}

func init() {
	fromNumbers()
	fromString()
	fromDynamic()
	toText()
	toJSON()
	// Times are numbers of ticks.
	conversion(Of1(func(t table.Time) int64 { return int64(t) }))
	conversion(Of1(func(d table.Duration) int64 { return int64(d) }))
	conversion(Of1(func(t table.Time) float64 { return float64(t) }))
	conversion(Of1(func(d table.Duration) float64 { return float64(d) }))
	conversion(Try1(func(v int64) (table.Time, bool) { return table.Time(v), table.Time(v).Valid() }))
	conversion(Of1(func(v int64) table.Duration { return table.Duration(v) }))
	conversion(Of1(func(v Int) table.Time { return table.Time(max(v, 0)) }))
	conversion(Of1(func(v Int) table.Duration { return table.Duration(v) }))
	conversion(Try1(func(f float64) (table.Duration, bool) { v, ok := realToLong(f); return table.Duration(v), ok }))
	conversion(Try1(func(f float64) (table.Time, bool) {
		v, ok := realToLong(f)
		return table.Time(v), ok && table.Time(v).Valid()
	}))
}

func fromNumbers() {
	conversion(Of1(func(v Int) int64 { return int64(v) }))
	conversion(Of1(func(v Int) float64 { return float64(v) }))
	conversion(Of1(func(v Int) Dec { return Dec(strconv.FormatInt(int64(v), 10)) }))
	conversion(Of1(func(v Int) bool { return v != 0 }))
	conversion(Try1(longToInt))
	conversion(Of1(func(v int64) float64 { return float64(v) }))
	conversion(Of1(func(v int64) Dec { return Dec(strconv.FormatInt(v, 10)) }))
	conversion(Of1(func(v int64) bool { return v != 0 }))
	conversion(Try1(func(f float64) (Int, bool) { return asInt(realToLong(f)) }))
	conversion(Try1(realToLong))
	conversion(Try1(func(f float64) (Dec, bool) { s, ok := dec.FromReal(f); return Dec(s), ok }))
	conversion(Try1(func(f float64) (bool, bool) { return f != 0, !math.IsNaN(f) }))
	conversion(Try1(func(d Dec) (Int, bool) { return asInt(dec.Long(string(d))) }))
	conversion(Try1(func(d Dec) (int64, bool) { return dec.Long(string(d)) }))
	conversion(Try1(func(d Dec) (float64, bool) { return dec.Real(string(d)) }))
	conversion(Try1(func(d Dec) (bool, bool) { f, ok := dec.Real(string(d)); return f != 0, ok }))
	conversion(Of1(func(b bool) Int { return Int(bit(b)) }))
	conversion(Of1(bit))
	conversion(Of1(func(b bool) float64 { return float64(bit(b)) }))
	conversion(Of1(func(b bool) Dec { return Dec(strconv.FormatInt(bit(b), 10)) }))
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func longToInt(v int64) (Int, bool) { return Int(v), v >= math.MinInt32 && v <= math.MaxInt32 }

// asInt narrows the result of a conversion to long.
func asInt(v int64, ok bool) (Int, bool) {
	i, fits := longToInt(v)
	return i, ok && fits
}

// realToLong cuts towards zero.
func realToLong(f float64) (int64, bool) {
	return int64(f), f >= -1<<63 && f < 1<<63
}

func parseInt(s string) (Int, bool) { return asInt(table.ParseLong(s)) }

func parseDec(s string) (Dec, bool) { d, ok := dec.Parse(s); return Dec(d), ok }

// parseGuid reads a guid. Kusto is lax about one: the hyphens may be there or
// not, each for itself, and what follows the 32nd digit does not count.
func parseGuid(s string) (Guid, bool) {
	if g, ok := table.ParseGuid(s); ok {
		return Guid(g), true
	}
	digits := make([]byte, 0, 32)
	for i := 0; i < len(s) && len(digits) < 32; i++ {
		n := len(digits)
		if s[i] == '-' && (n == 8 || n == 12 || n == 16 || n == 20) && s[i-1] != '-' {
			continue
		}
		digits = append(digits, s[i])
	}
	g, ok := table.ParseGuid(string(digits))
	return Guid(g), ok
}

func fromString() {
	conversion(Try1(table.ParseBool))
	conversion(Try1(parseInt))
	conversion(Try1(table.ParseLong))
	conversion(Try1(table.ParseReal))
	conversion(Try1(parseDec))
	conversion(Try1(table.ParseTime))
	conversion(Try1(table.ParseDuration))
	conversion(Try1(parseGuid))
	conversion(Try1(parseJSON))
}

// parseJSON returns compact JSON text of what s holds. What is not JSON is a
// string; an empty text and null are null.
func parseJSON(s string) (Dyn, bool) {
	if s == "" || s == "null" {
		return "", false
	}
	b := []byte(s)
	if !dyn.Valid(b) {
		return quote(s), true
	}
	b = dyn.AppendCompact(make([]byte, 0, len(b)), b)
	return Dyn(b), string(b) != "null"
}

// quote makes a dynamic of a string.
func quote(s string) Dyn { return Dyn(dyn.AppendString(make([]byte, 0, len(s)+2), s)) }

func toText() {
	conversions[pair{table.Guid, table.String}] = same
	conversion(Of1(strconv.FormatBool))
	conversion(Of1(func(v Int) string { return strconv.FormatInt(int64(v), 10) }))
	conversion(Of1(func(v int64) string { return strconv.FormatInt(v, 10) }))
	conversion(Of1(table.FormatReal))
	conversion(Of1(func(d Dec) string { return string(d) }))
	conversion(Of1(table.Time.String))
	conversion(Of1(table.Duration.String))
	conversion(Of1(func(g Guid) string { return string(g) }))
	conversion(Of1(func(d Dyn) string { return dynText(string(d)) }))
}

func toJSON() {
	conversion(Of1(func(b bool) Dyn { return Dyn(strconv.FormatBool(b)) }))
	conversion(Of1(func(v Int) Dyn { return Dyn(strconv.FormatInt(int64(v), 10)) }))
	conversion(Of1(func(v int64) Dyn { return Dyn(strconv.FormatInt(v, 10)) }))
	conversion(Of1(func(f float64) Dyn { return Dyn(realJSON(f)) }))
	conversion(Of1(func(d Dec) Dyn { return quote(string(d)) }))
	conversion(Of1(func(t table.Time) Dyn { return quote(t.String()) }))
	conversion(Of1(func(d table.Duration) Dyn { return quote(d.String()) }))
	conversion(Of1(func(g Guid) Dyn { return quote(string(g)) }))
}

// realJSON writes a real so that it reads back as one: 1 is 1.0. NaN and the
// infinities, which JSON lacks, are strings.
func realJSON(f float64) string { return string(appendRealJSON(make([]byte, 0, 24), f)) }

func appendRealJSON(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(table.AppendReal(append(b, '"'), f), '"')
	}
	start := len(b)
	b = table.AppendReal(b, f)
	if bytes.ContainsAny(b[start:], ".E") {
		return b
	}
	return append(b, ".0"...)
}

// TextOf is what tostring() gives for a value of type t, in the form that
// vec.Column.Value returns it. Null is empty.
func TextOf(t table.Type, v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		switch t {
		case table.Datetime:
			return table.Time(v).String()
		case table.Timespan:
			return table.Duration(v).String()
		}
		return strconv.FormatInt(v, 10)
	case float64:
		return table.FormatReal(v)
	case string:
		if t == table.Dynamic {
			return dynText(v)
		}
		return v
	}
	return ""
}

// JSON is the value as JSON text, as an element of a dynamic value. A string
// stays a string whatever it holds. Null is null.
func JSON(t table.Type, v any) string {
	switch v := v.(type) {
	case bool, int64:
		if s := TextOf(t, v); t == table.Datetime || t == table.Timespan {
			return `"` + s + `"`
		} else {
			return s
		}
	case float64:
		return realJSON(v)
	case string:
		if t == table.Dynamic {
			return v
		}
		return string(quote(v))
	}
	return "null"
}

// appendJSON appends what JSON returns.
func appendJSON(b []byte, t table.Type, v any) []byte {
	switch v := v.(type) {
	case int64:
		if t == table.Int || t == table.Long {
			return strconv.AppendInt(b, v, 10)
		}
	case float64:
		return appendRealJSON(b, v)
	case string:
		if t != table.Dynamic {
			return dyn.AppendString(b, v)
		}
	}
	return append(b, JSON(t, v)...)
}

// dynText is what tostring() gives for a dynamic: the text of a string, the
// JSON of all else, nothing for null.
func dynText(d string) string {
	if d == "null" {
		return ""
	}
	if s, ok := dynString(d); ok {
		return s
	}
	return d
}

// dynString returns the text of a dynamic that is a string.
func dynString(d string) (string, bool) {
	if len(d) < 2 || d[0] != '"' {
		return "", false
	}
	if strings.IndexByte(d, '\\') < 0 {
		return d[1 : len(d)-1], true
	}
	p := parsers.Get()
	defer parsers.Put(p)
	v, err := p.Parse(d)
	if err != nil {
		return d, true
	}
	return string(v.GetStringBytes()), true
}

// parsers are shared by the functions that read JSON.
var parsers dyn.Pool

// fromDyn lifts the reading of a dynamic: a string in it converts as strings
// do, a number or bool by its JSON text, and arrays and objects not at all.
func fromDyn[R Value](parse func(string) (R, bool)) Overload {
	return Try1(func(d Dyn) (R, bool) {
		if len(d) == 0 || d[0] == '{' || d[0] == '[' {
			var none R
			return none, false
		}
		return parse(dynText(string(d)))
	})
}

// ticks reads a number as ticks, and else by parse.
func ticks[R ~int64](parse func(string) (R, bool)) func(Dyn) (R, bool) {
	return func(d Dyn) (R, bool) {
		if len(d) == 0 || d[0] == '{' || d[0] == '[' {
			return 0, false
		}
		if d[0] == '"' {
			return parse(dynText(string(d)))
		}
		v, ok := table.ParseLong(string(d))
		return R(v), ok
	}
}

// dynReal reads true and false as 1 and 0 too.
func dynReal(s string) (float64, bool) {
	if b, ok := jsonBool(s); ok {
		return float64(bit(b)), true
	}
	return table.ParseReal(s)
}

func dynLong(s string) (int64, bool) {
	if b, ok := jsonBool(s); ok {
		return bit(b), true
	}
	return table.ParseLong(s)
}

func jsonBool(s string) (value, ok bool) { return s == "true", s == "true" || s == "false" }

func fromDynamic() {
	conversion(fromDyn(func(s string) (bool, bool) {
		if b, ok := table.ParseBool(s); ok {
			return b, true
		}
		f, ok := table.ParseReal(s)
		return f != 0, ok
	}))
	conversion(fromDyn(func(s string) (Int, bool) { return asInt(dynLong(s)) }))
	conversion(fromDyn(dynLong))
	conversion(fromDyn(dynReal))
	conversion(fromDyn(parseDec))
	conversion(Try1(ticks(table.ParseTime)))
	conversion(Try1(ticks(table.ParseDuration)))
	conversion(fromDyn(parseGuid))
}
