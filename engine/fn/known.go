package fn

import "tidemark/engine/vec"

// perBatch makes an overload anew for each batch, so that its body may keep
// what it has read, and use again what it has written into.
func perBatch(make func() Overload) Overload {
	o := make()
	o.Kernel = func(a *Args) vec.Column { return make().Kernel(a) }
	return o
}

// known keeps what was read of texts within a batch: most often all rows ask
// about the same few shapes or sketches.
type known[T any] struct {
	parse  func(string) (T, bool)
	most   int
	values map[Dyn]knownValue[T]
	last   Dyn
	at     knownValue[T]
}

type knownValue[T any] struct {
	value T
	ok    bool
}

// newKnown keeps up to 1,024 values.
func newKnown[T any](parse func(string) (T, bool)) *known[T] {
	return &known[T]{parse: parse, most: 1024, values: map[Dyn]knownValue[T]{}}
}

// newFew keeps a few large values.
func newFew[T any](parse func(string) (T, bool)) *known[T] {
	k := newKnown(parse)
	k.most = 16
	return k
}

func (k *known[T]) get(text Dyn) (T, bool) {
	if text == k.last && text != "" {
		return k.at.value, k.at.ok
	}
	at, ok := k.values[text]
	if !ok {
		if len(k.values) == k.most {
			clear(k.values)
		}
		at.value, at.ok = k.parse(string(text))
		k.values[text] = at
	}
	k.last, k.at = text, at
	return at.value, at.ok
}

// byArgument keeps a few values of each argument.
type byArgument[T any] struct {
	parse func(string) (T, bool)
	all   []*known[T]
}

func (b *byArgument[T]) get(i int, text Dyn) (T, bool) {
	for len(b.all) <= i {
		b.all = append(b.all, newFew(b.parse))
	}
	return b.all[i].get(text)
}
