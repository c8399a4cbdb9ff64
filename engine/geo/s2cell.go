package geo

import (
	"math"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
)

const (
	maxS2Level = 30
	maxS2Cells = 65536 // in the covering of a shape
)

// S2Cell is the token of the cell of a level that a point lies in.
func S2Cell(lng, lat float64, level int64) (string, bool) {
	if !validPoint(lng, lat) || level < 0 || level > maxS2Level {
		return "", false
	}
	return s2.CellIDFromLatLng(s2.LatLngFromDegrees(lat, lng)).Parent(int(level)).ToToken(), true
}

func parseS2(token string) (s2.CellID, bool) {
	id := s2.CellIDFromToken(token)
	return id, id.IsValid()
}

// S2Centre is the middle of a cell, as GeoJSON.
func S2Centre(token string) (string, bool) {
	id, ok := parseS2(token)
	if !ok {
		return "", false
	}
	return pointJSON(toPosition(id.Point())), true
}

// S2Polygon is a cell's quadrangle, as GeoJSON.
func S2Polygon(token string) (string, bool) {
	id, ok := parseS2(token)
	if !ok {
		return "", false
	}
	cell := s2.CellFromCellID(id)
	ring := make([]position, 4)
	for i := range ring {
		ring[i] = toPosition(cell.Vertex(i))
	}
	return ringJSON(ring), true
}

// S2Neighbors are the cells of the same level around one.
func S2Neighbors(token string) ([]string, bool) {
	id, ok := parseS2(token)
	if !ok {
		return nil, false
	}
	var out []string
	for _, n := range id.AllNeighbors(id.Level()) {
		out = append(out, n.ToToken())
	}
	return out, true
}

// covering collects the cells of one level that meet a region.
type covering struct {
	level int
	meets func(s2.Cell) bool
	holds func(s2.Cell) bool
	cells []string
}

// cover visits a cell and what it holds; false once there are too many.
func (c *covering) cover(id s2.CellID) bool {
	cell := s2.CellFromCellID(id)
	if !c.meets(cell) {
		return true
	}
	below := c.level - id.Level()
	if below == 0 {
		c.cells = append(c.cells, id.ToToken())
		return len(c.cells) <= maxS2Cells
	}
	// Where all descendants meet the region it need not be asked again, and
	// too many are known before they are written.
	if c.holds(cell) {
		if len(c.cells)+1<<(2*min(below, 16)) > maxS2Cells {
			return false
		}
		for child := id.ChildBeginAtLevel(c.level); child != id.ChildEndAtLevel(c.level); child = child.Next() {
			c.cells = append(c.cells, child.ToToken())
		}
		return true
	}
	for _, child := range id.Children() {
		if !c.cover(child) {
			return false
		}
	}
	return true
}

func (c *covering) all() ([]string, bool) {
	for face := range 6 {
		if !c.cover(s2.CellIDFromFace(face)) {
			return nil, false
		}
	}
	return c.cells, true
}

// cellsWithin covers the regions, and what is within a radius of them.
func cellsWithin[R s2.Region](regions []R, shapes []s2.Shape, level int64, radius float64) ([]string, bool) {
	if level < 0 || level > maxS2Level || radius < 0 || radius > math.Pi*EarthRadius {
		return nil, false
	}
	c := &covering{level: int(level)}
	c.meets = func(cell s2.Cell) bool {
		for _, r := range regions {
			if r.IntersectsCell(cell) {
				return true
			}
		}
		return false
	}
	c.holds = func(cell s2.Cell) bool {
		for _, r := range regions {
			if r.ContainsCell(cell) {
				return true
			}
		}
		return false
	}
	if radius > 0 {
		index := s2.NewShapeIndex()
		for _, shape := range shapes {
			index.Add(shape)
		}
		near := s2.NewClosestEdgeQuery(index, s2.NewClosestEdgeQueryOptions().IncludeInteriors(true))
		limit := s1.ChordAngleFromAngle(angleOf(radius))
		c.meets = func(cell s2.Cell) bool {
			return near.IsDistanceLess(s2.NewMinDistanceToCellTarget(cell), limit.Successor())
		}
	}
	return c.all()
}

// S2Cells are the cells of a level that cover the polygons and what is within
// a radius of them.
func (p *Polygons) S2Cells(level int64, radius float64) ([]string, bool) {
	shapes := make([]s2.Shape, len(p.parts))
	for i, part := range p.parts {
		shapes[i] = part
	}
	return cellsWithin(p.parts, shapes, level, radius)
}

// S2Cells are the cells of a level that cover the lines and what is within a
// radius of them.
func (l *Lines) S2Cells(level int64, radius float64) ([]string, bool) {
	regions := make([]*s2.Polyline, len(l.lines))
	shapes := make([]s2.Shape, len(l.lines))
	for i := range l.lines {
		regions[i], shapes[i] = &l.lines[i], &l.lines[i]
	}
	return cellsWithin(regions, shapes, level, radius)
}
