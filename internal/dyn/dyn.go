// Package dyn reads and writes the JSON text that dynamic values are kept as.
// It is the one place that knows which JSON library that is.
package dyn

import (
	"github.com/valyala/fastjson"
)

// The library's types under our name, so that its import stays here.
// Values are valid until the next Parse of their Parser.
type (
	Parser = fastjson.Parser
	Value  = fastjson.Value
	Object = fastjson.Object
	Arena  = fastjson.Arena
	Pool   = fastjson.ParserPool
)

// The kinds of a Value.
const (
	Null   = fastjson.TypeNull
	String = fastjson.TypeString
	Number = fastjson.TypeNumber
	Array  = fastjson.TypeArray
	Obj    = fastjson.TypeObject
	True   = fastjson.TypeTrue
	False  = fastjson.TypeFalse
)
