package parser

import (
	"slices"
)

// Beside the levels of the operators: a pipeline needs brackets everywhere but
// where only a pipeline can stand, a postfix expression nowhere.
const (
	pipelineLevel = orLevel - 1
	postfixLevel  = unaryLevel + 1
)

func levelOf(x Expr) int {
	switch x := x.(type) {
	case *Pipeline:
		return pipelineLevel
	case *Binary:
		if x.Op == "matches regex" {
			return stringLevel
		}
		return infixes[x.Op].level
	case *In, *Between:
		return equalityLevel
	case *Unary, *Star:
		return unaryLevel
	}
	return postfixLevel
}

// expr writes an expression, in brackets where it binds less tightly than
// level.
func (p *printer) expr(x Expr, level int) {
	if levelOf(x) < level {
		p.bracket("(", x, ")")
		return
	}
	switch x := x.(type) {
	case *Pipeline:
		p.stages(x, false)
	case *Binary:
		p.binary(x)
	case *Between:
		p.between(x)
	case *In:
		p.in(x)
	case *Unary:
		p.put(x.Op)
		p.expr(x.X, postfixLevel)
	default:
		p.primary(x)
	}
}

// tabular writes an expression or pipeline where both may stand.
func (p *printer) tabular(x Expr) { p.expr(x, pipelineLevel) }

func (p *printer) binary(b *Binary) {
	level := levelOf(b)
	if chains(level) {
		p.chain(b, true)
		return
	}
	p.left(b.L, level+1, level == stringLevel || b.Op == "==")
	p.put(" ", b.Op, " ")
	p.right(b.R, level+1)
}

// chain writes operands joined by operators that bind alike. Where they do not
// fit, each operator begins a line. A chain may be long, so this is a loop.
func (p *printer) chain(b *Binary, indent bool) {
	level := levelOf(b)
	links := []*Binary{b}
	for l, ok := b.L.(*Binary); ok && levelOf(l) == level; l, ok = l.L.(*Binary) {
		links = append(links, l)
	}
	slices.Reverse(links)
	p.group()
	p.left(links[0].L, level, level <= andLevel)
	if indent {
		p.indent()
	}
	for _, l := range links {
		p.comments(l.R.Span().Start)
		p.space()
		p.put(l.Op, " ")
		p.right(l.R, level+1)
	}
	if indent {
		p.dedent()
	}
	p.end()
}

// left writes the left operand of an operator; star says whether it may be *.
func (p *printer) left(x Expr, level int, star bool) {
	if _, ok := x.(*Star); ok && !star {
		level = postfixLevel
	}
	p.expr(x, level)
}

// right writes the right operand of an operator, where * would be taken for a
// multiplication but for * has x and * == x.
func (p *printer) right(x Expr, level int) {
	if levelOf(x) >= level && beginsWithStar(x) {
		p.bracket("(", x, ")")
		return
	}
	p.expr(x, level)
}

func beginsWithStar(x Expr) bool {
	for {
		b, ok := x.(*Binary)
		if !ok {
			_, star := x.(*Star)
			return star
		}
		level := levelOf(b)
		if _, star := b.L.(*Star); star {
			return level <= andLevel
		}
		if level > levelOf(b.L) {
			return false // in brackets
		}
		x = b.L
	}
}

func (p *printer) between(b *Between) {
	p.left(b.X, equalityLevel+1, false)
	if b.Not {
		p.put(" !between (")
	} else {
		p.put(" between (")
	}
	p.expr(b.Low, orLevel)
	p.put(" .. ")
	p.expr(b.High, orLevel)
	p.put(")")
}

func (p *printer) in(x *In) {
	p.left(x.X, equalityLevel+1, false)
	p.put(" ", x.Op, " ")
	if len(x.List) == 1 {
		p.bracket("(", x.List[0], ")")
		return
	}
	bracketed(p, "(", x.List, ")", x.Span().End-1, func(v Expr) { p.expr(v, orLevel) })
}

