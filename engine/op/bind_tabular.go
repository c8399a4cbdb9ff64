package op

import (
	"slices"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// isTabular reports whether an expression stands for rows rather than a value.
func (b *Binder) isTabular(e parser.Expr) bool {
	switch e := e.(type) {
	case *parser.Pipeline, *parser.Datatable, *parser.Externaldata:
		return true
	case *parser.Name:
		if ent, ok := b.scope.find(e.Name); ok {
			return ent.node != nil || ent.fun != nil && len(ent.fun.decl.Params) == 0 && b.isTabularFunction(ent.fun) || ent.broken && ent.scalar == nil
		}
		_, ok := b.catalog.Table(e.Name)
		return ok
	case *parser.Call:
		switch e.Name.Name {
		case "materialize", "table", "view":
			return true
		}
		if ent, ok := b.scope.find(e.Name.Name); ok && ent.fun != nil {
			return b.isTabularFunction(ent.fun)
		}
	case *parser.Path:
		return isDatabase(e.X)
	}
	return false
}

// isTabularFunction looks at the last statement of a function's body.
func (b *Binder) isTabularFunction(f *function) bool {
	stmts := f.decl.Body.Statements
	if len(stmts) == 0 {
		return false
	}
	last, ok := stmts[len(stmts)-1].(*parser.ExprStatement)
	if !ok {
		return false
	}
	if n, ok := last.X.(*parser.Name); ok {
		for _, p := range f.decl.Params {
			if p.Name.Name == n.Name {
				return p.Type == ""
			}
		}
		for _, s := range stmts {
			if l, ok := s.(*parser.Let); ok && l.Name.Name == n.Name {
				return b.isTabular(l.X)
			}
		}
	}
	tabular := false
	b.within(f.scope, func() { tabular = b.isTabular(last.X) })
	return tabular
}

// isDatabase recognises database("x") and cluster("y").database("x").
func isDatabase(e parser.Expr) bool {
	switch e := e.(type) {
	case *parser.Call:
		return slices.Contains([]string{"database", "cluster", "workspace", "app", "resource"}, e.Name.Name)
	case *parser.Path:
		return isDatabase(e.X)
	}
	return false
}

const maxDepth = 64

// tabular binds an expression that stands for rows; nil where it is wrong.
func (b *Binder) tabular(e parser.Expr) Node {
	if b.depth++; b.depth > maxDepth {
		b.depth--
		b.fail(e.Span(), "TM004", "break it up with let statements", "queries are nested more than %d levels deep here", maxDepth)
		return nil
	}
	defer func() { b.depth-- }()
	switch e := e.(type) {
	case *parser.Pipeline:
		return b.pipeline(e)
	case *parser.Name:
		return b.tableNamed(e.Name, e.Span())
	case *parser.Datatable:
		return b.datatable(e)
	case *parser.Call:
		return b.tabularCall(e)
	case *parser.Path:
		return b.databaseTable(e)
	case *parser.Externaldata:
		return b.externaldata(e)
	}
	x := b.scalar(e, &rowScope{})
	if x.Type() != table.Unknown {
		b.fail(e.Span(), "KS109", "", "a table is expected here, and this is a value of type %s", x.Type())
	}
	return nil
}

func (b *Binder) databaseTable(e *parser.Path) Node {
	if c, ok := e.X.(*parser.Call); ok && c.Name.Name == "database" {
		return b.tableNamed(e.Member.Name, e.Member.Span())
	}
	b.fail(e.Span(), "TM006", "name the table alone: "+e.Member.Name, "other clusters and workspaces cannot be reached from here")
	return nil
}

// tableNamed resolves a name to a let binding or a table.
func (b *Binder) tableNamed(name string, at parser.Span) Node {
	if ent, ok := b.scope.find(name); ok {
		switch {
		case ent.broken:
			return nil
		case ent.node != nil:
			return ent.node
		case ent.fun != nil && len(ent.fun.decl.Params) == 0:
			return b.invokeTabular(ent.fun, nil, nil, at)
		}
		b.fail(at, "KS109", "", "%s is a single value, and a table is expected here", name)
		return nil
	}
	if src, ok := b.catalog.Table(name); ok {
		return newScan(src)
	}
	b.fail(at, "KS204", didYouMean(name, append(b.scope.all(), b.catalog.Tables()...), "the tables are "+strings.Join(b.catalog.Tables(), ", ")),
		"there is no table, view or tabular variable named %s", name)
	return nil
}

// pipeline binds a source and the operators after it.
func (b *Binder) pipeline(p *parser.Pipeline) Node {
	var n Node
	ops := p.Ops
	if p.Source != nil {
		n = b.tabular(p.Source)
	} else if len(ops) > 0 {
		n = b.sourceOperator(ops[0])
		ops = ops[1:]
	}
	return b.over(n, ops)
}

// over binds operators over an input; nil where something is wrong.
func (b *Binder) over(n Node, ops []parser.Operator) Node {
	for _, op := range ops {
		if n == nil {
			return nil
		}
		n = b.operator(n, op)
	}
	return n
}

// sourceOperator binds an operator that stands at the beginning.
func (b *Binder) sourceOperator(op parser.Operator) Node {
	switch op := op.(type) {
	case *parser.Print:
		return b.print(op)
	case *parser.Range:
		return b.rangeOf(op)
	case *parser.Union:
		return b.union(nil, op)
	case *parser.Search:
		return b.search(nil, op)
	case *parser.Find:
		return b.find(op)
	case *parser.Evaluate:
		return b.evaluate(nil, op)
	}
	b.unsupported(op)
	return nil
}

func (b *Binder) unsupported(op parser.Operator) {
	b.fail(keywordSpan(op), "TM007", "see docs/language.md for what is", "the operator %s is not supported yet", op.Keyword())
}

func keywordSpan(op parser.Operator) parser.Span {
	s := op.Span()
	return parser.Span{Start: s.Start, End: min(s.End, s.Start+len(op.Keyword()))}
}

// operator binds one stage over its input.
func (b *Binder) operator(in Node, op parser.Operator) Node {
	switch op := op.(type) {
	case *parser.Where:
		return b.where(in, op)
	case *parser.Extend:
		return b.extend(in, op.Columns)
	case *parser.Serialize:
		return b.extend(&whole{in: in}, op.Columns)
	case *parser.Project:
		return b.project(in, op)
	case *parser.ProjectAway:
		return b.projectAway(in, op)
	case *parser.ProjectKeep:
		return b.projectKeep(in, op)
	case *parser.ProjectRename:
		return b.projectRename(in, op)
	case *parser.ProjectReorder:
		return b.projectReorder(in, op)
	case *parser.Summarize:
		return b.summarize(in, op)
	case *parser.Distinct:
		return b.distinct(in, op)
	case *parser.Count:
		return b.count(in, op)
	case *parser.Sort:
		return b.sort(in, op)
	case *parser.Top:
		return b.top(in, op)
	case *parser.Take:
		return b.take(in, op)
	case *parser.Union:
		return b.union(in, op)
	case *parser.Join:
		return b.join(in, op)
	case *parser.Lookup:
		return b.lookup(in, op)
	case *parser.Search:
		return b.search(in, op)
	case *parser.MvExpand:
		return b.mvExpand(in, op)
	case *parser.Getschema:
		return b.getschema(in)
	case *parser.As:
		return b.as(in, op)
	case *parser.Invoke:
		return b.invoke(in, op)
	case *parser.MvApply:
		return b.mvApply(in, op)
	case *parser.MakeSeries:
		return b.makeSeries(in, op)
	case *parser.TopNested:
		return b.topNested(in, op)
	case *parser.TopHitters:
		return b.topHitters(in, op)
	case *parser.Sample:
		return b.sample(in, op)
	case *parser.SampleDistinct:
		return b.sampleDistinct(in, op)
	case *parser.Consume:
		return &consume{in: in}
	case *parser.AssertSchema:
		return b.assertSchema(in, op)
	case *parser.ExecuteAndCache:
		return in
	case *parser.ProjectByNames:
		return b.projectByNames(in, op)
	case *parser.Partition:
		return b.partition(in, op)
	case *parser.Fork, *parser.Facet:
		return b.notLast(op)
	case *parser.ParseKV:
		return b.parseKV(in, op)
	case *parser.ParseOperator:
		return b.parseOperator(in, op)
	case *parser.Evaluate:
		return b.evaluate(in, op)
	case *parser.Scan:
		return b.scan(in, op)
	case *parser.Reduce:
		return b.reduce(in, op)
	case *parser.Render:
		return in
	}
	b.unsupported(op)
	return nil
}

// as names the rows so far; they are kept, so that they are computed once.
func (b *Binder) as(in Node, op *parser.As) Node {
	n := &shared{in: in, name: op.Name.Name, cell: &sharedRows{}}
	b.define(op.Name.Name, entity{node: n})
	return n
}

// tabularCall binds a call that gives rows.
func (b *Binder) tabularCall(c *parser.Call) Node {
	name := c.Name.Name
	if ent, ok := b.scope.find(name); ok && ent.fun != nil {
		return b.invokeTabular(ent.fun, nil, c.Args, c.Span())
	}
	switch name {
	case "materialize", "view":
		if len(c.Args) == 1 {
			if n := b.tabular(c.Args[0]); n != nil {
				return &shared{in: n, cell: &sharedRows{}}
			}
			return nil
		}
		b.fail(c.Span(), "KS119", "usage: "+name+"(T | …)", "%s() takes one query", name)
		return nil
	case "table":
		if len(c.Args) > 0 {
			if k, ok := b.scalar(c.Args[0], &rowScope{}).(*expr.Const); ok && k.T == table.String {
				return b.tableNamed(k.Value().(string), c.Args[0].Span())
			}
		}
		b.fail(c.Span(), "KS119", `usage: table("Name")`, "table() takes the name of a table as text")
		return nil
	}
	if isDatabase(c) {
		b.fail(c.Span(), "TM006", "add the table's name: "+name+"(…).Table", "a table is expected here")
		return nil
	}
	e := b.scalar(c, &rowScope{})
	if e.Type() != table.Unknown {
		b.fail(c.Span(), "KS109", "", "a table is expected here, and %s() gives a value of type %s", name, e.Type())
	}
	return nil
}

// datatable binds a table written out.
func (b *Binder) datatable(d *parser.Datatable) Node {
	cols, ok := b.columnDecls(d.Columns)
	if !ok {
		return nil
	}
	if len(cols) == 0 || len(d.Values)%len(cols) != 0 {
		b.fail(d.Span(), "KS121", "", "a datatable of %d columns cannot hold %d values", len(cols), len(d.Values))
		return nil
	}
	builders := make([]*vec.Builder, len(cols))
	for i, c := range cols {
		builders[i] = vec.NewBuilder(c.Type, len(d.Values)/len(cols))
	}
	for i, v := range d.Values {
		c := cols[i%len(cols)]
		e := b.convert(b.scalar(v, &rowScope{}), c.Type)
		k, isConst := e.(*expr.Const)
		switch {
		case e.Type() == table.Unknown:
			return nil
		case !isConst:
			b.fail(v.Span(), "KS105", "", "the values of a datatable must be known before the query runs")
			return nil
		}
		builders[i%len(cols)].Value(k.Value())
	}
	out := &vec.Batch{N: len(d.Values) / len(cols)}
	for _, x := range builders {
		out.Cols = append(out.Cols, vec.Column{Arr: x.Done()})
	}
	return &rows{cols: cols, batches: []*vec.Batch{out}, what: "datatable"}
}

// columnDecls reads name:type declarations.
func (b *Binder) columnDecls(decls []*parser.ColumnDecl) ([]table.Column, bool) {
	var cols []table.Column
	for _, d := range decls {
		t, ok := table.TypeNamed(d.Type)
		if !ok {
			b.fail(d.Span(), "KS003", "the types are "+table.TypeNameList(), "%s is not a type", d.Type)
			return nil, false
		}
		if slices.ContainsFunc(cols, func(c table.Column) bool { return c.Name == d.Name.Name }) {
			b.fail(d.Name.Span(), "KS202", "", "two columns are named %s", d.Name.Name)
			return nil, false
		}
		cols = append(cols, table.Column{Name: d.Name.Name, Type: t})
	}
	return cols, true
}

// print binds print X, ….
func (b *Binder) print(op *parser.Print) Node {
	p := &projection{b: b, rs: &rowScope{}, auto: func(i, _ int) string { return "print_" + itoa(i) }}
	for _, x := range op.Columns {
		p.add(x)
	}
	one := &rows{what: "print", batches: []*vec.Batch{{N: 1}}}
	return p.node(one)
}

// getschema lists the columns of its input.
func (b *Binder) getschema(in Node) Node {
	cols := visible(in).Columns()
	name, ordinal := vec.NewBuilder(table.String, len(cols)), vec.NewBuilder(table.Long, len(cols))
	data, typ := vec.NewBuilder(table.String, len(cols)), vec.NewBuilder(table.String, len(cols))
	for i, c := range cols {
		name.Str(c.Name)
		ordinal.Int64(int64(i))
		data.Str(c.Type.DotNet())
		typ.Str(c.Type.String())
	}
	return &rows{what: "getschema", cols: []table.Column{
		{Name: "ColumnName", Type: table.String}, {Name: "ColumnOrdinal", Type: table.Long},
		{Name: "DataType", Type: table.String}, {Name: "ColumnType", Type: table.String},
	}, batches: []*vec.Batch{{N: len(cols), Cols: []vec.Column{{Arr: name.Done()}, {Arr: ordinal.Done()}, {Arr: data.Done()}, {Arr: typ.Done()}}}}}
}
