package geo

import (
	"math"

	"github.com/golang/geo/s2"
)

// maxDensified is how many points a densified shape may have.
const maxDensified = 10485760

// densifier turns edges that are straight on the map into chains of geodesics.
type densifier struct {
	tolerance float64 // in metres
	crossing  bool    // edges go the short way, over the antimeridian if need be
	left      int     // points it may yet add
}

func newDensifier(tolerance float64, crossing bool) (*densifier, bool) {
	return &densifier{tolerance, crossing, maxDensified}, tolerance >= 0.1 && tolerance <= 10000
}

// between is the place at a fraction of the straight edge.
func between(a, b position, fraction float64) position {
	return position{a[0] + (b[0]-a[0])*fraction, a[1] + (b[1]-a[1])*fraction}
}

func onEarth(p position) s2.Point {
	return toPoint(math.Remainder(p[0], 360), p[1])
}

// apart is how far the straight edge is at most from the geodesic, both being
// walked at an even pace.
func apart(a, b position) float64 {
	p, q := onEarth(a), onEarth(b)
	if !oneEdge(p, q) && p != q {
		return math.Inf(1)
	}
	// The difference grows and shrinks like a cubic; two places tell its
	// maximum within a few parts in a hundred.
	const low, high, scale = 0.3125, 0.6875, 1.2
	most := 0.0
	for _, fraction := range []float64{low, high} {
		most = math.Max(most, metres(s2.Interpolate(fraction, p, q).Distance(onEarth(between(a, b, fraction)))))
	}
	return most * scale
}

// edge appends the points after a up to and including b.
func (d *densifier) edge(to []position, a, b position, depth int) []position {
	if d.left--; d.left < 0 {
		return to
	}
	if depth == 0 || apart(a, b) <= d.tolerance {
		return append(to, b)
	}
	m := between(a, b, 0.5)
	return d.edge(d.edge(to, a, m, depth-1), m, b, depth-1)
}

func (d *densifier) line(line []position) []position {
	const depth = 40
	out := []position{line[0]}
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		far := b
		if d.crossing && math.Abs(b[0]-a[0]) > 180 {
			far[0] += math.Copysign(360, a[0]-b[0])
		}
		start := len(out)
		out = d.edge(out, a, far, depth)
		for k := start; k < len(out); k++ {
			if math.Abs(out[k][0]) > 180 {
				out[k][0] = math.Remainder(out[k][0], 360)
			}
		}
		if len(out) > start {
			out[len(out)-1] = b
		}
	}
	return out
}

// Densify adds points to the lines until their geodesics are within the
// tolerance of the straight edges, as GeoJSON.
func (l *Lines) Densify(tolerance float64, crossing bool) (string, bool) {
	d, ok := newDensifier(tolerance, crossing)
	if !ok {
		return "", false
	}
	out := make([][]position, len(l.positions))
	for i, line := range l.positions {
		out[i] = d.line(line)
	}
	return linesJSON(out), d.left >= 0
}

// Densify adds points to the polygons' rings until their geodesics are within
// the tolerance of the straight edges, as GeoJSON.
func (p *Polygons) Densify(tolerance float64, crossing bool) (string, bool) {
	d, ok := newDensifier(tolerance, crossing)
	if !ok {
		return "", false
	}
	out := make([][][]position, len(p.positions))
	for i, rings := range p.positions {
		for _, ring := range rings {
			dense := d.line(append(ring[:len(ring):len(ring)], ring[0]))
			out[i] = append(out[i], dense[:len(dense)-1])
		}
	}
	return polygonsJSON(out), d.left >= 0
}
