package fn

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/engine/vec"
	"tidemark/internal/dec"
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "iff", Aliases: []string{"iif"}, Family: "conditional",
		Usage:    []string{"iff(bool, scalar, scalar): scalar"},
		Doc:      "Returns the second argument where the first is true, the third where it is false or null.",
		Examples: []Example{{`print iff(2 > 1, "yes", "no")`, `yes`}, {`print iff(bool(null), 1, 2.5)`, `2.5`}},
		Resolve:  resolveIff,
	})
	register(Scalar{
		Name: "case", Family: "conditional",
		Usage:    []string{"case(bool, scalar, …, scalar): scalar"},
		Doc:      "Returns the value after the first predicate that is true, or the last argument where none is.",
		Examples: []Example{{`print case(1 > 2, "a", 2 > 1, "b", "c")`, `b`}},
		Resolve:  resolveCase,
	})
	register(Scalar{
		Name: "coalesce", Family: "conditional",
		Usage:    []string{"coalesce(scalar, scalar, …): scalar"},
		Doc:      "Returns the first argument that is not null and, among strings, not empty.",
		Examples: []Example{{`print coalesce(tolong("x"), 42, 33)`, `42`}, {`print coalesce("", "b")`, `b`}},
		Resolve:  resolveCoalesce,
	})
	register(Scalar{
		Name: "min_of", Family: "conditional",
		Usage:    []string{"min_of(scalar, scalar, …): scalar"},
		Doc:      "Returns the least of its arguments that are not null.",
		Examples: []Example{{`print min_of(10, 1, -3, 17)`, `-3`}, {`print min_of(int(null), 3)`, `3`}},
		Resolve:  func(args []Arg) (Overload, error) { return resolveBest(args, "min_of", -1) },
	})
	register(Scalar{
		Name: "max_of", Family: "conditional",
		Usage:    []string{"max_of(scalar, scalar, …): scalar"},
		Doc:      "Returns the greatest of its arguments that are not null.",
		Examples: []Example{{`print max_of(10, 1.5, -3)`, `10`}, {`print max_of("a", "b")`, `b`}},
		Resolve:  func(args []Arg) (Overload, error) { return resolveBest(args, "max_of", 1) },
	})
	register(Scalar{
		Name: "not", Family: "conditional",
		Doc:       "Turns true into false and false into true.",
		Examples:  []Example{{`print not(1 == 2)`, `true`}},
		Overloads: []Overload{Of1(func(b bool) bool { return !b })},
	})
	register(Scalar{
		Name: "around", Family: "conditional",
		Doc:      "Tells whether a value lies within a distance of a centre.",
		Examples: []Example{{`print around(5, 6, 1)`, `true`}, {`print around(5.0, 6.5, 1)`, `false`}},
		Overloads: []Overload{
			Of3(func(v, centre, delta int64) bool { return v >= centre-delta && v <= centre+delta }),
			Of3(func(v, centre, delta float64) bool { return v >= centre-delta && v <= centre+delta }),
			Of3(func(v, centre table.Time, delta table.Duration) bool {
				return v >= centre-table.Time(delta) && v <= centre+table.Time(delta)
			}),
			Of3(func(v, centre, delta table.Duration) bool { return v >= centre-delta && v <= centre+delta }),
		},
	})
}

// branchType returns the type that the branches of iff() and case() have in
// common: dynamic ones take the type of the others, and those that have none
// in common become dynamic, as Kusto does it.
func branchType(args []Arg) table.Type {
	t := table.Unknown
	for _, a := range args {
		if a.Type == table.Dynamic {
			continue
		}
		w, ok := table.Widen(t, a.Type)
		if !ok {
			return table.Dynamic
		}
		t = w
	}
	if t == table.Unknown {
		return table.Dynamic
	}
	return t
}

// branchParam is the parameter for a branch of a call of type t.
func branchParam(t table.Type) Param {
	if t == table.Dynamic {
		return Any // the kernel converts: nothing but dynamic does so by itself
	}
	return P(t)
}

func resolveIff(args []Arg) (Overload, error) {
	if len(args) != 3 {
		return Overload{}, &MismatchError{Arg: -1, Msg: fmt.Sprintf("iff() takes 3 arguments, not %d", len(args)), Hint: "usage: iff(predicate, value if true, value if false)"}
	}
	return conditional(args, "iff")
}

func resolveCase(args []Arg) (Overload, error) {
	if len(args) < 3 || len(args)%2 == 0 {
		return Overload{}, &MismatchError{Arg: -1, Msg: fmt.Sprintf("case() takes pairs of a predicate and a value and then a default, not %d arguments", len(args)), Hint: "usage: case(predicate, value, [predicate, value, …] default)"}
	}
	return conditional(args, "case")
}