func (p *printer) primary(x Expr) {
	switch x := x.(type) {
	case *Literal:
		p.literal(x)
	case *Name:
		p.name(x)
	case *Star:
		p.put("*")
	case *Wildcard:
		p.put("[", x.Pattern, "]")
	case *Path:
		p.receiver(x.X)
		p.name(x.Member)
	case *ComputedName:
		p.put("[")
		p.expr(x.X, orLevel)
		p.put("]")
	case *Index:
		p.expr(x.X, postfixLevel)
		p.put("[")
		p.expr(x.Index, orLevel)
		p.put("]")
	case *Call:
		p.call(x)
	case *Typeof:
		p.typeof(x)
	case *Datatable:
		p.datatable(x)
	case *Externaldata:
		p.externaldata(x)
	case *TablePattern:
		p.receiver(x.X)
		p.pattern(x.Pattern)
	case *EntityGroup:
		p.put("entity_group ")
		bracketed(p, "[", x.Entities, "]", x.Span().End-1, func(e Expr) { p.expr(e, orLevel) })
	}
}

// receiver writes what stands before a dot. After a number the dot would be a
// decimal point.
func (p *printer) receiver(x Expr) {
	if lit, ok := x.(*Literal); ok && p.tokens[p.tokenFrom(lit.Span().Start)].isNumber() {
		p.bracket("(", x, ")")
	} else {
		p.expr(x, postfixLevel)
	}
	p.put(".")
}

func (t token) isNumber() bool { return t.kind == tLong || t.kind == tReal || t.kind == tTimespan }

// pipelineCalls are the functions whose argument may be a pipeline.
var pipelineCalls = map[string]bool{"toscalar": true, "totable": true, "materialize": true}

func (p *printer) call(c *Call) {
	if c.Receiver != nil {
		p.receiver(c.Receiver)
	}
	p.name(c.Name)
	if c.Receiver == nil && len(c.Args) == 1 && pipelineCalls[c.Name.Name] && !c.Name.Quoted {
		if i := p.tokenFrom(c.Name.Span().End); p.value(i) == "kind" { // the tree does not hold it
			p.put(" kind=", p.value(i+2), " ")
		}
		p.bracket("(", c.Args[0], ")")
		return
	}
	p.arguments(c)
}

func (p *printer) arguments(c *Call) {
	open := "("
	if _, typed := typedLiterals[c.Name.Name]; typed && !c.Name.Quoted {
		open = " (" // long(x) is a literal
	}
	if len(c.Args) == 1 && levelOf(c.Args[0]) > pipelineLevel {
		if _, named := c.Args[0].(*Named); !named {
			p.bracket(open, c.Args[0], ")")
			return
		}
	}
	if len(c.Args) > 2 && pairCalls[c.Name.Name] {
		p.pairs(open, c)
		return
	}
	bracketed(p, open, c.Args, ")", c.Span().End-1, p.column)
}

// pairCalls are the functions whose arguments come in pairs: where they do not
// fit on one line, a pair stands on each.
var pairCalls = map[string]bool{"case": true, "bag_pack": true, "pack": true, "pack_dictionary": true}

func (p *printer) pairs(open string, c *Call) {
	p.put(open)
	p.group()
	p.indent()
	p.comments(c.Args[0].Span().Start)
	p.soft()
	for i, x := range c.Args {
		switch {
		case i == 0:
		case i%2 == 0:
			p.put(",")
			p.comments(x.Span().Start)
			p.space()
		default:
			p.put(", ")
		}
		p.column(x)
	}
	p.comments(c.Span().End - 1)
	p.dedent()
	p.soft()
	p.end()
	p.put(")")
}

// invoked writes the call after invoke or evaluate, whose arguments are not
// pipelines whatever its name.
func (p *printer) invoked(c *Call) {
	if c.Receiver != nil {
		if r, ok := c.Receiver.(*Call); ok {
			p.invoked(r)
		} else {
			p.expr(c.Receiver, postfixLevel)
		}
		p.put(".")
	}
	p.name(c.Name)
	p.arguments(c)
}

// leftmost is the name that an expression begins with, or nil.
func leftmost(x Expr) *Name {
	for {
		switch v := x.(type) {
		case *Name:
			if v.Quoted || v.Client {
				return nil
			}
			return v
		case *Pipeline:
			if v.Source == nil {
				return nil
			}
			x = v.Source
		case *Binary:
			x = v.L
		case *Between:
			x = v.X
		case *In:
			x = v.X
		case *Path:
			x = v.X
		case *Index:
			x = v.X
		case *TablePattern:
			x = v.X
		case *Call:
			if x = v.Receiver; x == nil {
				x = v.Name
			}
		default:
			return nil
		}
	}
}

func isStatementKeyword(s string) bool { return slices.Contains(statementKeywords, s) }
