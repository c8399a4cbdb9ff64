package geo

import (
	"math"

	"github.com/golang/geo/s2"
)

// Polygons is a polygon or several of them, which may overlap. It is read once
// and asked many things.
type Polygons struct {
	parts     []*s2.Polygon
	positions [][][]position // the rings as given, open
	merged    *s2.Polygon    // the parts' union, once it was asked for
}

// ParsePolygons reads a GeoJSON Polygon or MultiPolygon. It has no result
// where a ring is not closed, repeats a point or crosses itself or another.
func ParsePolygons(text string) (*Polygons, bool) {
	lists, ok := readPolygons(text)
	if !ok {
		return nil, false
	}
	p := &Polygons{}
	for _, rings := range lists {
		part, ok := toPolygon(rings)
		if !ok {
			return nil, false
		}
		p.parts = append(p.parts, part)
		for i, ring := range rings {
			rings[i] = ring[:len(ring)-1]
		}
	}
	p.positions = lists
	return p, true
}

// toPolygon makes a polygon of closed rings.
func toPolygon(rings [][]position) (*s2.Polygon, bool) {
	loops := make([]*s2.Loop, len(rings))
	for i, ring := range rings {
		vertices, ok := ringPoints(ring)
		if !ok {
			return nil, false
		}
		loops[i] = s2.LoopFromPoints(vertices)
		if loops[i].Validate() != nil {
			return nil, false
		}
		// Whichever way a ring goes, the smaller side is meant.
		loops[i].Normalize()
	}
	if len(loops) > 1 && !oneShell(loops) {
		return nil, false
	}
	p := s2.PolygonFromLoops(loops)
	return p, !crossesItself(p)
}

// oneShell reports whether the first ring holds all others and none of these
// holds another.
func oneShell(loops []*s2.Loop) bool {
	for i, hole := range loops[1:] {
		if !loops[0].ContainsNested(hole) {
			return false
		}
		for _, other := range loops[1 : i+1] {
			if hole.ContainsNested(other) || other.ContainsNested(hole) {
				return false
			}
		}
	}
	return true
}

// ringPoints are those of a closed ring without the last.
func ringPoints(ring []position) ([]s2.Point, bool) {
	n := len(ring) - 1
	if n < 3 || ring[0] != ring[n] {
		return nil, false
	}
	vertices := make([]s2.Point, n)
	seen := make(map[s2.Point]bool, n)
	for i, at := range ring[:n] {
		vertices[i] = toPoint(at[0], at[1])
		if seen[vertices[i]] {
			return nil, false
		}
		seen[vertices[i]] = true
	}
	for i, v := range vertices {
		if !oneEdge(v, vertices[(i+1)%n]) {
			return nil, false
		}
	}
	return vertices, true
}

// crossesItself reports whether two edges cross or are the same.
func crossesItself(p *s2.Polygon) bool {
	edges := make(map[[2]s2.Point]bool, p.NumEdges())
	index := s2.NewShapeIndex()
	index.Add(p)
	query := s2.NewCrossingEdgeQuery(index)
	for i := range p.NumEdges() {
		e := p.Edge(i)
		if edges[[2]s2.Point{e.V0, e.V1}] || edges[[2]s2.Point{e.V1, e.V0}] {
			return true
		}
		edges[[2]s2.Point{e.V0, e.V1}] = true
		if len(query.Crossings(e.V0, e.V1, p, s2.CrossingTypeInterior)) > 0 {
			return true
		}
	}
	return false
}

// union is all parts as one polygon.
func (p *Polygons) union() *s2.Polygon {
	if p.merged == nil {
		p.merged = unionAll(p.parts)
	}
	return p.merged
}

// Area is that of the union, in square metres.
func (p *Polygons) Area() float64 { return p.union().Area() * EarthRadius * EarthRadius }

// Perimeter is that of the union, holes included, in metres.
func (p *Polygons) Perimeter() float64 {
	sum := 0.0
	u := p.union()
	for i := range u.NumEdges() {
		e := u.Edge(i)
		sum += metres(e.V0.Distance(e.V1))
	}
	return sum
}

// Centroid is that of the union, as GeoJSON.
func (p *Polygons) Centroid() (string, bool) {
	c := p.union().Centroid()
	if c.Norm() == 0 {
		return "", false
	}
	return pointJSON(toPosition(pointOf(c.Vector))), true
}

// contains takes each place of a border to belong to one of its sides.
func (p *Polygons) contains(at s2.Point) bool {
	for _, part := range p.parts {
		if part.ContainsPoint(at) {
			return true
		}
	}
	return false
}

// Contains reports whether a point lies inside.
func (p *Polygons) Contains(lng, lat float64) (inside, ok bool) {
	at, ok := pointAt(lng, lat)
	return ok && p.contains(at), ok
}

// edges calls f with each edge of each part.
func (p *Polygons) edges(f func(a, b s2.Point)) {
	for _, part := range p.parts {
		for i := range part.NumEdges() {
			e := part.Edge(i)
			f(e.V0, e.V1)
		}
	}
}

// closest is the point of the polygons nearest to one.
func (p *Polygons) closest(at s2.Point) s2.Point {
	if p.contains(at) {
		return at
	}
	best := math.Inf(1)
	var found s2.Point
	p.edges(func(a, b s2.Point) {
		q := s2.Project(at, a, b)
		if d := q.Sub(at.Vector).Norm2(); d < best {
			best, found = d, q
		}
	})
	return found
}

// Closest is the point of the polygons nearest to one, as GeoJSON.
func (p *Polygons) Closest(lng, lat float64) (string, bool) {
	at, ok := pointAt(lng, lat)
	if !ok {
		return "", false
	}
	q := p.closest(at)
	if q == at {
		return pointJSON(position{lng, lat}), true
	}
	return pointJSON(toPosition(q)), true
}

// Distance is that of a point from the polygons, 0 inside, in metres.
func (p *Polygons) Distance(lng, lat float64) (float64, bool) {
	at, ok := pointAt(lng, lat)
	if !ok {
		return 0, false
	}
	return metres(p.closest(at).Distance(at)), true
}
