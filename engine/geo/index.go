package geo

import (
	"math"
	"slices"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
)

// Shape is a region of the sphere: *Polygons or *Lines.
type Shape interface {
	// Distance is that of a point from the shape, 0 inside, in metres.
	Distance(lng, lat float64) (metres float64, ok bool)
	regions() []s2.Region
}

// Index finds, among many shapes, those that may lie within a radius of a
// point. It keeps a few cells of S2 that cover each, and a point looks up the
// cells that hold it.
type Index struct {
	radius float64
	cells  map[s2.CellID][]int32
	levels [maxS2Level + 1]bool // that cells have
}

// NewIndex makes an empty index for a radius in metres; NaN means 0.
func NewIndex(radius float64) *Index {
	x := &Index{cells: map[s2.CellID][]int32{}}
	if radius > 0 {
		x.radius = math.Min(radius, math.Pi*EarthRadius)
	}
	return x
}

// Cells of a covering: more are closer to the shape and cost memory.
const indexCells = 16

// Add takes in a shape under a number.
func (x *Index) Add(id int32, shape Shape) {
	coverer := &s2.RegionCoverer{MaxLevel: maxS2Level, MaxCells: indexCells}
	for _, region := range shape.regions() {
		cover := coverer.Covering(region)
		if x.radius > 0 {
			cover.ExpandByRadius(s1.Angle(x.radius/EarthRadius), 2)
		}
		for _, cell := range cover {
			x.levels[cell.Level()] = true
			if of := x.cells[cell]; len(of) == 0 || of[len(of)-1] != id {
				x.cells[cell] = append(of, id)
			}
		}
	}
}

// Near appends the numbers of the shapes that may lie within the radius of a
// point, in order and each once.
func (x *Index) Near(ids []int32, lng, lat float64) []int32 {
	if !validPoint(lng, lat) {
		return ids
	}
	from := len(ids)
	leaf := s2.CellIDFromLatLng(s2.LatLngFromDegrees(lat, lng))
	for level, some := range x.levels {
		if some {
			ids = append(ids, x.cells[leaf.Parent(level)]...)
		}
	}
	found := ids[from:]
	slices.Sort(found)
	return ids[:from+len(slices.Compact(found))]
}

func (p *Polygons) regions() []s2.Region {
	out := make([]s2.Region, len(p.parts))
	for i, part := range p.parts {
		out[i] = part
	}
	return out
}

func (l *Lines) regions() []s2.Region {
	out := make([]s2.Region, len(l.lines))
	for i := range l.lines {
		out[i] = &l.lines[i]
	}
	return out
}
