package op

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// rowScope is what a scalar expression sees of the rows it is computed for.
type rowScope struct {
	cols        []table.Column
	left, right []table.Column // the sides of a join's condition
	agg         *aggregates    // where aggregations may be called
	// loose says that the rows are in no order that is sure.
	loose bool
	// grouped is set within the aggregates of a summarize, where a column can
	// only be read through an aggregation.
	grouped bool
	graph   *graphScope    // within an operator over a graph
	steps   map[string]int // within scan: where the columns of each step's record begin
}

func (rs *rowScope) find(name string) (int, bool) {
	for i, c := range rs.cols {
		if c.Name == name {
			return i, true
		}
	}
	return 0, false
}

func (rs *rowScope) names() []string {
	out := make([]string, 0, len(rs.cols))
	for _, c := range rs.cols {
		out = append(out, c.Name)
	}
	return out
}

// scalar binds an expression that gives a value. What is wrong is recorded, and
// stands as unknown().
func (b *Binder) scalar(e parser.Expr, rs *rowScope) expr.Expr {
	if b.depth++; b.depth > 4*maxDepth {
		b.depth--
		b.fail(e.Span(), "TM004", "break it up with let statements", "this expression is nested too deep")
		return unknown()
	}
	defer func() { b.depth-- }()
	if c := b.patternCall(e); c != nil {
		out := unknown()
		b.invokePattern(c, e.Span(), func(last parser.Expr) { out = b.scalar(last, &rowScope{}) })
		return out
	}
	switch e := e.(type) {
	case *parser.Literal:
		return b.literal(e)
	case *parser.Name:
		return b.name(e, rs)
	case *parser.Path:
		return b.path(e, rs)
	case *parser.Index:
		return b.index(e, rs)
	case *parser.ComputedName:
		b.fail(e.X.Span(), "KS141", "a list of values is written dynamic([…])", "a column is named by a text in quotes, as ['a b']")
		return unknown()
	case *parser.Call:
		return b.call(e, rs)
	case *parser.Unary:
		return b.unary(e, rs)
	case *parser.Binary:
		return b.binary(e, rs)
	case *parser.Between:
		return b.between(e, rs)
	case *parser.In:
		return b.in(e, rs)
	case *parser.Named:
		return b.scalar(e.X, rs)
	case *parser.Typeof:
		return b.typeof(e)
	case *parser.Star, *parser.Wildcard:
		b.fail(e.Span(), "KS109", "", "a value is expected here, not a pattern of columns")
		return unknown()
	case *parser.Pipeline, *parser.Datatable, *parser.Externaldata:
		b.fail(e.Span(), "KS109", "toscalar(…) takes one value from a table", "a value is expected here, not a table")
		return unknown()
	}
	b.fail(e.Span(), "KS109", "", "a value is expected here")
	return unknown()
}

// name resolves a name to a column or a let binding.
func (b *Binder) name(e *parser.Name, rs *rowScope) expr.Expr {
	if i, ok := rs.find(e.Name); ok && !rs.grouped {
		b.warnOwn(rs.cols[i], e.Span())
		return &expr.Column{Index: i, T: rs.cols[i].Type, Name: e.Name}
	}
	if ent, ok := b.scope.find(e.Name); ok {
		switch {
		case ent.broken:
			return unknown()
		case ent.scalar != nil:
			return ent.scalar
		case ent.fun != nil && len(ent.fun.decl.Params) == 0 && !b.isTabularFunction(ent.fun):
			return b.invokeScalar(ent.fun, nil, rs, e.Span())
		}
		b.fail(e.Span(), "KS109", "toscalar("+e.Name+") takes one value from it", "%s is a table, and a value is expected here", e.Name)
		return unknown()
	}
	if rs.grouped {
		if _, ok := rs.find(e.Name); ok {
			b.fail(e.Span(), "KS236", "put it after by, or in an aggregation such as take_any("+e.Name+")", "%s is not an aggregation", e.Name)
			return unknown()
		}
	}
	b.unknownName(e, rs)
	return unknown()
}

