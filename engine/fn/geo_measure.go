package fn

import (
	"tidemark/engine/geo"
	"tidemark/table"
)

// geoTolerance is that of densifying, simplifying and buffers where none is
// given, in metres.
const geoTolerance = 10

func init() {
	registerMeasures()
	registerShapes()
	registerIntersections()
}

func registerMeasures() {
	register(Scalar{
		Name: "geo_distance_2points", Family: geoFamily, Doc: "Returns the metres between two points given by longitude and latitude; on the spheroid instead of a sphere if a fifth argument is true.",
		Examples: []Example{{`print round(geo_distance_2points(-122.407628, 47.578557, -118.275287, 34.019056))`, `1546754`}},
		Overloads: []Overload{
			ofReals(4, func(v []float64) (float64, bool) { return geo.Distance(v[0], v[1], v[2], v[3]) }),
			Rows([]Param{P(table.Real), P(table.Real), P(table.Real), P(table.Real), P(table.Bool)}, false, table.Real, distance2Points),
		},
	})
	register(Scalar{
		Name: "geo_azimuth", Family: geoFamily, Doc: "Returns the angle in radians at a point, given by longitude and latitude, from north clockwise to another.",
		Examples:  []Example{{`print round(degrees(geo_azimuth(5, 10, 10, 11)), 3)`, `78.054`}},
		Overloads: []Overload{ofReals(4, func(v []float64) (float64, bool) { return geo.Azimuth(v[0], v[1], v[2], v[3]) })},
	})
	register(Scalar{
		Name: "geo_angle", Family: geoFamily, Doc: "Returns the angle in radians at the second of three points clockwise from the first to the third.",
		Examples:  []Example{{`print round(geo_angle(0, 10, 0, 5, 3, -10), 6)`, `2.944938`}},
		Overloads: []Overload{ofReals(6, func(v []float64) (float64, bool) { return geo.Angle(v[0], v[1], v[2], v[3], v[4], v[5]) })},
	})
	register(Scalar{
		Name: "geo_point_in_circle", Family: geoFamily, Doc: "Tells whether a point lies in the circle around another with a radius in metres.",
		Examples:  []Example{{`print geo_point_in_circle(-122.143564, 47.535677, -122.100896, 47.527351, 3500)`, `true`}},
		Overloads: []Overload{ofReals(5, func(v []float64) (bool, bool) { return geo.InCircle(v[0], v[1], v[2], v[3], v[4]) })},
	})
	register(Scalar{
		Name: "geo_point_in_polygon", Family: geoFamily, Doc: "Tells whether a point lies in a GeoJSON polygon.",
		Examples:  []Example{{`print geo_point_in_polygon(5, 3, dynamic({"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,0]]]}))`, `true`}},
		Overloads: []Overload{pointToShape(geo.ParsePolygons, (*geo.Polygons).Contains)},
	})
	register(Scalar{
		Name: "geo_distance_point_to_line", Family: geoFamily, Doc: "Returns the metres from a point to a GeoJSON line.",
		Examples:  []Example{{`print round(geo_distance_point_to_line(0, 1, dynamic({"type":"LineString","coordinates":[[-1,0],[1,0]]})))`, `111195`}},
		Overloads: []Overload{pointToShape(geo.ParseLines, (*geo.Lines).Distance)},
	})
	register(Scalar{
		Name: "geo_distance_point_to_polygon", Family: geoFamily, Doc: "Returns the metres from a point to a GeoJSON polygon; 0 inside it.",
		Examples:  []Example{{`print geo_distance_point_to_polygon(5, 3, dynamic({"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,0]]]}))`, `0`}},
		Overloads: []Overload{pointToShape(geo.ParsePolygons, (*geo.Polygons).Distance)},
	})
	register(Scalar{
		Name: "geo_closest_point_on_line", Family: geoFamily, Doc: "Returns the point of a GeoJSON line nearest to a point.",
		Examples:  []Example{{`print geo_closest_point_on_line(2, 1, dynamic({"type":"LineString","coordinates":[[-1,0],[1,0]]}))`, `{"type":"Point","coordinates":[1,0]}`}},
		Overloads: []Overload{pointToShape(geo.ParseLines, asDyn2((*geo.Lines).Closest))},
	})
	register(Scalar{
		Name: "geo_closest_point_on_polygon", Family: geoFamily, Doc: "Returns the point of a GeoJSON polygon nearest to a point, which is itself inside.",
		Examples:  []Example{{`print geo_closest_point_on_polygon(5, 3, dynamic({"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,0]]]}))`, `{"type":"Point","coordinates":[5,3]}`}},
		Overloads: []Overload{pointToShape(geo.ParsePolygons, asDyn2((*geo.Polygons).Closest))},
	})
}

