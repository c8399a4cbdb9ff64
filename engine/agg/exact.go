package agg

import (
	"math"
	"math/bits"

	"tidemark/internal/wire"
)

// exact is a sum of reals with twice the precision of one, so that the order
// in which rows come, and how workers share them, does not show in results.
// See https://en.wikipedia.org/wiki/2Sum
type exact struct{ hi, lo float64 }

// add adds x. The error of each rounding is kept in lo.
func (a *exact) add(x float64) {
	s := a.hi + x
	b := s - a.hi
	a.lo += (a.hi - (s - b)) + (x - b)
	a.hi = s
}

// addProduct adds x*y.
func (a *exact) addProduct(x, y float64) {
	p := x * y
	a.add(p)
	a.lo += math.FMA(x, y, -p)
}

func (a *exact) merge(b exact) {
	a.add(b.hi)
	a.lo += b.lo
}

// real is the sum, rounded. Once it is infinite the errors mean nothing.
func (a exact) real() float64 {
	if math.IsInf(a.hi, 0) || math.IsNaN(a.hi) {
		return a.hi
	}
	return a.hi + a.lo
}

// normal returns the same sum with lo below the precision of hi.
func (a exact) normal() exact {
	s := a.hi + a.lo
	return exact{s, a.lo - (s - a.hi)}
}

// moment is xy - x*y/n: the sum of the products of the distances from the
// means, where xy, x and y are the sums over n rows.
func moment(xy, x, y exact, n float64) float64 {
	xy, x, y = xy.normal(), x.normal(), y.normal()
	p := x.hi * y.hi
	rest := math.FMA(x.hi, y.hi, -p) + x.hi*y.lo + x.lo*y.hi
	q := p / n
	rest = (math.FMA(-q, n, p) + rest) / n
	d := exact{hi: xy.hi}
	d.add(-q)
	return d.hi + (d.lo + xy.lo - rest)
}

func (a exact) encode(b []byte) []byte { return wire.Real(wire.Real(b, a.hi), a.lo) }

func decodeExact(r *wire.Reader) exact {
	hi := r.Real()
	return exact{hi, r.Real()}
}

// wide is a sum of int64s that does not overflow: datetimes are so large that
// a dozen of them would.
type wide struct {
	hi int64
	lo uint64
}

func (a *wide) add(v int64) { a.merge(wide{hi: v >> 63, lo: uint64(v)}) }

func (a *wide) merge(b wide) {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	a.hi += b.hi + int64(carry)
	a.lo = lo
}

// over divides by n, a number of summands, and cuts towards zero.
func (a wide) over(n int64) int64 {
	hi, lo, negative := uint64(a.hi), a.lo, a.hi < 0
	if negative {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	q, _ := bits.Div64(hi, lo, uint64(n))
	if negative {
		return -int64(q)
	}
	return int64(q)
}
