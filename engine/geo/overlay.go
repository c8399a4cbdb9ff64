package geo

import (
	"cmp"
	"slices"

	"github.com/golang/geo/s2"
)

// Overlaying two shapes: every edge is cut where it meets the other shape,
// each piece is found to be inside, outside or on the other's border, and the
// pieces wanted are put together again.

// piece is a part of an edge between two vertices of the overlay. Its id
// orders the edges of both shapes, the first's before the second's.
type piece struct {
	from, to int
	id       int
}

func (p piece) ends() [2]int { return [2]int{p.from, p.to} }

// vertices numbers the points of an overlay. Points that differ by no more
// than the error of an intersection are one.
type vertices struct {
	points []s2.Point
	exact  map[s2.Point]int
	near   map[[3]int64][]int
}

const (
	mergeRadius = 4e-15
	gridSize    = 1 / (2 * mergeRadius)
)

func newVertices() *vertices {
	return &vertices{exact: map[s2.Point]int{}, near: map[[3]int64][]int{}}
}

func gridCell(p s2.Point) [3]int64 {
	return [3]int64{int64(p.X * gridSize), int64(p.Y * gridSize), int64(p.Z * gridSize)}
}

// add numbers a point: with the number of one that it may be.
func (v *vertices) add(p s2.Point) int {
	if n, ok := v.exact[p]; ok {
		return n
	}
	c := gridCell(p)
	for i := range int64(27) {
		for _, n := range v.near[[3]int64{c[0] + i%3 - 1, c[1] + i/3%3 - 1, c[2] + i/9 - 1}] {
			if v.points[n].Sub(p.Vector).Norm() <= mergeRadius {
				v.exact[p] = n
				return n
			}
		}
	}
	n := len(v.points)
	v.points = append(v.points, p)
	v.exact[p] = n
	v.near[c] = append(v.near[c], n)
	return n
}

// edgeShape is what an overlay needs of a polygon or of lines.
type edgeShape interface {
	s2.Shape
	NumEdges() int
	Edge(i int) s2.Edge
}

// side is one shape of an overlay, its edges cut into pieces.
type side struct {
	shape  edgeShape
	pieces []piece
	lookup map[[2]int]bool
}

func (s *side) has(from, to int) bool { return s.lookup[[2]int{from, to}] }

// polygon is the shape where it has an inside, else nil.
func (s *side) polygon() *s2.Polygon {
	p, _ := s.shape.(*s2.Polygon)
	return p
}

// contains reports whether the middle of a piece of the other side is inside.
func (s *side) contains(v *vertices, p piece) bool {
	polygon := s.polygon()
	return polygon != nil && polygon.ContainsPoint(pointOf(v.points[p.from].Add(v.points[p.to].Vector)))
}

// overlay is two shapes cut at each other.
type overlay struct {
	vertices *vertices
	a, b     *side
}

func newOverlay(a, b edgeShape) *overlay {
	o := &overlay{vertices: newVertices()}
	cutsA := make([][]int, a.NumEdges())
	cutsB := make([][]int, b.NumEdges())
	// Points of the shapes come first, so that intersections become them.
	for _, shape := range []edgeShape{a, b} {
		for i := range shape.NumEdges() {
			e := shape.Edge(i)
			o.vertices.add(e.V0)
			o.vertices.add(e.V1)
		}
	}
	finderA, finderB := newEdgeFinder(a), newEdgeFinder(b)
	for i := range cutsA {
		e := a.Edge(i)
		for _, k := range finderB.crossing(e, s2.CrossingTypeInterior) {
			f := b.Edge(k)
			n := o.vertices.add(s2.Intersection(e.V0, e.V1, f.V0, f.V1))
			cutsA[i] = append(cutsA[i], n)
			cutsB[k] = append(cutsB[k], n)
		}
	}
	// Edges that end on one of the other shape cut it too: borders that lie on
	// each other get the same pieces.
	o.cutAtEnds(cutsA, finderA, b)
	o.cutAtEnds(cutsB, finderB, a)
	o.a = o.cut(a, cutsA, 0)
	o.b = o.cut(b, cutsB, len(cutsA))
	return o
}

