package geo

import (
	"slices"

	"github.com/golang/geo/s2"
)

// unionAll unites polygons two at a time, those with the fewest vertices
// first, which keeps what is united small.
func unionAll(parts []*s2.Polygon) *s2.Polygon {
	queue := slices.Clone(parts)
	size := func(p *s2.Polygon) int { return p.NumEdges() }
	slices.SortStableFunc(queue, func(a, b *s2.Polygon) int { return size(a) - size(b) })
	for len(queue) > 1 {
		u := unite(queue[0], queue[1])
		queue = queue[2:]
		at := len(queue)
		for i, p := range queue {
			if size(p) > size(u) {
				at = i
				break
			}
		}
		queue = slices.Insert(queue, at, u)
	}
	return queue[0]
}

func unite(a, b *s2.Polygon) *s2.Polygon {
	o := newOverlay(a, b)
	return o.loops(o.area(false))
}

// ringsOf are a polygon's shells, each followed by its holes.
func ringsOf(p *s2.Polygon) [][][]position {
	var out [][][]position
	byShell := map[int]int{}
	for i, loop := range p.Loops() {
		ring := make([]position, loop.NumVertices())
		for k := range ring {
			ring[k] = toPosition(loop.OrientedVertex(k))
		}
		if parent, ok := p.Parent(i); ok && loop.IsHole() {
			shell := byShell[parent]
			out[shell] = append(out[shell], ring)
			continue
		}
		byShell[i] = len(out)
		out = append(out, [][]position{ring})
	}
	return out
}

// UnionPolygons is the union of polygons given as GeoJSON, as such. It has no
// result where one of them is not valid, or there are none.
func UnionPolygons(texts []string) (string, bool) {
	var parts []*s2.Polygon
	for _, text := range texts {
		p, ok := ParsePolygons(text)
		if !ok {
			return "", false
		}
		parts = append(parts, p.parts...)
	}
	if len(parts) == 0 {
		return "", false
	}
	return polygonsJSON(ringsOf(unionAll(parts))), true
}

// IntersectPolygons is what two polygons have in common, as GeoJSON: areas,
// and the lines and points at which they merely touch.
func IntersectPolygons(a, b *Polygons) string {
	o := newOverlay(a.union(), b.union())
	area := o.area(true)
	opposed := o.opposed()
	var found []string
	if points := o.touching(area, opposed); len(points) > 0 {
		found = append(found, pointsJSON(o.positions(points)))
	}
	if len(opposed) > 0 {
		found = append(found, linesJSON(o.linePositions(chains(opposed))))
	}
	if p := o.loops(area); p.NumLoops() > 0 {
		found = append(found, polygonsJSON(ringsOf(p)))
	}
	return collectionJSON(found)
}

// IntersectLinesPolygons is the part of lines inside polygons, as GeoJSON.
func IntersectLinesPolygons(l *Lines, p *Polygons) string { return l.within(p.union()) }

// IntersectLines is what lines have in common, as GeoJSON.
func IntersectLines(a, b *Lines) string {
	shapes := make([]edgeShape, len(b.lines))
	for i := range b.lines {
		shapes[i] = &b.lines[i]
	}
	return a.within(shapes...)
}

// within is what lines have in common with shapes.
func (l *Lines) within(shapes ...edgeShape) string {
	var points []position
	var lines [][]position
	for i := range l.lines {
		for _, shape := range shapes {
			o := newOverlay(&l.lines[i], shape)
			kept := o.lines()
			for _, at := range o.positions(o.touching(kept)) {
				if !slices.Contains(points, at) {
					points = append(points, at)
				}
			}
			lines = append(lines, o.linePositions(chains(kept))...)
		}
	}
	var found []string
	if len(points) > 0 {
		found = append(found, pointsJSON(points))
	}
	if len(lines) > 0 {
		found = append(found, linesJSON(lines))
	}
	return collectionJSON(found)
}

// IntersectsLines reports whether lines have a point in common.
func IntersectsLines(a, b *Lines) bool {
	for i := range a.lines {
		for k := range b.lines {
			if meet(&a.lines[i], &b.lines[k]) {
				return true
			}
		}
	}
	return false
}

// IntersectsLinesPolygons reports whether lines and polygons, borders
// included, have a point in common.
func IntersectsLinesPolygons(l *Lines, p *Polygons) bool {
	for i := range l.lines {
		if p.contains(l.lines[i][0]) {
			return true
		}
		for _, part := range p.parts {
			if meet(&l.lines[i], part) {
				return true
			}
		}
	}
	return false
}

// IntersectsPolygons reports whether polygons, borders included, have a point
// in common.
func IntersectsPolygons(a, b *Polygons) bool {
	for _, p := range a.parts {
		for _, q := range b.parts {
			if p.ContainsPoint(q.Edge(0).V0) || q.ContainsPoint(p.Edge(0).V0) || meet(p, q) {
				return true
			}
		}
	}
	return false
}
