package geo

import (
	"math"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
)

// outline draws what surrounds shapes at a radius. Its polygons hold all points
// within the radius and none further away than radius plus tolerance.
type outline struct {
	radius  float64 // an angle
	corners int     // of a full circle
	outer   float64 // how far its corners are from the centre, an angle
	step    float64 // the longest edge whose sides stay within the tolerance, an angle
}

// newOutline takes metres.
func newOutline(radius, tolerance float64) (*outline, bool) {
	// Past a quarter around the Earth, tangents have no far ends.
	if !(radius > 0 && radius < math.Pi/2*EarthRadius) || !(tolerance >= radius*1e-6) {
		return nil, false
	}
	r := radius / EarthRadius
	t := math.Min(tolerance, radius*0.999) / EarthRadius
	most := math.Min(r+t, (r+math.Pi/2)/2)
	// Seen from the centre, a side touches the circle in its middle.
	half := math.Acos(math.Tan(r) / math.Tan(most))
	o := &outline{radius: r, corners: max(4, int(math.Ceil(math.Pi/half)))}
	o.outer = math.Atan(math.Tan(r) / math.Cos(math.Pi/float64(o.corners)))
	o.step = 2 * half
	return o, true
}

// arc appends corners around a centre, from one side on counterclockwise
// through an angle that is a multiple of that between corners.
func (o *outline) arc(to []s2.Point, centre, start s2.Point, corners int) []s2.Point {
	x := start
	y := pointOf(centre.Cross(start.Vector))
	sinR, cosR := math.Sincos(o.outer)
	for i := range corners {
		sin, cos := math.Sincos((float64(i) + 0.5) * 2 * math.Pi / float64(o.corners))
		out := x.Mul(cos).Add(y.Mul(sin))
		to = append(to, pointOf(centre.Mul(cosR).Add(out.Mul(sinR))))
	}
	return to
}

func polygonOf(ring []s2.Point) *s2.Polygon {
	loop := s2.LoopFromPoints(ring)
	loop.Normalize()
	return s2.PolygonFromLoops([]*s2.Loop{loop})
}

func (o *outline) circle(centre s2.Point) *s2.Polygon {
	return polygonOf(o.arc(nil, centre, pointOf(centre.Ortho()), o.corners))
}

// edge appends what surrounds an edge, in parts where it is long.
func (o *outline) edge(to []*s2.Polygon, a, b s2.Point) []*s2.Polygon {
	length := float64(a.Distance(b))
	n := int(math.Ceil(length / o.step))
	last := a
	for i := 1; i <= n; i++ {
		next := b
		if i < n {
			next = s2.InterpolateAtDistance(s1.Angle(length*float64(i)/float64(n)), a, b)
		}
		to = append(to, o.capsule(last, next))
		last = next
	}
	return to
}

// capsule is what surrounds a short edge: half a circle at either end, and
// where these begin corners right beside the ends.
func (o *outline) capsule(a, b s2.Point) *s2.Polygon {
	left := pointOf(a.Cross(b.Vector)) // seen from a as well as from b
	right := s2.Point{Vector: left.Mul(-1)}
	half := (o.corners + 1) / 2
	even := *o // a half circle needs an even number
	even.corners = 2 * half
	even.outer = math.Atan(math.Tan(o.radius) / math.Cos(math.Pi/float64(even.corners)))
	beside := func(p, direction s2.Point) s2.Point {
		sin, cos := math.Sincos(o.radius)
		return pointOf(p.Mul(cos).Add(direction.Mul(sin)))
	}
	ring := append([]s2.Point(nil), beside(a, left))
	ring = even.arc(ring, a, left, half)
	ring = append(ring, beside(a, right), beside(b, right))
	ring = even.arc(ring, b, right, half)
	return polygonOf(append(ring, beside(b, left)))
}

// PointBuffer is what surrounds a point, as GeoJSON.
func PointBuffer(lng, lat, radius, tolerance float64) (string, bool) {
	p, ok := pointAt(lng, lat)
	o, valid := newOutline(radius, tolerance)
	if !ok || !valid {
		return "", false
	}
	return polygonsJSON(ringsOf(o.circle(p))), true
}

// Buffer is what surrounds the lines, as GeoJSON.
func (l *Lines) Buffer(radius, tolerance float64) (string, bool) {
	o, ok := newOutline(radius, tolerance)
	if !ok {
		return "", false
	}
	var parts []*s2.Polygon
	l.edges(func(a, b s2.Point) { parts = o.edge(parts, a, b) })
	return polygonsJSON(ringsOf(unionAll(parts))), true
}

// Buffer is the polygons with what surrounds them, as GeoJSON.
func (p *Polygons) Buffer(radius, tolerance float64) (string, bool) {
	u, ok := p.buffer(radius, tolerance)
	if !ok {
		return "", false
	}
	return polygonsJSON(ringsOf(u)), true
}

func (p *Polygons) buffer(radius, tolerance float64) (*s2.Polygon, bool) {
	o, ok := newOutline(radius, tolerance)
	if !ok {
		return nil, false
	}
	parts := append([]*s2.Polygon(nil), p.parts...)
	p.edges(func(a, b s2.Point) { parts = o.edge(parts, a, b) })
	return unionAll(parts), true
}