// cutAtEnds adds the vertices of other that lie on a shape's edges.
func (o *overlay) cutAtEnds(cuts [][]int, edges *edgeFinder, other edgeShape) {
	ends(other, func(p s2.Point) {
		for _, i := range edges.at(p) {
			cuts[i] = append(cuts[i], o.vertices.exact[p])
		}
	})
}

// cut makes the pieces of a shape.
func (o *overlay) cut(shape edgeShape, cuts [][]int, firstID int) *side {
	s := &side{shape: shape, lookup: map[[2]int]bool{}}
	for i, at := range cuts {
		e := shape.Edge(i)
		distance := func(n int) float64 { return o.vertices.points[n].Sub(e.V0.Vector).Norm2() }
		slices.SortFunc(at, func(x, y int) int { return cmp.Compare(distance(x), distance(y)) })
		from := o.vertices.exact[e.V0]
		last := o.vertices.exact[e.V1]
		at = slices.DeleteFunc(at, func(n int) bool { return n == from || n == last })
		for _, to := range append(at, last) {
			if to != from {
				s.pieces = append(s.pieces, piece{from, to, firstID + i})
				s.lookup[[2]int{from, to}] = true
			}
			from = to
		}
	}
	return s
}

// area returns the pieces around the polygons' intersection, or around their
// union. Shared borders count once where both polygons lie on the same side of
// them, and not at all where they do not.
func (o *overlay) area(inside bool) []piece {
	var out []piece
	for _, p := range o.a.pieces {
		switch {
		case o.b.has(p.from, p.to):
			out = append(out, p)
		case o.b.has(p.to, p.from):
		case o.b.contains(o.vertices, p) == inside:
			out = append(out, p)
		}
	}
	for _, p := range o.b.pieces {
		if !o.a.has(p.from, p.to) && !o.a.has(p.to, p.from) && o.a.contains(o.vertices, p) == inside {
			out = append(out, p)
		}
	}
	return out
}

// lines returns the pieces of a, one after the other, that lie inside b or on
// its border.
func (o *overlay) lines() []piece {
	var out []piece
	for _, p := range o.a.pieces {
		if o.b.has(p.from, p.to) || o.b.has(p.to, p.from) || o.b.contains(o.vertices, p) {
			out = append(out, p)
		}
	}
	return out
}

// opposed returns the pieces at which two polygons touch from either side.
func (o *overlay) opposed() []piece {
	var out []piece
	for _, p := range o.a.pieces {
		if o.b.has(p.to, p.from) {
			out = append(out, p)
		}
	}
	return out
}

// touching returns the vertices on both shapes' edges that none of the pieces
// has, in the order of the first.
func (o *overlay) touching(without ...[]piece) []int {
	onB := map[int]bool{}
	for _, p := range o.b.pieces {
		onB[p.from], onB[p.to] = true, true
	}
	for _, pieces := range without {
		for _, p := range pieces {
			delete(onB, p.from)
			delete(onB, p.to)
		}
	}
	var out []int
	for _, p := range o.a.pieces {
		for _, n := range p.ends() {
			if onB[n] {
				delete(onB, n)
				out = append(out, n)
			}
		}
	}
	return out
}

// loops is the polygon that pieces enclose, nil where there is none. The
// pieces have the inside on their left.
func (o *overlay) loops(pieces []piece) *s2.Polygon {
	var loops []*s2.Loop
	for _, ring := range o.rings(pieces) {
		points := make([]s2.Point, len(ring))
		for i, p := range ring {
			points[i] = o.vertices.points[p.from]
		}
		loops = append(loops, s2.LoopFromPoints(points))
	}
	if len(loops) == 0 {
		return s2.PolygonFromLoops(nil)
	}
	return s2.PolygonFromOrientedLoops(loops)
}
