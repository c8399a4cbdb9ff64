package parser

// The structs of the operators that the engine runs today. The grammar tags
// and the registration are added here by whoever writes the grammar; split
// into op_*.go as the house style says.

// Where is where Cond (also filter).
type Where struct {
	node
	Cond Expr
}

// Extend is extend [Name =] X, ….
type Extend struct {
	node
	Columns []Expr // *Named or bare
}

// Project is project [Name =] X, …; also project-away, -keep, -rename, -reorder.
type Project struct {
	node
	Columns []Expr
}

// ProjectAway is project-away Name|Pattern, ….
type ProjectAway struct {
	node
	Columns []Expr // *Name, *Wildcard, *Star
}

// ProjectKeep is project-keep Name|Pattern, ….
type ProjectKeep struct {
	node
	Columns []Expr
}

// ProjectRename is project-rename New = Old, ….
type ProjectRename struct {
	node
	Columns []Expr // *Named with one name
}

// ProjectReorder is project-reorder Name|Pattern [asc|desc|granny-asc|granny-desc], ….
type ProjectReorder struct {
	node
	Columns []*ReorderColumn
}

// ReorderColumn is a column of project-reorder.
type ReorderColumn struct {
	node
	X     Expr   // *Name, *Wildcard, *Star
	Order string // "", asc, desc, granny-asc, granny-desc
}

// Summarize is summarize [Name =] Aggregate, … [by [Name =] X, …].
type Summarize struct {
	node
	Options    Options
	Aggregates []Expr
	By         []Expr
}

// Sort is sort by X [asc|desc] [nulls first|last], … (also order by).
type Sort struct {
	node
	Options Options
	Keys    []*SortKey
}

// SortKey is a key of sort or top.
type SortKey struct {
	node
	X     Expr
	Order string // "", asc, desc
	Nulls string // "", first, last
}

// Top is top N by X [asc|desc] [nulls first|last], ….
type Top struct {
	node
	Options Options
	N       Expr
	Keys    []*SortKey
}

// Take is take N (also limit).
type Take struct {
	node
	N Expr
}

// Count is count [as Name].
type Count struct {
	node
	As *Name
}

// Distinct is distinct X, … or distinct *.
type Distinct struct {
	node
	Options Options
	Columns []Expr
}

// Union is union [options] T, … as a source or after a pipe.
type Union struct {
	node
	Options Options
	Tables  []Expr
}

// Join is join [options] Right on Condition, ….
type Join struct {
	node
	Options Options
	Right   Expr
	On      []Expr // *Name, or == of $left.x and $right.y, joined by and
}

// Lookup is lookup [options] Right on Condition, ….
type Lookup struct {
	node
	Options Options
	Right   Expr
	On      []Expr
}

// Print is print [Name =] X, ….
type Print struct {
	node
	Columns []Expr
}

// Range is range Name from X to X step X.
type Range struct {
	node
	Name           *Name
	From, To, Step Expr
}

// Search is search [options] [in (T, …)] Predicate. A bare string in the
// predicate means "* has string".
type Search struct {
	node
	Options Options
	Tables  []Expr
	Cond    Expr
}

// Render is render Chart [with (…)]; a hint to whoever shows the result.
type Render struct {
	node
	Chart   string
	Options Options
}

// As is as Name.
type As struct {
	node
	Options Options
	Name    *Name
}

// Getschema is getschema.
type Getschema struct{ node }

// Serialize is serialize [Name =] X, ….
type Serialize struct {
	node
	Options Options
	Columns []Expr
}

// Invoke is invoke Function(args).
type Invoke struct {
	node
	Call *Call
}

// MvExpand is mv-expand [options] [Name =] X [to typeof(T)], … [limit N].
type MvExpand struct {
	node
	Options Options
	Columns []*MvColumn
	Limit   Expr
}

// MvColumn is a column of mv-expand or mv-apply.
type MvColumn struct {
	node
	Name *Name // nil where not named
	X    Expr
	Type string // of to typeof(…), or ""
}

func (*Where) Keyword() string          { return "where" }
func (*Extend) Keyword() string         { return "extend" }
func (*Project) Keyword() string        { return "project" }
func (*ProjectAway) Keyword() string    { return "project-away" }
func (*ProjectKeep) Keyword() string    { return "project-keep" }
func (*ProjectRename) Keyword() string  { return "project-rename" }
func (*ProjectReorder) Keyword() string { return "project-reorder" }
func (*Summarize) Keyword() string      { return "summarize" }
func (*Sort) Keyword() string           { return "sort" }
func (*Top) Keyword() string            { return "top" }
func (*Take) Keyword() string           { return "take" }
func (*Count) Keyword() string          { return "count" }
func (*Distinct) Keyword() string       { return "distinct" }
func (*Union) Keyword() string          { return "union" }
func (*Join) Keyword() string           { return "join" }
func (*Lookup) Keyword() string         { return "lookup" }
func (*Print) Keyword() string          { return "print" }
func (*Range) Keyword() string          { return "range" }
func (*Search) Keyword() string         { return "search" }
func (*Render) Keyword() string         { return "render" }
func (*As) Keyword() string             { return "as" }
func (*Getschema) Keyword() string      { return "getschema" }
func (*Serialize) Keyword() string      { return "serialize" }
func (*Invoke) Keyword() string         { return "invoke" }
func (*MvExpand) Keyword() string       { return "mv-expand" }
