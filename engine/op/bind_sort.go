package op

import (
	"tidemark/engine/expr"
	"tidemark/parser"
	"tidemark/table"
)

func (b *Binder) where(in Node, op *parser.Where) Node {
	e := b.condition(op.Cond, rowsOver(in))
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
	}
	b.fail(x.Span(), "KS141", "compare it with something, or use isnotempty(…)", "a condition must be true or false, and this is a %s", e.Type())
	return nil
}

func (b *Binder) sort(in Node, op *parser.Sort) Node {
	keys, exprs := b.sortKeys(in, op.Keys, false)
	return &sorted{in: windowed(in, exprs), keys: keys, limit: -1}
}

func (b *Binder) top(in Node, op *parser.Top) Node {
	n, ok := b.rowCount(op.N)
	keys, exprs := b.sortKeys(in, op.Keys, true)
	if !ok {
		return in
	}
	return &sorted{in: windowed(in, exprs), keys: keys, limit: n}
}

// sortKeys binds keys; the default is descending, nulls last, and ascending
// puts nulls first. Only top takes a dynamic, by its text.
func (b *Binder) sortKeys(in Node, list []*parser.SortKey, top bool) ([]sortKey, []expr.Expr) {
	rs := &rowScope{cols: in.Columns()}
	var keys []sortKey
	var exprs []expr.Expr
	for _, k := range list {
		e := b.scalar(k.X, rs)
		if e.Type() == table.Unknown {
			continue
		}
		if e.Type() == table.Dynamic && !top {
			b.grouped([]expr.Expr{e}, k.X)
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
