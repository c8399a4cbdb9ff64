package geo

import (
	"math"
	"math/cmplx"
	"strconv"

	"github.com/golang/geo/s2"
)

const maxH3 = 15 // the finest resolution

// h3 is a cell: from the top a bit 0, four bits 1, three bits 0, four bits of
// resolution, seven of the base cell, and 15 digits of three bits, those past
// the resolution being 7.
type h3 uint64

func newH3(base int) h3 { return 1<<59 | h3(base)<<45 | (1<<45 - 1) }

func (c h3) resolution() int { return int(c >> 52 & 15) }
func (c h3) base() int       { return int(c >> 45 & 127) }

func digitShift(resolution int) int { return 3 * (maxH3 - resolution) }

func (c h3) digit(resolution int) int { return int(c >> digitShift(resolution) & 7) }

// child is one of the cells of the next resolution.
func (c h3) child(digit int) h3 {
	shift := digitShift(c.resolution() + 1)
	return c&^(7<<shift) + h3(digit)<<shift + 1<<52
}

// parent is the cell of a coarser resolution that holds it.
func (c h3) parent(resolution int) h3 {
	c = c&^(15<<52) | h3(resolution)<<52
	return c | (1<<digitShift(resolution) - 1)
}

// leading is the first digit that is not 0, or 0.
func (c h3) leading() int {
	for r := 1; r <= c.resolution(); r++ {
		if d := c.digit(r); d != 0 {
			return d
		}
	}
	return 0
}

func (c h3) isPentagon() bool { return baseCells[c.base()].corner >= 0 && c.leading() == 0 }

func (c h3) String() string { return strconv.FormatUint(uint64(c), 16) }

func (c h3) isValid() bool {
	if c>>59 != 1 || c>>56&7 != 0 || c.base() >= len(baseCells) {
		return false
	}
	for r := 1; r <= maxH3; r++ {
		if (c.digit(r) == 7) != (r > c.resolution()) {
			return false
		}
	}
	return baseCells[c.base()].corner < 0 || c.leading() != deletedDigit
}

func parseH3(s string) (h3, bool) {
	v, err := strconv.ParseUint(s, 16, 64)
	return h3(v), err == nil && h3(v).isValid()
}

// deletedDigit is the direction in which a pentagon has no children.
const deletedDigit = 1

// A pentagon's digits follow the plane of its home face, which lies in the
// direction of digit 3. Five faces meet there, but a plane has room for six:
// going round counterclockwise, the faces take these turns from their place on
// the unfolded plane, which leaves out the direction of digit 1.
var pentagonTurns = [5]int{0, 2, 3, 4, 5}

// faceOfDigit is which of the faces around a pentagon a digit points to.
var faceOfDigit = [7]int{0, -1, 4, 0, 2, 1, 3}

// offset is where a cell lies from its base cell's centre, in whole numbers
// of its resolution.
func (c h3) offset() eisenstein {
	var z eisenstein
	for r := 1; r <= c.resolution(); r++ {
		z = z.mul(growth(r)).add(digits[c.digit(r)])
	}
	return z
}

// plane is where a cell lies on the plane of its base cell's face, perhaps
// beyond this face's edges.
func (c h3) plane() spot {
	base := &baseCells[c.base()]
	u := unit(c.resolution())
	if base.corner < 0 {
		return spot{base.face, base.at.complex() + c.offset().complex()*u, u}
	}
	k := faceOfDigit[c.leading()]
	f := base.around[k]
	axis := powerOfOmega(cornerOf(f, base.corner))
	turn := eisenstein{1, 0}.rotate(-pentagonTurns[k]).complex() * axis
	return spot{f, 2*axis + c.offset().complex()*u*turn, u * turn}
}

func (c h3) centre() s2.Point { return c.plane().settle().point() }

// h3At is the cell at a point.
func h3At(p s2.Point, resolution int) h3 { return spotOf(p).cell(resolution) }

