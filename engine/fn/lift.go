package fn

import (
	"sync"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/engine/vec"
	"tidemark/table"
)

// The Go types of bodies. Together with bool, int64, float64, string,
// table.Time and table.Duration they name all types of KQL, so that an
// overload's signature is read off its body.
type (
	Int  int64  // KQL's int
	Text string // a parameter of any type, as tostring() gives it
	Dyn  string // a dynamic, as JSON text
	Guid string // a guid, as canonical text
	Dec  string // a decimal, as canonical text
)

// Value is a Go type that a body takes or returns.
type Value interface {
	~bool | ~int64 | ~float64 | ~string
}

func paramOf[T Value]() Param {
	var z T
	if _, ok := any(z).(Text); ok {
		return AsText
	}
	return P(typeOf[T]())
}

func typeOf[T Value]() table.Type {
	var z T
	switch any(z).(type) {
	case bool:
		return table.Bool
	case int64:
		return table.Long
	case Int:
		return table.Int
	case float64:
		return table.Real
	case string, Text:
		return table.String
	case table.Time:
		return table.Datetime
	case table.Duration:
		return table.Timespan
	case Dyn:
		return table.Dynamic
	case Guid:
		return table.Guid
	case Dec:
		return table.Decimal
	}
	panic("BUG: no KQL type for this Go type")
}

// column is an argument as a slice: constant ones have one value, and mask
// makes every row read it.
type column[T Value] struct {
	values []T
	mask   int
	valid  []bool // nil where none is null
}

func (c *column[T]) at(i int) T         { return c.values[i&c.mask] }
func (c *column[T]) isValid(i int) bool { return c.valid == nil || c.valid[i&c.mask] }

func read[T Value](c vec.Column) column[T] {
	mask := -1
	if c.Const {
		mask = 0
	}
	return column[T]{values: slice[T](c.Arr), mask: mask, valid: validity[T](c.Arr)}
}

// validity ignores the nulls of strings: a null string is an empty one.
func validity[T Value](a arrow.Array) []bool {
	if typeOf[T]() == table.String {
		return nil
	}
	return vec.Validity(a)
}

func slice[T Value](a arrow.Array) []T {
	switch typeOf[T]().Physical() {
	case table.Bools:
		return cast[T](vec.Bools(a))
	case table.Int64s:
		return cast[T](vec.Int64s(a))
	case table.Float64s:
		return cast[T](vec.Float64s(a))
	}
	return cast[T](vec.AppendStrings(textsFor(a.Len())[:0], a))
}

// usedTexts are slices that strings of a column were in, for the next one: what
// lifted loops allocate is a third of what a query over texts does.
var usedTexts = sync.Pool{New: func() any { return new([]string) }}

// The lengths of slices that are kept: shorter ones cost little, and would be in the
// way of those who need longer ones.
const (
	minTexts = 1 << 10
	maxTexts = 1 << 16
)

// textsFor returns n empty strings.
func textsFor(n int) []string {
	if n < minTexts || n > maxTexts {
		return make([]string, n)
	}
	s := *usedTexts.Get().(*[]string)
	if cap(s) < n {
		return make([]string, n)
	}
	return s[:n]
}

// keepTexts keeps a slice that nobody uses any more.
func keepTexts(s []string) {
	if cap(s) >= minTexts && cap(s) <= maxTexts {
		clear(s) // what they point to is not kept
		usedTexts.Put(&s)
	}
}

// done gives back what a column was read into; it must not be used any more.
func (c *column[T]) done() {
	if typeOf[T]().Physical() == table.Strings {
		keepTexts(cast[string](c.values))
	}
}

// cast changes the name of a slice's element type, not its memory: T and S
// have the same underlying type.
func cast[T, S any](s []S) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}

// write makes a column of results. Where the type is string, rows that are not
// valid become empty.
func write[R Value](out []R, valid []bool, constant bool) vec.Column {
	t := typeOf[R]()
	if t == table.String {
		valid = nil
	}
	var a arrow.Array
	switch t.Physical() {
	case table.Bools:
		a = vec.NewBools(cast[bool](out), valid)
	case table.Int64s:
		a = vec.NewInt64s(cast[int64](out), valid)
	case table.Float64s:
		a = vec.NewFloat64s(cast[float64](out), valid)
	default:
		a = vec.NewStrings(cast[string](out), valid)
	}
	return vec.Column{Arr: a, Const: constant}
}

// shape is the number of rows to compute and whether the result is constant.
func (a *Args) shape() (n int, constant bool) {
	for _, c := range a.Cols {
		if !c.Const {
			return a.N, false
		}
	}
	return 1, true
}

// results collects a lifted loop's output.
type results[R Value] struct {
	out      []R
	valid    []bool
	constant bool
}

func newResults[R Value](a *Args) *results[R] {
	n, constant := a.shape()
	if typeOf[R]().Physical() == table.Strings {
		return &results[R]{out: cast[R](textsFor(n)), constant: constant}
	}
	return &results[R]{out: make([]R, n), constant: constant}
}

// null marks row i. A body may have left something in it, which would show
// where the type is string.
func (r *results[R]) null(i int) {
	var zero R
	r.out[i] = zero
	if r.valid == nil {
		r.valid = make([]bool, len(r.out))
		for k := range r.valid {
			r.valid[k] = true
		}
	}
	r.valid[i] = false
}

