package op

import (
	"fmt"
	"runtime/debug"

	"tidemark/engine/vec"
)

// PanicError is a fault of ours that a query ran into.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("this query ran into a fault of Tidemark's: %v (please report it with the query)", e.Value)
}

// Guard runs f and turns a panic into an error, so that one query cannot end
// the program that embeds Tidemark.
func Guard(f func() error) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case vec.TooBig:
			err = v
		default:
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return f()
}