// distance2Points gets two longitudes and latitudes, and whether to measure on
// the spheroid.
func distance2Points(_ []table.Type, row []any) any {
	var v [4]float64
	for i := range v {
		f, ok := row[i].(float64)
		if !ok {
			return nil
		}
		v[i] = f
	}
	spheroid, ok := row[4].(bool)
	if !ok {
		return nil
	}
	measure := geo.Distance
	if spheroid {
		measure = geo.SpheroidDistance
	}
	d, ok := measure(v[0], v[1], v[2], v[3])
	if !ok {
		return nil
	}
	return d
}

// asDyn0 to asDyn2 take a body of so many arguments more than a shape that
// returns JSON text.

func asDyn0[T any](f func(T) (string, bool)) func(T) (Dyn, bool) {
	return func(s T) (Dyn, bool) { return asDyn(f(s)) }
}

func asDyn1[T, A any](f func(T, A) (string, bool)) func(T, A) (Dyn, bool) {
	return func(s T, a A) (Dyn, bool) { return asDyn(f(s, a)) }
}

func asDyn2[T, A, B any](f func(T, A, B) (string, bool)) func(T, A, B) (Dyn, bool) {
	return func(s T, a A, b B) (Dyn, bool) { return asDyn(f(s, a, b)) }
}

func registerShapes() {
	register(Scalar{
		Name: "geo_from_wkt", Family: geoFamily, Doc: "Converts well-known text to GeoJSON.",
		Examples:  []Example{{`print geo_from_wkt("POINT (7.5 47)")`, `{"type":"Point","coordinates":[7.5,47]}`}},
		Overloads: textToDyn(geo.FromWKT),
	})
	register(Scalar{
		Name: "geo_point_buffer", Family: geoFamily, Doc: "Returns a polygon around a point with a radius in metres; a tolerance may follow.",
		Examples: []Example{{`print geo_point_buffer(-115.17, 36.15, 20000).type`, `Polygon`}},
		Overloads: []Overload{
			Try3(func(lng, lat, radius float64) (Dyn, bool) {
				return asDyn(geo.PointBuffer(lng, lat, radius, geoTolerance))
			}),
			Try4(func(lng, lat, radius, tolerance float64) (Dyn, bool) {
				return asDyn(geo.PointBuffer(lng, lat, radius, tolerance))
			}),
		},
	})
	register(Scalar{
		Name: "geo_union_polygons_array", Family: geoFamily, Doc: "Returns the union of an array of GeoJSON polygons.",
		Examples:  []Example{{`print geo_union_polygons_array(dynamic([{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]},{"type":"Polygon","coordinates":[[[5,5],[6,5],[6,6],[5,5]]]}])).type`, `MultiPolygon`}},
		Overloads: []Overload{onArray(geo.UnionPolygons)},
	})
	register(Scalar{
		Name: "geo_union_lines_array", Family: geoFamily, Doc: "Returns the union of an array of GeoJSON lines.",
		Examples:  []Example{{`print geo_union_lines_array(dynamic([{"type":"LineString","coordinates":[[0,0],[1,0]]},{"type":"LineString","coordinates":[[1,0],[0,0]]}]))`, `{"type":"LineString","coordinates":[[0,0],[1,0]]}`}},
		Overloads: []Overload{onArray(geo.UnionLines)},
	})
	register(Scalar{
		Name: "geo_simplify_polygons_array", Family: geoFamily, Doc: "Leaves out points of an array of GeoJSON polygons that matter less than 10 metres, or a given tolerance; common borders stay common.",
		Examples: []Example{{`print geo_simplify_polygons_array(dynamic([{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}]), 1000).type`, `Polygon`}},
		Overloads: []Overload{
			onArray(func(v []string) (string, bool) { return geo.SimplifyPolygons(v, geoTolerance) }),
			Try2(func(a Dyn, tolerance float64) (Dyn, bool) {
				if !isArray(string(a)) {
					return "", false
				}
				return asDyn(geo.SimplifyPolygons(elements(string(a)), tolerance))
			}),
		},
	})
}

