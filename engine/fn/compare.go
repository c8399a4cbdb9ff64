package fn

import (
	"fmt"

	"tidemark/engine/vec"
	"tidemark/internal/dec"
	"tidemark/table"
)

// The comparison operators. See https://learn.microsoft.com/kusto/query/scalar-data-types/null-values
// for what they make of nulls: two nulls give null; one null is not equal to
// any value, and neither less nor greater.
func init() {
	operator(Scalar{Name: "==", Family: "operator", Doc: "Whether two values are equal; strings by case.", Page: "datatypes-string-operators",
		Examples: []Example{{`print 1 == 1`, `true`}}, Resolve: resolveEquality(false)})
	operator(Scalar{Name: "!=", Family: "operator", Doc: "Whether two values differ; strings by case.", Page: "datatypes-string-operators",
		Examples: []Example{{`print "a" != "A"`, `true`}}, Resolve: resolveEquality(true)})
	for _, o := range []struct {
		name, doc, example, want string
		ok                       func(int) bool
	}{
		{"<", "Whether the left value is less.", `print 1 < 2`, `true`, func(c int) bool { return c < 0 }},
		{"<=", "Whether the left value is less or equal.", `print 2 <= 2`, `true`, func(c int) bool { return c <= 0 }},
		{">", "Whether the left value is greater.", `print 1d > 2d`, `false`, func(c int) bool { return c > 0 }},
		{">=", "Whether the left value is greater or equal.", `print 1.5 >= 1`, `true`, func(c int) bool { return c >= 0 }},
	} {
		operator(Scalar{Name: o.name, Family: "operator", Doc: o.doc, Page: "numerical-operators",
			Examples: []Example{{o.example, o.want}}, Resolve: resolveOrder(o.name, o.ok)})
	}
}

// UndefinedError says that an operator does not take these types together.
type UndefinedError struct {
	Op   string
	L, R table.Type
}

func (e *UndefinedError) Error() string {
	return fmt.Sprintf("the operator '%s' is not defined for %s and %s", e.Op, e.L, e.R)
}

// comparable is the type that two values of different types are compared as.
func comparable(a, b table.Type) (table.Type, bool) {
	if t, ok := table.Widen(a, b); ok {
		return t, true
	}
	switch {
	case a == table.Dynamic:
		return b, true
	case b == table.Dynamic:
		return a, true
	case a == table.String:
		return b, true
	case b == table.String:
		return a, true
	case a.Physical() == table.Int64s && b.Physical() == table.Int64s, a == table.Bool && b.IsInteger(), b == table.Bool && a.IsInteger():
		return table.Long, true
	}
	return table.Unknown, false
}

func resolveEquality(not bool) func([]Arg) (Overload, error) {
	op := map[bool]string{false: "==", true: "!="}[not]
	return func(args []Arg) (Overload, error) {
		t, ok := comparable(args[0].Type, args[1].Type)
		if !ok {
			return Overload{}, &UndefinedError{op, args[0].Type, args[1].Type}
		}
		o := Overload{Params: []Param{P(t), P(t)}, Result: table.Bool, Kernel: equalKernel(t, not)}
		if t == table.String {
			o.Coded = func(a *Args) (vec.Column, bool) { return equalCodes(a, not) }
		}
		return o, nil
	}
}

// equalCodes compares the rows of two dictionaries by numbers of their values.
func equalCodes(a *Args, not bool) (vec.Column, bool) {
	x, y, ok := vec.SameNumbers(a.Cols[0], a.Cols[1], a.N)
	if !ok {
		return vec.Column{}, false
	}
	out := make([]bool, a.N)
	for i := range out {
		out[i] = (x[i] == y[i]) != not
	}
	return vec.Column{Arr: vec.NewBools(out, nil)}, true
}

