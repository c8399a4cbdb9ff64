package geo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// What the index leaves out is never within the radius.
func TestIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, radius := range []float64{0, 500, 300_000} {
		x := NewIndex(radius)
		var shapes []Shape
		for i := range 60 {
			lng, lat := r.Float64()*340-170, r.Float64()*160-80
			w := []float64{0.01, 1, 8}[i%3]
			var shape Shape
			if i%2 == 0 {
				p, ok := ParsePolygons(fmt.Sprintf(`{"type":"Polygon","coordinates":[[[%g,%g],[%g,%g],[%g,%g],[%g,%g]]]}`, lng, lat, lng+w, lat, lng+w, lat+w, lng, lat))
				if !ok {
					t.Fatal("no polygon")
				}
				shape = p
			} else {
				l, ok := ParseLines(fmt.Sprintf(`{"type":"LineString","coordinates":[[%g,%g],[%g,%g]]}`, lng, lat, lng+w, lat+w))
				if !ok {
					t.Fatal("no line")
				}
				shape = l
			}
			shapes = append(shapes, shape)
			x.Add(int32(i), shape)
		}
		candidates := 0
		for i := range 2000 {
			lng, lat := r.Float64()*360-180, r.Float64()*180-90
			if at := shapes[i%len(shapes)]; i%2 == 0 { // near one of them
				v := at.regions()[0].CapBound().Center()
				p := toPosition(v)
				lng, lat = p[0]+(r.Float64()-0.5)*4, p[1]+(r.Float64()-0.5)*4
			}
			if !validPoint(lng, lat) {
				continue
			}
			ids := x.Near(nil, lng, lat)
			candidates += len(ids)
			if !slices.IsSorted(ids) {
				t.Fatal("not in order", ids)
			}
			for k, shape := range shapes {
				if d, ok := shape.Distance(lng, lat); ok && d <= radius && !slices.Contains(ids, int32(k)) {
					t.Fatalf("shape %d is %g m from %g, %g and not found within %g", k, d, lng, lat, radius)
				}
			}
		}
		if radius < 1000 && candidates > 2000*4 {
			t.Errorf("%d candidates within %g m: the index tells nothing apart", candidates, radius)
		}
	}
}
