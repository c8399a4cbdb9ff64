package geo

import (
	"math"

	"github.com/golang/geo/s2"
)

// flatArea is a polygon whose edges are straight on the map.
type flatArea struct {
	rings   [][]position // open
	crosses bool         // the antimeridian: negative longitudes count on from 180
}

func newFlatArea(rings [][]position) *flatArea {
	f := &flatArea{rings: rings}
	f.edges(func(a, b position) { f.crosses = f.crosses || math.Abs(a[0]-b[0]) > 180 })
	return f
}

func (f *flatArea) edges(do func(a, b position)) {
	for _, ring := range f.rings {
		for i, a := range ring {
			do(f.shift(a), f.shift(ring[(i+1)%len(ring)]))
		}
	}
}

func (f *flatArea) shift(p position) position {
	if f.crosses && p[0] < 0 {
		p[0] += 360
	}
	return p
}

// contains counts the edges north of a place.
func (f *flatArea) contains(p position) bool {
	p = f.shift(p)
	inside := false
	f.edges(func(a, b position) {
		if (a[0] > p[0]) != (b[0] > p[0]) && p[1] < a[1]+(p[0]-a[0])/(b[0]-a[0])*(b[1]-a[1]) {
			inside = !inside
		}
	})
	return inside
}

// length is that of the edges as an angle, by degrees of the map: no less than
// on the sphere.
func (f *flatArea) length() float64 {
	sum := 0.0
	f.edges(func(a, b position) { sum += edgeLength(a, b) })
	return sum
}

func edgeLength(a, b position) float64 {
	// The widest parallel that the edge touches.
	low := math.Min(math.Abs(a[1]), math.Abs(b[1]))
	if a[1]*b[1] < 0 {
		low = 0
	}
	const degree = math.Pi / 180
	return math.Hypot((b[0]-a[0])*math.Cos(low*degree), b[1]-a[1]) * degree
}

// walk calls do with points along the edges, no further apart than step.
func (f *flatArea) walk(step float64, do func(s2.Point)) {
	f.edges(func(a, b position) {
		n := math.Ceil(edgeLength(a, b) / step)
		for i := 0.0; i < n; i++ {
			do(onEarth(between(a, b, i/n)))
		}
	})
}
