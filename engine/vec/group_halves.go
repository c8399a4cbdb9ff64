package vec

import (
	"math"
	"math/bits"
	"slices"

	"tidemark/table"
)

// A group of several keys is a pair of numbers, that of its last key and that of
// the others together. Who tells groups apart by himself asks for these, and the
// grouper does not keep groups.

// Halves gives the numbers that the group of each row is a pair of. There are
// at least two keys. The slices are valid until the next call.
func (g *Grouper) Halves(keys []GroupKey, n int) (left, right []int32) {
	for i, k := range g.cols {
		if k.numbers != nil && !k.direct && len(k.strs) >= manyStrings {
			g.makeDirect(i)
		}
	}
	left = g.scratch(0, n)
	g.cols[0].number(keys[0], n, left)
	for i := 1; i < len(keys); i++ {
		right = g.scratch(1, n)
		g.cols[i].number(keys[i], n, right)
		if i < len(keys)-1 {
			g.pairs[i-1].join(left, right)
		}
	}
	return left, right
}

// manyStrings is how many strings a key of several has before those that have
// numbers are taken by these: looking up our own for theirs is then a miss of
// the processor's cache, and they are the same in all workers' groupers.
var manyStrings = 1 << 14

// makeDirect makes key i, one of several, use the numbers that its strings have.
func (g *Grouper) makeDirect(i int) {
	if len(g.pairs) == 0 {
		return
	}
	p := g.pairs[max(i-1, 0)]
	if !p.hashed {
		return
	}
	to := g.cols[i].makeDirect()
	if i == 0 {
		renumber(p.left, to)
	} else {
		renumber(p.right, to)
	}
	p.tab = intTable{}
	p.hash()
}

// Join gives the groups of pairs, in the place of left.
func (g *Grouper) Join(left, right []int32) []int32 {
	g.last().join(left, right)
	return left
}

func (g *Grouper) last() *pairing { return g.pairs[len(g.pairs)-1] }

// DirectHalves gives the pair of each group, and forgets the groups. Where strings
// have numbers, halves are of these from now on, and the same in every grouper
// that was given them.
func (g *Grouper) DirectHalves() (left, right []int32) {
	left, right = g.last().left, g.last().right
	g.ForgetGroups()
	if len(g.cols) == 2 {
		renumber(left, g.cols[0].makeDirect())
	}
	renumber(right, g.cols[len(g.cols)-1].makeDirect())
	return left, right
}

func renumber(numbers, to []int32) {
	if to == nil {
		return
	}
	for i, number := range numbers {
		numbers[i] = to[number]
	}
}

// ForgetGroups forgets all groups, and keeps the numbers that they are pairs of.
func (g *Grouper) ForgetGroups() { g.pairs[len(g.pairs)-1] = &pairing{hashed: true} }

// MergeHalves takes in the numbers of another grouper of the same types that
// its groups are pairs of, and returns those here for them; nil where they are
// the same.
func (g *Grouper) MergeHalves(o *Grouper) (left, right []int32) {
	for i, k := range g.cols {
		if o.cols[i].direct && o.cols[i].numbers == k.numbers && !k.direct && len(g.cols) > 1 {
			if p := g.pairs[max(i-1, 0)]; !p.hashed {
				p.hash()
			}
			g.makeDirect(i)
		}
	}
	left = g.cols[0].merge(o.cols[0])
	for i := range g.pairs {
		right = g.cols[i+1].merge(o.cols[i+1])
		if i == len(g.pairs)-1 {
			break
		}
		q := o.pairs[i]
		left = there(left, q.left)
		g.pairs[i].join(left, there(right, q.right))
	}
	return left, right
}

// there gives what to has for numbers, these themselves where it is nil.
func there(to, numbers []int32) []int32 {
	if to == nil {
		return slices.Clone(numbers)
	}
	return take(to, numbers)
}

// Parts sets out to a number below 256 for each pair of numbers, the same for
// the same keys in every grouper whose columns have the same numbers.
func (g *Grouper) Parts(left, right, out []int32) {
	n := len(g.cols)
	l, r := g.spread(n-2), g.cols[n-1].spreads()
	for i := range out {
		out[i] = int32(l[left[i]] + bits.RotateLeft8(r[right[i]], 3))
	}
}

// spread is a byte for each number that keys 0…k have together.
func (g *Grouper) spread(k int) []uint8 {
	if k == 0 {
		return g.cols[0].spreads()
	}
	l, r, p := g.spread(k-1), g.cols[k].spreads(), g.pairs[k-1]
	for i := len(p.spread); i < len(p.left); i++ {
		p.spread = append(p.spread, l[p.left[i]]+bits.RotateLeft8(r[p.right[i]], 3))
	}
	return p.spread
}

// spreads is a byte of a hash of each value.
func (k *keyColumn) spreads() []uint8 {
	for i := len(k.spread); i < k.len(); i++ {
		var hash uint64
		switch {
		case int32(i) == k.null:
			hash = hashOfNull
		case k.direct:
			hash = uint64(i)
		case k.numbers != nil:
			hash = uint64(k.global[i])
		case k.t.Physical() == table.Strings:
			hash = uint64(k.hashes[i])
		case k.t == table.Real:
			hash = uint64(realKey(math.Float64frombits(uint64(k.ints[i]))))
		default:
			hash = uint64(k.ints[i])
		}
		k.spread = append(k.spread, uint8(mix(hash)>>16))
	}
	return k.spread
}
