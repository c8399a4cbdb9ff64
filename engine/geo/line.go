package geo

import (
	"math"

	"github.com/golang/geo/s2"
)

// Lines is a line or several of them, read once and asked many things.
type Lines struct {
	lines     []s2.Polyline
	positions [][]position // as given, without repetitions
}

// ParseLines reads a GeoJSON LineString or MultiLineString. It has no result
// where a line has fewer than two points, or an edge half around the Earth.
func ParseLines(text string) (*Lines, bool) {
	lists, ok := readLines(text)
	if !ok {
		return nil, false
	}
	l := &Lines{}
	for _, list := range lists {
		line, kept, ok := toPolyline(list)
		if !ok {
			return nil, false
		}
		l.lines = append(l.lines, line)
		l.positions = append(l.positions, kept)
	}
	return l, true
}

// toPolyline leaves out points that repeat the one before.
func toPolyline(list []position) (line s2.Polyline, kept []position, ok bool) {
	for _, p := range list {
		v := toPoint(p[0], p[1])
		if n := len(line); n > 0 {
			if v == line[n-1] {
				continue
			}
			if !oneEdge(v, line[n-1]) {
				return nil, nil, false
			}
		}
		line = append(line, v)
		kept = append(kept, p)
	}
	return line, kept, len(line) >= 2
}

// edges calls f with each edge of all lines.
func (l *Lines) edges(f func(a, b s2.Point)) {
	for _, line := range l.lines {
		for i := 1; i < len(line); i++ {
			f(line[i-1], line[i])
		}
	}
}

// uniqueEdges calls f with each edge, but once where lines share it.
func (l *Lines) uniqueEdges(f func(a, b s2.Point)) {
	if len(l.lines) == 1 {
		l.edges(f)
		return
	}
	seen := map[[2]s2.Point]bool{}
	l.edges(func(a, b s2.Point) {
		if !seen[[2]s2.Point{a, b}] && !seen[[2]s2.Point{b, a}] {
			seen[[2]s2.Point{a, b}] = true
			f(a, b)
		}
	})
}

// Length is that of the lines' union, in metres.
func (l *Lines) Length() float64 {
	sum := 0.0
	l.uniqueEdges(func(a, b s2.Point) { sum += metres(a.Distance(b)) })
	return sum
}

// Centroid is the middle of the lines' union, as GeoJSON.
func (l *Lines) Centroid() (string, bool) {
	var sum s2.Point
	l.uniqueEdges(func(a, b s2.Point) { sum.Vector = sum.Add(s2.EdgeTrueCentroid(a, b).Vector) })
	if sum.Norm() == 0 {
		return "", false
	}
	return pointJSON(toPosition(pointOf(sum.Vector))), true
}

// closest finds where the lines come nearest to a point: a place on the edge
// from point i of a line.
func (l *Lines) closest(p s2.Point) (at s2.Point, line, i int) {
	best := math.Inf(1)
	for n, vertices := range l.lines {
		for k := 1; k < len(vertices); k++ {
			q := s2.Project(p, vertices[k-1], vertices[k])
			if d := q.Sub(p.Vector).Norm2(); d < best {
				best, at, line, i = d, q, n, k-1
			}
		}
	}
	return at, line, i
}

// Closest is the point of the lines nearest to one, as GeoJSON.
func (l *Lines) Closest(lng, lat float64) (string, bool) {
	p, ok := pointAt(lng, lat)
	if !ok {
		return "", false
	}
	at, line, i := l.closest(p)
	return pointJSON(l.exact(at, line, i)), true
}

// exact writes a place on an edge as it was given where it is one of its ends.
func (l *Lines) exact(at s2.Point, line, i int) position {
	for k := i; k < i+2; k++ {
		if l.lines[line][k] == at {
			return l.positions[line][k]
		}
	}
	return toPosition(at)
}

// Distance is that of a point from the lines, in metres.
func (l *Lines) Distance(lng, lat float64) (float64, bool) {
	p, ok := pointAt(lng, lat)
	if !ok {
		return 0, false
	}
	at, _, _ := l.closest(p)
	return metres(at.Distance(p)), true
}

// Interpolate is the point at a fraction of a single line, as GeoJSON.
func (l *Lines) Interpolate(fraction float64) (string, bool) {
	if len(l.lines) != 1 || !(fraction >= 0 && fraction <= 1) {
		return "", false
	}
	line := l.lines[0]
	left := fraction * l.Length()
	for i := 1; i < len(line); i++ {
		d := metres(line[i-1].Distance(line[i]))
		if left <= d {
			at := s2.InterpolateAtDistance(angleOf(left), line[i-1], line[i])
			return pointJSON(l.exact(at, 0, i-1)), true
		}
		left -= d
	}
	return pointJSON(l.positions[0][len(line)-1]), true
}

// Locate is the fraction of a single line at which it comes nearest to a
// point. Lengths are measured on the spheroid where asked to.
func (l *Lines) Locate(lng, lat float64, spheroid bool) (float64, bool) {
	p, ok := pointAt(lng, lat)
	if !ok || len(l.lines) != 1 {
		return 0, false
	}
	measure := func(a, b s2.Point) float64 { return metres(a.Distance(b)) }
	if spheroid {
		measure = func(a, b s2.Point) float64 {
			from, to := toPosition(a), toPosition(b)
			d, _ := SpheroidDistance(from[0], from[1], to[0], to[1])
			return d
		}
	}
	at, _, edge := l.closest(p)
	line := l.lines[0]
	before, total := 0.0, 0.0
	for i := 1; i < len(line); i++ {
		if i-1 == edge {
			before = total + measure(line[i-1], at)
		}
		total += measure(line[i-1], line[i])
	}
	return math.Min(before/total, 1), true
}

// UnionLines is all lines of the texts as one shape, each edge once, as
// GeoJSON.
func UnionLines(texts []string) (string, bool) {
	all := &Lines{}
	for _, text := range texts {
		l, ok := ParseLines(text)
		if !ok {
			return "", false
		}
		all.lines = append(all.lines, l.lines...)
		all.positions = append(all.positions, l.positions...)
	}
	if len(all.lines) == 0 {
		return "", false
	}
	return linesJSON(all.union()), true
}

// union breaks lines where they repeat an edge.
func (l *Lines) union() [][]position {
	if len(l.lines) == 1 {
		return l.positions
	}
	seen := map[[2]s2.Point]bool{}
	var out [][]position
	for n, line := range l.lines {
		var run []position
		for i := 1; i < len(line); i++ {
			a, b := line[i-1], line[i]
			if seen[[2]s2.Point{a, b}] || seen[[2]s2.Point{b, a}] {
				run = nil
				continue
			}
			seen[[2]s2.Point{a, b}] = true
			if run == nil {
				out = append(out, nil)
				run = []position{l.positions[n][i-1]}
			}
			run = append(run, l.positions[n][i])
			out[len(out)-1] = run
		}
	}
	return out
}
