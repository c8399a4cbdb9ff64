package parser

// spanned is a node with a place.
type spanned interface{ Span() Span }

// list writes items separated by commas. The lines between them belong to the
// group around.
func list[T spanned](p *printer, items []T, write func(T)) {
	for i, x := range items {
		if i > 0 {
			p.put(",")
			p.comments(x.Span().Start)
			p.space()
		}
		write(x)
	}
}

// bracketed writes a list in brackets, the closing one of which stands at end
// in the text.
func bracketed[T spanned](p *printer, open string, items []T, shut string, end int, write func(T)) {
	p.put(open)
	if len(items) > 0 {
		p.group()
		p.indent()
		p.comments(items[0].Span().Start)
		p.soft()
		list(p, items, write)
		p.comments(end)
		p.dedent()
		p.soft()
		p.end()
	}
	p.put(shut)
}

// clause writes a list after a keyword. A list of several that does not fit
// begins on a new line.
func clause[T spanned](p *printer, items []T, write func(T)) {
	switch len(items) {
	case 0:
	case 1:
		p.put(" ")
		write(items[0])
	default:
		p.group()
		p.indent()
		p.comments(items[0].Span().Start)
		p.space()
		list(p, items, write)
		p.dedent()
		p.end()
	}
}

// bracket writes an expression or pipeline in brackets.
func (p *printer) bracket(open string, x Expr, shut string) {
	p.put(open)
	p.group()
	p.indent()
	p.comments(x.Span().Start)
	p.soft()
	p.inside(x)
	p.comments(p.closing(x.Span().End))
	p.dedent()
	p.soft()
	p.end()
	p.put(shut)
}

// inside writes what stands alone in brackets: it needs no indent of its own.
func (p *printer) inside(x Expr) {
	if b, ok := x.(*Binary); ok && chains(levelOf(b)) {
		p.chain(b, false)
		return
	}
	p.tabular(x)
}

// keyword begins an operator.
func (p *printer) keyword(word string, options Options) {
	p.put(word)
	for _, o := range options {
		p.put(" ")
		p.option(o)
	}
}

// option writes kind=leftouter.
func (p *printer) option(o *Option) {
	p.put(p.optionName(o.Name), "=")
	if i := p.tokenFrom(o.Value.Span().Start); p.value(i) != "" && p.value(i)[0] == '~' {
		p.put(" ") // =~ is an operator
	}
	p.column(o.Value)
	for _, n := range o.More {
		p.put(", ")
		p.name(n)
	}
}

// with writes with (name=value, …) where there is something to write.
func (p *printer) with(options Options) {
	if len(options) > 0 {
		p.put(" with ")
		bracketed(p, "(", options, ")", p.closing(options[len(options)-1].Span().End), p.option)
	}
}

// schema writes (a:long, b:string).
func (p *printer) schema(columns []*ColumnDecl) {
	end := 0
	if n := len(columns); n > 0 {
		end = p.closing(columns[n-1].Span().End)
	}
	bracketed(p, "(", columns, ")", end, p.decl)
}

func (p *printer) decl(c *ColumnDecl) {
	p.name(c.Name)
	p.put(":", c.Type)
}

// column writes an item of a list of expressions, which may be named.
func (p *printer) column(x Expr) {
	n, ok := x.(*Named)
	if !ok {
		p.expr(x, orLevel)
		return
	}
	if len(n.Names) == 1 {
		p.name(n.Names[0])
	} else {
		p.put("(")
		for i, name := range n.Names {
			if i > 0 {
				p.put(", ")
			}
			p.name(name)
		}
		p.put(")")
	}
	p.put(" = ")
	p.expr(n.X, orLevel)
}

// pattern writes a name or a pattern of names, as project-away takes them.
func (p *printer) pattern(x Expr) {
	switch x := x.(type) {
	case *Wildcard:
		p.put(x.Pattern)
	case *Star:
		p.put("*")
	default:
		p.expr(x, postfixLevel)
	}
}

// table writes what union and find take.
func (p *printer) table(x Expr) {
	switch x := x.(type) {
	case *Wildcard, *Star:
		p.pattern(x)
	case *Index: // which needs brackets there
		p.bracket("(", x, ")")
	default:
		p.expr(x, postfixLevel)
	}
}