func registerIntersections() {
	const (
		lines = `dynamic({"type":"LineString","coordinates":[[0,0],[2,0]]}), dynamic({"type":"LineString","coordinates":[[1,-1],[1,1]]})`
		mixed = `dynamic({"type":"LineString","coordinates":[[0,0],[2,0]]}), dynamic({"type":"Polygon","coordinates":[[[1,-1],[3,-1],[3,1],[1,1],[1,-1]]]})`
		areas = `dynamic({"type":"Polygon","coordinates":[[[2,45],[0,45],[1,44],[2,45]]]}), dynamic({"type":"Polygon","coordinates":[[[3,44],[2,45],[2,43],[3,44]]]})`
	)
	register(Scalar{
		Name: "geo_intersects_2lines", Family: geoFamily, Doc: "Tells whether two GeoJSON lines meet.",
		Examples:  []Example{{`print geo_intersects_2lines(` + lines + `)`, `true`}},
		Overloads: []Overload{twoShapes(geo.ParseLines, geo.ParseLines, geo.IntersectsLines)},
	})
	register(Scalar{
		Name: "geo_intersects_line_with_polygon", Family: geoFamily, Doc: "Tells whether a GeoJSON line meets a polygon.",
		Examples:  []Example{{`print geo_intersects_line_with_polygon(` + mixed + `)`, `true`}},
		Overloads: []Overload{twoShapes(geo.ParseLines, geo.ParsePolygons, geo.IntersectsLinesPolygons)},
	})
	register(Scalar{
		Name: "geo_intersects_2polygons", Family: geoFamily, Doc: "Tells whether two GeoJSON polygons meet.",
		Examples:  []Example{{`print geo_intersects_2polygons(` + areas + `)`, `true`}},
		Overloads: []Overload{twoShapes(geo.ParsePolygons, geo.ParsePolygons, geo.IntersectsPolygons)},
	})
	register(Scalar{
		Name: "geo_intersection_2lines", Family: geoFamily, Doc: "Returns what two GeoJSON lines have in common.",
		Examples: []Example{{`print geo_intersection_2lines(` + lines + `).type`, `Point`}},
		Overloads: []Overload{twoShapes(geo.ParseLines, geo.ParseLines, func(a, b *geo.Lines) Dyn {
			return Dyn(geo.IntersectLines(a, b))
		})},
	})
	register(Scalar{
		Name: "geo_intersection_line_with_polygon", Family: geoFamily, Doc: "Returns the part of a GeoJSON line that lies in a polygon.",
		Examples: []Example{{`print geo_intersection_line_with_polygon(` + mixed + `).coordinates[1]`, `[2,0]`}},
		Overloads: []Overload{twoShapes(geo.ParseLines, geo.ParsePolygons, func(l *geo.Lines, p *geo.Polygons) Dyn {
			return Dyn(geo.IntersectLinesPolygons(l, p))
		})},
	})
	register(Scalar{
		Name: "geo_intersection_2polygons", Family: geoFamily, Doc: "Returns what two GeoJSON polygons have in common.",
		Examples: []Example{{`print geo_intersection_2polygons(` + areas + `)`, `{"type":"Point","coordinates":[2,45]}`}},
		Overloads: []Overload{twoShapes(geo.ParsePolygons, geo.ParsePolygons, func(a, b *geo.Polygons) Dyn {
			return Dyn(geo.IntersectPolygons(a, b))
		})},
	})
}
