package parser

// Span is a run of bytes of the query's text, [Start, End).
type Span struct{ Start, End int }

// Join returns the least span that holds both.
func (s Span) Join(o Span) Span { return Span{min(s.Start, o.Start), max(s.End, o.End)} }

// Query is a parsed text: statements separated by semicolons. It does not change
// once it is made, see Cache.
type Query struct {
	Text       string
	Statements []Statement
}

// Statement is one of *Let, *Set, *Alias, *Declare, *Restrict, *PatternDecl,
// *ExprStatement or *Command.
type Statement interface {
	Span() Span
	statement()
}

// Expr is an expression, scalar or tabular: KQL's grammar does not tell them
// apart, the binder does. One of *Literal, *Name, *Star, *Wildcard, *Path,
// *Index, *ComputedName, *Call, *Unary, *Binary, *Between, *In, *Named, *Typeof, *Function,
// *Pipeline, *Datatable, *Externaldata, *TablePattern or *EntityGroup.
type Expr interface {
	Span() Span
	expr()
}

// node carries the place of a tree node in the text.
type node struct{ span Span }

// Span is where the node stands in the text.
func (n node) Span() Span { return n.span }

// SetSpan records where the node stands.
func (n *node) SetSpan(s Span) { n.span = s }

// LiteralKind is the kind of a literal.
type LiteralKind uint8

// The kinds of literals.
const (
	BoolLit     LiteralKind = iota
	IntLit                  // int(1)
	LongLit                 // 1, 0x1F, long(1)
	RealLit                 // 1.5, 1e3, real(1), real(nan)
	DecimalLit              // decimal(1.5)
	StringLit               // "a", 'a', @"a", ```a```, h"a"
	DatetimeLit             // datetime(2024-01-01)
	TimespanLit             // 1d, 1.5h, time(1.02:03:04)
	GuidLit                 // guid(…)
	DynamicLit              // dynamic({"a": 1})
)

// Literal is a value written out. Text is what it says, decoded: the inside
// of the quotes or brackets, with escapes resolved and adjacent strings joined;
// for DynamicLit it is JSON (single-quoted strings turned into double-quoted
// ones, datetime(…) and the like into strings).
type Literal struct {
	node
	Kind LiteralKind
	Text string
	Null bool // int(null), dynamic(null), …
	// Verbatim marks strings written @"…"; Lenient marks those in which a
	// backslash began no escape that KQL knows, so that they were read as if
	// verbatim; Controls marks those in which \t, \n and the like were read as
	// control characters. The binder warns about what is surely not meant.
	Verbatim, Lenient, Controls bool
	// Decimals are where a dynamic holds decimals, which none may.
	Decimals []Span
}

// Name is a reference to whatever has that name: a column, a let binding, a
// table. $left and $right are names too.
type Name struct {
	node
	Name   string
	Quoted bool // ['a b'] or ["a b"]
	Client bool // {a}: a parameter that the client was to fill in
}

// Star is "*": all columns.
type Star struct{ node }

// Wildcard is a pattern of column or table names such as Prev*.
type Wildcard struct {
	node
	Pattern string
}

// Path is X.Member: a member of a dynamic, a column of $left or $right, a table
// of a database.
type Path struct {
	node
	X      Expr
	Member *Name
}

// Index is X[Index]: an element of a dynamic.
type Index struct {
	node
	X, Index Expr
}

// ComputedName is [X], which has the form of a quoted name, and is none.
type ComputedName struct {
	node
	X Expr
}

// Call is a call of a function, an aggregation or a plugin. Arguments may be
// *Named (name = value), *Star or *Pipeline.
type Call struct {
	node
	// Receiver is X of X.f(…), as in cluster("c").database("d"); else nil.
	Receiver Expr
	Name     *Name
	Args     []Expr
}

// Unary is Op X, where Op is "-" or "+".
type Unary struct {
	node
	Op string
	X  Expr
}

// Binary is L Op R. Op is the operator as KQL's documentation spells it, in
// lower case: or and == != =~ !~ < <= > >= + - * / % has !has has_cs contains
// startswith "matches regex" … ("<>" is given as "!=", "notcontains" as
// "!contains" and so on).
type Binary struct {
	node
	Op     string
	OpSpan Span
	L, R   Expr
}

// Between is X between (Low .. High), or !between.
type Between struct {
	node
	Not          bool
	X, Low, High Expr
}

// In is X Op (List), where Op is one of in !in in~ !in~ has_any has_all. The
// list may be a single tabular expression or array.
type In struct {
	node
	Op     string
	OpSpan Span
	X      Expr
	List   []Expr
}

// Named is Name = X, or (Name, Name) = X. In a list of expressions one without
// a name is not wrapped.
type Named struct {
	node
	Names []*Name
	X     Expr
}

