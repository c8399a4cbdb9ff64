package parser

// formatter is what every operator implements: it writes itself from its
// keyword on. The methods stand in the order of the files op_*.go.
type formatter interface{ format(p *printer) }

// pipes is how many pipes a pipeline has.
func pipes(q *Pipeline) int {
	if q.Source == nil {
		return len(q.Ops) - 1
	}
	return len(q.Ops)
}

// stages writes a pipeline, each stage on a line where apart says so or there
// are more than two.
func (p *printer) stages(q *Pipeline, apart bool) {
	if q.Source != nil {
		p.expr(q.Source, orLevel)
	}
	apart = apart || pipes(q) > 1
	for i, op := range q.Ops {
		if i > 0 || q.Source != nil {
			p.comments(op.Span().Start)
			if apart {
				p.line()
			} else {
				p.space()
			}
			p.put("| ")
		}
		op.(formatter).format(p)
	}
}

// subquery writes operators in brackets. A table called count would be an
// operator there, but for further brackets.
func (p *printer) subquery(x Expr) {
	if n := leftmost(x); n != nil && operators[n.Name] != nil {
		p.put("(")
		p.bracket("(", x, ")")
		p.put(")")
		return
	}
	p.bracket("(", x, ")")
}

// part begins, in a group, a further part of an operator, which moves to a
// line of its own where the operator does not fit on one. at is where it
// begins in the text.
func (p *printer) part(at int, texts ...string) {
	p.comments(at)
	p.space()
	p.put(texts...)
}

// operand is part for a keyword with an expression, where there is one.
func (p *printer) operand(keyword string, x Expr) {
	if x != nil {
		p.put(" ", keyword, " ")
		p.column(x)
	}
}

func (o *Where) format(p *printer) {
	p.keyword("where", o.Options)
	p.put(" ")
	p.unseen(o)
	p.expr(o.Cond, orLevel)
}

// unseen writes the name in where a = b, of which the tree knows nothing: the
// warning about it should not go away.
func (p *printer) unseen(o *Where) {
	from := p.tokens[p.tokenFrom(o.Span().Start)].End
	if n := len(o.Options); n > 0 {
		from = o.Options[n-1].Span().End
	}
	for i := p.tokenFrom(from); i < len(p.tokens) && p.tokens[i].End <= o.Cond.Span().Start; i++ {
		if p.value(i) == "=" {
			p.raw(from, p.tokens[i].Start)
			p.put(" = ")
			return
		}
	}
}

func (o *Print) format(p *printer) {
	p.put("print")
	clause(p, o.Columns, p.column)
}

func (o *Range) format(p *printer) {
	p.put("range ")
	p.name(o.Name)
	p.operand("from", o.From)
	p.operand("to", o.To)
	p.operand("step", o.Step)
}

func (o *Extend) format(p *printer) {
	p.put("extend")
	clause(p, o.Columns, p.column)
}

func (o *Project) format(p *printer) {
	p.put("project")
	clause(p, o.Columns, p.column)
}

func (o *ProjectAway) format(p *printer) {
	p.put("project-away")
	clause(p, o.Columns, p.pattern)
}

func (o *ProjectKeep) format(p *printer) {
	p.put("project-keep")
	clause(p, o.Columns, p.pattern)
}

func (o *ProjectRename) format(p *printer) {
	p.put("project-rename")
	clause(p, o.Columns, p.column)
}

func (o *ProjectReorder) format(p *printer) {
	p.put("project-reorder")
	clause(p, o.Columns, func(c *ReorderColumn) {
		p.pattern(c.X)
		if c.Order != "" {
			p.put(" ", c.Order)
		}
	})
}

func (o *ProjectByNames) format(p *printer) {
	p.put("project-by-names")
	clause(p, o.Columns, p.column)
}

func (o *Summarize) format(p *printer) {
	p.group()
	p.keyword("summarize", o.Options)
	p.indent()
	p.listed(o.Aggregates)
	if len(o.By) > 0 {
		p.by(o.By)
		if o.Bin != nil {
			p.put(" bin=")
			p.column(o.Bin)
		}
	}
	p.dedent()
	p.end()
}

// listed writes a list after a keyword, as clause does, whose lines belong to
// the group around.
func (p *printer) listed(items []Expr) {
	switch len(items) {
	case 0:
	case 1:
		p.put(" ")
		p.column(items[0])
	default:
		p.comments(items[0].Span().Start)
		p.space()
		list(p, items, p.column)
	}
}

// by writes by X, … as a part.
func (p *printer) by(items []Expr) {
	if len(items) == 0 {
		return
	}
	p.part(p.keywordBefore("by", items[0]), "by")
	clause(p, items, p.column)
}

// keywordBefore is where the last such word before an expression stands.
func (p *printer) keywordBefore(word string, x Expr) int {
	i := p.tokenFrom(x.Span().Start) - 1
	for i > 0 && p.value(i) != word {
		i--
	}
	return p.tokens[i].Start
}

func (o *Distinct) format(p *printer) {
	p.keyword("distinct", o.Options)
	clause(p, o.Columns, p.column)
}

func (o *Count) format(p *printer) {
	p.put("count")
	if o.As != nil {
		p.put(" as ")
		p.name(o.As)
	}
}

func (o *Sort) format(p *printer) {
	p.keyword("sort", o.Options)
	p.put(" by")
	clause(p, o.Keys, p.sortKey)
}

func (p *printer) sortKey(k *SortKey) {
	p.column(k.X)
	if k.Order != "" {
		p.put(" ", k.Order)
	}
	if k.Nulls != "" {
		p.put(" nulls ", k.Nulls)
	}
}

func (o *Top) format(p *printer) {
	p.keyword("top", o.Options)
	p.put(" ")
	p.column(o.N)
	p.put(" by")
	clause(p, o.Keys, p.sortKey)
}

func (o *Take) format(p *printer) {
	p.keyword("take", o.Options)
	p.put(" ")
	p.column(o.N)
}

func (o *TopNested) format(p *printer) {
	run(p, o.Levels, func(v *TopNestedLevel) {
		p.put("top-nested")
		if v.N != nil {
			p.put(" ")
			p.column(v.N)
		}
		p.operand("of", v.Of)
		if v.Others != nil {
			p.put(" with others=")
			p.column(v.Others)
		}
		p.put(" by ")
		p.sortKey(v.By)
	})
}

// run writes a list that has no keyword before it.
func run[T spanned](p *printer, items []T, write func(T)) {
	p.group()
	p.indent()
	list(p, items, write)
	p.dedent()
	p.end()
}

func (o *TopHitters) format(p *printer) {
	p.put("top-hitters ")
	p.column(o.N)
	p.operand("of", o.Of)
	p.operand("by", o.By)
}

func (o *Sample) format(p *printer) {
	p.keyword("sample", o.Options)
	p.put(" ")
	p.column(o.N)
}

func (o *SampleDistinct) format(p *printer) {
	p.keyword("sample-distinct", o.Options)
	p.put(" ")
	p.column(o.N)
	p.operand("of", o.Of)
}