// cell is the one at a spot that is on its face.
func (s spot) cell(resolution int) h3 {
	z := roundEisenstein(s.z / unit(resolution))
	var path [maxH3 + 1]int // digits as the face's axes have them
	for r := resolution; r > 0; r-- {
		g := growth(r)
		up := roundEisenstein(z.complex() / g.complex())
		path[r] = digitOf(z.sub(up.mul(g)))
		z = up
	}
	number, sixths := baseAt(s.face, z)
	write := func(sixths int) h3 {
		c := newH3(number)
		for r := 1; r <= resolution; r++ {
			c = c.child(digitOf(digits[path[r]].rotate(sixths)))
		}
		return c
	}
	c := write(sixths)
	base := &baseCells[number]
	if base.corner < 0 || c.leading() != deletedDigit {
		return c
	}
	// The cell strays over the edge between the two faces that the missing
	// direction parts: it belongs to the other one.
	if s.face == base.around[0] {
		return write(sixths + 1)
	}
	return write(sixths - 1)
}

// baseAt is the base cell at a whole number of a face's plane, and by how many
// times 60 degrees directions turn from there to its own axes.
func baseAt(f int, z eisenstein) (number, sixths int) {
	p := spot{face: f, z: z.complex()}.settle().point()
	best := math.Inf(1)
	for i := range baseCells {
		if d := baseCells[i].point.Sub(p.Vector).Norm2(); d < best {
			best, number = d, i
		}
	}
	base := &baseCells[number]
	if base.corner < 0 {
		return number, turnBetween(f, base.face)
	}
	for k, around := range base.around {
		if around == f {
			return number, pentagonTurns[k] - 2*cornerOf(f, base.corner)
		}
	}
	panic("BUG: a pentagon reaches a face it is not on")
}

// turnBetween is how directions turn from a face to the same or a neighbour.
func turnBetween(from, to int) int {
	if from == to {
		return 0
	}
	for _, c := range faces[from].next {
		if c.face == to {
			return c.sixths
		}
	}
	panic("BUG: the faces are no neighbours")
}

// boundary is the outline, with a point more where an edge bends because it
// passes to another face.
func (c h3) boundary() []s2.Point {
	if c.isPentagon() {
		return c.pentagon()
	}
	s := c.plane().settle()
	s.u = unit(c.resolution()) // the first corner is by the face's own axes
	var out []s2.Point
	for i := range 6 {
		from, to := s.corner(i), s.corner(i+1)
		out = append(out, from.settle().point())
		out = append(out, bends(from, to)...)
	}
	return out
}

// corner is a corner of the hexagon around a spot.
func (s spot) corner(i int) spot {
	s.z += s.u * cmplx.Rect(1/math.Sqrt(3), math.Pi/6+float64(i)*math.Pi/3)
	return s
}

// bends are the points between two places of a face's plane that lie on the
// face's edges.
func bends(from, to spot) []s2.Point {
	const edge = 1e-11
	var out []s2.Point
	for m := range 3 {
		a, b := beyond(from.z, m), beyond(to.z, m)
		if math.Min(a, b) > -edge || math.Max(a, b) < edge {
			continue
		}
		at := spot{face: from.face, z: from.z + (to.z-from.z)*complex(a/(a-b), 0)}
		if beyond(at.z, (m+1)%3) <= edge && beyond(at.z, (m+2)%3) <= edge {
			out = append(out, at.point())
		}
	}
	return out
}

// pentagon is the boundary of one: a corner on each face, and a bend where an
// edge passes to the next.
func (c h3) pentagon() []s2.Point {
	base := &baseCells[c.base()]
	var out []s2.Point
	for _, f := range base.around {
		axis := powerOfOmega(cornerOf(f, base.corner))
		s := spot{f, 2 * axis, unit(c.resolution()) * axis}
		out = append(out, s.corner(2).point())
		out = append(out, bends(s.corner(2), s.corner(3))...)
	}
	return out
}