// Typeof is typeof(long).
type Typeof struct {
	node
	Type string
	// Columns is typeof(a:long, b:string), where given.
	Columns []*ColumnDecl
}

// Function is the value of a let that defines a function: (a:long) { … }.
type Function struct {
	node
	Params []*Param
	Body   *Query
	View   bool
}

// Param is a parameter of a function or a declared query parameter.
type Param struct {
	node
	Name *Name
	// Type is a scalar type; "" where Columns or AnyColumns say it is tabular.
	Type       string
	Columns    []*ColumnDecl
	AnyColumns bool // T:(*)
	Default    Expr
}

// ColumnDecl is name:type.
type ColumnDecl struct {
	node
	Name *Name
	Type string
}

// Pipeline is Source | operator | operator …. A pipeline without operators is
// given as its Source alone. Source is nil where the first operator makes rows
// by itself: print, range, union, search, find, evaluate.
type Pipeline struct {
	node
	Source Expr
	Ops    []Operator
}

// Datatable is datatable(a:long, b:string) [1, "x", …],
// or __contextual_datatable Context (a:long, …).
type Datatable struct {
	node
	Options Options
	Context Expr // nil but for __contextual_datatable
	Columns []*ColumnDecl
	Values  []Expr
}

// Externaldata is externaldata(a:long) ["uri", …] with (name=value, …).
type Externaldata struct {
	node
	Columns []*ColumnDecl
	URIs    []Expr
	Options Options
}

// TablePattern is X.Pattern where the pattern has a star: database("d").Sec*.
type TablePattern struct {
	node
	X       Expr
	Pattern Expr // *Wildcard or *Star
}

// EntityGroup is entity_group [database("a"), …]; it is parsed for macro-expand.
type EntityGroup struct {
	node
	Entities []Expr
}

// Option is an operator's parameter: kind=leftouter, hint.strategy=shuffle,
// withsource=T.
type Option struct {
	node
	Name  string
	Value Expr // *Literal, or *Name for words such as leftouter
	// More are the further names of a list: hint.shufflekey=a, b; ycolumns=a, b.
	More []*Name
}

// Options are the parameters of an operator in order.
type Options []*Option

// Get returns the option named name, or nil.
func (o Options) Get(name string) *Option {
	for _, p := range o {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Word is the text of the option's value where that is a word or a string.
func (o *Option) Word() string {
	switch v := o.Value.(type) {
	case *Name:
		return v.Name
	case *Literal:
		return v.Text
	}
	return ""
}

// Let is let Name = X. X may be a *Function or any expression.
type Let struct {
	node
	Name *Name
	X    Expr
}

// Set is set Name = X, or set Name.
type Set struct {
	node
	Name  string
	Value Expr
}

// Alias is alias database Name = X.
type Alias struct {
	node
	Name *Name
	X    Expr
}

// Declare is declare query_parameters(a:long = 1, …).
type Declare struct {
	node
	Params []*Param
}

// Restrict is restrict access to (T, …) [with (name=value, …)].
type Restrict struct {
	node
	Entities []Expr
	Options  Options
}

// PatternDecl is declare pattern Name, or declare pattern Name =
// (a:string, …)[path:string] { (value, …).[path] = { query }; … }.
type PatternDecl struct {
	node
	Name *Name
	// Defined is set where the declaration says what calls stand for.
	Defined bool
	Params  []*ColumnDecl
	Path    *ColumnDecl // nil where absent
	Matches []*PatternMatch
}

// PatternMatch is what calls with given values stand for.
type PatternMatch struct {
	node
	Values []Expr
	Path   Expr // nil where absent
	Body   *Query
}

// ExprStatement is a query: the rows it makes are a result.
type ExprStatement struct {
	node
	X Expr
}

// Command is a management command such as .show tables, kept as its text.
type Command struct {
	node
	Text string
}

func (*Let) statement()           {}
func (*Set) statement()           {}
func (*Alias) statement()         {}
func (*Declare) statement()       {}
func (*Restrict) statement()      {}
func (*PatternDecl) statement()   {}
func (*ExprStatement) statement() {}
func (*Command) statement()       {}

func (*Literal) expr()      {}
func (*Name) expr()         {}
func (*Star) expr()         {}
func (*Wildcard) expr()     {}
func (*Path) expr()         {}
func (*Index) expr()        {}
func (*ComputedName) expr() {}
func (*Call) expr()         {}
func (*Unary) expr()        {}
func (*Binary) expr()       {}
func (*Between) expr()      {}
func (*In) expr()           {}
func (*Named) expr()        {}
func (*Typeof) expr()       {}
func (*Function) expr()     {}
func (*Pipeline) expr()     {}
func (*Datatable) expr()    {}
func (*Externaldata) expr() {}
func (*TablePattern) expr() {}
func (*EntityGroup) expr()  {}
