package expr

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/table"
)

// Call is a call of a scalar function or operator.
type Call struct {
	Name   string
	Infix  bool // for plans: written between its arguments
	Args   []Expr
	T      table.Type
	Kernel fn.Kernel
	Coded  func(a *fn.Args) (vec.Column, bool) // see fn.Overload
	Env    *fn.Env
	// Volatile calls give a new value for each row, so they are never computed
	// once for many.
	Volatile bool
	// Window calls read other rows than their own.
	Window bool

	types []table.Type
	// over remembers results for dictionaries: blocks of one extent share
	// theirs. Clones share it.
	over *OverDict
	rows rowsSeen
}

// rowsSeen counts the rows that came with the dictionary seen last, to tell
// whether computing all its values is worth the while.
type rowsSeen struct {
	dict arrow.Array
	rows int
}

// enough reports whether a dictionary is small enough for the rows that came
// with it, or are said to come.
func (s *rowsSeen) enough(values arrow.Array, b *vec.Batch) bool {
	if s.dict == nil || !vec.SameArray(s.dict, values) {
		*s = rowsSeen{dict: values}
	}
	s.rows += b.N
	return values.Len() <= max(4*s.rows, 2*b.Kin)
}

// Type is the result's type.
func (c *Call) Type() table.Type { return c.T }

// Clone copies the call for another goroutine.
func (c *Call) Clone() Expr {
	out := c.Walk(Expr.Clone).(*Call)
	if c.over != nil {
		out.over = c.over
	}
	return out
}

// Walk rebuilds the call with its arguments replaced.
func (c *Call) Walk(f func(Expr) Expr) Expr {
	out := *c
	out.over, out.rows = &OverDict{}, rowsSeen{}
	out.Args = make([]Expr, len(c.Args))
	for i, a := range c.Args {
		out.Args[i] = f(a)
	}
	return &out
}

func (c *Call) String() string {
	if c.Infix && len(c.Args) == 2 {
		return "(" + c.Args[0].String() + " " + c.Name + " " + c.Args[1].String() + ")"
	}
	return c.Name + "(" + join(c.Args) + ")"
}

// Eval computes the call. Where its one argument that varies is a dictionary,
// the function runs once per distinct value.
func (c *Call) Eval(b *vec.Batch) vec.Column {
	args := make([]vec.Column, len(c.Args))
	varying, at := 0, -1
	for i, a := range c.Args {
		args[i] = a.Eval(b)
		if !args[i].Const {
			varying++
			at = i
		}
	}
	if varying == 1 && !c.Volatile && !c.Window {
		if d, ok := args[at].Dict(); ok && d.NullN() == 0 {
			if out, ok := c.overDictionary(args, at, d, b); ok {
				return out
			}
		}
	}
	if c.Coded != nil {
		if out, ok := c.Coded(c.with(args, b.N)); ok {
			return out
		}
	}
	for i, a := range args {
		if _, ok := a.Dict(); ok {
			args[i] = vec.Column{Arr: a.Flat(b.N)}
		}
	}
	out := c.run(args, b.N)
	if out.Const && (c.Volatile || c.Window) {
		return vec.Column{Arr: out.Flat(b.N)}
	}
	return out
}

func (c *Call) run(args []vec.Column, n int) vec.Column { return c.Kernel(c.with(args, n)) }

func (c *Call) with(args []vec.Column, n int) *fn.Args {
	if c.types == nil {
		c.types = make([]table.Type, len(c.Args))
		for i, a := range c.Args {
			c.types[i] = a.Type()
		}
	}
	return &fn.Args{Env: c.Env, N: n, Cols: args, Types: c.types}
}

// overDictionary computes the call for the dictionary's values and spreads the
// results over the rows. It declines where the dictionary is much larger than
// the batch and has not come often enough for that to pay.
func (c *Call) overDictionary(args []vec.Column, at int, d *array.Dictionary, b *vec.Batch) (vec.Column, bool) {
	if c.over == nil {
		c.over = &OverDict{}
	}
	values := d.Dictionary()
	if !c.rows.enough(values, b) && !c.over.Has(values) {
		return vec.Column{}, false
	}
	return Spread(c.over.Column(values, c.T, func(v vec.Column, n int) vec.Column {
		in := append([]vec.Column(nil), args...)
		in[at] = v
		return c.run(in, n)
	}), d), true
}

// Spread gives each row of a dictionary the result for its value.
func Spread(result vec.Column, d *array.Dictionary) vec.Column {
	if result.Const {
		return result
	}
	strs, ok := result.Arr.(*array.String)
	if !ok {
		return result.Gather(vec.Codes(d))
	}
	if strs.NullN() == 0 {
		return vec.Column{Arr: array.NewDictionaryArray(vec.DictType, d.Indices(), strs)}
	}
	codes := vec.Codes(d)
	valid := make([]bool, len(codes))
	for i, code := range codes {
		valid[i] = strs.IsValid(int(code))
	}
	return vec.Column{Arr: vec.NewDict(codes, strs, valid)}
}
