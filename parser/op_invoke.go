package parser

import "github.com/alecthomas/participle/v2/lexer"

// Invoke is invoke Function(args).
type Invoke struct {
	node
	Call *Call
}

// Evaluate is evaluate [options] Plugin(args) [: (a:long, …)].
type Evaluate struct {
	node
	Options Options
	Call    *Call
	// Columns is the schema the plugin is said to give; nil where not said.
	// KeepInput tells of a * before them: the input's columns come first.
	Columns   []*ColumnDecl
	KeepInput bool
}

type invokeGrammar struct {
	Call callItem `parser:"'invoke' @@"`
}

type evaluateGrammar struct {
	Options []optionItem `parser:"'evaluate' @@*"`
	Call    callItem     `parser:"@@"`
	Star    bool         `parser:"(':' '(' ','? (@'*' ','?)?"`
	Columns []*declItem  `parser:"(@@ (',' @@)* ','?)? ')')?"`
}

type declItem struct {
	Tokens []lexer.Token
	Name   nameItem `parser:"@@"`
	Type   string   `parser:"':' @Ident"`
}

func callOf(c callItem) *Call {
	if c == nil {
		return nil
	}
	return c.call()
}

func (g *invokeGrammar) operator() Operator { return &Invoke{Call: callOf(g.Call)} }

func (g *evaluateGrammar) operator() Operator {
	op := &Evaluate{Options: optionsOf(g.Options), Call: callOf(g.Call), KeepInput: g.Star}
	for _, d := range g.Columns {
		op.Columns = append(op.Columns, &ColumnDecl{node{spanOf(d.Tokens)}, nameOf(d.Name), d.Type})
	}
	return op
}

// Keyword implements Operator.
func (*Invoke) Keyword() string { return "invoke" }

// Keyword implements Operator.
func (*Evaluate) Keyword() string { return "evaluate" }

func init() {
	register[invokeGrammar]("invoke Function(Argument, …)", "Calls a function whose first parameter is the rows so far.", "invoke")
	register[evaluateGrammar]("evaluate Plugin(Argument, …) [: (Column:Type, …)]", "Runs a plugin.", "evaluate")
}
