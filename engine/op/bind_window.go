package op

import (
	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// The window functions. Their kernels see all rows at once, because whatever
// holds one is put over a whole node.
// See https://learn.microsoft.com/kusto/query/window-functions

func (b *Binder) windowArgs(c *parser.Call, rs *rowScope, least, most int, usage string) ([]expr.Expr, bool) {
	if !b.arity(c, least, most, usage) {
		return nil, false
	}
	if rs.loose {
		b.warn(c.Name.Span(), "TM106", "put sort by …, or serialize, before it", "%s() reads neighbouring rows, and these are in no order that is sure", c.Name.Name)
	}
	args := make([]expr.Expr, len(c.Args))
	for i, a := range c.Args {
		args[i] = b.scalar(a, rs)
		if args[i].Type() == table.Unknown {
			return nil, false
		}
	}
	return args, true
}

// rowsOver is what expressions see of the rows of a node.
func rowsOver(in Node) *rowScope { return &rowScope{cols: in.Columns(), loose: !serialized(in)} }

// serialized reports whether the rows of a node are in an order that is sure.
// See https://learn.microsoft.com/kusto/query/window-functions#serialized-row-set
func serialized(n Node) bool {
	switch n := n.(type) {
	case *sorted, *whole, *counted, *rows:
		return true
	case *filter, *project, *take, *mvExpand:
		return serialized(n.Inputs()[0])
	case *shared:
		return serialized(n.in)
	}
	return false
}

func (b *Binder) window(name string, t table.Type, kernel fn.Kernel, args ...expr.Expr) expr.Expr {
	return &expr.Call{Name: name, Args: args, T: t, Kernel: kernel, Env: b.env, Window: true}
}

// rowNumber binds row_number([start [, restart]]).
func (b *Binder) rowNumber(c *parser.Call, rs *rowScope) expr.Expr {
	args, ok := b.windowArgs(c, rs, 0, 2, "row_number([start [, restart]])")
	if !ok {
		return unknown()
	}
	start, restart := expr.Expr(expr.NewConst(table.Long, int64(1))), expr.Expr(expr.NewConst(table.Bool, false))
	if len(args) > 0 {
		start = b.convert(args[0], table.Long)
	}
	if len(args) > 1 {
		restart = b.convert(args[1], table.Bool)
	}
	return b.window("row_number", table.Long, func(a *fn.Args) vec.Column {
		out := make([]int64, a.N)
		for i := range out {
			if i == 0 || isTrue(a.Cols[1], i) {
				out[i] = a.Cols[0].Int64(i)
			} else {
				out[i] = out[i-1] + 1
			}
		}
		return vec.Column{Arr: vec.NewInt64s(out, nil)}
	}, start, restart)
}

func isTrue(c vec.Column, i int) bool { return !c.IsNull(i) && c.Bool(i) }

// neighbour binds prev(x [, offset [, default]]) and next(…).
func (b *Binder) neighbour(c *parser.Call, rs *rowScope) expr.Expr {
	name := c.Name.Name
	args, ok := b.windowArgs(c, rs, 1, 3, name+"(column [, offset [, default]])")
	if !ok {
		return unknown()
	}
	t := args[0].Type()
	offset := int64(1)
	if len(args) > 1 {
		k, isK := b.convert(args[1], table.Long).(*expr.Const)
		v, isInt := int64(0), false
		if isK {
			v, isInt = k.Value().(int64)
		}
		if !isInt {
			b.fail(c.Args[1].Span(), "KS134", "", "the offset must be a number known before the query runs")
			return unknown()
		}
		offset = v
	}
	fallback := expr.Expr(expr.NewConst(t, nil))
	if len(args) > 2 {
		fallback = b.convert(args[2], t)
	}
	if name == "prev" {
		offset = -offset
	}
	return b.window(name, t, func(a *fn.Args) vec.Column {
		out := vec.NewBuilder(t, a.N)
		for i := range a.N {
			if j := i + int(offset); j >= 0 && j < a.N {
				out.From(a.Cols[0], j)
			} else {
				out.From(a.Cols[1], i)
			}
		}
		return vec.Column{Arr: out.Done()}
	}, args[0], fallback)
}

// rowCumsum binds row_cumsum(term [, restart]).
func (b *Binder) rowCumsum(c *parser.Call, rs *rowScope) expr.Expr {
	args, ok := b.windowArgs(c, rs, 1, 2, "row_cumsum(term [, restart])")
	if !ok {
		return unknown()
	}
	restart := expr.Expr(expr.NewConst(table.Bool, false))
	if len(args) > 1 {
		restart = b.convert(args[1], table.Bool)
	}
	term := args[0]
	switch t := term.Type(); {
	case t == table.Dynamic:
		term = b.convert(term, table.Real)
	case t != table.Int && t != table.Long && t != table.Real && t != table.Timespan:
		b.fail(c.Args[0].Span(), "KS141", "", "row_cumsum() adds up numbers, not a %s", t)
		return unknown()
	}
	t := term.Type()
	return b.window("row_cumsum", t, func(a *fn.Args) vec.Column {
		if t == table.Real {
			return vec.Column{Arr: vec.NewFloat64s(cumulate(a, vec.Column.Float64), nil)}
		}
		sums := cumulate(a, vec.Column.Int64)
		if t == table.Int {
			for i, v := range sums {
				sums[i] = int64(int32(v)) // as any sum of ints
			}
		}
		return vec.Column{Arr: vec.NewInt64s(sums, nil)}
	}, term, restart)
}

// cumulate adds up the values; nulls add nothing.
func cumulate[T int64 | float64](a *fn.Args, at func(vec.Column, int) T) []T {
	out := make([]T, a.N)
	var sum T
	for i := range out {
		if isTrue(a.Cols[1], i) {
			sum = 0
		}
		if !a.Cols[0].IsNull(i) {
			sum += at(a.Cols[0], i)
		}
		out[i] = sum
	}
	return out
}
