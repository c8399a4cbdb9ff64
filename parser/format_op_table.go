package parser

func (o *Invoke) format(p *printer) {
	p.put("invoke ")
	p.invoked(o.Call)
}

func (o *Evaluate) format(p *printer) {
	p.keyword("evaluate", o.Options)
	p.put(" ")
	p.invoked(o.Call)
	if p.value(p.tokenFrom(o.Call.Span().End)) == ":" {
		p.put(" : ")
		p.starred(o.KeepInput, o.Columns, o.Span().End-1)
	}
}

func (o *Union) format(p *printer) {
	p.keyword("union", o.Options)
	clause(p, o.Tables, p.table)
}

func (o *Join) format(p *printer) {
	p.group()
	p.keyword("join", o.Options)
	p.put(" ")
	p.expr(o.Right, orLevel)
	p.on(o.On)
	if o.Where != nil {
		p.put(" where ")
		p.column(o.Where)
	}
	p.end()
}

func (o *Lookup) format(p *printer) {
	p.group()
	p.keyword("lookup", o.Options)
	p.put(" ")
	p.expr(o.Right, orLevel)
	p.on(o.On)
	p.end()
}

// on writes the keys of a join.
func (p *printer) on(keys []Expr) {
	if len(keys) > 0 {
		p.put(" on")
		clause(p, keys, p.column)
	}
}

func (o *MakeSeries) format(p *printer) {
	p.group()
	p.keyword("make-series", o.Options)
	p.indent()
	p.aggregates(o.Aggregates)
	p.part(p.keywordBefore("on", o.On), "on ")
	p.column(o.On)
	if o.InRange {
		p.put(" in range(")
		for i, x := range []Expr{o.From, o.To, o.Step} {
			if x == nil {
				break
			}
			if i > 0 {
				p.put(", ")
			}
			p.column(x)
		}
		p.put(")")
	} else {
		p.operand("from", o.From)
		p.operand("to", o.To)
		p.operand("step", o.Step)
	}
	p.by(o.By)
	p.dedent()
	p.end()
}

func (p *printer) aggregates(items []*SeriesColumn) {
	if len(items) == 1 {
		p.put(" ")
	} else {
		p.comments(items[0].Span().Start)
		p.space()
	}
	list(p, items, func(c *SeriesColumn) {
		p.column(c.X)
		if c.Default != nil {
			p.put(" default=")
			p.column(c.Default)
		}
	})
}

func (o *MvExpand) format(p *printer) {
	p.keyword("mv-expand", o.Options)
	clause(p, o.Columns, p.mvColumn)
	p.operand("limit", o.Limit)
}

func (o *MvApply) format(p *printer) {
	p.keyword("mv-apply", o.Options)
	clause(p, o.Columns, p.mvColumn)
	p.operand("limit", o.Limit)
	p.operand("id", o.ID)
	p.put(" on ")
	p.subquery(o.Body)
}

func (p *printer) mvColumn(c *MvColumn) {
	if c.Name != nil {
		p.name(c.Name)
		p.put(" = ")
		p.expr(c.X, orLevel)
	} else {
		p.column(c.X)
	}
	// The tree does not hold all that may stand in typeof.
	for i := p.tokenFrom(c.X.Span().End); i < len(p.tokens) && p.tokens[i].End <= c.Span().End; i++ {
		if p.value(i) == "to" {
			p.put(" to ")
			p.raw(p.tokens[i].End, c.Span().End)
			return
		}
	}
}

func (o *ParseOperator) format(p *printer) {
	p.keyword(o.Keyword(), o.Options)
	p.put(" ")
	p.column(o.X)
	p.put(" with")
	p.indent()
	for _, piece := range o.Pattern { // as many on a line as fit
		p.group()
		p.comments(piece.Span().Start)
		p.space()
		p.piece(piece)
		p.end()
	}
	p.dedent()
}

func (p *printer) piece(x *ParsePiece) {
	switch {
	case x.Star:
		p.put("*")
	case x.Text != nil:
		p.literal(x.Text)
	default:
		p.name(x.Name)
		if x.Type != "" {
			p.put(":", x.Type)
		}
	}
}

func (o *ParseKV) format(p *printer) {
	p.put("parse-kv ")
	p.column(o.X)
	p.put(" as ")
	p.schema(o.Columns)
	p.with(o.Options)
}

func (o *Search) format(p *printer) {
	p.keyword("search", o.Options)
	p.tables(o.Tables, p.table)
	p.put(" ")
	p.column(o.Cond)
}

func (p *printer) tables(tables []Expr, write func(Expr)) {
	if n := len(tables); n > 0 {
		p.put(" in ")
		bracketed(p, "(", tables, ")", p.closing(tables[n-1].Span().End), write)
	}
}

func (o *Find) format(p *printer) {
	p.group()
	p.keyword("find", o.Options)
	p.tables(o.Tables, p.findTable)
	p.put(" where ")
	p.column(o.Cond)
	p.indent()
	if len(o.Project) > 0 {
		p.part(0, "project")
		clause(p, o.Project, p.findColumn)
	}
	if o.Smart {
		p.part(0, "project-smart")
	}
	if len(o.Away) > 0 {
		p.part(0, "project-away")
		clause(p, o.Away, p.findColumn)
	}
	p.dedent()
	p.end()
}

// findTable writes a table, which may have T | as Name.
func (p *printer) findTable(x Expr) {
	q, ok := x.(*Pipeline)
	if ok && len(q.Ops) == 1 && q.Source != nil {
		if as, ok := q.Ops[0].(*As); ok && len(as.Options) == 0 {
			p.table(q.Source)
			p.put(" | as ")
			p.name(as.Name)
			return
		}
	}
	p.table(x)
}

func (p *printer) findColumn(c *FindColumn) {
	switch {
	case c.Pack:
		p.raw(c.Span().Start, c.Span().End) // pack(*) or pack_all()
	case c.Name == nil:
		p.put("*")
	default:
		p.name(c.Name)
		if c.Type != "" {
			p.put(":", c.Type)
		}
	}
}
