// Package geo computes on the Earth's surface: distances, shapes in GeoJSON,
// their unions and intersections, and the cells of geohash, S2 and H3.
//
// The Earth is a sphere and edges are its geodesics, as in Kusto. The s2
// library supplies exact predicates, indexes and the S2 cells; everything that
// leaves or enters the package is degrees, metres and JSON text.
package geo

import (
	"math"

	"github.com/golang/geo/r3"
	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
)

// EarthRadius is that of the sphere, in metres.
const EarthRadius = 6371010.0

// validPoint reports whether both are numbers in their ranges.
func validPoint(lng, lat float64) bool {
	return lng >= -180 && lng <= 180 && lat >= -90 && lat <= 90
}

func toPoint(lng, lat float64) s2.Point {
	return s2.PointFromLatLng(s2.LatLngFromDegrees(lat, lng))
}

// pointAt is toPoint for coordinates that may be out of range.
func pointAt(lng, lat float64) (s2.Point, bool) {
	if !validPoint(lng, lat) {
		return s2.Point{}, false
	}
	return toPoint(lng, lat), true
}

// position is a coordinate as GeoJSON writes it: longitude, latitude.
type position [2]float64

func toPosition(p s2.Point) position {
	ll := s2.LatLngFromPoint(p)
	return position{ll.Lng.Degrees(), ll.Lat.Degrees()}
}

// pointOf makes a point of a vector of any length.
func pointOf(v r3.Vector) s2.Point { return s2.Point{Vector: v.Normalize()} }

func metres(a s1.Angle) float64 { return a.Radians() * EarthRadius }

func angleOf(metres float64) s1.Angle { return s1.Angle(metres / EarthRadius) }

// isLength reports whether v can be a radius or tolerance: positive, and at
// most half around the Earth.
func isLength(v float64) bool { return v > 0 && v <= math.Pi*EarthRadius }
