package agg

import (
	"tidemark/engine/agg/sketch"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

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

// mergedDigests is the state of tdigest_merge.
type mergedDigests struct {
	v    []sketch.Digest
	held int64
}

func (s *mergedDigests) Grow(n int) { s.v = grown(s.v, n) }

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
	before := cap(s.v[g].Means)
	s.v[g].Merge(d.Means, d.Weights)
	s.held += 16 * int64(cap(s.v[g].Means)-before)
}

func (s *mergedDigests) Merge(other State, to []int32) {
	o := other.(*mergedDigests)
	for i := range o.v {
		s.take(to[i], &o.v[i])
	}
}

func (s *mergedDigests) Results() []vec.Column { return digestColumn(s.v) }
func (s *mergedDigests) Size() int64           { return 48*int64(cap(s.v)) + s.held }

func (s *mergedDigests) Encode(b []byte, groups []int32) []byte {
	for _, g := range groups {
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
