package fn

import "tidemark/engine/geo"

func init() {
	registerLines()
	registerPolygons()
}

// withTolerance lifts a body over a shape and metres, 10 where not given.
func withTolerance[T any](parse func(string) (T, bool), f func(T, float64) (string, bool)) []Overload {
	return []Overload{
		onShape(parse, func(s T) (Dyn, bool) { return asDyn(f(s, geoTolerance)) }),
		onShapeWith(parse, asDyn1(f)),
	}
}

// withRadius lifts a body over a shape, a radius and a tolerance, 10 metres
// where not given.
func withRadius[T any](parse func(string) (T, bool), f func(T, float64, float64) (string, bool)) []Overload {
	return []Overload{
		onShapeWith(parse, func(s T, radius float64) (Dyn, bool) { return asDyn(f(s, radius, geoTolerance)) }),
		onShapeWith2(parse, asDyn2(f)),
	}
}

// densifies lifts a body over a shape, a tolerance, 10 metres where not given,
// and whether edges may cross the antimeridian.
func densifies[T any](parse func(string) (T, bool), f func(T, float64, bool) (string, bool)) []Overload {
	return append(withTolerance(parse, func(s T, tolerance float64) (string, bool) { return f(s, tolerance, false) }),
		onShapeWith2(parse, asDyn2(f)))
}

func registerLines() {
	const line = `dynamic({"type":"LineString","coordinates":[[0,0],[1,0],[2,0]]})`
	register(Scalar{
		Name: "geo_line_length", Family: geoFamily, Doc: "Returns the length in metres of a GeoJSON line.",
		Examples:  []Example{{`print round(geo_line_length(` + line + `))`, `222390`}},
		Overloads: []Overload{onShape(geo.ParseLines, func(l *geo.Lines) (float64, bool) { return l.Length(), true })},
	})
	register(Scalar{
		Name: "geo_line_centroid", Family: geoFamily, Doc: "Returns the middle of a GeoJSON line as a point.",
		Examples:  []Example{{`print geo_line_centroid(` + line + `).type`, `Point`}},
		Overloads: []Overload{onShape(geo.ParseLines, asDyn0((*geo.Lines).Centroid))},
	})
	register(Scalar{
		Name: "geo_line_interpolate_point", Family: geoFamily, Doc: "Returns the point at a fraction, from 0 to 1, of a GeoJSON line.",
		Examples:  []Example{{`print geo_line_interpolate_point(` + line + `, 1)`, `{"type":"Point","coordinates":[2,0]}`}},
		Overloads: []Overload{onShapeWith(geo.ParseLines, asDyn1((*geo.Lines).Interpolate))},
	})
	register(Scalar{
		Name: "geo_line_locate_point", Family: geoFamily, Doc: "Returns at which fraction, from 0 to 1, a GeoJSON line comes nearest to a point; lengths are measured on the spheroid if a fourth argument is true.",
		Examples: []Example{{`print round(geo_line_locate_point(` + line + `, 0.5, 1), 3)`, `0.25`}},
		Overloads: []Overload{
			onShapeWith2(geo.ParseLines, func(l *geo.Lines, lng, lat float64) (float64, bool) { return l.Locate(lng, lat, false) }),
			perBatch(func() Overload {
				lines := newKnown(geo.ParseLines)
				return Try4(func(text Dyn, lng, lat float64, spheroid bool) (float64, bool) {
					l, ok := lines.get(text)
					if !ok {
						return 0, false
					}
					return l.Locate(lng, lat, spheroid)
				})
			}),
		},
	})
	register(Scalar{
		Name: "geo_line_densify", Family: geoFamily, Doc: "Adds points to a GeoJSON line until its geodesics are within 10 metres, or a given tolerance, of the edges straight on the map.",
		Examples:  []Example{{`print geo_line_densify(dynamic({"type":"LineString","coordinates":[[50,50],[51,51]]}), 200)`, `{"type":"LineString","coordinates":[[50,50],[50.5,50.5],[51,51]]}`}},
		Overloads: densifies(geo.ParseLines, (*geo.Lines).Densify),
	})
	register(Scalar{
		Name: "geo_line_simplify", Family: geoFamily, Doc: "Leaves out points of a GeoJSON line that matter less than 10 metres, or a given tolerance.",
		Examples:  []Example{{`print geo_line_simplify(` + line + `)`, `{"type":"LineString","coordinates":[[0,0],[2,0]]}`}},
		Overloads: withTolerance(geo.ParseLines, (*geo.Lines).Simplify),
	})
	register(Scalar{
		Name: "geo_line_buffer", Family: geoFamily, Doc: "Returns the polygon of what lies within a radius in metres of a GeoJSON line; a tolerance may follow.",
		Examples:  []Example{{`print geo_line_buffer(` + line + `, 1000).type`, `Polygon`}},
		Overloads: withRadius(geo.ParseLines, (*geo.Lines).Buffer),
	})
}