// column makes the column of the results, which are not to be used any more.
func (r *results[R]) column() vec.Column {
	c := write(r.out, r.valid, r.constant)
	if typeOf[R]().Physical() == table.Strings {
		keepTexts(cast[string](r.out)) // copied by now
	}
	r.out = nil
	return c
}

// Of1 lifts a body of one argument: null gives null.
func Of1[A, R Value](f func(A) R) Overload {
	return overload1[A, R](func(args *Args) vec.Column {
		a := read[A](args.Cols[0])
		r := newResults[R](args)
		for i := range r.out {
			if a.isValid(i) {
				r.out[i] = f(a.at(i))
			} else {
				r.null(i)
			}
		}
		col := r.column()
		a.done()
		return col
	})
}

// Try1 lifts a body that may have no result: false gives null.
func Try1[A, R Value](f func(A) (R, bool)) Overload {
	return overload1[A, R](func(args *Args) vec.Column {
		a := read[A](args.Cols[0])
		r := newResults[R](args)
		for i := range r.out {
			ok := a.isValid(i)
			if ok {
				r.out[i], ok = f(a.at(i))
			}
			if !ok {
				r.null(i)
			}
		}
		col := r.column()
		a.done()
		return col
	})
}

func overload1[A, R Value](k Kernel) Overload {
	return Overload{Params: []Param{paramOf[A]()}, Result: typeOf[R](), Kernel: k}
}

// Of2 lifts a body of two arguments.
func Of2[A, B, R Value](f func(A, B) R) Overload {
	return Try2(func(a A, b B) (R, bool) { return f(a, b), true })
}

// Try2 lifts a body of two arguments that may have no result.
func Try2[A, B, R Value](f func(A, B) (R, bool)) Overload {
	k := func(args *Args) vec.Column {
		a, b := read[A](args.Cols[0]), read[B](args.Cols[1])
		r := newResults[R](args)
		for i := range r.out {
			ok := a.isValid(i) && b.isValid(i)
			if ok {
				r.out[i], ok = f(a.at(i), b.at(i))
			}
			if !ok {
				r.null(i)
			}
		}
		col := r.column()
		a.done()
		b.done()
		return col
	}
	return Overload{Params: []Param{paramOf[A](), paramOf[B]()}, Result: typeOf[R](), Kernel: k}
}

// Of3 lifts a body of three arguments.
func Of3[A, B, C, R Value](f func(A, B, C) R) Overload {
	return Try3(func(a A, b B, c C) (R, bool) { return f(a, b, c), true })
}

// Try3 lifts a body of three arguments that may have no result.
func Try3[A, B, C, R Value](f func(A, B, C) (R, bool)) Overload {
	k := func(args *Args) vec.Column {
		a, b, c := read[A](args.Cols[0]), read[B](args.Cols[1]), read[C](args.Cols[2])
		r := newResults[R](args)
		for i := range r.out {
			ok := a.isValid(i) && b.isValid(i) && c.isValid(i)
			if ok {
				r.out[i], ok = f(a.at(i), b.at(i), c.at(i))
			}
			if !ok {
				r.null(i)
			}
		}
		col := r.column()
		a.done()
		b.done()
		c.done()
		return col
	}
	return Overload{Params: []Param{paramOf[A](), paramOf[B](), paramOf[C]()}, Result: typeOf[R](), Kernel: k}
}

// Try4 lifts a body of four arguments that may have no result.
func Try4[A, B, C, D, R Value](f func(A, B, C, D) (R, bool)) Overload {
	k := func(args *Args) vec.Column {
		a, b, c, d := read[A](args.Cols[0]), read[B](args.Cols[1]), read[C](args.Cols[2]), read[D](args.Cols[3])
		r := newResults[R](args)
		for i := range r.out {
			ok := a.isValid(i) && b.isValid(i) && c.isValid(i) && d.isValid(i)
			if ok {
				r.out[i], ok = f(a.at(i), b.at(i), c.at(i), d.at(i))
			}
			if !ok {
				r.null(i)
			}
		}
		col := r.column()
		a.done()
		b.done()
		c.done()
		d.done()
		return col
	}
	return Overload{Params: []Param{paramOf[A](), paramOf[B](), paramOf[C](), paramOf[D]()}, Result: typeOf[R](), Kernel: k}
}

// Rows lifts a body over a whole row, nulls included: values are nil, bool,
// int64, float64 or string by the layouts of the types. For functions with any
// number of arguments of any type, and for those that look at nulls.
func Rows(params []Param, variadic bool, result table.Type, f func(types []table.Type, row []any) any) Overload {
	k := func(args *Args) vec.Column {
		n, constant := args.shape()
		b := vec.NewBuilder(result, n)
		row := make([]any, len(args.Cols))
		for i := 0; i < n; i++ {
			for j, c := range args.Cols {
				row[j] = c.Value(i)
			}
			b.Value(f(args.Types, row))
		}
		return vec.Column{Arr: b.Done(), Const: constant}
	}
	return Overload{Params: params, Variadic: variadic, Result: result, Kernel: k}
}
