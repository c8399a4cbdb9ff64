package house

import (
	"testing"

	"tidemark/engine/fn"
	"tidemark/engine/op"
)

// The functions that the binder computes are documented, and none that it
// does not.
func TestSpecialFunctions(t *testing.T) {
	bound := map[string]bool{}
	for _, name := range op.SpecialNames() {
		bound[name] = true
		if _, ok := fn.Describe(name); !ok {
			t.Errorf("%s() is not documented", name)
		}
	}
	for _, name := range fn.DocumentedNames() {
		_, ordinary := fn.Lookup(name)
		if !ordinary && !bound[name] {
			t.Errorf("%s() is documented, and nothing computes it", name)
		}
	}
	for _, name := range fn.AbsentNames() {
		if _, ok := fn.Describe(name); ok {
			t.Errorf("%s() is said to be absent", name)
		}
	}
}