func registerPolygons() {
	const polygon = `dynamic({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]})`
	register(Scalar{
		Name: "geo_polygon_area", Family: geoFamily, Doc: "Returns the area in square metres of a GeoJSON polygon, or of the union of several.",
		Examples:  []Example{{`print round(geo_polygon_area(` + polygon + `) / 1e6)`, `6182`}},
		Overloads: []Overload{onShape(geo.ParsePolygons, func(p *geo.Polygons) (float64, bool) { return p.Area(), true })},
	})
	register(Scalar{
		Name: "geo_polygon_perimeter", Family: geoFamily, Doc: "Returns the length in metres of the border of a GeoJSON polygon, or of the union of several.",
		Examples:  []Example{{`print round(geo_polygon_perimeter(` + polygon + `))`, `379640`}},
		Overloads: []Overload{onShape(geo.ParsePolygons, func(p *geo.Polygons) (float64, bool) { return p.Perimeter(), true })},
	})
	register(Scalar{
		Name: "geo_polygon_centroid", Family: geoFamily, Doc: "Returns the middle of a GeoJSON polygon, or of the union of several, as a point.",
		Examples:  []Example{{`print round(toreal(geo_polygon_centroid(` + polygon + `).coordinates[0]), 2)`, `0.67`}},
		Overloads: []Overload{onShape(geo.ParsePolygons, asDyn0((*geo.Polygons).Centroid))},
	})
	register(Scalar{
		Name: "geo_polygon_densify", Family: geoFamily, Doc: "Adds points to a GeoJSON polygon until its geodesics are within 10 metres, or a given tolerance, of the edges straight on the map.",
		Examples:  []Example{{`print array_length(geo_polygon_densify(dynamic({"type":"Polygon","coordinates":[[[10,10],[11,10],[11,11],[10,11],[10,10]]]})).coordinates[0])`, `11`}},
		Overloads: densifies(geo.ParsePolygons, (*geo.Polygons).Densify),
	})
	register(Scalar{
		Name: "geo_polygon_simplify", Family: geoFamily, Doc: "Leaves out points of a GeoJSON polygon that matter less than 10 metres, or a given tolerance.",
		Examples:  []Example{{`print array_length(geo_polygon_simplify(dynamic({"type":"Polygon","coordinates":[[[0,0],[0.5,0],[1,0],[1,1],[0,0]]]})).coordinates[0])`, `4`}},
		Overloads: withTolerance(geo.ParsePolygons, (*geo.Polygons).Simplify),
	})
	register(Scalar{
		Name: "geo_polygon_buffer", Family: geoFamily, Doc: "Returns a GeoJSON polygon with what lies within a radius in metres of it; a tolerance may follow.",
		Examples:  []Example{{`print geo_polygon_buffer(` + polygon + `, 1000).type`, `Polygon`}},
		Overloads: withRadius(geo.ParsePolygons, (*geo.Polygons).Buffer),
	})
}