func equalKernel(t table.Type, not bool) Kernel {
	switch t.Physical() {
	case table.Bools:
		return func(a *Args) vec.Column { return equal[bool](a, not, nil) }
	case table.Int64s:
		return func(a *Args) vec.Column { return equal[int64](a, not, nil) }
	case table.Float64s:
		return func(a *Args) vec.Column { return equal[float64](a, not, nil) }
	}
	switch t {
	case table.Decimal:
		return func(a *Args) vec.Column {
			return equal(a, not, func(x, y Dec) bool { return dec.Compare(string(x), string(y)) == 0 })
		}
	case table.String:
		return func(a *Args) vec.Column { return equal[string](a, not, nil) }
	}
	return func(a *Args) vec.Column { return equal[Dyn](a, not, nil) }
}

// equal compares row by row; same is nil for Go's own equality.
func equal[T interface {
	comparableValue
	Value
}](args *Args, not bool, same func(a, b T) bool) vec.Column {
	a, b := read[T](args.Cols[0]), read[T](args.Cols[1])
	n, constant := args.shape()
	out := make([]bool, n)
	switch {
	case same != nil:
		for i := range out {
			out[i] = same(a.at(i), b.at(i)) != not
		}
	case b.mask == 0:
		v := b.values[0]
		for i := range out {
			out[i] = (a.values[i&a.mask] == v) != not
		}
	default:
		for i := range out {
			out[i] = (a.at(i) == b.at(i)) != not
		}
	}
	if a.valid == nil && b.valid == nil {
		return write(out, nil, constant)
	}
	var valid []bool
	for i := range out {
		x, y := a.isValid(i), b.isValid(i)
		switch {
		case x && y:
			continue
		case x != y:
			out[i] = not
		default:
			if valid == nil {
				valid = allValid(n)
			}
			valid[i] = false
		}
	}
	return write(out, valid, constant)
}

type comparableValue interface {
	~bool | ~int64 | ~float64 | ~string
}

func allValid(n int) []bool {
	v := make([]bool, n)
	for i := range v {
		v[i] = true
	}
	return v
}

func resolveOrder(op string, ok func(int) bool) func([]Arg) (Overload, error) {
	return func(args []Arg) (Overload, error) {
		l, r := args[0].Type, args[1].Type
		t, defined := table.Widen(l, r)
		switch {
		case l == table.Dynamic && (r.IsNumeric() || r == table.Dynamic), r == table.Dynamic && l.IsNumeric():
			t, defined = table.Real, true
			if l.IsInteger() || r.IsInteger() {
				t = table.Long
			}
			if l == table.Dynamic && r == table.Dynamic {
				t = table.Real
			}
		case t == table.String || t == table.Guid || t == table.Dynamic:
			defined = false
		}
		if !defined {
			return Overload{}, &UndefinedError{op, l, r}
		}
		return Overload{Params: []Param{P(t), P(t)}, Result: table.Bool, Kernel: orderKernel(t, ok)}, nil
	}
}

func orderKernel(t table.Type, ok func(int) bool) Kernel {
	switch t.Physical() {
	case table.Int64s:
		return func(a *Args) vec.Column { return ordered[int64](a, ok) }
	case table.Float64s:
		return func(a *Args) vec.Column { return ordered[float64](a, ok) }
	case table.Bools:
		return Of2(func(a, b bool) bool { return ok(boolRank(a) - boolRank(b)) }).Kernel
	}
	return Of2(func(a, b Dec) bool { return ok(dec.Compare(string(a), string(b))) }).Kernel
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// ordered looks up the verdict for less, equal and greater in a table, so that
// the loop has no call in it. NaN compares false with everything.
func ordered[T int64 | float64](args *Args, ok func(int) bool) vec.Column {
	a, b := read[T](args.Cols[0]), read[T](args.Cols[1])
	lt, eq, gt := ok(-1), ok(0), ok(1)
	r := newResults[bool](args)
	for i := range r.out {
		x, y := a.values[i&a.mask], b.values[i&b.mask]
		switch {
		case x < y:
			r.out[i] = lt
		case x > y:
			r.out[i] = gt
		case x == y:
			r.out[i] = eq
		}
	}
	if a.valid != nil || b.valid != nil {
		for i := range r.out {
			if !a.isValid(i) || !b.isValid(i) {
				r.null(i)
			}
		}
	}
	return r.column()
}
