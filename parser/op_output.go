package parser

import "github.com/alecthomas/participle/v2/lexer"

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
type Getschema struct {
	node
	Options Options
}

// Serialize is serialize [Name =] X, ….
type Serialize struct {
	node
	Options Options
	Columns []Expr
}

// Consume is consume, which reads its input and gives nothing.
type Consume struct {
	node
	Options Options
}

// ExecuteAndCache is __executeAndCache.
type ExecuteAndCache struct{ node }

// AssertSchema is assert-schema (a:long, …).
type AssertSchema struct {
	node
	Columns []*ColumnDecl
}

type renderGrammar struct {
	Chart   string        `parser:"'render' @Ident"`
	Options []*renderItem `parser:"@@*"`
	With    properties    `parser:"('with' @@)?"`
}

// renderItem is a property without brackets, of the old form.
type renderItem struct {
	Tokens []lexer.Token
	Option optionItem `parser:"@@"`
	Title  Expr       `parser:"| 'title' '=' @@"`
	By     []nameItem `parser:"| 'by' @@ (',' @@)*"`
}

type asGrammar struct {
	Options []optionItem `parser:"'as' @@*"`
	Name    nameItem     `parser:"@@"`
}

type getschemaGrammar struct {
	Keyword string       `parser:"@'getschema'"`
	Options []optionItem `parser:"@@*"`
}

type serializeGrammar struct {
	Options []optionItem `parser:"'serialize' @@*"`
	Columns []Expr       `parser:"(@@ (',' @@)*)?"`
}

type consumeGrammar struct {
	Options []optionItem `parser:"'consume' @@*"`
}

type executeAndCacheGrammar struct {
	Keyword string `parser:"@'__executeAndCache'"`
}

type assertSchemaGrammar struct {
	Columns schemaItem `parser:"'assert-schema' @@"`
}

func (g *renderGrammar) operator() Operator {
	op := &Render{Chart: g.Chart}
	for _, i := range g.Options {
		if o := i.renderOption(); o != nil {
			op.Options = append(op.Options, o)
		}
	}
	if g.With != nil {
		op.Options = append(op.Options, g.With.list()...)
	}
	return op
}

func (i *renderItem) renderOption() *Option {
	switch {
	case i.Option != nil:
		return i.Option.option()
	case i.Title != nil:
		return &Option{node{spanOf(i.Tokens)}, "title", i.Title, nil}
	case len(i.By) > 0:
		o := &Option{node{spanOf(i.Tokens)}, "by", i.By[0].name(), nil}
		for _, n := range i.By[1:] {
			o.More = append(o.More, n.name())
		}
		return o
	}
	return nil
}

func (g *asGrammar) operator() Operator {
	return &As{Options: optionsOf(g.Options), Name: nameOf(g.Name)}
}

func (g *getschemaGrammar) operator() Operator { return &Getschema{Options: optionsOf(g.Options)} }

func (g *serializeGrammar) operator() Operator {
	return &Serialize{Options: optionsOf(g.Options), Columns: g.Columns}
}

func (g *consumeGrammar) operator() Operator { return &Consume{Options: optionsOf(g.Options)} }

func (g *executeAndCacheGrammar) operator() Operator { return &ExecuteAndCache{} }

func (g *assertSchemaGrammar) operator() Operator { return &AssertSchema{Columns: declsOf(g.Columns)} }

// Keyword implements Operator.
func (*Render) Keyword() string { return "render" }

// Keyword implements Operator.
func (*As) Keyword() string { return "as" }

// Keyword implements Operator.
func (*Getschema) Keyword() string { return "getschema" }

// Keyword implements Operator.
func (*Serialize) Keyword() string { return "serialize" }

// Keyword implements Operator.
func (*Consume) Keyword() string { return "consume" }

// Keyword implements Operator.
func (*ExecuteAndCache) Keyword() string { return "__executeAndCache" }

// Keyword implements Operator.
func (*AssertSchema) Keyword() string { return "assert-schema" }

func init() {
	register[renderGrammar]("render Chart [with (Property=Value, …)]", "Says how the result is to be drawn.", "render").options("kind", "accumulate")
	register[asGrammar]("as Name", "Gives the rows so far a name that later stages may use.", "as")
	register[getschemaGrammar]("getschema", "Gives a table of the columns and their types.", "getschema").options("kind")
	register[serializeGrammar]("serialize [Name = Expression, …]", "Fixes the order of the rows for functions such as prev() and row_number().", "serialize")
	register[consumeGrammar]("consume", "Reads all rows and gives none.", "consume").options("decodeblocks")
	register[executeAndCacheGrammar]("__executeAndCache", "Keeps the rows so far for the rest of the query.", "__executeAndCache")
	register[assertSchemaGrammar]("assert-schema (Column:Type, …)", "Fails unless the rows have exactly these columns.", "assert-schema")
}
