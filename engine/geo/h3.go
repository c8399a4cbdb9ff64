package geo

import (
	"math"
	"slices"

	"github.com/golang/geo/s2"
)

const (
	maxH3Cells = 61680 // of a polygon
	maxH3Rings = 142
	maxH3Below = 5 // levels between a cell and its children
)

// H3Cell is the cell of a resolution that a point lies in.
func H3Cell(lng, lat float64, resolution int64) (string, bool) {
	p, ok := pointAt(lng, lat)
	if !ok || resolution < 0 || resolution > maxH3 {
		return "", false
	}
	return h3At(p, int(resolution)).String(), true
}

// H3Centre is the middle of a cell, as GeoJSON.
func H3Centre(cell string) (string, bool) {
	c, ok := parseH3(cell)
	if !ok {
		return "", false
	}
	return pointJSON(toPosition(c.centre())), true
}

// H3Polygon is the outline of a cell, as GeoJSON.
func H3Polygon(cell string) (string, bool) {
	c, ok := parseH3(cell)
	if !ok {
		return "", false
	}
	var ring []position
	for _, p := range c.boundary() {
		ring = append(ring, toPosition(p))
	}
	return ringJSON(ring), true
}

// H3Level is the resolution of a cell.
func H3Level(cell string) (int64, bool) {
	c, ok := parseH3(cell)
	return int64(c.resolution()), ok
}

// H3Parent is the cell of a resolution that holds a cell, or of the next
// coarser one where it is negative.
func H3Parent(cell string, resolution int64) (string, bool) {
	c, ok := parseH3(cell)
	if resolution < 0 {
		resolution = int64(c.resolution()) - 1
	}
	if !ok || resolution < 0 || resolution > int64(c.resolution()) {
		return "", false
	}
	return c.parent(int(resolution)).String(), true
}

// H3Children are the cells of a resolution in a cell, or of the next finer one
// where it is negative.
func H3Children(cell string, resolution int64) ([]string, bool) {
	c, ok := parseH3(cell)
	own := int64(c.resolution())
	if resolution < 0 {
		resolution = own + 1
	}
	if !ok || resolution < own || resolution > maxH3 || resolution > own+maxH3Below {
		return nil, false
	}
	var out []string
	c.children(int(resolution), func(child h3) { out = append(out, child.String()) })
	return out, true
}

func (c h3) children(resolution int, f func(h3)) {
	if c.resolution() == resolution {
		f(c)
		return
	}
	pentagon := c.isPentagon()
	for d := range digits {
		if !pentagon || d != deletedDigit {
			c.child(d).children(resolution, f)
		}
	}
}

// H3Neighbors are the cells around one.
func H3Neighbors(cell string) ([]string, bool) {
	rings, ok := H3Rings(cell, 1)
	if !ok {
		return nil, false
	}
	return rings[1], true
}

// H3Rings are the cells so many steps from one, by the number of steps.
func H3Rings(cell string, distance int64) ([][]string, bool) {
	c, ok := parseH3(cell)
	if !ok || distance < 0 || distance > maxH3Rings {
		return nil, false
	}
	rings := c.rings(int(distance))
	out := make([][]string, len(rings))
	for i, ring := range rings {
		for _, n := range ring {
			out[i] = append(out[i], n.String())
		}
	}
	return out, true
}

// rings walks around a cell on the plane of its base cell's face. Near a
// pentagon, where this plane does not close, it goes from neighbour to
// neighbour instead.
func (c h3) rings(distance int) [][]h3 {
	if c.nearPentagon(distance) {
		return c.spread(distance)
	}
	out := [][]h3{{c}}
	start := c.plane()
	step := func(s *spot, digit int) { s.z += digits[digit].complex() * s.u }
	at := start
	for n := 1; n <= distance; n++ {
		step(&at, 4)
		var ring []h3
		for _, side := range []int{2, 3, 1, 5, 4, 6} {
			for range n {
				step(&at, side)
				ring = append(ring, at.settle().cell(c.resolution()))
			}
		}
		out = append(out, ring)
	}
	return out
}

