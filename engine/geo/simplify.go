package geo

import (
	"math"
	"slices"

	"github.com/golang/geo/s2"
)

// maxTolerance of a simplification, in metres.
const maxTolerance = 7_800_000

func isTolerance(v float64) bool { return v >= 0 && v <= maxTolerance }

// thin returns the places in a chain that are kept when those that lie within
// the tolerance of the edge that replaces them go, and those nearer than it to
// the one before. The ends stay.
func thin(chain []s2.Point, tolerance float64) []int {
	kept := []int{0}
	kept = peucker(kept, chain, 0, len(chain)-1, tolerance)
	last := len(chain) - 1
	out := kept[:1]
	for _, i := range kept[1:] {
		if i == last {
			for len(out) > 1 && near(chain[out[len(out)-1]], chain[i], tolerance) {
				out = out[:len(out)-1]
			}
		}
		if i == last || !near(chain[out[len(out)-1]], chain[i], tolerance) {
			out = append(out, i)
		}
	}
	return out
}

func near(a, b s2.Point, tolerance float64) bool { return metres(a.Distance(b)) < tolerance }

// peucker appends what is kept after from up to and including to: the point
// furthest from their edge, if further than the tolerance, and so on either
// side of it.
func peucker(kept []int, chain []s2.Point, from, to int, tolerance float64) []int {
	far, at := tolerance, -1
	for i := from + 1; i < to; i++ {
		if d := metres(s2.DistanceFromSegment(chain[i], chain[from], chain[to])); d > far {
			far, at = d, i
		}
	}
	if at < 0 {
		return append(kept, to)
	}
	return peucker(peucker(kept, chain, from, at, tolerance), chain, at, to, tolerance)
}

// Simplify leaves out points of the lines, as GeoJSON. There is no result
// where nothing is left.
func (l *Lines) Simplify(tolerance float64) (string, bool) {
	if !isTolerance(tolerance) {
		return "", false
	}
	var out [][]position
	for n, line := range l.lines {
		if tolerance > 0 && metres(line.CapBound().Radius())*2 < tolerance {
			continue
		}
		kept := thin(line, tolerance)
		if len(kept) == 2 && line[0] == line[len(line)-1] {
			continue
		}
		list := make([]position, len(kept))
		for i, k := range kept {
			list[i] = l.positions[n][k]
		}
		out = append(out, list)
	}
	return linesJSON(out), len(out) > 0
}

// ring is a closed ring of an area to simplify: its points, and which of them
// are junctions that have to stay.
type ring struct {
	points []s2.Point
	fixed  []bool
}

// simplify thins a ring between the points that stay. Where there are fewer
// than two of these, the one furthest from the first joins them.
func (r ring) simplify(tolerance float64) []s2.Point {
	n := len(r.points)
	start := max(slices.Index(r.fixed, true), 0)
	points := append(slices.Clone(r.points[start:]), r.points[:start]...)
	stay := append(slices.Clone(r.fixed[start:]), r.fixed[:start]...)
	if !stay[0] || !slices.Contains(stay[1:], true) {
		far := 0
		for i, p := range points {
			if p.Sub(points[0].Vector).Norm2() > points[far].Sub(points[0].Vector).Norm2() {
				far = i
			}
		}
		if near(points[0], points[far], tolerance) {
			return nil
		}
		stay[far] = true
	}
	points = append(points, points[0])
	var out []s2.Point
	from := 0
	for to := 1; to <= n; to++ {
		if to < n && !stay[to] {
			continue
		}
		for _, i := range thinBoth(points[from:to+1], tolerance) {
			out = append(out, points[from+i])
		}
		out = out[:len(out)-1] // it comes again with the next part
		from = to
	}
	return out
}

// thinBoth is thin, with the same result for a chain and its reverse, so that
// neighbours keep a common border.
func thinBoth(chain []s2.Point, tolerance float64) []int {
	if chain[0].Cmp(chain[len(chain)-1].Vector) <= 0 {
		return thin(chain, tolerance)
	}
	reversed := slices.Clone(chain)
	slices.Reverse(reversed)
	kept := thin(reversed, tolerance)
	slices.Reverse(kept)
	for i := range kept {
		kept[i] = len(chain) - 1 - kept[i]
	}
	return kept
}

// simplifyPart is a polygon with its rings thinned, nil where nothing is left.
// A result that crosses itself is tried again with less tolerance.
func simplifyPart(p *s2.Polygon, fixed map[s2.Point]bool, tolerance float64) *s2.Polygon {
	for ; ; tolerance /= 2 {
		var loops []*s2.Loop
		for _, loop := range p.Loops() {
			r := ring{points: loop.Vertices()}
			for _, v := range r.points {
				r.fixed = append(r.fixed, fixed[v])
			}
			points := r.simplify(tolerance)
			if len(points) < 3 {
				continue
			}
			thinned := s2.LoopFromPoints(points)
			thinned.Normalize()
			loops = append(loops, thinned)
		}
		if len(loops) == 0 {
			return nil
		}
		if s := s2.PolygonFromLoops(loops); tolerance < 1e-3 || !crossesItself(s) {
			return s
		}
	}
}

// Simplify leaves out points of the polygons' union, as GeoJSON. There is no
// result where nothing is left.
func (p *Polygons) Simplify(tolerance float64) (string, bool) {
	if !isTolerance(tolerance) {
		return "", false
	}
	s := simplifyPart(p.union(), nil, tolerance)
	if s == nil || metres(s.CapBound().Radius())*2 < tolerance {
		return "", false
	}
	return polygonsJSON(ringsOf(s)), true
}

// junctions are the points at which more than two different edges meet.
func junctions(parts []*s2.Polygon) map[s2.Point]bool {
	around := map[s2.Point][]s2.Point{}
	add := func(a, b s2.Point) {
		if !slices.Contains(around[a], b) {
			around[a] = append(around[a], b)
		}
	}
	for _, part := range parts {
		for i := range part.NumEdges() {
			e := part.Edge(i)
			add(e.V0, e.V1)
			add(e.V1, e.V0)
		}
	}
	out := map[s2.Point]bool{}
	for p, others := range around {
		if len(others) > 2 {
			out[p] = true
		}
	}
	return out
}

// SimplifyPolygons simplifies polygons given as GeoJSON so that common borders
// stay common, into one shape.
func SimplifyPolygons(texts []string, tolerance float64) (string, bool) {
	var parts []*s2.Polygon
	for _, text := range texts {
		p, ok := ParsePolygons(text)
		if !ok {
			return "", false
		}
		parts = append(parts, p.parts...)
	}
	if !isTolerance(tolerance) {
		return "", false
	}
	fixed := junctions(parts)
	var out [][][]position
	for _, part := range parts {
		if s := simplifyPart(part, fixed, tolerance); s != nil && s.Area() > smallest(tolerance) {
			out = append(out, ringsOf(s)...)
		}
	}
	return polygonsJSON(out), len(out) > 0
}

// smallest is the area of a circle that wide, on the unit sphere. A polygon
// below it has no two points that far apart, or is a sliver.
func smallest(tolerance float64) float64 {
	r := tolerance / 2 / EarthRadius
	return math.Pi * r * r / 4
}
