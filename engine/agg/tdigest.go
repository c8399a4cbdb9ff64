package agg

import (
	"tidemark/engine/agg/sketch"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

// slowSketches is of aggregations that read sketches.
const slowSketches = "Takes more than a microsecond for a sketch of more than a few values: it reads them all, up to some thousands."

func init() {
	e := Func{
		Name: "tdigest", Prefix: "tdigest",
		Doc:      "Gives a digest of the values, each counted as often as its weight says, as a dynamic value for tdigest_merge() and percentile_tdigest().",
		Examples: []fn.Example{{Query: `range x from 1 to 3 step 1 | summarize tdigest(x)`, Want: `[[7],[1,2,3],[1,1,1]]`}},
	}
	for _, t := range append(summable[:len(summable):len(summable)], table.Datetime) {
		e.Overloads = append(e.Overloads, Overload{Params: []fn.Param{fn.P(t), fn.P(table.Long)}, Optional: 1, Result: table.Dynamic, New: func(spec Spec) State {
			return &digests{newSampled(t, len(spec.Types) > 1)}
		}})
	}
	register(e)
	register(Func{
		Name: "tdigest_merge", Aliases: []string{"merge_tdigest"}, Prefix: "merge_tdigests",
		Doc:      "Merges the results of tdigest() into one.",
		Slow:     slowSketches,
		Examples: []fn.Example{{Query: `range x from 1 to 3 step 1 | summarize t = tdigest(x) by x | summarize tdigest_merge(t)`, Want: `[[7],[1,2,3],[1,1,1]]`}},
		Overloads: []Overload{{Params: []fn.Param{fn.P(table.Dynamic)}, Result: table.Dynamic, New: func(Spec) State {
			return &mergedDigests{}
		}}},
	})
}

// digests is the state of tdigest.
type digests struct{ sampled }

func (s *digests) Merge(other State, to []int32) { s.merge(&other.(*digests).sampled, to) }

func (s *digests) Results() []vec.Column {
	found := make([]sketch.Digest, len(s.v))
	for g := range s.v {
		s.v[g].pack()
		s.v[g].fold(s.t)
		found[g] = *s.v[g].digest
	}
	return digestColumn(found)
}

// digestColumn writes digests; one of no values is null.
func digestColumn(v []sketch.Digest) []vec.Column {
	out, valid := make([]string, len(v)), make([]bool, len(v))
	for i := range v {
		if valid[i] = len(v[i].Means) > 0; valid[i] {
			out[i] = v[i].JSON()
		}
	}
	return []vec.Column{{Arr: vec.NewStrings(out, valid)}}
}

// mergedDigests is the state of tdigest_merge. Means wait until there are as
// many as a group has already, so that each is moved a few times only.
type mergedDigests struct {
	v    []sketch.Digest
	rest []sketch.Digest // what waits, in no order
	held int64
}

// leastWaiting is how many means wait at least.
const leastWaiting = 64

func (s *mergedDigests) Grow(n int) { s.v, s.rest = grown(s.v, n), grown(s.rest, n) }

func (s *mergedDigests) Add(groups []int32, cols []vec.Column, _ int) {
	in := strs(cols[0], table.Dynamic)
	for i, g := range groups {
		if !in.ok(i) {
			continue
		}
		if d, ok := sketch.ParseDigest(in.at(i)); ok {
			s.take(g, &d)
		}
	}
}

func (s *mergedDigests) take(g int32, d *sketch.Digest) {
	rest := &s.rest[g]
	before := cap(rest.Means)
	rest.Means, rest.Weights = append(rest.Means, d.Means...), append(rest.Weights, d.Weights...)
	s.held += 16 * int64(cap(rest.Means)-before)
	if len(rest.Means) >= max(leastWaiting, len(s.v[g].Means)) {
		s.settle(g)
	}
}

// settle takes in the means of a group that wait.
func (s *mergedDigests) settle(g int32) {
	before := cap(s.v[g].Means)
	rest := &s.rest[g]
	rest.Sort()
	s.v[g].Merge(rest.Means, rest.Weights)
	rest.Means, rest.Weights = rest.Means[:0], rest.Weights[:0]
	s.held += 16 * int64(cap(s.v[g].Means)-before)
}

// Settle takes in what waits, and gives back the memory that it was in.
func (s *mergedDigests) Settle() {
	for g := range s.rest {
		s.settle(int32(g))
		s.held -= 16 * int64(cap(s.rest[g].Means))
		s.rest[g] = sketch.Digest{}
	}
}

func (s *mergedDigests) Merge(other State, to []int32) {
	o := other.(*mergedDigests)
	o.Settle()
	for i := range o.v {
		s.take(to[i], &o.v[i])
	}
}

func (s *mergedDigests) Results() []vec.Column {
	s.Settle()
	return digestColumn(s.v)
}

func (s *mergedDigests) Size() int64 { return 96*int64(cap(s.v)) + s.held }

func (s *mergedDigests) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
		s.settle(g)
		b = wire.Reals(wire.Reals(b, s.v[g].Means), s.v[g].Weights)
	}
	return b
}

func (s *mergedDigests) Decode(r *wire.Reader, n int) {
	for i := range n {
		s.v[i].Means, s.v[i].Weights = r.Reals(), r.Reals()
		s.held += 16 * int64(len(s.v[i].Means))
	}
}
