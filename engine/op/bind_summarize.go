package op

import (
	"slices"

	"tidemark/engine/agg"
	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// aggregates collects the aggregations of a summarize while its expressions
// are bound: each call becomes a column of the aggregation's output.
type aggregates struct {
	b     *Binder
	rs    *rowScope // of the input
	nkeys int
	keys  []bool // input columns that are grouped by as they are
	list  []aggregation
	width int // result columns so far
	// last are the columns of the call bound last: a bare call of an
	// aggregation with several results gives them all.
	last    []table.Column
	lastAt  int
	lastFun *agg.Func
}

// call binds a call of an aggregation and stands for its first result.
func (a *aggregates) call(f *agg.Func, c *parser.Call) expr.Expr {
	args, trees, ok := a.arguments(f, c)
	if !ok {
		return unknown()
	}
	described := make([]agg.Arg, len(args))
	for i, e := range args {
		described[i] = agg.Arg{Arg: argOf(e), Name: resultName(trees[i])}
	}
	o, types, err := f.Choose(described)
	if err != nil {
		a.b.callError(&fn.Scalar{Name: f.Name}, err, trees, c.Name.Span())
		return unknown()
	}
	spec := agg.Spec{Types: types, Consts: make([]*vec.Column, len(args))}
	for i, e := range args {
		args[i] = a.b.convert(e, types[i])
		described[i].Type = types[i]
		if k, ok := args[i].(*expr.Const); ok {
			spec.Consts[i] = &k.Col
		}
	}
	cols := f.Columns(o, described)
	at := a.nkeys + a.width
	a.list = append(a.list, aggregation{name: f.Name, args: args, cols: cols, make: func() agg.State { return o.New(spec) }})
	a.width += len(cols)
	a.last, a.lastAt, a.lastFun = cols, at, f
	return &expr.Column{Index: at, T: cols[0].Type, Name: cols[0].Name}
}

// arguments binds the arguments; "*" stands for the columns not grouped by.
func (a *aggregates) arguments(f *agg.Func, c *parser.Call) ([]expr.Expr, []parser.Expr, bool) {
	var args []expr.Expr
	var trees []parser.Expr
	for _, x := range c.Args {
		switch x.(type) {
		case *parser.Star, *parser.Wildcard:
			if _, isStar := x.(*parser.Star); isStar && f.Name == "count" {
				continue
			}
			if !f.Star {
				a.b.fail(x.Span(), "KS109", "", "%s() does not take a pattern of columns", f.Name)
				return nil, nil, false
			}
			for i, col := range a.rs.cols {
				if matches(x, col) && !a.keys[i] && !isNamed(trees, col.Name) {
					args = append(args, &expr.Column{Index: i, T: col.Type, Name: col.Name})
					trees = append(trees, &parser.Name{Name: col.Name})
				}
			}
			continue
		}
		e := a.b.scalar(x, a.rs)
		if e.Type() == table.Unknown {
			return nil, nil, false
		}
		args, trees = append(args, e), append(trees, x)
	}
	return args, trees, true
}

func isNamed(trees []parser.Expr, name string) bool {
	return slices.ContainsFunc(trees, func(t parser.Expr) bool {
		n, ok := t.(*parser.Name)
		return ok && n.Name == name
	})
}

func (b *Binder) summarize(in Node, op *parser.Summarize) Node {
	rs := &rowScope{cols: in.Columns()}
	by := &projection{b: b, rs: rs, auto: columnN}
	for _, x := range op.By {
		from := len(by.exprs)
		by.add(x)
		b.grouped(by.exprs[from:], x)
	}
	if op.Bin != nil && len(by.exprs) > 0 { // by Timestamp bin=1h
		bin, _ := fn.Lookup("bin")
		last := len(by.exprs) - 1
		by.exprs[last] = b.apply(bin, []expr.Expr{by.exprs[last], b.scalar(op.Bin, rs)}, []parser.Expr{op.Bin, op.Bin}, op.Bin.Span())
	}
	collect := &aggregates{b: b, rs: rs, nkeys: len(by.exprs), keys: make([]bool, len(rs.cols))}
	for i, e := range by.exprs {
		if c, ok := e.(*expr.Column); ok && by.cols[i].Name == rs.cols[c.Index].Name {
			collect.keys[c.Index] = true
		}
		by.cols[i].Type = e.Type()
	}
	out := &projection{b: b, rs: &rowScope{cols: rs.cols, agg: collect, grouped: true}, auto: columnN, count: by.count}
	for i, c := range by.cols {
		out.append(c.Name, &expr.Column{Index: i, T: c.Type, Name: c.Name}, true)
	}
	for _, x := range op.Aggregates {
		b.aggregateItem(out, collect, x)
	}
	n := &aggregate{in: windowed(in, by.exprs), keys: by.exprs, cols: by.cols, aggs: collect.list}
	return (&project{in: n, cols: out.cols, exprs: out.exprs}).simplified()
}

// aggregateItem binds one item before by: a call of an aggregation, or an
// expression over several.
func (b *Binder) aggregateItem(out *projection, collect *aggregates, x parser.Expr) {
	names, tree := []*parser.Name(nil), x
	if n, ok := x.(*parser.Named); ok {
		names, tree = n.Names, n.X
	}
	if c, ok := tree.(*parser.Call); ok {
		if _, isAgg := agg.Lookup(c.Name.Name); isAgg && b.notUserFunction(c.Name.Name) {
			b.aggregateCall(out, collect, names, c)
			return
		}
	}
	before := len(collect.list)
	e := b.scalar(tree, out.rs)
	if len(names) > 0 {
		out.declare(names[0].Name, names[0].Span(), e)
		return
	}
	if len(collect.list) > before { // round(avg(x), 1) is named avg_x
		tree = withColumn(tree, collect.list[before].cols[0].Name)
	}
	name := resultName(tree)
	if name == "" {
		out.count++
		name = columnN(0, out.count)
	}
	out.append(out.unique(name), e, false)
}

// withColumn puts the name of its column in the place of the aggregation that
// an expression is named after.
func withColumn(x parser.Expr, column string) parser.Expr {
	switch x := x.(type) {
	case *parser.Path:
		out := *x
		out.X = withColumn(x.X, column)
		return &out
	case *parser.Index:
		out := *x
		out.X = withColumn(x.X, column)
		return &out
	case *parser.Call:
		if _, ok := agg.Lookup(x.Name.Name); ok {
			return &parser.Name{Name: column}
		}
		if len(x.Args) > 0 {
			out := *x
			out.Args = append([]parser.Expr{withColumn(x.Args[0], column)}, x.Args[1:]...)
			return &out
		}
	}
	return x
}

func (b *Binder) notUserFunction(name string) bool {
	ent, ok := b.scope.find(name)
	return !ok || ent.fun == nil
}

// aggregateCall adds all results of a bare call. Names that the user gives
// take the place of its own, from the first.
func (b *Binder) aggregateCall(out *projection, collect *aggregates, names []*parser.Name, c *parser.Call) {
	e := collect.call(collectFunc(c), c)
	if e.Type() == table.Unknown {
		name := c.Name.Name + "_"
		if len(names) > 0 {
			name = names[0].Name
		}
		out.append(out.unique(name), e, false)
		return
	}
	cols, at := collect.last, collect.lastAt
	for i, col := range cols {
		ref := &expr.Column{Index: at + i, T: col.Type, Name: col.Name}
		if i < len(names) {
			out.declare(names[i].Name, names[i].Span(), ref)
			continue
		}
		out.append(out.unique(col.Name), ref, false)
	}
}

func collectFunc(c *parser.Call) *agg.Func {
	f, _ := agg.Lookup(c.Name.Name)
	return f
}

func (b *Binder) distinct(in Node, op *parser.Distinct) Node {
	p := &projection{b: b, rs: &rowScope{cols: in.Columns()}, auto: columnN}
	for _, x := range op.Columns {
		from := len(p.exprs)
		p.add(x)
		b.grouped(p.exprs[from:], x)
	}
	return &aggregate{in: windowed(in, p.exprs), keys: p.exprs, cols: p.cols}
}

// grouped reports what rows cannot be grouped by.
func (b *Binder) grouped(keys []expr.Expr, tree parser.Expr) {
	for _, e := range keys {
		if e.Type() == table.Dynamic {
			name := ""
			if c, ok := e.(*expr.Column); ok {
				name = c.Name + " is dynamic: "
			}
			b.fail(tree.Span(), "KS116", "convert it, such as with tostring()", "%srows are not grouped or sorted by a dynamic", name)
		}
	}
}

func (b *Binder) count(in Node, op *parser.Count) Node {
	name := "Count"
	if op.As != nil {
		name = op.As.Name
	}
	return countRows(in, name)
}

func countRows(in Node, name string) Node {
	f, _ := agg.Lookup("count")
	o, _, _ := f.Choose(nil)
	return &aggregate{in: in, aggs: []aggregation{{
		name: "count", cols: []table.Column{{Name: name, Type: table.Long}},
		make: func() agg.State { return o.New(agg.Spec{}) },
	}}}
}
