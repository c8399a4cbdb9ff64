package op

import (
	"math"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// makeSeries binds make-series as an aggregation by bins of the axis, and a
// step that lines the bins up.
func (b *Binder) makeSeries(in Node, op *parser.MakeSeries) Node {
	rs := &rowScope{cols: in.Columns()}
	by := &projection{b: b, rs: rs, auto: columnN}
	for _, x := range op.By {
		by.add(x)
	}
	place := &projection{b: b, rs: rs, auto: columnN, count: by.count}
	place.add(op.On)
	if len(place.exprs) != 1 || place.exprs[0].Type() == table.Unknown {
		return nil
	}
	d, ok := b.bins(op, place.exprs[0])
	if !ok {
		return nil
	}
	axis := b.convert(place.exprs[0], d.t)
	n := &makeSeries{nby: len(by.cols), bins: d}
	if o := op.Options.Get("kind"); o != nil {
		if n.nonempty = o.Word() == "nonempty"; !n.nonempty {
			b.fail(o.Value.Span(), "KS005", "the kind there is: nonempty", "there is no kind of make-series named %s", o.Word())
		}
	}
	keys := append(append([]expr.Expr(nil), by.exprs...), d.number(b.env, axis))
	collect := &aggregates{b: b, rs: rs, nkeys: len(keys), keys: make([]bool, len(rs.cols))}
	out := &projection{b: b, rs: &rowScope{cols: rs.cols, agg: collect, grouped: true}, auto: columnN, count: place.count}
	for i, c := range by.cols {
		by.cols[i].Type = by.exprs[i].Type()
		out.append(c.Name, &expr.Column{Index: i, T: by.exprs[i].Type(), Name: c.Name}, true)
	}
	for _, a := range op.Aggregates {
		from := len(out.cols)
		b.aggregateItem(out, collect, a.X)
		for _, e := range out.exprs[from:] {
			n.types = append(n.types, e.Type())
			n.defaults = append(n.defaults, b.seriesDefault(a, e.Type()))
		}
	}
	series := len(out.cols)
	out.declare(place.cols[0].Name, op.On.Span(), axis)
	if len(out.cols) == series {
		return nil // the name is taken, which has been reported
	}
	bin := table.Column{Name: "$bin", Type: table.Long, Hidden: true}
	grouped := &aggregate{keys: keys, cols: append(by.cols, bin), aggs: collect.list}
	grouped.in = b.withinBins(windowed(in, keys), axis, d, op)
	n.cols = out.cols
	for i := n.nby; i < len(n.cols); i++ {
		n.cols[i].Type = table.Dynamic
	}
	n.in = lineUp(grouped, out, n, bin)
	return n
}

// lineUp puts the columns of the aggregation in the order that makeSeries reads.
func lineUp(grouped *aggregate, out *projection, n *makeSeries, bin table.Column) Node {
	p := &project{in: grouped}
	add := func(c table.Column, e expr.Expr) { p.cols, p.exprs = append(p.cols, c), append(p.exprs, e) }
	for i := range n.nby {
		add(grouped.cols[i], out.exprs[i])
	}
	add(bin, &expr.Column{Index: n.nby, T: table.Long, Name: bin.Name})
	for i, t := range n.types {
		add(table.Column{Name: out.cols[n.nby+i].Name, Type: t}, out.exprs[n.nby+i])
	}
	return p.simplified()
}

// bins binds from, to and step.
func (b *Binder) bins(op *parser.MakeSeries, axis expr.Expr) (bins, bool) {
	d := bins{t: axis.Type(), inRange: op.InRange}
	if d.t == table.Dynamic || !d.t.IsNumeric() && d.t != table.Datetime && d.t != table.Timespan {
		b.fail(op.On.Span(), "KS137", "convert it with todatetime(), tolong() or toreal()", "the axis of a series is a number, a datetime or a timespan, and this is a %s", d.t)
		return d, false
	}
	stepType := d.t
	if d.t == table.Datetime {
		stepType = table.Timespan
	}
	if op.Step == nil {
		b.fail(op.Span(), "KS006", "usage: make-series … on Axis in range(Start, Stop, Step)", "the step is missing")
		return d, false
	}
	ok := true
	bound := func(x parser.Expr, t table.Type, what string) expr.Expr {
		if x == nil {
			return nil
		}
		e := b.scalar(x, &rowScope{})
		switch {
		case e.Type() == table.Unknown:
			ok = false
		case e.Type() == t || e.Type().IsNumeric() && t.IsNumeric():
		case e.Type() == table.Dynamic:
			e = b.convert(e, t)
		default:
			b.fail(x.Span(), "KS141", "", "the %s must be a %s, as the axis is a %s; this is a %s", what, t, d.t, e.Type())
			ok = false
		}
		return e
	}
	d.from, d.to, d.step = bound(op.From, d.t, "start"), bound(op.To, d.t, "end"), bound(op.Step, stepType, "step")
	if !ok {
		return d, false
	}
	if d.t.IsNumeric() { // in longs where all are whole, in reals otherwise
		for _, e := range []expr.Expr{axis, d.from, d.to, d.step} {
			if e != nil && !e.Type().IsInteger() {
				d.t, stepType = table.Real, table.Real
			}
		}
		if d.t == table.Int {
			d.t, stepType = table.Long, table.Long
		}
	}
	for _, e := range []*expr.Expr{&d.from, &d.to} {
		if *e != nil {
			*e = b.convert(*e, d.t)
		}
	}
	d.step = b.convert(d.step, stepType)
	return d, b.stepIsPositive(op, &d)
}

func (b *Binder) stepIsPositive(op *parser.MakeSeries, d *bins) bool {
	if !isConst(d.step) {
		return true
	}
	if v, ok := d.value(d.step); !ok || v.whole <= 0 && !(v.real > 0) {
		b.fail(op.Step.Span(), "KS134", "", "the step must be greater than zero")
		return false
	}
	return true
}

// number is the expression for the number of the bin that a row falls into.
func (d *bins) number(env *fn.Env, axis expr.Expr) expr.Expr {
	t := d.t
	base := d.from
	if base == nil || d.inRange {
		base = expr.NewConst(t, int64(0))
		if t == table.Real {
			base = expr.NewConst(t, 0.0)
		}
	}
	kernel := func(a *fn.Args) vec.Column {
		x, from, step := a.Cols[0], a.Cols[1], a.Cols[2]
		out := vec.NewBuilder(table.Long, a.N)
		for i := range a.N {
			switch {
			case x.IsNull(i) || from.IsNull(0) || step.IsNull(0):
				out.Null()
			case t != table.Real && step.Int64(0) != 0:
				out.Int64(floorDiv(x.Int64(i)-from.Int64(0), step.Int64(0)))
			case t == table.Real && !math.IsNaN(x.Float64(i)):
				out.Int64(int64(math.Floor((x.Float64(i) - from.Float64(0)) / step.Float64(0))))
			default:
				out.Null()
			}
		}
		return vec.Column{Arr: out.Done()}
	}
	return &expr.Call{Name: "bin_number", Args: []expr.Expr{axis, base, d.step}, T: table.Long, Kernel: kernel, Env: env}
}

// withinBins drops the rows outside the axis.
func (b *Binder) withinBins(in Node, axis expr.Expr, d bins, op *parser.MakeSeries) Node {
	var conds []expr.Expr
	compare := func(op string, limit expr.Expr, tree parser.Expr) {
		if limit == nil {
			return
		}
		s, _ := fn.Operator(op)
		conds = append(conds, b.apply(s, []expr.Expr{axis, limit}, []parser.Expr{tree, tree}, tree.Span()))
	}
	compare(">=", d.from, op.From)
	if d.inRange {
		compare("<=", d.to, op.To)
	} else {
		compare("<", d.to, op.To)
	}
	if conds == nil {
		return in
	}
	return &filter{in: in, conds: conds}
}

// seriesDefault is the JSON of what stands for a bin without rows. It takes the
// type of the aggregate where that loses nothing.
func (b *Binder) seriesDefault(a *parser.SeriesColumn, t table.Type) string {
	k := expr.NewConst(table.Long, int64(0))
	if a.Default != nil {
		if k = b.constant(a.Default); k == nil {
			return "0"
		}
	}
	if k.Value() == nil {
		return "null"
	}
	if k.T.IsInteger() && (t == table.Real || t == table.Decimal) {
		if c, ok := b.convert(k, table.Real).(*expr.Const); ok {
			k = c
		}
	}
	return fn.JSON(k.T, k.Value())
}
