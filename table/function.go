package table

import "sync"

// Function is a function that is kept in a database: a piece of KQL with a
// name, which queries use like one of their own.
type Function struct {
	Name   string
	Params string // as it was written, brackets included: (since:datetime, n:long=10)
	Body   string // likewise: { T | where Time > since | take n }
	Folder string
	Doc    string
	View   bool // it takes part in union * and search, as tables do

	once   sync.Once
	parsed any
}

// Parsed returns what parse made of the function when it was first called. The
// tree is the engine's; it is kept here so that it is made once.
func (f *Function) Parsed(parse func() any) any {
	f.once.Do(func() { f.parsed = parse() })
	return f.parsed
}

// FunctionCatalog finds functions by name. A Catalog may be one. Names are
// case-sensitive.
type FunctionCatalog interface {
	// Function returns the function named name, or false.
	Function(name string) (*Function, bool)
	// Functions returns the names of all functions, sorted.
	Functions() []string
}
