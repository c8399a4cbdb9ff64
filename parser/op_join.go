package parser

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
	Where   Expr   // of join … where Condition, which Kusto parses too
}

// Lookup is lookup [options] Right on Condition, ….
type Lookup struct {
	node
	Options Options
	Right   Expr
	On      []Expr
}

type unionGrammar struct {
	Options []optionItem `parser:"'union' @@*"`
	Tables  []table      `parser:"@@ (',' @@)*"`
}

type joinGrammar struct {
	Options []optionItem `parser:"'join' @@*"`
	Right   Expr         `parser:"@@"`
	On      []Expr       `parser:"('on' @@ (',' @@)*"`
	Where   Expr         `parser:"| 'where' @@)?"`
}

type lookupGrammar struct {
	Options []optionItem `parser:"'lookup' @@*"`
	Right   Expr         `parser:"@@"`
	On      []Expr       `parser:"'on' @@ (',' @@)*"`
}

func (g *unionGrammar) operator() Operator {
	op := &Union{Options: optionsOf(g.Options)}
	for _, t := range g.Tables {
		op.Tables = append(op.Tables, t)
	}
	return op
}

func (g *joinGrammar) operator() Operator {
	return &Join{Options: optionsOf(g.Options), Right: g.Right, On: g.On, Where: g.Where}
}

func (g *lookupGrammar) operator() Operator {
	return &Lookup{Options: optionsOf(g.Options), Right: g.Right, On: g.On}
}

func (o *Join) check(r *reader) {
	for _, x := range o.On {
		r.noAssignment(x)
	}
	r.noAssignment(o.Right)
}

func (o *Lookup) check(r *reader) {
	for _, x := range o.On {
		r.noAssignment(x)
	}
	r.noAssignment(o.Right)
}

// Keyword implements Operator.
func (*Union) Keyword() string { return "union" }

// Keyword implements Operator.
func (*Join) Keyword() string { return "join" }

// Keyword implements Operator.
func (*Lookup) Keyword() string { return "lookup" }

func init() {
	register[unionGrammar]("union [kind=inner|outer] [withsource=Column] [isfuzzy=true] Table, …",
		"Gives the rows of several tables.", "union").options("withsource", "with_source", "kind", "isfuzzy", "best_effort")
	register[joinGrammar]("join [kind=Kind] (Table | …) on Column | $left.A == $right.B, …",
		"Pairs rows with the rows of another table that have the same keys.", "join").options("kind")
	register[lookupGrammar]("lookup [kind=leftouter|inner] (Table | …) on Column | $left.A == $right.B, …",
		"Adds the columns of a small table to the rows with the same keys.", "lookup").options("kind")
}
