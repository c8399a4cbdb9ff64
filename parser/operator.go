package parser

// Operator is one stage of a pipeline. Each has its struct in a file of its
// own, op_*.go, with its grammar and its registration.
type Operator interface {
	Span() Span
	// Keyword is the operator's name in the documentation: "where", not
	// "filter"; "sort", not "order".
	Keyword() string
}