func (b *Binder) unknownName(e *parser.Name, rs *rowScope) {
	if isOpen(rs.cols) {
		return
	}
	if rs.graph != nil && rs.graph.find(e.Name) >= 0 {
		b.fail(e.Span(), "KS109", "name a property of it: "+e.Name+".Property", "%s is a part of the pattern, and a value is expected here", e.Name)
		return
	}
	candidates := append(rs.names(), b.scope.all()...)
	hint := didYouMean(e.Name, candidates, "")
	if hint == "" && len(rs.cols) > 0 && len(rs.cols) <= 12 {
		hint = "the columns are " + strings.Join(rs.names(), ", ")
	}
	b.fail(e.Span(), "KS142", hint, "there is no column or variable named %s", e.Name)
}

// path binds X.Member: a member of a dynamic, or a side of a join.
func (b *Binder) path(e *parser.Path, rs *rowScope) expr.Expr {
	if n, ok := e.X.(*parser.Name); ok && (n.Name == "$left" || n.Name == "$right") {
		side, offset := rs.left, 0
		if n.Name == "$right" {
			side, offset = rs.right, len(rs.left)
		}
		for i, c := range side {
			if c.Name == e.Member.Name {
				return &expr.Column{Index: offset + i, T: c.Type, Name: c.Name}
			}
		}
		if isOpen(side) {
			return unknown()
		}
		b.fail(e.Member.Span(), "KS142", didYouMean(e.Member.Name, (&rowScope{cols: side}).names(), ""), "the %s side has no column named %s", strings.TrimPrefix(n.Name, "$"), e.Member.Name)
		return unknown()
	}
	if n, ok := e.X.(*parser.Name); ok {
		if at, ok := rs.steps[n.Name]; ok {
			return b.stepColumn(at, e, rs)
		}
	}
	if x, ok := b.graphPath(e, rs.graph); ok {
		return x
	}
	x := b.scalar(e.X, rs)
	return b.member(x, expr.NewConst(table.String, e.Member.Name), e)
}

func (b *Binder) index(e *parser.Index, rs *rowScope) expr.Expr {
	return b.member(b.scalar(e.X, rs), b.scalar(e.Index, rs), e)
}

// member binds the access to a part of a dynamic by name or by place.
func (b *Binder) member(x, key expr.Expr, at parser.Expr) expr.Expr {
	if x.Type() == table.Unknown || key.Type() == table.Unknown {
		return unknown()
	}
	if x.Type() != table.Dynamic {
		b.fail(at.Span(), "KS106", "parse it first: parse_json(…)", "only a dynamic value has parts, and this is a %s", x.Type())
		return unknown()
	}
	switch {
	case key.Type() == table.String:
		return b.fold(&expr.Call{Name: "member", Args: []expr.Expr{x, key}, T: table.Dynamic, Kernel: memberKernel, Env: b.env})
	case key.Type().IsInteger():
		return b.fold(&expr.Call{Name: "element", Args: []expr.Expr{x, key}, T: table.Dynamic, Kernel: elementKernel, Env: b.env})
	case key.Type() == table.Dynamic:
		return b.member(x, b.convert(key, table.String), at)
	}
	b.fail(at.Span(), "KS106", "", "the parts of a dynamic value are named by text or by number, not by a %s", key.Type())
	return unknown()
}

var (
	memberKernel  = fn.Try2(fn.Member).Kernel
	elementKernel = fn.Try2(fn.Element).Kernel
)

func (b *Binder) typeof(e *parser.Typeof) expr.Expr {
	t, ok := table.TypeNamed(e.Type)
	if !ok {
		b.fail(e.Span(), "KS003", "the types are "+table.TypeNameList(), "%s is not a type", e.Type)
		return unknown()
	}
	k := expr.NewConst(table.String, t.String())
	k.Typeof = t
	return k
}

func (b *Binder) unary(e *parser.Unary, rs *rowScope) expr.Expr {
	x := b.scalar(e.X, rs)
	if e.Op == "+" || x.Type() == table.Unknown {
		return x
	}
	s, _ := fn.Operator("unary-")
	return b.apply(s, []expr.Expr{x}, []parser.Expr{e.X}, e.Span())
}