// conditional is the overload for predicate, value, … , value.
func conditional(args []Arg, name string) (Overload, error) {
	var branches []Arg
	for i := 1; i < len(args); i += 2 {
		if t := args[i-1].Type; t != table.Bool && t != table.Unknown {
			return Overload{}, &MismatchError{Arg: i - 1, Code: "KS107", Msg: fmt.Sprintf("%s() takes a bool here, not a %s", name, t), Hint: "compare it, or convert it with tobool()"}
		}
		branches = append(branches, args[i])
	}
	branches = append(branches, args[len(args)-1])
	t := branchType(branches)
	params := make([]Param, len(args))
	for i := range args {
		params[i] = branchParam(t)
		if i%2 == 0 && i < len(args)-1 {
			params[i] = P(table.Bool)
		}
	}
	return Overload{Params: params, Result: t, Kernel: func(a *Args) vec.Column {
		n, constant := a.shape()
		last := len(a.Cols) - 1
		values := make([]vec.Column, 0, last/2+1)
		for i := 1; i < last; i += 2 {
			values = append(values, a.as(i, t))
		}
		values = append(values, a.as(last, t))
		choice := make([]int32, n)
		for i := range choice {
			choice[i] = int32(len(values) - 1)
		}
		for p := last - 2; p >= 0; p -= 2 { // backwards, so that the first that is true stays
			pick(choice, a.Cols[p], int32(p/2))
		}
		return choose(t, choice, values, constant)
	}}, nil
}

// as returns argument i as a column of type t. Types differ only where t is
// dynamic; a string becomes a JSON string whatever it holds.
func (a *Args) as(i int, t table.Type) vec.Column {
	from := a.Types[i]
	if from == t || from == table.Unknown {
		return a.Cols[i]
	}
	k := Of1(func(s string) Dyn { return quote(s) }).Kernel
	if from != table.String {
		k, _ = Converter(from, t)
	}
	return k(&Args{Env: a.Env, N: a.N, Cols: a.Cols[i : i+1], Types: a.Types[i : i+1]})
}

// pick writes branch to the rows where the predicate is true.
func pick(choice []int32, predicate vec.Column, branch int32) {
	p := read[bool](predicate)
	for i := range choice {
		if p.at(i) && p.isValid(i) {
			choice[i] = branch
		}
	}
}

// choose makes a column of type t of row i of branch choice[i], or null where
// that is -1.
func choose(t table.Type, choice []int32, branches []vec.Column, constant bool) vec.Column {
	switch t.Physical() {
	case table.Bools:
		return copyChosen[bool](t, choice, branches, constant)
	case table.Int64s:
		return copyChosen[int64](t, choice, branches, constant)
	case table.Float64s:
		return copyChosen[float64](t, choice, branches, constant)
	}
	if c, ok := chooseConstants(t, choice, branches, constant); ok {
		return c
	}
	return copyChosen[string](t, choice, branches, constant)
}

// chooseConstants makes a dictionary where all branches are constant strings:
// there are no more distinct values than branches.
func chooseConstants(t table.Type, choice []int32, branches []vec.Column, constant bool) (vec.Column, bool) {
	if constant {
		return vec.Column{}, false
	}
	values := make([]string, len(branches))
	nulls := false
	for i, b := range branches {
		if !b.Const {
			return vec.Column{}, false
		}
		if b.IsNull(0) {
			nulls = true
		} else {
			values[i] = b.Str(0)
		}
	}
	var valid []bool
	if nulls && t != table.String {
		valid = make([]bool, len(choice))
	}
	codes := make([]int32, len(choice))
	for i, k := range choice {
		if k < 0 {
			return vec.Column{}, false // coalesce() of nulls only; rare
		}
		codes[i] = k
		if valid != nil {
			valid[i] = !branches[k].IsNull(0)
		}
	}
	return vec.Column{Arr: vec.NewDict(codes, vec.NewStrings(values, nil), valid)}, true
}

func copyChosen[T Value](t table.Type, choice []int32, branches []vec.Column, constant bool) vec.Column {
	from := make([]column[T], len(branches))
	nulls := false
	for i, b := range branches {
		from[i] = column[T]{values: slice[T](b.Arr), mask: -1, valid: vec.Validity(b.Arr)}
		if b.Const {
			from[i].mask = 0
		}
		nulls = nulls || from[i].valid != nil
	}
	out := make([]T, len(choice))
	var valid []bool
	if nulls {
		valid = make([]bool, len(choice))
	}
	for i, k := range choice {
		if k < 0 {
			continue
		}
		out[i] = from[k].at(i)
		if nulls {
			valid[i] = from[k].isValid(i)
		}
	}
	if t == table.String {
		valid = nil // a null string is an empty one
	}
	return vec.Column{Arr: arrayOf(out, valid), Const: constant}
}

// arrayOf makes an array by the layout of T alone, whatever the KQL type.
func arrayOf[T Value](out []T, valid []bool) arrow.Array {
	switch typeOf[T]().Physical() {
	case table.Bools:
		return vec.NewBools(cast[bool](out), valid)
	case table.Int64s:
		return vec.NewInt64s(cast[int64](out), valid)
	case table.Float64s:
		return vec.NewFloat64s(cast[float64](out), valid)
	}
	return vec.EncodeStrings(cast[string](out), valid)
}

