package parser

// typeof writes typeof(long), typeof(*, a:long) or typeof(a:long, b:string).
func (p *printer) typeof(t *Typeof) {
	p.put("typeof")
	if t.Type == "" || t.Type == "*" {
		p.starred(t.Type != "", t.Columns, t.Span().End-1)
		return
	}
	p.put("(", t.Type, ")")
}

// starred writes (*, a:long): a schema that may begin with a star.
func (p *printer) starred(star bool, columns []*ColumnDecl, end int) {
	var items []spanned
	if star {
		items = append(items, &Star{})
	}
	for _, c := range columns {
		items = append(items, c)
	}
	bracketed(p, "(", items, ")", end, func(x spanned) {
		if c, ok := x.(*ColumnDecl); ok {
			p.decl(c)
			return
		}
		p.put("*")
	})
}

// datatable writes the rows one a line.
func (p *printer) datatable(d *Datatable) {
	if d.Context != nil {
		p.put("__contextual_datatable ")
		p.expr(d.Context, orLevel)
		p.put(" ")
		p.schema(d.Columns)
		return
	}
	p.keyword("datatable", d.Options)
	if len(d.Options) > 0 {
		p.put(" ")
	}
	p.schema(d.Columns)
	p.put(" [")
	if len(d.Values) > 0 {
		p.rows(d)
	}
	p.put("]")
}

func (p *printer) rows(d *Datatable) {
	width := max(1, len(d.Columns))
	p.group()
	p.indent()
	p.comments(d.Values[0].Span().Start)
	p.soft()
	for i, v := range d.Values {
		switch {
		case i == 0:
		case i%width == 0:
			p.put(",")
			p.comments(v.Span().Start)
			p.line()
		default:
			p.put(", ")
		}
		p.expr(v, orLevel)
	}
	p.comments(d.Span().End - 1)
	p.dedent()
	p.soft()
	p.end()
}

func (p *printer) externaldata(e *Externaldata) {
	p.put("externaldata")
	p.schema(e.Columns)
	p.put(" ")
	end := 0
	if n := len(e.URIs); n > 0 {
		end = p.closing(e.URIs[n-1].Span().End)
	}
	bracketed(p, "[", e.URIs, "]", end, func(x Expr) { p.expr(x, orLevel) })
	p.with(e.Options)
}
