package parser

func (o *Render) format(p *printer) {
	// Properties of the old form stand without brackets.
	with := o.Span().End
	for i := p.tokenFrom(o.Span().Start); i < len(p.tokens) && p.tokens[i].Start < with; i++ {
		if p.value(i) == "with" && p.value(i+1) == "(" {
			with = p.tokens[i].Start
		}
	}
	n := 0
	for n < len(o.Options) && o.Options[n].Span().Start < with {
		n++
	}
	p.put("render ", o.Chart)
	for _, x := range o.Options[:n] {
		p.put(" ")
		if x.Name == "by" && p.value(p.tokenFrom(x.Span().Start)+1) != "=" {
			p.put("by")
			clause(p, append([]*Name{x.Value.(*Name)}, x.More...), p.name)
			continue
		}
		p.option(x)
	}
	p.with(o.Options[n:])
}

func (o *As) format(p *printer) {
	p.keyword("as", o.Options)
	p.put(" ")
	p.name(o.Name)
}

func (o *Getschema) format(p *printer) { p.keyword("getschema", o.Options) }

func (o *Serialize) format(p *printer) {
	p.keyword("serialize", o.Options)
	clause(p, o.Columns, p.column)
}

func (o *Consume) format(p *printer) { p.keyword("consume", o.Options) }

func (o *ExecuteAndCache) format(p *printer) { p.put("__executeAndCache") }

func (o *AssertSchema) format(p *printer) {
	p.put("assert-schema ")
	p.schema(o.Columns)
}

func (o *Partition) format(p *printer) {
	i := p.tokenFrom(o.Span().Start)
	p.keyword(p.value(i), o.Options) // partition or __partitionby
	if p.value(i) == "partition" {
		p.put(" by")
	}
	p.put(" ")
	p.expr(o.By, postfixLevel)
	p.operand("in", o.Scope)
	if o.ID != nil {
		p.operand("id", o.ID)
	}
	p.put(" ")
	if o.Legacy {
		p.bracket("{", o.Body, "}")
		return
	}
	p.subquery(o.Body)
}

func (o *Fork) format(p *printer) {
	p.group()
	p.put("fork")
	p.indent()
	for _, b := range o.Branches {
		p.part(b.Span().Start)
		if b.Name != nil {
			p.name(b.Name)
			p.put(" = ")
		}
		p.subquery(b.Body)
	}
	p.dedent()
	p.end()
}

func (o *Facet) format(p *printer) {
	p.put("facet by")
	clause(p, o.By, func(x Expr) { p.expr(x, postfixLevel) })
	if o.With != nil {
		p.put(" with ")
		p.subquery(o.With)
	}
}

func (o *Scan) format(p *printer) {
	p.keyword("scan", o.Options)
	if len(o.Order) > 0 {
		p.put(" order by")
		clause(p, o.Order, p.sortKey)
	}
	if len(o.Partition) > 0 {
		p.put(" partition by")
		clause(p, o.Partition, p.column)
	}
	if n := len(o.Declare); n > 0 {
		p.put(" declare ")
		p.params(o.Declare, p.closing(o.Declare[n-1].Span().End))
	}
	p.put(" with (")
	p.group()
	p.indent()
	for _, s := range o.Steps {
		p.comments(s.Span().Start)
		p.line()
		p.step(s)
	}
	p.comments(o.Span().End - 1)
	p.dedent()
	p.soft()
	p.end()
	p.put(")")
}

func (p *printer) step(s *ScanStep) {
	p.put("step ")
	p.name(s.Name)
	if s.Optional {
		p.put(" optional")
	}
	if s.Output != "" {
		p.put(" output=", s.Output)
	}
	p.put(": ")
	p.column(s.Cond)
	if len(s.Assign) > 0 {
		p.put(" =>")
		clause(p, s.Assign, p.column)
	}
	p.put(";")
}

func (o *Reduce) format(p *printer) {
	n := 0
	for n < len(o.Options) && o.Options[n].Span().Start < o.By.Span().Start {
		n++
	}
	p.keyword("reduce", o.Options[:n])
	p.put(" by ")
	p.column(o.By)
	if with := o.Options[n:]; len(with) > 0 {
		p.put(" with")
		clause(p, with, p.option)
	}
}

func (o *MacroExpand) format(p *printer) {
	p.keyword("macro-expand", o.Options)
	p.put(" ")
	p.expr(o.Entities, postfixLevel)
	if o.As != nil {
		p.put(" as ")
		p.name(o.As)
	}
	p.put(" ")
	p.block("(", o.Body, ")", o.Span().End-1, p.soft)
}

func (o *MakeGraph) format(p *printer) {
	p.keyword("make-graph", o.Options)
	p.put(" ")
	p.name(o.Source)
	if o.Directed {
		p.put(" --> ")
	} else {
		p.put(" -- ")
	}
	p.name(o.Target)
	if o.NodeID != nil {
		p.put(" with_node_id=")
		p.name(o.NodeID)
	}
	if len(o.Nodes) > 0 {
		p.put(" with")
		clause(p, o.Nodes, func(n *GraphNodes) {
			p.column(n.Table)
			p.put(" on ")
			p.name(n.Key)
		})
	}
	if o.PartitionedBy != nil {
		p.put(" partitioned-by ")
		p.expr(o.PartitionedBy, postfixLevel)
		p.put(" ")
		p.subquery(o.Partition)
	}
}

func (o *GraphMatch) format(p *printer) {
	p.group()
	p.keyword(o.Keyword(), o.Options)
	clause(p, o.Patterns, p.graphPattern)
	p.indent()
	if o.Where != nil {
		p.part(p.keywordBefore("where", o.Where), "where ")
		p.column(o.Where)
	}
	if len(o.Project) > 0 {
		p.part(p.keywordBefore("project", o.Project[0]), "project")
		clause(p, o.Project, p.column)
	}
	p.dedent()
	p.end()
}

func (p *printer) graphPattern(g *GraphPattern) {
	for _, x := range g.Parts {
		switch x.Edge {
		case "":
			p.put("(")
			if x.Name != nil {
				p.name(x.Name)
			}
			p.put(")")
		default:
			p.graphEdge(x)
		}
	}
}

// graphEdge writes -->, <-[e]- or -[e*1..3]-.
func (p *printer) graphEdge(x *GraphPart) {
	if x.Name == nil && x.Min == nil {
		p.put(x.Edge)
		return
	}
	if x.Edge == "<--" {
		p.put("<")
	}
	p.put("-[")
	if x.Name != nil {
		p.name(x.Name)
	}
	if x.Min != nil {
		p.put("*")
		p.expr(x.Min, unaryLevel)
		p.put("..")
		p.expr(x.Max, unaryLevel)
	}
	p.put("]-")
	if x.Edge == "-->" {
		p.put(">")
	}
}

func (o *GraphToTable) format(p *printer) {
	p.put("graph-to-table")
	clause(p, o.Outputs, func(t *GraphOutput) {
		p.put(t.What)
		if t.As != nil {
			p.put(" as ")
			p.name(t.As)
		}
		for _, x := range t.Options {
			p.put(" ")
			p.option(x)
		}
	})
}

func (o *GraphMarkComponents) format(p *printer) { p.keyword("graph-mark-components", o.Options) }

func (o *GraphWhere) format(p *printer) {
	p.put(o.Keyword(), " ")
	p.column(o.Cond)
}
