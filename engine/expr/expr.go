// Package expr holds bound expressions: names resolved to columns, types known,
// overloads chosen. An expression is evaluated over a batch and gives a column.
package expr

import (
	"fmt"
	"strings"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/table"
)

// Expr is a bound scalar expression. Eval may keep results between calls, so
// an expression is used by one goroutine; others take a Clone.
type Expr interface {
	Type() table.Type
	Eval(b *vec.Batch) vec.Column
	Clone() Expr
	// Walk calls f for the expression's own parts, one level down, and replaces
	// each by what f returns.
	Walk(f func(Expr) Expr) Expr
	String() string
}

// Column is a column of the input.
type Column struct {
	Index int
	T     table.Type
	Name  string // for plans
}

// Type is the column's type.
func (c *Column) Type() table.Type { return c.T }

// Eval returns the batch's column.
func (c *Column) Eval(b *vec.Batch) vec.Column { return b.Cols[c.Index] }

// Clone returns the column itself: it has no state.
func (c *Column) Clone() Expr { return c }

// Walk returns the column itself: it has no parts.
func (c *Column) Walk(func(Expr) Expr) Expr { return c }

func (c *Column) String() string { return c.Name }

// Const is a value known before the query runs.
type Const struct {
	Col vec.Column
	T   table.Type
	// Typeof is set for typeof(long), whose value is the type's name.
	Typeof table.Type
}

// NewConst makes a constant of type t from nil, bool, int64, float64 or string.
func NewConst(t table.Type, v any) *Const { return &Const{Col: vec.Constant(t, v), T: t} }

// Type is the constant's type.
func (c *Const) Type() table.Type { return c.T }

// Eval returns the constant column.
func (c *Const) Eval(*vec.Batch) vec.Column { return c.Col }

// Clone returns the constant itself.
func (c *Const) Clone() Expr { return c }

// Walk returns the constant itself.
func (c *Const) Walk(func(Expr) Expr) Expr { return c }

// Value is the constant as nil, bool, int64, float64 or string.
func (c *Const) Value() any { return c.Col.Value(0) }

func (c *Const) String() string {
	text := fn.TextOf(c.T, c.Value())
	switch {
	case c.Value() == nil:
		return c.T.String() + "(null)"
	case c.T == table.String:
		return fmt.Sprintf("%q", text)
	case c.T == table.Long || c.T == table.Bool || c.T == table.Real:
		return text
	}
	return c.T.String() + "(" + text + ")"
}

// Deferred is a value that is known once a part of the query has run, such as
// toscalar(T | count). All clones share the cell.
type Deferred struct {
	Cell *Cell
	T    table.Type
}

// Cell receives a deferred value.
type Cell struct {
	Col vec.Column // constant
	Set bool
}

// Type is the value's type.
func (d *Deferred) Type() table.Type { return d.T }

// Eval returns the value; the query has run what it depends on by now.
func (d *Deferred) Eval(*vec.Batch) vec.Column {
	if !d.Cell.Set {
		panic("BUG: a deferred value was read before it was there")
	}
	return d.Cell.Col
}

// Clone returns the expression itself: the cell is written before any reads.
func (d *Deferred) Clone() Expr { return d }

// Walk returns the expression itself.
func (d *Deferred) Walk(func(Expr) Expr) Expr { return d }

func (d *Deferred) String() string { return "toscalar(…)" }

// Columns marks in used the columns of the input that e reads.
func Columns(e Expr, used []bool) {
	if c, ok := e.(*Column); ok {
		used[c.Index] = true
		return
	}
	e.Walk(func(x Expr) Expr { Columns(x, used); return x })
}

// Remap returns e with each input column i replaced by column to[i].
func Remap(e Expr, to []int) Expr {
	return Replace(e, func(c *Column) Expr { return &Column{Index: to[c.Index], T: c.T, Name: c.Name} })
}

// Replace returns e with each column replaced by what f gives for it.
func Replace(e Expr, f func(*Column) Expr) Expr {
	if c, ok := e.(*Column); ok {
		return f(c)
	}
	return e.Walk(func(x Expr) Expr { return Replace(x, f) })
}

// Any reports whether test holds for e or a part of it.
func Any(e Expr, test func(Expr) bool) bool {
	if test(e) {
		return true
	}
	found := false
	e.Walk(func(x Expr) Expr { found = found || Any(x, test); return x })
	return found
}

// IsWindow reports whether e holds a window function, which reads other rows
// and needs the whole input at once.
func IsWindow(e Expr) bool {
	return Any(e, func(x Expr) bool {
		c, ok := x.(*Call)
		return ok && c.Window
	})
}

// Conjuncts splits a condition at its ands.
func Conjuncts(e Expr) []Expr {
	if l, ok := e.(*Logic); ok && l.And {
		return append(Conjuncts(l.L), Conjuncts(l.R)...)
	}
	return []Expr{e}
}

func join(args []Expr) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = a.String()
	}
	return strings.Join(parts, ", ")
}
