package fn

import (
	"crypto/rand"
	"fmt"

	"tidemark/engine/vec"
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "new_guid", Family: "guid", Volatile: true, Doc: "Returns a new random guid.",
		Examples:  []Example{{`print strlen(tostring(new_guid()))`, `36`}},
		Overloads: []Overload{{Result: table.Guid, Kernel: newGuids}},
	})
}

// newGuids makes a random (version 4) guid for each row.
func newGuids(a *Args) vec.Column {
	out := make([]string, max(a.N, 1))
	random := make([]byte, 16*len(out))
	rand.Read(random) // never fails
	for i := range out {
		b := random[16*i : 16*i+16]
		b[6] = b[6]&0x0f | 0x40
		b[8] = b[8]&0x3f | 0x80
		out[i] = fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	}
	return vec.Column{Arr: vec.NewStrings(out, nil)}
}
