package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/golang/geo/s2"
)

// star is a polygon around a centre whose rays have random lengths, in degrees.
func star(r *rand.Rand, lng, lat, size float64) *s2.Polygon {
	n := 3 + r.IntN(9)
	var ring []s2.Point
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		d := size * (0.3 + 0.7*r.Float64())
		ring = append(ring, toPoint(lng+d*cos, lat+d*sin))
	}
	return polygonOf(ring)
}

// cellAround is an S2 cell of a random level near a place; such share borders,
// corners and parts of borders.
func cellAround(r *rand.Rand) *s2.Polygon {
	p := toPoint(10+r.Float64(), 45+r.Float64())
	id := s2.CellIDFromLatLng(s2.LatLngFromPoint(p)).Parent(6 + r.IntN(4))
	cell := s2.CellFromCellID(id)
	return polygonOf([]s2.Point{cell.Vertex(0), cell.Vertex(1), cell.Vertex(2), cell.Vertex(3)})
}

func intersect(a, b *s2.Polygon) *s2.Polygon {
	o := newOverlay(a, b)
	return o.loops(o.area(true))
}

// TestOverlayAreas checks that two areas are as large as their union and
// intersection.
func TestOverlayAreas(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	check := func(i int, a, b *s2.Polygon) {
		want := a.Area() + b.Area()
		got := unite(a, b).Area() + intersect(a, b).Area()
		if math.Abs(got-want) > 1e-9*want {
			t.Errorf("pair %d: %g is not %g\n%v\n%v", i, got, want, polygonsJSON(ringsOf(a)), polygonsJSON(ringsOf(b)))
		}
	}
	for i := range 300 {
		check(i, star(r, 10, 45, 2), star(r, 10+2*r.Float64(), 45+r.Float64(), 1+r.Float64()))
	}
	for i := range 300 {
		check(i, cellAround(r), cellAround(r))
	}
	for i := range 60 {
		var parts []*s2.Polygon
		for range 4 {
			parts = append(parts, cellAround(r), star(r, 10+r.Float64(), 45+r.Float64(), 0.2))
		}
		check(i, unionAll(parts[:4]), unionAll(parts[4:]))
	}
}

// TestBufferHolds checks that buffers hold what is within the radius and
// nothing further away than the tolerance.
func TestBufferHolds(t *testing.T) {
	const radius, tolerance = 5000, 100
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		line := &Lines{}
		var points s2.Polyline
		for range 2 + r.IntN(5) {
			points = append(points, toPoint(20+r.Float64()/2, 60+r.Float64()/4))
		}
		line.lines = []s2.Polyline{points}
		text, ok := line.Buffer(radius, tolerance)
		buffer, valid := ParsePolygons(text)
		if !ok || !valid {
			t.Fatalf("not a polygon: %s", text)
		}
		for range 300 {
			lng, lat := 19.8+r.Float64(), 59.9+r.Float64()/2
			d, _ := line.Distance(lng, lat)
			inside, _ := buffer.Contains(lng, lat)
			if inside && d > radius+tolerance+1 || !inside && d < radius-1 {
				t.Errorf("%g, %g is %g m away, inside is %v", lng, lat, d, inside)
			}
		}
	}
}
