package op

import (
	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/dec"
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

func (b *Binder) window(name string, t table.Type, kernel fn.Kernel, args ...expr.Expr) *expr.Call {
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
		start, ok = b.typed(c, args, 0, table.Long)
	}
	if len(args) > 1 && ok {
		restart, ok = b.typed(c, args, 1, table.Bool)
	}
	if !ok {
		return unknown()
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

// typed is argument i as a type; numbers may be narrower.
func (b *Binder) typed(c *parser.Call, args []expr.Expr, i int, want table.Type) (expr.Expr, bool) {
	t := args[i].Type()
	if t == want || want == table.Long && t == table.Int || isNull(args[i]) {
		return b.convert(args[i], want), true
	}
	b.fail(c.Args[i].Span(), "KS107", "convert it with to"+want.String()+"()", "%s() takes a %s here, not a %s", c.Name.Name, want, t)
	return nil, false
}

func isNull(e expr.Expr) bool {
	k, ok := e.(*expr.Const)
	return ok && k.T == table.Dynamic && k.Value() == nil
}

func isTrue(c vec.Column, i int) bool { return !c.IsNull(i) && c.Bool(i) }

// neighbour binds prev(x [, offset [, default]]) and next(…).
func (b *Binder) neighbour(c *parser.Call, rs *rowScope) expr.Expr {
	name := c.Name.Name
	args, ok := b.windowArgs(c, rs, 1, 3, name+"(column [, offset [, default]])")
	if !ok {
		return unknown()
	}
	if _, isColumn := args[0].(*expr.Column); !isColumn {
		b.fail(c.Args[0].Span(), "KS109", "extend a column with it first", "%s() takes a column, and this is another expression", name)
		return unknown()
	}
	t := args[0].Type()
	offset, fallback := expr.Expr(expr.NewConst(table.Long, int64(1))), expr.Expr(expr.NewConst(t, nil))
	if len(args) > 1 {
		if offset, ok = b.typed(c, args, 1, table.Long); !ok {
			return unknown()
		}
	}
	if len(args) > 2 {
		if readsRows(args[2]) {
			b.fail(c.Args[2].Span(), "KS129", "", "the default of %s() is a constant, and this depends on the row", name)
			return unknown()
		}
		fallback = b.convert(args[2], t)
	}
	sign := 1
	if name == "prev" {
		sign = -1
	}
	w := b.window(name, t, func(a *fn.Args) vec.Column {
		out := vec.NewBuilder(t, a.N)
		for i := range a.N {
			if j, ok := neighbourOf(a, i, sign); ok {
				out.From(a.Cols[0], j)
			} else {
				out.From(a.Cols[2], i)
			}
		}
		return vec.Column{Arr: out.Done()}
	}, args[0], offset, fallback)
	w.Coded = func(a *fn.Args) (vec.Column, bool) { return shifted(a, t, sign) }
	return w
}

// shifted is the neighbour of each row where all are equally far.
func shifted(a *fn.Args, t table.Type, sign int) (vec.Column, bool) {
	if !a.Cols[1].Const || !a.Cols[2].Const || a.N == 0 {
		return vec.Column{}, false
	}
	if _, ok := neighbourOf(a, 0, 0); !ok {
		return vec.Column{}, false // there is none
	}
	return a.Cols[0].Shift(t, sign*int(a.Cols[1].Int64(0)), a.N, a.Cols[2]), true
}

// neighbourOf is the row that the offset of row i leads to, where there is one.
func neighbourOf(a *fn.Args, i, sign int) (int, bool) {
	if a.Cols[1].IsNull(i) {
		return 0, false
	}
	offset := a.Cols[1].Int64(i)
	if offset > int64(a.N) || offset < -int64(a.N) {
		return 0, false
	}
	j := i + sign*int(offset)
	return j, j >= 0 && j < a.N
}

// rowCumsum binds row_cumsum(term [, restart]).
func (b *Binder) rowCumsum(c *parser.Call, rs *rowScope) expr.Expr {
	args, ok := b.windowArgs(c, rs, 1, 2, "row_cumsum(term [, restart])")
	if !ok {
		return unknown()
	}
	restart := expr.Expr(expr.NewConst(table.Bool, false))
	if len(args) > 1 {
		if restart, ok = b.typed(c, args, 1, table.Bool); !ok {
			return unknown()
		}
	}
	term := args[0]
	t := term.Type()
	if !t.IsNumeric() {
		b.fail(c.Args[0].Span(), "KS137", "", "row_cumsum() adds up numbers, not a %s", t)
		return unknown()
	}
	return b.window("row_cumsum", t, func(a *fn.Args) vec.Column {
		switch t {
		case table.Real:
			return vec.Column{Arr: vec.NewFloat64s(cumulate(a, vec.Column.Float64), nil)}
		case table.Decimal:
			return cumulateDecimals(a)
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

// cumulateDecimals is cumulate for decimals; a sum beyond their range is null,
// and so is what follows it.
func cumulateDecimals(a *fn.Args) vec.Column {
	out := vec.NewBuilder(table.Decimal, a.N)
	sum, fits := "0", true
	for i := range a.N {
		if isTrue(a.Cols[1], i) {
			sum, fits = "0", true
		}
		if v, ok := a.Cols[0].Value(i).(string); ok && fits {
			sum, fits = dec.Op('+', sum, v)
		}
		if fits {
			out.Value(sum)
		} else {
			out.Value(nil)
		}
	}
	return vec.Column{Arr: out.Done()}
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
