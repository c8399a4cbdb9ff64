package geo

import (
	"math"

	"github.com/golang/geo/s2"
)

// Distance is the metres between two points on the sphere.
func Distance(lng1, lat1, lng2, lat2 float64) (float64, bool) {
	p, ok1 := pointAt(lng1, lat1)
	q, ok2 := pointAt(lng2, lat2)
	return metres(p.Distance(q)), ok1 && ok2
}

// Azimuth is the angle at the first point from north clockwise to the second.
func Azimuth(lng1, lat1, lng2, lat2 float64) (float64, bool) {
	p, ok1 := pointAt(lng1, lat1)
	q, ok2 := pointAt(lng2, lat2)
	if !ok1 || !ok2 || !oneEdge(p, q) {
		return 0, false
	}
	return azimuth(lng1, lat1, lng2, lat2), true
}

// oneEdge reports whether exactly one shortest edge connects the points: they
// are neither the same nor opposite each other.
func oneEdge(p, q s2.Point) bool {
	const tiny = 1e-15
	return p.Sub(q.Vector).Norm() > tiny && p.Add(q.Vector).Norm() > tiny
}

// azimuth works on degrees rather than on points, as a pole has a north only
// by its longitude.
func azimuth(lng1, lat1, lng2, lat2 float64) float64 {
	const degree = math.Pi / 180
	sin1, cos1 := math.Sincos(lat1 * degree)
	sin2, cos2 := math.Sincos(lat2 * degree)
	sinL, cosL := math.Sincos((lng2 - lng1) * degree)
	return turn(math.Atan2(sinL*cos2, cos1*sin2-sin1*cos2*cosL))
}

// turn brings an angle into [0, 2π).
func turn(a float64) float64 {
	if a < 0 {
		a += 2 * math.Pi
	}
	if a >= 2*math.Pi {
		a = 0
	}
	return a
}

// Angle is the clockwise angle at the second point from the edge to the first
// to the edge to the third.
func Angle(lng1, lat1, lng2, lat2, lng3, lat3 float64) (float64, bool) {
	p, ok1 := pointAt(lng1, lat1)
	q, ok2 := pointAt(lng2, lat2)
	r, ok3 := pointAt(lng3, lat3)
	if !ok1 || !ok2 || !ok3 || !oneEdge(p, q) || !oneEdge(q, r) {
		return 0, false
	}
	return turn(azimuth(lng2, lat2, lng3, lat3) - azimuth(lng2, lat2, lng1, lat1)), true
}

// InCircle reports whether a point lies within so many metres of a centre.
func InCircle(lng, lat, centreLng, centreLat, radius float64) (inside, ok bool) {
	d, ok := Distance(lng, lat, centreLng, centreLat)
	return d <= radius, ok && isLength(radius)
}
