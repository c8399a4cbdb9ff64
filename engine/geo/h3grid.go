package geo

import (
	"math"
	"math/cmplx"
	"strings"

	"github.com/golang/geo/r3"
	"github.com/golang/geo/s2"
)

// H3 lays hexagons on an icosahedron. Each face has a plane, seen from outside
// as complex numbers: its middle is 0, its corners are 2, 2ω and 2ω², and the
// centres of the cells of resolution 0, the base cells, are the Eisenstein
// integers a+bω. The 12 corners are centres of pentagons. A cell of the next
// resolution is a seventh as large; where the whole numbers of one resolution
// are z, those of the next are z·(2-ω) or z·(3+ω) in turn, plus one of 0 and
// the six units.

var omega = complex(-0.5, math.Sqrt(3)/2)

// eisenstein is the number a+bω.
type eisenstein struct{ a, b int }

func (x eisenstein) add(y eisenstein) eisenstein { return eisenstein{x.a + y.a, x.b + y.b} }
func (x eisenstein) sub(y eisenstein) eisenstein { return eisenstein{x.a - y.a, x.b - y.b} }

func (x eisenstein) mul(y eisenstein) eisenstein {
	return eisenstein{x.a*y.a - x.b*y.b, x.a*y.b + x.b*y.a - x.b*y.b}
}

func (x eisenstein) complex() complex128 {
	return complex(float64(x.a)-float64(x.b)/2, float64(x.b)*math.Sqrt(3)/2)
}

// rotate turns by so many times 60 degrees counterclockwise.
func (x eisenstein) rotate(n int) eisenstein {
	for range (n%6 + 6) % 6 {
		x = x.mul(eisenstein{1, 1})
	}
	return x
}

// roundEisenstein is the number nearest to z.
func roundEisenstein(z complex128) eisenstein {
	b := imag(z) * 2 / math.Sqrt(3)
	a := real(z) + b/2
	// As x+y+z = 0 along three axes, the one rounded worst follows from the others.
	x, y := a, b-a
	c := -x - y
	rx, ry, rc := math.Round(x), math.Round(y), math.Round(c)
	dx, dy, dc := math.Abs(rx-x), math.Abs(ry-y), math.Abs(rc-c)
	switch {
	case dx > dy && dx > dc:
		rx = -ry - rc
	case dy > dc:
		ry = -rx - rc
	}
	return eisenstein{int(rx), int(ry + rx)}
}

// digits are the steps from a cell to its children, by H3's digit.
var digits = [7]eisenstein{{0, 0}, {-1, -1}, {0, 1}, {-1, 0}, {1, 0}, {0, -1}, {1, 1}}

func digitOf(step eisenstein) int {
	for d, s := range digits {
		if s == step {
			return d
		}
	}
	panic("BUG: not a unit")
}

// growth is what turns whole numbers of the resolution before into those of
// this one.
func growth(resolution int) eisenstein {
	if resolution%2 == 1 {
		return eisenstein{2, -1}
	}
	return eisenstein{3, 1}
}

// unit is the distance, and direction, from a cell of a resolution to the next
// one along the first axis.
func unit(resolution int) complex128 {
	u := complex(math.Pow(7, -float64(resolution/2)), 0)
	if resolution%2 == 1 {
		u /= growth(1).complex()
	}
	return u
}

// corners of the icosahedron, and which of them each face has, in the order of
// its axes. How H3 lies on the Earth is defined by these.
var (
	icosahedron = halfIcosahedron()
	faceCorners = [20][3]int{
		{0, 1, 2}, {0, 2, 3}, {0, 3, 4}, {0, 4, 5}, {0, 5, 1},
		{6, 2, 1}, {7, 3, 2}, {8, 4, 3}, {9, 5, 4}, {10, 1, 5},
		{2, 6, 7}, {3, 7, 8}, {4, 8, 9}, {5, 9, 10}, {1, 10, 6},
		{11, 7, 6}, {11, 8, 7}, {11, 9, 8}, {11, 10, 9}, {11, 6, 10},
	}
)

// halfIcosahedron completes six corners with those opposite.
func halfIcosahedron() (out [12]r3.Vector) {
	for i, v := range []r3.Vector{
		{X: 0.42015242670871011, Y: 0.078145249402782987, Z: 0.90408255061501919},
		{X: 0.51883673032736444, Y: 0.83542038037823585, Z: 0.1813318375572624},
		{X: -0.41468222532033516, Y: 0.65596240543480067, Z: 0.63067580789147537},
		{X: -0.51545595994404181, Y: -0.38171689828713307, Z: 0.76720099251774754},
		{X: 0.35578140253294477, Y: -0.84358000246617804, Z: 0.40223422660292557},
		{X: 0.99500943943624143, Y: -0.091347795276427876, Z: 0.040147175877166638},
	} {
		opposite := [6]int{11, 8, 9, 10, 6, 7}[i]
		out[i], out[opposite] = v, v.Mul(-1)
	}
	return out
}

// face is a plane that touches the sphere at centre; x and y are its axes.
type face struct {
	centre, x, y r3.Vector
	next         [3]crossing // over the edge opposite each corner
}

// crossing takes a number of a face's plane to that of a neighbour's:
// z·turn + shift. As whole numbers, turn is so many times 60 degrees.
type crossing struct {
	face        int
	turn, shift complex128
	sixths      int
}

// planeUnit is the length of 1 on a plane.
const planeUnit = 0.38196601125010500003

var faces = makeFaces()

