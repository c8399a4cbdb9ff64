package parser

// statement writes a statement. All end with a semicolon but the query that
// stands last.
func (p *printer) statement(s Statement, last bool) {
	switch s := s.(type) {
	case *Let:
		p.let(s)
	case *Set:
		p.put("set ", p.word(s.Name))
		if s.Value != nil {
			p.put(" = ")
			p.expr(s.Value, orLevel)
		}
	case *Alias:
		p.put("alias database ")
		p.name(s.Name)
		p.put(" = ")
		p.expr(s.X, orLevel)
	case *Declare:
		p.put("declare query_parameters")
		p.params(s.Params, p.closing(s.Span().End-1))
	case *Restrict:
		p.put("restrict access to ")
		bracketed(p, "(", s.Entities, ")", 0, p.table)
		p.with(s.Options)
	case *PatternDecl:
		p.patternDecl(s)
	case *Command:
		p.asWritten(s.Span())
		return
	case *ExprStatement:
		p.query(s, true)
		if last {
			return
		}
	}
	p.put(";")
}

// query writes a statement's expression or pipeline; where apart says so, its
// stages stand on lines of their own.
func (p *printer) query(s *ExprStatement, apart bool) {
	if n := leftmost(s.X); n != nil && isStatementKeyword(n.Name) && n.Span().Start > s.Span().Start {
		p.bracket("(", s.X, ")") // as in the text: without them it is a statement
		return
	}
	if q, ok := s.X.(*Pipeline); ok {
		p.stages(q, apart)
		return
	}
	p.expr(s.X, orLevel)
}

func (p *printer) let(s *Let) {
	p.put("let ")
	p.name(s.Name)
	p.put(" =")
	if f, ok := s.X.(*Function); ok {
		p.put(" ")
		p.function(f)
		return
	}
	if q, ok := s.X.(*Pipeline); ok && pipes(q) > 0 {
		p.indent()
		p.comments(q.Span().Start)
		p.line()
		p.stages(q, true)
		p.dedent()
		return
	}
	p.put(" ")
	p.tabular(s.X)
}

// function writes (a:long = 1) { … }.
func (p *printer) function(f *Function) {
	if f.View {
		p.put("view ")
	}
	end := f.Span().Start
	if n := len(f.Params); n > 0 {
		end = p.closing(f.Params[n-1].Span().End)
	}
	p.params(f.Params, end)
	p.put(" ")
	p.block("{", f.Body, "}", p.closing(f.Span().End-1), p.space)
}

func (p *printer) params(params []*Param, end int) {
	bracketed(p, "(", params, ")", end, p.param)
}

func (p *printer) param(a *Param) {
	p.name(a.Name)
	p.put(":")
	switch {
	case a.AnyColumns:
		p.put("(*)")
	case a.Type == "":
		p.schema(a.Columns)
	default:
		p.put(a.Type)
	}
	if a.Default != nil {
		p.put(" = ")
		p.expr(a.Default, orLevel)
	}
}

// block writes statements in brackets, on one line where there is one and it
// fits.
func (p *printer) block(open string, q *Query, shut string, end int, inside func()) {
	p.group()
	p.put(open)
	p.indent()
	for i, s := range q.Statements {
		if i == 0 {
			p.comments(s.Span().Start)
			inside()
		} else {
			p.gap(s.Span().Start)
		}
		if x, ok := s.(*ExprStatement); ok && len(q.Statements) == 1 {
			p.query(x, false)
		} else {
			p.statement(s, i == len(q.Statements)-1)
		}
	}
	p.comments(end)
	p.dedent()
	inside()
	p.put(shut)
	p.end()
}

// patternDecl writes declare pattern, a match a line.
func (p *printer) patternDecl(s *PatternDecl) {
	p.put("declare pattern ")
	p.name(s.Name)
	if !s.Defined {
		return
	}
	p.put(" = ")
	bracketed(p, "(", s.Params, ")", 0, p.decl)
	if s.Path != nil {
		p.put("[")
		p.decl(s.Path)
		p.put("]")
	}
	p.line()
	p.put("{")
	p.indent()
	for _, m := range s.Matches {
		p.comments(m.Span().Start)
		p.line()
		bracketed(p, "(", m.Values, ")", 0, func(x Expr) { p.expr(x, orLevel) })
		if m.Path != nil {
			p.put(".[")
			p.expr(m.Path, orLevel)
			p.put("]")
		}
		p.put(" = ")
		p.block("{", m.Body, "}", p.closing(m.Span().End-1), p.space)
		p.put(";")
	}
	p.comments(s.Span().End - 1)
	p.dedent()
	p.line()
	p.put("}")
}
