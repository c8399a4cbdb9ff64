package op

import (
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/dyn"
	"tidemark/parser"
	"tidemark/table"
)

// between binds X between (Low .. High). A High that is a timespan beside a
// datetime is counted from Low.
func (b *Binder) between(e *parser.Between, rs *rowScope) expr.Expr {
	x, low, high := b.scalar(e.X, rs), b.scalar(e.Low, rs), b.scalar(e.High, rs)
	if x.Type() == table.Unknown || low.Type() == table.Unknown || high.Type() == table.Unknown {
		return unknown()
	}
	if x.Type() == table.Datetime && high.Type() == table.Timespan {
		plus, _ := fn.Operator("+")
		high = b.apply(plus, []expr.Expr{low, high}, []parser.Expr{e.Low, e.High}, e.High.Span())
	}
	least, most := ">=", "<="
	if e.Not {
		least, most = "<", ">"
	}
	ge, _ := fn.Operator(least)
	le, _ := fn.Operator(most)
	l := b.apply(ge, []expr.Expr{x, low}, []parser.Expr{e.X, e.Low}, e.Low.Span())
	h := b.apply(le, []expr.Expr{x, high}, []parser.Expr{e.X, e.High}, e.High.Span())
	if l.Type() == table.Unknown || h.Type() == table.Unknown {
		return unknown()
	}
	out := &expr.Logic{And: !e.Not, L: l, R: h}
	if isConst(l) && isConst(h) {
		return &expr.Const{Col: out.Eval(&vec.Batch{N: 1}), T: table.Bool}
	}
	return out
}

// in binds in, in~ and their negations, has_any and has_all.
func (b *Binder) in(e *parser.In, rs *rowScope) expr.Expr {
	x := b.scalar(e.X, rs)
	if strings.HasPrefix(e.Op, "has_") {
		return b.hasMany(e, x, rs)
	}
	if len(e.List) == 1 && b.isTabular(e.List[0]) && !b.isColumn(e.List[0], rs) {
		return b.inTable(e, x)
	}
	list := b.list(e.List, rs)
	if x.Type() == table.Unknown || list == nil {
		return unknown()
	}
	t := x.Type()
	if t == table.Dynamic {
		t, x = table.String, b.convert(x, table.String)
	}
	if strings.HasSuffix(e.Op, "~") && t != table.String {
		b.fail(e.OpSpan, "KS106", "it compares texts; convert the left side with tostring()", "the operator '%s' is not defined for %s and texts", e.Op, t)
		return unknown()
	}
	if !allConst(list) {
		return b.inExpressions(e, x, list)
	}
	cell := &expr.SetCell{}
	fold := strings.HasSuffix(e.Op, "~")
	for i, item := range list {
		b.warnValue(e.X, item, e.List[min(i, len(e.List)-1)], e.Op)
		for _, v := range b.setValues(item, t) {
			if v != nil {
				cell.Values = append(cell.Values, v)
			}
		}
	}
	if cell.Values == nil {
		cell.Values = []any{}
	}
	cell.Set = fn.NewSet(t, cell.Values, fold)
	out := &expr.In{Op: e.Op, X: x, Set: cell}
	if isConst(x) {
		return &expr.Const{Col: out.Eval(&vec.Batch{N: 1}), T: table.Bool}
	}
	return out
}

// isColumn reports whether a bare name in a list is a column of the rows, which
// goes before a table of the same name.
func (b *Binder) isColumn(e parser.Expr, rs *rowScope) bool {
	n, ok := e.(*parser.Name)
	if !ok {
		return false
	}
	_, found := rs.find(n.Name)
	return found
}

func (b *Binder) list(items []parser.Expr, rs *rowScope) []expr.Expr {
	out := make([]expr.Expr, 0, len(items))
	bad := false
	for _, item := range items {
		x := b.scalar(item, rs)
		bad = bad || x.Type() == table.Unknown
		out = append(out, x)
	}
	if bad {
		return nil
	}
	return out
}

func allConst(list []expr.Expr) bool {
	for _, e := range list {
		if !isConst(e) {
			return false
		}
	}
	return true
}

// setValues are the values of an item of a list as type t: an array's elements
// each count.
func (b *Binder) setValues(item expr.Expr, t table.Type) []any {
	k := item.(*expr.Const)
	text, isText := k.Value().(string)
	if k.T != table.Dynamic || !isText || !strings.HasPrefix(text, "[") {
		return []any{b.convert(item, t).(*expr.Const).Value()}
	}
	var p dyn.Parser
	v, err := p.Parse(text)
	if err != nil {
		return nil
	}
	var out []any
	elems, _ := v.Array()
	for _, elem := range elems {
		one := expr.NewConst(table.Dynamic, string(elem.MarshalTo(nil)))
		out = append(out, b.convert(one, t).(*expr.Const).Value())
	}
	return out
}