// binary binds a chain of operators from its left end, so that a or b or c …
// of any length takes no depth.
func (b *Binder) binary(e *parser.Binary, rs *rowScope) expr.Expr {
	var chain []*parser.Binary
	var first parser.Expr = e
	for {
		x, ok := first.(*parser.Binary)
		if !ok {
			break
		}
		chain = append(chain, x)
		first = x.L
	}
	last := len(chain) - 1
	var out expr.Expr
	if _, ok := first.(*parser.Star); ok {
		out = b.inAnyColumn(chain[last], rs)
		last--
	} else {
		out = b.scalar(first, rs)
	}
	for i := last; i >= 0; i-- {
		out = b.operate(chain[i], out, b.scalar(chain[i].R, rs))
	}
	return out
}

// operate binds one operator over its bound sides.
func (b *Binder) operate(e *parser.Binary, l, r expr.Expr) expr.Expr {
	if e.Op == "and" || e.Op == "or" {
		return b.logic(e, l, r)
	}
	s, ok := fn.Operator(e.Op)
	if !ok {
		b.fail(e.OpSpan, "TM007", "", "the operator %s is not supported", e.Op)
		return unknown()
	}
	b.warnComparison(e, l, r)
	return b.apply(s, []expr.Expr{l, r}, []parser.Expr{e.L, e.R}, e.OpSpan)
}

func (b *Binder) logic(e *parser.Binary, l, r expr.Expr) expr.Expr {
	for _, x := range []expr.Expr{l, r} {
		if t := x.Type(); t != table.Bool && t != table.Unknown && t != table.Dynamic {
			b.fail(e.OpSpan, "KS106", "both sides must be true or false", "the operator '%s' is not defined for %s and %s", e.Op, l.Type(), r.Type())
			return unknown()
		}
	}
	if l.Type() == table.Unknown || r.Type() == table.Unknown {
		return unknown()
	}
	out := &expr.Logic{And: e.Op == "and", L: b.convert(l, table.Bool), R: b.convert(r, table.Bool)}
	if isConst(out.L) && isConst(out.R) {
		return &expr.Const{Col: out.Eval(&vec.Batch{N: 1}), T: table.Bool}
	}
	return out
}

func isConst(e expr.Expr) bool {
	_, ok := e.(*expr.Const)
	return ok
}

// apply binds a call of a function or operator on bound arguments.
func (b *Binder) apply(s *fn.Scalar, args []expr.Expr, trees []parser.Expr, at parser.Span) expr.Expr {
	plain := make([]fn.Arg, len(args))
	for i, a := range args {
		if a.Type() == table.Unknown {
			return unknown()
		}
		plain[i] = argOf(a)
	}
	o, types, err := s.Choose(plain)
	if err == nil {
		err = fits(s, args, trees)
	}
	if err != nil {
		b.callError(s, err, trees, at)
		return unknown()
	}
	if s.Needs != nil && !b.has(s, at) {
		return unknown()
	}
	converted := make([]expr.Expr, len(args))
	for i, a := range args {
		converted[i] = b.convert(a, types[i])
	}
	_, infix := fn.Operator(s.Name)
	return b.fold(&expr.Call{Name: s.Name, Infix: infix, Args: converted, T: o.Result, Kernel: o.Kernel, Coded: o.Coded, Env: b.env, Volatile: s.Volatile})
}

// fits checks the arguments that a function must know before rows are read,
// and those that no dynamic may be.
func fits(s *fn.Scalar, args []expr.Expr, trees []parser.Expr) error {
	for i, a := range args {
		switch {
		case s.NoDynamic && a.Type() == table.Dynamic:
			return &fn.MismatchError{Arg: i, Code: "KS116", Msg: s.Name + "() takes no dynamic", Hint: "convert it, such as with tostring()"}
		case slices.Contains(s.Constant, i) && readsRows(a):
			return &fn.MismatchError{Arg: i, Code: "KS129", Msg: fmt.Sprintf("%s() takes a constant here, and this depends on the row", s.Name)}
		case slices.Contains(s.Literal, i) && i < len(trees):
			if _, ok := trees[i].(*parser.Literal); !ok {
				return &fn.MismatchError{Arg: i, Code: "KS131", Msg: s.Name + "() takes a literal here, as in " + strings.TrimPrefix(s.Examples[0].Query, "print ")}
			}
		}
	}
	return nil
}

