package fn

import (
	"fmt"

	"tidemark/engine/vec"
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "assert", Family: "conditional",
		Usage:    []string{"assert(bool, string): bool"},
		Doc:      "Returns true where a condition is true, and otherwise refuses the query with a message; the condition must be known before the query runs.",
		Examples: []Example{{`let n = 3; print assert(n > 0, "n must be positive")`, `true`}},
		Resolve:  resolveAssert,
	})
}

// resolveAssert decides while the query is bound, so that a query is refused
// even where no row would reach the call.
func resolveAssert(args []Arg) (Overload, error) {
	o := Overload{Params: []Param{P(table.Bool), P(table.String)}, Result: table.Bool, Kernel: func(*Args) vec.Column {
		return vec.Constant(table.Bool, true)
	}}
	if _, cost := o.Accept(args); cost < 0 {
		return o, nil
	}
	for i, what := range []string{"condition", "message"} {
		if args[i].Const == nil {
			return o, &MismatchError{Arg: i, Msg: fmt.Sprintf("the %s of assert() must be known before the query runs", what), Hint: "where keeps the rows that fulfil a condition"}
		}
	}
	c := args[0].Const
	if args[0].Type == table.Dynamic {
		return o, &MismatchError{Arg: 0, Msg: "the condition of assert() must be a bool", Hint: "convert it with tobool()"}
	}
	if c.IsNull(0) || c.Value(0) != true {
		message, _ := args[1].Str()
		return o, &MismatchError{Arg: -1, Msg: fmt.Sprintf("assert() has failed with message: '%s'", message)}
	}
	return o, nil
}
