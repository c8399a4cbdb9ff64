// Package table holds the words that every other package shares: the types
// and values of KQL, schemas, and the interfaces between those who hold rows
// (storage, datatable, programs that embed Tidemark) and those who read them.
// It imports nothing else of Tidemark.
package table

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
)

// Type is a scalar type of the Kusto Query Language.
// See https://learn.microsoft.com/kusto/query/scalar-data-types/
type Type uint8

// The ten scalar types. Unknown is the type of a value whose type could not
// be told because something before it was wrong; it never reaches a column.
const (
	Unknown Type = iota
	Bool
	Int
	Long
	Real
	Decimal
	String
	Datetime
	Timespan
	Guid
	Dynamic
)

// Types lists the scalar types in the order of the documentation.
var Types = []Type{Bool, Int, Long, Real, Decimal, String, Datetime, Timespan, Guid, Dynamic}

var typeNames = [...]string{"unknown", "bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic"}

// String is the type's name in KQL.
func (t Type) String() string { return typeNames[t] }

// typeAliases are the other names that KQL accepts for a type.
var typeAliases = map[string]Type{
	"boolean": Bool, "int32": Int, "int64": Long, "double": Real, "float": Real,
	"date": Datetime, "time": Timespan, "uuid": Guid, "uniqueid": Guid, "object": Dynamic,
	"int8": Int, "int16": Int, "uint8": Int, "uint16": Int, "uint": Long, "uint32": Long, "uint64": Long, "ulong": Long,
}

// TypeNamed returns the type with the given KQL name or alias, and whether
// there is one. Names are case-sensitive, as in KQL.
func TypeNamed(name string) (Type, bool) {
	for _, t := range Types {
		if typeNames[t] == name {
			return t, true
		}
	}
	t, ok := typeAliases[name]
	return t, ok
}

// DotNet is the .NET type name that getschema reports as DataType.
func (t Type) DotNet() string {
	switch t {
	case Bool:
		return "System.SByte"
	case Int:
		return "System.Int32"
	case Long:
		return "System.Int64"
	case Real:
		return "System.Double"
	case Decimal:
		return "System.Data.SqlTypes.SqlDecimal"
	case String:
		return "System.String"
	case Datetime:
		return "System.DateTime"
	case Timespan:
		return "System.TimeSpan"
	case Guid:
		return "System.Guid"
	}
	return "System.Object"
}

// IsNumeric reports whether t is int, long, real or decimal.
func (t Type) IsNumeric() bool { return t == Int || t == Long || t == Real || t == Decimal }

// IsInteger reports whether t is int or long.
func (t Type) IsInteger() bool { return t == Int || t == Long }

// Physical says how values of a type lie in memory. There are four layouts,
// so that code over columns is written four times, not ten.
type Physical uint8

// The layouts: what Go type a value has, and which Arrow array holds it.
const (
	Bools    Physical = iota // bool in arrow boolean
	Int64s                   // int64 in arrow int64: int, long, datetime (Time), timespan (Duration)
	Float64s                 // float64 in arrow float64: real
	Strings                  // string in arrow utf8, or dictionary<int32, utf8>: string, guid, decimal (canonical text), dynamic (JSON)
)

// Physical returns the layout of values of type t.
func (t Type) Physical() Physical {
	switch t {
	case Bool:
		return Bools
	case Int, Long, Datetime, Timespan:
		return Int64s
	case Real:
		return Float64s
	}
	return Strings
}

// Arrow is the Arrow type of t's layout inside Tidemark. A string column may
// also come as a dictionary<int32, utf8>.
func (t Type) Arrow() arrow.DataType { return t.Physical().Arrow() }

// Arrow is the Arrow type of the layout.
func (p Physical) Arrow() arrow.DataType {
	switch p {
	case Bools:
		return arrow.FixedWidthTypes.Boolean
	case Int64s:
		return arrow.PrimitiveTypes.Int64
	case Float64s:
		return arrow.PrimitiveTypes.Float64
	}
	return arrow.BinaryTypes.String
}

// Widen returns the type that both a and b convert to without loss of range
// (int to long to real, long to decimal), and whether there is one.
func Widen(a, b Type) (Type, bool) {
	switch {
	case a == b:
		return a, true
	case a == Unknown:
		return b, true
	case b == Unknown:
		return a, true
	case a.IsNumeric() && b.IsNumeric():
		return max(a, b), true // the constants are in order of width
	}
	return Unknown, false
}

// TypeNameList is the list of type names for messages.
func TypeNameList() string {
	names := make([]string, len(Types))
	for i, t := range Types {
		names[i] = t.String()
	}
	return strings.Join(names, ", ")
}