// inExpressions binds a list that is not known before the query runs: as a
// chain of comparisons, or a look into an array a row.
func (b *Binder) inExpressions(e *parser.In, x expr.Expr, list []expr.Expr) expr.Expr {
	op := map[bool]string{false: "==", true: "=~"}[strings.HasSuffix(e.Op, "~")]
	var out expr.Expr
	for i, item := range list {
		var one expr.Expr
		if item.Type() == table.Dynamic {
			has, _ := fn.Lookup("set_has_element")
			one = b.apply(has, []expr.Expr{item, x}, []parser.Expr{e.List[i], e.X}, e.OpSpan)
		} else {
			eq, _ := fn.Operator(op)
			one = b.apply(eq, []expr.Expr{x, item}, []parser.Expr{e.X, e.List[i]}, e.OpSpan)
		}
		if one.Type() == table.Unknown {
			return unknown()
		}
		if out == nil {
			out = one
		} else {
			out = &expr.Logic{L: out, R: one}
		}
	}
	if strings.HasPrefix(e.Op, "!") {
		not, _ := fn.Lookup("not")
		return b.apply(not, []expr.Expr{out}, []parser.Expr{e}, e.OpSpan)
	}
	return out
}

// inTable binds x in (T | project y): the set is the first column of the table.
func (b *Binder) inTable(e *parser.In, x expr.Expr) expr.Expr {
	n := b.tabular(e.List[0])
	if n == nil || x.Type() == table.Unknown {
		return unknown()
	}
	n = visible(n)
	if len(n.Columns()) == 0 {
		b.fail(e.List[0].Span(), "KS109", "", "this table has no column to look in")
		return unknown()
	}
	t := x.Type()
	fold := strings.HasSuffix(e.Op, "~")
	if t == table.Dynamic || fold {
		t, x = table.String, b.convert(x, table.String)
	}
	first := n.Columns()[0]
	p := &project{in: n, cols: []table.Column{first}, exprs: []expr.Expr{b.convert(&expr.Column{T: first.Type, Name: first.Name}, t)}}
	p.cols[0].Type = t
	cell := &expr.SetCell{}
	b.deferred = append(b.deferred, &Deferred{Node: p, Set: func(r *rowsOf) error {
		var values []any
		for _, batch := range r.rows.batches {
			for i := 0; i < batch.N; i++ {
				if v := batch.Cols[0].Value(i); v != nil {
					values = append(values, v)
				}
			}
		}
		cell.Set = fn.NewSet(t, values, fold)
		if !fold && len(values) <= 1000 {
			cell.Values = append([]any{}, values...)
		}
		return nil
	}})
	return &expr.In{Op: e.Op, X: x, Set: cell}
}

// hasMany binds has_any and has_all; a table stands for its first column.
func (b *Binder) hasMany(e *parser.In, x expr.Expr, rs *rowScope) expr.Expr {
	s, ok := fn.Operator(e.Op)
	if !ok {
		b.fail(e.OpSpan, "TM007", "", "the operator %s is not supported", e.Op)
		return unknown()
	}
	args, trees := []expr.Expr{x}, []parser.Expr{e.X}
	for _, item := range e.List {
		if b.isTabular(item) && !b.isColumn(item, rs) {
			args = append(args, b.firstColumn(item))
		} else {
			args = append(args, b.scalar(item, rs))
		}
		trees = append(trees, item)
	}
	return b.apply(s, args, trees, e.OpSpan)
}

// firstColumn is a table's first column as a dynamic array, once it has run.
func (b *Binder) firstColumn(e parser.Expr) expr.Expr {
	n := b.tabular(e)
	if n == nil {
		return unknown()
	}
	n = visible(n)
	t := n.Columns()[0].Type
	out := &expr.Deferred{Cell: &expr.Cell{}, T: table.Dynamic}
	b.deferred = append(b.deferred, &Deferred{Node: n, Set: func(r *rowsOf) error {
		var s strings.Builder
		s.WriteByte('[')
		for _, batch := range r.rows.batches {
			for i := 0; i < batch.N; i++ {
				if s.Len() > 1 {
					s.WriteByte(',')
				}
				s.WriteString(fn.JSON(t, batch.Cols[0].Value(i)))
			}
		}
		s.WriteByte(']')
		out.Cell.Col, out.Cell.Set = vec.Constant(table.Dynamic, s.String()), true
		return nil
	}})
	return out
}