func makeFaces() (out [20]face) {
	for i, c := range faceCorners {
		first := icosahedron[c[0]]
		centre := first.Add(icosahedron[c[1]]).Add(icosahedron[c[2]]).Normalize()
		x := first.Sub(centre.Mul(first.Dot(centre))).Normalize()
		out[i] = face{centre: centre, x: x, y: centre.Cross(x)}
	}
	for i := range out {
		for m := range 3 {
			out[i].next[m] = cross(i, faceCorners[i][(m+1)%3], faceCorners[i][(m+2)%3])
		}
	}
	return out
}

// cornerOf is where a face's plane has a corner of the icosahedron, as a power
// of ω; -1 where it has not.
func cornerOf(f, corner int) int {
	for m, c := range faceCorners[f] {
		if c == corner {
			return m
		}
	}
	return -1
}

func powerOfOmega(m int) complex128 { return [3]complex128{1, omega, omega * omega}[m] }

// cross finds the face on the other side of an edge.
func cross(from, p, q int) crossing {
	at := func(f, corner int) complex128 { return 2 * powerOfOmega(cornerOf(f, corner)) }
	for to := range faceCorners {
		if to == from || cornerOf(to, p) < 0 || cornerOf(to, q) < 0 {
			continue
		}
		turn := (at(to, q) - at(to, p)) / (at(from, q) - at(from, p))
		sixths := int(math.Round(cmplx.Phase(turn)*3/math.Pi)+6) % 6
		turn = eisenstein{1, 0}.rotate(sixths).complex()
		return crossing{to, turn, at(to, p) - turn*at(from, p), sixths}
	}
	panic("BUG: no face beyond an edge")
}

// spot is a place on a face's plane, and a direction and length there.
type spot struct {
	face int
	z, u complex128
}

// beyond is how far z is past the edge opposite a corner; below 0 it is not.
func beyond(z complex128, corner int) float64 {
	return -real(z*cmplx.Conj(powerOfOmega(corner))) - 1
}

// settle moves a spot from the plane of one face to that of the face it is on.
func (s spot) settle() spot {
	const edge = 1e-11 // on an edge is on either
	for range 5 {
		worst := 0
		for m := 1; m < 3; m++ {
			if beyond(s.z, m) > beyond(s.z, worst) {
				worst = m
			}
		}
		if beyond(s.z, worst) <= edge {
			break
		}
		c := faces[s.face].next[worst]
		s = spot{c.face, s.z*c.turn + c.shift, s.u * c.turn}
	}
	return s
}

// point is the place on the sphere. The spot has to be on its face.
func (s spot) point() s2.Point {
	f := &faces[s.face]
	return pointOf(f.centre.Add(f.x.Mul(real(s.z) * planeUnit)).Add(f.y.Mul(imag(s.z) * planeUnit)))
}

// spotOf is where a point is on the face nearest to it.
func spotOf(p s2.Point) spot {
	best := 0
	for i := range faces {
		if faces[i].centre.Dot(p.Vector) > faces[best].centre.Dot(p.Vector) {
			best = i
		}
	}
	f := &faces[best]
	scale := planeUnit * f.centre.Dot(p.Vector)
	return spot{face: best, z: complex(f.x.Dot(p.Vector)/scale, f.y.Dot(p.Vector)/scale)}
}

// baseCell is where H3 puts a cell of resolution 0.
type baseCell struct {
	face   int // whose axes its digits follow
	at     eisenstein
	corner int // of a pentagon, else -1
	around [5]int
	point  s2.Point
}

// baseCellPlaces defines H3's numbering: of each cell the face and the
// coordinates along its three axes.
const baseCellPlaces = `1.100 2.110 1.000 2.100 0.200 1.110 1.001 2.000 0.100 2.010 1.010 1.011 3.100
3.110 11.200 4.100 0.000 6.010 0.001 2.011 7.001 2.001 0.110 6.001 10.200 6.000 3.000 11.100 4.110
3.010 0.011 4.000 5.010 0.010 7.010 11.110 7.000 10.100 12.200 6.101 7.101 4.001 3.001 3.011 4.010
6.100 11.000 8.001 5.001 14.200 5.000 12.100 10.110 4.011 12.110 7.100 11.010 10.000 13.200 10.001
11.001 9.010 8.010 6.200 8.000 9.001 14.100 5.101 16.011 8.101 5.100 12.000 7.200 12.010 10.010
9.000 13.100 16.001 15.011 15.010 16.010 14.110 13.110 5.200 8.100 14.000 9.101 14.001 17.001
12.001 16.000 17.011 15.001 16.101 9.100 15.000 13.000 8.200 13.010 17.101 19.010 14.010 19.011
17.010 13.001 17.000 16.100 9.200 15.101 15.100 18.011 18.001 19.001 17.100 19.000 18.010 18.101
19.200 19.100 18.000 19.101 18.100`

var baseCells = makeBaseCells()

func makeBaseCells() []baseCell {
	var out []baseCell
	for _, place := range strings.Fields(baseCellPlaces) {
		number, axes, _ := strings.Cut(place, ".")
		b := baseCell{corner: -1}
		for _, c := range number {
			b.face = b.face*10 + int(c-'0')
		}
		axis := func(i int) int { return int(axes[i] - '0') }
		b.at = eisenstein{axis(0) - axis(2), axis(1) - axis(2)}
		b.point = spot{face: b.face, z: b.at.complex()}.point()
		if axis(0) == 2 {
			b.corner = faceCorners[b.face][0]
			b.around = facesAround(b.face, b.corner)
		}
		out = append(out, b)
	}
	return out
}

// facesAround are the five faces at a corner, counterclockwise.
func facesAround(first, corner int) (out [5]int) {
	f := first
	for i := range out {
		out[i] = f
		// The edge that leads from the corner to the one before it in the
		// face's order is opposite the one after it.
		f = faces[f].next[(cornerOf(f, corner)+1)%3].face
	}
	return out
}