// nearPentagon reports whether one may be within so many steps, or one more.
func (c h3) nearPentagon(distance int) bool {
	// Cells grow by up to a third where a plane is furthest from the sphere.
	reach := float64(distance+2) * math.Pow(7, -float64(c.resolution())/2) * planeUnit * 1.3
	p := c.centre()
	for _, v := range icosahedron {
		if v.Sub(p.Vector).Norm() < reach {
			return true
		}
	}
	return false
}

// around are the neighbours, counterclockwise.
func (c h3) around() []h3 {
	var out []h3
	if !c.isPentagon() {
		s := c.plane().settle()
		for i := range 6 {
			n := s
			n.z += s.u * digits[[]int{4, 6, 2, 3, 1, 5}[i]].complex()
			out = append(out, n.settle().cell(c.resolution()))
		}
		return out
	}
	base := &baseCells[c.base()]
	for _, f := range base.around {
		axis := powerOfOmega(cornerOf(f, base.corner))
		u := unit(c.resolution()) * axis
		s := spot{f, 2*axis - u, u}
		out = append(out, s.settle().cell(c.resolution()))
	}
	return out
}

// spread finds rings by the neighbours of the ring before, sorted by their
// direction.
func (c h3) spread(distance int) [][]h3 {
	out := [][]h3{{c}}
	seen := map[h3]bool{c: true}
	centre := c.centre()
	x := pointOf(centre.Ortho())
	y := centre.Cross(x.Vector)
	direction := func(n h3) float64 {
		p := n.centre()
		return math.Atan2(p.Dot(y), p.Dot(x.Vector))
	}
	for n := range distance {
		var ring []h3
		for _, inner := range out[n] {
			for _, next := range inner.around() {
				if !seen[next] {
					seen[next] = true
					ring = append(ring, next)
				}
			}
		}
		slices.SortFunc(ring, func(a, b h3) int {
			if direction(a) < direction(b) {
				return -1
			}
			return 1
		})
		out = append(out, ring)
	}
	return out
}

// H3Cells are the cells of a resolution whose centres lie in the polygons,
// whose edges here are straight on the map. Where radius is positive, what is
// within it of the polygons belongs to them.
func (p *Polygons) H3Cells(resolution int64, radius float64) ([]string, bool) {
	if resolution < 0 || resolution > maxH3 || !(radius >= 0) {
		return nil, false
	}
	areas := p.positions
	if radius > 0 {
		const tolerance = 10
		u, ok := p.buffer(radius, math.Max(tolerance, radius*1e-3))
		if !ok {
			return nil, false
		}
		areas = ringsOf(u)
	}
	found := map[h3]bool{}
	for _, rings := range areas {
		if !fillH3(newFlatArea(rings), int(resolution), found) {
			return nil, false
		}
	}
	out := make([]string, 0, len(found))
	for c := range found {
		out = append(out, c.String())
	}
	slices.Sort(out)
	return out, len(out) <= maxH3Cells
}

// fillH3 adds the cells whose centres are in an area: it starts from the cells
// along its edges and goes on from each cell that is inside. False where there
// are too many.
func fillH3(area *flatArea, resolution int, found map[h3]bool) bool {
	const limit = 4 * maxH3Cells // of cells looked at
	seen := map[h3]bool{}
	var queue []h3
	visit := func(c h3) {
		if !seen[c] {
			seen[c] = true
			queue = append(queue, c)
		}
	}
	// Half of the distance between neighbours, as an angle.
	step := math.Pow(7, -float64(resolution)/2) * planeUnit / 2 * 0.6
	if area.length() > limit*step {
		return false
	}
	area.walk(step, func(at s2.Point) {
		c := h3At(at, resolution)
		visit(c)
		for _, n := range c.around() {
			visit(n)
		}
	})
	for len(queue) > 0 && len(seen) < limit {
		c := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if !area.contains(toPosition(c.centre())) {
			continue
		}
		if found[c] = true; len(found) > maxH3Cells {
			return false
		}
		for _, n := range c.around() {
			visit(n)
		}
	}
	return len(queue) == 0
}