func resolveCoalesce(args []Arg) (Overload, error) {
	if len(args) < 2 {
		return Overload{}, &MismatchError{Arg: -1, Msg: fmt.Sprintf("coalesce() takes at least 2 arguments, not %d", len(args))}
	}
	t, err := commonType(args, "coalesce")
	if err != nil {
		return Overload{}, err
	}
	for i, a := range args {
		if (a.Type == table.Dynamic) != (t == table.Dynamic) && a.Type != table.Unknown {
			return Overload{}, &MismatchError{Arg: i, Code: "KS141", Msg: fmt.Sprintf("coalesce() takes arguments of one type, not %s and dynamic", t), Hint: "convert the dynamic with to" + t.String() + "()"}
		}
	}
	params := make([]Param, len(args))
	for i := range args {
		params[i] = branchParam(t)
	}
	return Overload{Params: params, Result: t, Kernel: func(a *Args) vec.Column {
		n, constant := a.shape()
		values := make([]vec.Column, len(a.Cols))
		for i := range a.Cols {
			values[i] = a.as(i, t)
		}
		choice := make([]int32, n)
		for i := range choice {
			choice[i] = -1
		}
		for k := len(values) - 1; k >= 0; k-- {
			pickPresent(choice, values[k], int32(k), t == table.String)
		}
		return choose(t, choice, values, constant)
	}}, nil
}

// commonType is the type of arguments that must have one: numbers are
// widened, dynamic ones take the type of the others.
func commonType(args []Arg, name string) (table.Type, error) {
	t := table.Unknown
	for i, a := range args {
		if a.Type == table.Dynamic {
			continue
		}
		w, ok := table.Widen(t, a.Type)
		if !ok {
			return t, &MismatchError{Arg: i, Msg: fmt.Sprintf("%s() takes arguments of one type, not %s and %s", name, t, a.Type), Hint: "convert one of them, such as with to" + t.String() + "()"}
		}
		t = w
	}
	if t == table.Unknown {
		t = table.Dynamic
	}
	return t, nil
}

// pickPresent writes branch to the rows where c has a value.
func pickPresent(choice []int32, c vec.Column, branch int32, text bool) {
	if text {
		values := read[string](c)
		for i := range choice {
			if values.at(i) != "" {
				choice[i] = branch
			}
		}
		return
	}
	if !c.HasNulls() {
		for i := range choice {
			choice[i] = branch
		}
		return
	}
	for i := range choice {
		if !c.IsNull(i) {
			choice[i] = branch
		}
	}
}

// resolveBest is min_of() and max_of(): sign tells which.
func resolveBest(args []Arg, name string, sign int) (Overload, error) {
	if len(args) < 2 {
		return Overload{}, &MismatchError{Arg: -1, Msg: fmt.Sprintf("%s() takes at least 2 arguments, not %d", name, len(args))}
	}
	t, err := commonType(args, name)
	if err != nil {
		return Overload{}, err
	}
	if t == table.Dynamic || t == table.Guid {
		return Overload{}, &MismatchError{Arg: 0, Msg: fmt.Sprintf("%s() takes values that have an order, not a %s", name, t), Hint: "convert it, such as with toreal() or tostring()"}
	}
	params := make([]Param, len(args))
	for i, a := range args {
		if a.Type == table.Dynamic {
			return Overload{}, &MismatchError{Arg: i, Code: "KS206", Msg: name + "() takes values that have an order, not a dynamic", Hint: "convert it with to" + t.String() + "()"}
		}
		params[i] = P(t)
	}
	var k Kernel
	switch {
	case t == table.Decimal:
		k = best(sign, func(a, b Dec) int { return dec.Compare(string(a), string(b)) })
	case t.Physical() == table.Bools:
		k = best(sign, func(a, b bool) int { return int(bit(a) - bit(b)) })
	case t.Physical() == table.Int64s:
		k = best(sign, order[int64])
	case t.Physical() == table.Float64s:
		k = best(sign, order[float64])
	default:
		k = best(sign, order[string])
	}
	return Overload{Params: params, Result: t, Kernel: k}, nil
}

func order[T int64 | float64 | string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func best[T Value](sign int, compare func(a, b T) int) Kernel {
	return func(args *Args) vec.Column {
		cols := make([]column[T], len(args.Cols))
		for i, c := range args.Cols {
			cols[i] = read[T](c)
		}
		r := newResults[T](args)
		for i := range r.out {
			found := false
			for k := range cols {
				if !cols[k].isValid(i) {
					continue
				}
				if v := cols[k].at(i); !found || compare(v, r.out[i])*sign > 0 {
					r.out[i], found = v, true
				}
			}
			if !found {
				r.null(i)
			}
		}
		return r.column()
	}
}
