package op

import (
	"math"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

func (b *Binder) where(in Node, op *parser.Where) Node {
	e := b.condition(op.Cond, &rowScope{cols: in.Columns()})
	if e == nil {
		return in
	}
	return &filter{in: windowed(in, []expr.Expr{e}), conds: expr.Conjuncts(e)}
}

// condition binds an expression that must be true or false; nil where wrong.
func (b *Binder) condition(x parser.Expr, rs *rowScope) expr.Expr {
	e := b.scalar(x, rs)
	switch e.Type() {
	case table.Bool:
		return e
	case table.Unknown:
		return nil
	case table.Dynamic:
		return b.convert(e, table.Bool)
	}
	b.fail(x.Span(), "KS141", "compare it with something, or use isnotempty(…)", "a condition must be true or false, and this is a %s", e.Type())
	return nil
}

func (b *Binder) sort(in Node, op *parser.Sort) Node {
	keys, exprs := b.sortKeys(in, op.Keys)
	return &sorted{in: windowed(in, exprs), keys: keys, limit: -1}
}

func (b *Binder) top(in Node, op *parser.Top) Node {
	n, ok := b.rowCount(op.N)
	keys, exprs := b.sortKeys(in, op.Keys)
	if !ok {
		return in
	}
	return &sorted{in: windowed(in, exprs), keys: keys, limit: n}
}

// sortKeys binds keys; the default is descending, nulls last, and ascending
// puts nulls first.
func (b *Binder) sortKeys(in Node, list []*parser.SortKey) ([]sortKey, []expr.Expr) {
	rs := &rowScope{cols: in.Columns()}
	var keys []sortKey
	var exprs []expr.Expr
	for _, k := range list {
		e := b.scalar(k.X, rs)
		if e.Type() == table.Unknown {
			continue
		}
		if e.Type() == table.Dynamic {
			e = b.convert(e, table.String)
		}
		key := sortKey{e: e, desc: k.Order != "asc"}
		key.nullsFirst = !key.desc
		if k.Nulls != "" {
			key.nullsFirst = k.Nulls == "first"
		}
		keys, exprs = append(keys, key), append(exprs, e)
	}
	return keys, exprs
}

func (b *Binder) take(in Node, op *parser.Take) Node {
	n, ok := b.rowCount(op.N)
	if !ok {
		return in
	}
	return &take{in: in, limit: n}
}

// rowCount binds a number of rows.
func (b *Binder) rowCount(x parser.Expr) (int64, bool) {
	e := b.scalar(x, &rowScope{})
	if e.Type() == table.Unknown {
		return 0, false
	}
	k, ok := e.(*expr.Const)
	if !ok || !e.Type().IsInteger() && e.Type() != table.Real {
		b.fail(x.Span(), "KS134", "", "a whole number is expected here")
		return 0, false
	}
	v, ok := b.convert(k, table.Long).(*expr.Const).Value().(int64)
	if !ok || v < 0 {
		b.fail(x.Span(), "KS134", "", "a number of rows cannot be negative or null")
		return 0, false
	}
	return v, true
}

// rangeOf binds range Name from A to B step C.
func (b *Binder) rangeOf(op *parser.Range) Node {
	from, to, step := b.constant(op.From), b.constant(op.To), b.constant(op.Step)
	if from == nil || to == nil || step == nil {
		return nil
	}
	t, ok := table.Widen(from.T, to.T)
	st := t
	if t == table.Datetime {
		st = table.Timespan
	} else if wide, both := table.Widen(t, step.T); both {
		t, st = wide, wide
	}
	if !ok || !(t.IsNumeric() || t == table.Datetime || t == table.Timespan) || step.T != st && !step.T.IsNumeric() {
		b.fail(op.Span(), "KS106", "usage: range Name from Start to End step Step", "range does not go from %s to %s by %s", from.T, to.T, step.T)
		return nil
	}
	if t == table.Decimal {
		t, st = table.Real, table.Real
	}
	col := table.Column{Name: op.Name.Name, Type: t}
	a, z, s := b.value(from, t), b.value(to, t), b.value(step, st)
	if a == nil || z == nil || s == nil {
		return &rows{cols: []table.Column{col}, what: "range"}
	}
	if t == table.Real {
		return b.realRange(op, col, a.(float64), z.(float64), s.(float64))
	}
	first, last, by := a.(int64), z.(int64), s.(int64)
	n := int64(0)
	switch {
	case by > 0 && last >= first:
		n = int64(uint64(last-first)/uint64(by)) + 1
	case by < 0 && last <= first:
		n = int64(uint64(first-last)/uint64(-by)) + 1
	}
	return &counted{col: col, from: first, step: by, n: n}
}

func (b *Binder) realRange(op *parser.Range, col table.Column, from, to, step float64) Node {
	n := 0.0
	if step != 0 {
		n = math.Floor((to-from)/step+1e-9) + 1
	}
	if n > 1<<24 {
		b.fail(op.Span(), "TM008", "take a larger step", "a range of reals is limited to %d rows", 1<<24)
		return nil
	}
	out := make([]float64, int(max(0, n)))
	for i := range out {
		out[i] = from + float64(i)*step
	}
	return &rows{cols: []table.Column{col}, what: "range", batches: []*vec.Batch{{N: len(out), Cols: []vec.Column{{Arr: vec.NewFloat64s(out, nil)}}}}}
}

// constant binds an expression whose value must be known before the query
// runs; nil where it is not, which has been reported.
func (b *Binder) constant(x parser.Expr) *expr.Const {
	e := b.scalar(x, &rowScope{})
	k, ok := e.(*expr.Const)
	if e.Type() == table.Unknown {
		return nil
	}
	if !ok {
		b.fail(x.Span(), "KS105", "", "this value must be known before the query runs")
		return nil
	}
	return k
}

func (b *Binder) value(k *expr.Const, t table.Type) any {
	c, ok := b.convert(k, t).(*expr.Const)
	if !ok {
		return nil
	}
	return c.Value()
}