// readsRows reports whether an expression reads a column.
func readsRows(e expr.Expr) bool {
	return expr.Any(e, func(x expr.Expr) bool { _, ok := x.(*expr.Column); return ok })
}

// has reports whether there is what a function needs besides its arguments. A
// query that is only checked is valid without, and gets a warning.
func (b *Binder) has(s *fn.Scalar, at parser.Span) bool {
	err := s.Needs(b.env)
	var missing *fn.MismatchError
	switch {
	case err == nil:
		return true
	case !errors.As(err, &missing):
		missing = &fn.MismatchError{Msg: err.Error()}
	}
	if b.early == nil {
		b.warn(at, "TM108", missing.Hint, "%s", missing.Msg)
		return true
	}
	b.fail(at, "TM018", missing.Hint, "%s", missing.Msg)
	return false
}

func argOf(e expr.Expr) fn.Arg {
	a := fn.Arg{Type: e.Type()}
	if k, ok := e.(*expr.Const); ok {
		a.Const = &k.Col
		a.Typeof = k.Typeof
	}
	return a
}

func (b *Binder) callError(s *fn.Scalar, err error, trees []parser.Expr, at parser.Span) {
	var undefined *fn.UndefinedError
	var mismatch *fn.MismatchError
	switch {
	case errors.As(err, &undefined):
		b.fail(at, "KS106", operandHint(undefined), "%s", undefined)
	case errors.As(err, &mismatch):
		code := "KS119"
		if mismatch.Arg >= 0 && mismatch.Arg < len(trees) {
			at, code = trees[mismatch.Arg].Span(), "KS141"
		}
		b.fail(at, cmp.Or(mismatch.Code, code), mismatch.Hint, "%s", mismatch.Msg)
	default:
		b.fail(at, "KS107", "usage: "+strings.Join(s.Signatures(), " or "), "%s", err)
	}
}

// operandHint says how people come to write an operation that KQL lacks.
func operandHint(e *fn.UndefinedError) string {
	switch {
	case e.Op == "+" && e.L == table.String && e.R == table.String:
		return "strcat(a, b) joins texts"
	case fn.IsTextOperator(e.Op):
		return "it compares texts; convert the other with tostring()"
	case e.L == table.String && e.R == table.String:
		return "strcmp(a, b) compares texts by order"
	case e.L == table.Datetime && e.R.IsNumeric():
		return "add a timespan such as 1d"
	case e.L == table.Datetime && e.R == table.String:
		return "write the time as datetime(2024-01-31)"
	case e.L == table.Dynamic:
		return "convert the left side first, with tostring(), tolong(), todatetime() …"
	case e.L == table.String && e.R.IsNumeric():
		return "convert the left side first, with tolong() or toreal()"
	}
	return ""
}

// convert changes the type of an expression.
func (b *Binder) convert(e expr.Expr, to table.Type) expr.Expr {
	from := e.Type()
	if from == to || from == table.Unknown || to == table.Unknown {
		return e
	}
	if k, ok := e.(*expr.Const); ok && k.Value() == nil {
		return expr.NewConst(to, nil)
	}
	kernel, ok := fn.Converter(from, to)
	if !ok {
		return expr.NewConst(to, nil)
	}
	return b.fold(&expr.Call{Name: "to" + to.String(), Args: []expr.Expr{e}, T: to, Kernel: kernel, Env: b.env})
}

// fold computes a call whose arguments are all known.
func (b *Binder) fold(c *expr.Call) expr.Expr {
	if c.Volatile || c.Window {
		return c
	}
	for _, a := range c.Args {
		if !isConst(a) {
			return c
		}
	}
	out := c.Eval(&vec.Batch{N: 1})
	if !out.Const {
		out = vec.Constant(c.T, out.Value(0))
	}
	return &expr.Const{Col: out, T: c.T}
}
