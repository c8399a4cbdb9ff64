package geo

import (
	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
)

// edgeFinder finds the edges of a shape near others.
type edgeFinder struct {
	shape   edgeShape
	crosses *s2.CrossingEdgeQuery
	closest *s2.EdgeQuery
}

func newEdgeFinder(shape edgeShape) *edgeFinder {
	index := s2.NewShapeIndex()
	index.Add(shape)
	near := s2.NewClosestEdgeQueryOptions().IncludeInteriors(false).
		DistanceLimit(s1.ChordAngleFromAngle(mergeRadius).Successor())
	return &edgeFinder{shape, s2.NewCrossingEdgeQuery(index), s2.NewClosestEdgeQuery(index, near)}
}

// crossing returns the edges that cross one.
func (f *edgeFinder) crossing(e s2.Edge, kind s2.CrossingType) []int {
	return f.crosses.Crossings(e.V0, e.V1, f.shape, kind)
}

// at returns the edges that a point lies on, as far as can be told.
func (f *edgeFinder) at(p s2.Point) []int {
	var out []int
	for _, r := range f.closest.FindEdges(s2.NewMinDistanceToPointTarget(p)) {
		out = append(out, int(r.EdgeID()))
	}
	return out
}

// ends calls f with the ends of a shape's edges, each once.
func ends(shape edgeShape, f func(s2.Point)) {
	seen := make(map[s2.Point]bool, shape.NumEdges())
	for i := range shape.NumEdges() {
		e := shape.Edge(i)
		for _, p := range []s2.Point{e.V0, e.V1} {
			if !seen[p] {
				seen[p] = true
				f(p)
			}
		}
	}
}

// meet reports whether shapes' edges cross, or one ends on one of the other
// shape.
func meet(a, b edgeShape) bool {
	onA, onB := newEdgeFinder(a), newEdgeFinder(b)
	for i := range a.NumEdges() {
		if len(onB.crossing(a.Edge(i), s2.CrossingTypeAll)) > 0 {
			return true
		}
	}
	found := false
	ends(a, func(p s2.Point) { found = found || len(onB.at(p)) > 0 })
	ends(b, func(p s2.Point) { found = found || len(onA.at(p)) > 0 })
	return found
}
