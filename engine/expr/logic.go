package expr

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/vec"
	"tidemark/table"
)

// Logic is L and R, or L or R, with three values: null and false is false,
// null or true is true, otherwise a null gives null.
type Logic struct {
	And  bool
	L, R Expr
}

// Type is bool.
func (l *Logic) Type() table.Type { return table.Bool }

// Clone copies the expression for another goroutine.
func (l *Logic) Clone() Expr { return l.Walk(Expr.Clone) }

// Walk rebuilds the expression with its sides replaced.
func (l *Logic) Walk(f func(Expr) Expr) Expr { return &Logic{And: l.And, L: f(l.L), R: f(l.R)} }

func (l *Logic) String() string {
	op := " or "
	if l.And {
		op = " and "
	}
	return "(" + l.L.String() + op + l.R.String() + ")"
}

// Eval computes the left side, and the right side only where the left does not
// decide every row.
func (l *Logic) Eval(b *vec.Batch) vec.Column {
	left := l.L.Eval(b)
	if left.Const && !left.IsNull(0) && left.Bool(0) != l.And {
		return left // false and …, true or …
	}
	right := l.R.Eval(b)
	if left.Const && !left.IsNull(0) {
		return right // true and X, false or X
	}
	if right.Const && !right.IsNull(0) {
		if right.Bool(0) != l.And {
			return right
		}
		return left
	}
	return l.combine(left.Expand(b.N), right.Expand(b.N), b.N)
}

func (l *Logic) combine(left, right vec.Column, n int) vec.Column {
	x, y := left.Arr.(*array.Boolean), right.Arr.(*array.Boolean)
	if x.NullN() == 0 && y.NullN() == 0 {
		out, other := vec.Bools(x), vec.Bools(y)
		for i, v := range other {
			if l.And {
				out[i] = out[i] && v
			} else {
				out[i] = out[i] || v
			}
		}
		return vec.Column{Arr: vec.NewBools(out, nil)}
	}
	out := make([]bool, n)
	valid := make([]bool, n)
	for i := range out {
		xn, yn := x.IsNull(i), y.IsNull(i)
		xv, yv := !xn && x.Value(i), !yn && y.Value(i)
		decided := !l.And // the value that decides alone
		switch {
		case !xn && xv == decided || !yn && yv == decided:
			out[i], valid[i] = decided, true
		case !xn && !yn:
			out[i], valid[i] = !decided, true
		}
	}
	return vec.Column{Arr: vec.NewBools(out, valid)}
}
