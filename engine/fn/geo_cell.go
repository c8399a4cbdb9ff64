package fn

import "tidemark/engine/geo"

// The levels of cells where none is given.
const (
	geohashDigits = 5
	s2Level       = 11
	h3Level       = 6
)

func init() {
	registerGeohash()
	registerS2()
	registerH3()
	registerH3Family()
}

// textToDyn lifts a body from a text to GeoJSON.
func textToDyn(f func(string) (string, bool)) []Overload {
	return []Overload{Try1(func(s string) (Dyn, bool) { return asDyn(f(s)) })}
}

// textToTokens lifts a body from a cell to cells.
func textToTokens(f func(string) ([]string, bool)) []Overload {
	return []Overload{Try1(func(s string) (Dyn, bool) { return tokens(f(s)) })}
}

// cellOf lifts a body from longitude, latitude and level to a cell.
func cellOf(f func(lng, lat float64, level int64) (string, bool), level int64) []Overload {
	return []Overload{
		Try2(func(lng, lat float64) (string, bool) { return f(lng, lat, level) }),
		Try3(f),
	}
}

func registerGeohash() {
	register(Scalar{
		Name: "geo_point_to_geohash", Family: geoFamily, Doc: "Returns the geohash of a longitude and latitude, with 5 or a given number of digits.",
		Examples:  []Example{{`print geo_point_to_geohash(-80.195829, 25.802215, 8)`, `dhwfz15h`}},
		Overloads: cellOf(geo.Geohash, geohashDigits),
	})
	register(Scalar{
		Name: "geo_geohash_to_central_point", Family: geoFamily, Doc: "Returns the middle of a geohash as a GeoJSON point.",
		Examples:  []Example{{`print geo_geohash_to_central_point("sunny")`, `{"type":"Point","coordinates":[42.47314453125,23.70849609375]}`}},
		Overloads: textToDyn(geo.GeohashCentre),
	})
	register(Scalar{
		Name: "geo_geohash_to_polygon", Family: geoFamily, Doc: "Returns the rectangle of a geohash as a GeoJSON polygon.",
		Examples:  []Example{{`print geo_geohash_to_polygon("8")`, `{"type":"Polygon","coordinates":[[[-180,0],[-135,0],[-135,45],[-180,45],[-180,0]]]}`}},
		Overloads: textToDyn(geo.GeohashPolygon),
	})
	register(Scalar{
		Name: "geo_geohash_neighbors", Family: geoFamily, Doc: "Returns the geohashes around a geohash.",
		Examples:  []Example{{`print geo_geohash_neighbors("sunny")`, `["sunpn","sunpp","sunnz","sunnx","sunnw","sunnt","sunnv","sunpj"]`}},
		Overloads: textToTokens(geo.GeohashNeighbors),
	})
}

func registerS2() {
	register(Scalar{
		Name: "geo_point_to_s2cell", Family: geoFamily, Doc: "Returns the S2 cell of level 11, or a given level from 0 to 30, that a longitude and latitude lie in.",
		Examples:  []Example{{`print geo_point_to_s2cell(-80.195829, 25.802215, 8)`, `88d9b`}},
		Overloads: cellOf(geo.S2Cell, s2Level),
	})
	register(Scalar{
		Name: "geo_s2cell_to_central_point", Family: geoFamily, Doc: "Returns the middle of an S2 cell as a GeoJSON point.",
		Examples:  []Example{{`print round(toreal(geo_s2cell_to_central_point("1234567").coordinates[0]), 6)`, `9.868307`}},
		Overloads: textToDyn(geo.S2Centre),
	})
	register(Scalar{
		Name: "geo_s2cell_to_polygon", Family: geoFamily, Doc: "Returns the quadrangle of an S2 cell as a GeoJSON polygon.",
		Examples:  []Example{{`print array_length(geo_s2cell_to_polygon("89c259").coordinates[0])`, `5`}},
		Overloads: textToDyn(geo.S2Polygon),
	})
	register(Scalar{
		Name: "geo_s2cell_neighbors", Family: geoFamily, Doc: "Returns the S2 cells of the same level around an S2 cell.",
		Examples:  []Example{{`print array_length(geo_s2cell_neighbors("89c259"))`, `8`}},
		Overloads: textToTokens(geo.S2Neighbors),
	})
	register(Scalar{
		Name: "geo_polygon_to_s2cells", Family: geoFamily, Doc: "Returns the S2 cells of level 11, or a given level, that cover a GeoJSON polygon and what is within a radius in metres of it.",
		Examples:  []Example{{`print array_length(geo_polygon_to_s2cells(dynamic({"type":"Polygon","coordinates":[[[0,0],[0,50],[100,50],[0,0]]]}), 5))`, `286`}},
		Overloads: covers(geo.ParsePolygons, s2Level, (*geo.Polygons).S2Cells),
	})
	register(Scalar{
		Name: "geo_line_to_s2cells", Family: geoFamily, Doc: "Returns the S2 cells of level 11, or a given level, that cover a GeoJSON line and what is within a radius in metres of it.",
		Examples:  []Example{{`print geo_line_to_s2cells(dynamic({"type":"LineString","coordinates":[[-73.97,40.76],[-73.96,40.77]]}), 13)`, `["89c258e4","89c258ec"]`}},
		Overloads: covers(geo.ParseLines, s2Level, (*geo.Lines).S2Cells),
	})
}

// covers lifts a body from a shape, level and radius to cells.
func covers[T any](parse func(string) (T, bool), level int64, f func(T, int64, float64) ([]string, bool)) []Overload {
	return []Overload{
		onShape(parse, func(s T) (Dyn, bool) { return tokens(f(s, level, 0)) }),
		onShapeWith(parse, func(s T, level int64) (Dyn, bool) { return tokens(f(s, level, 0)) }),
		onShapeWith2(parse, func(s T, level int64, radius float64) (Dyn, bool) { return tokens(f(s, level, radius)) }),
	}
}

func registerH3() {
	register(Scalar{
		Name: "geo_point_to_h3cell", Family: geoFamily, Doc: "Returns the H3 cell of resolution 6, or a given one from 0 to 15, that a longitude and latitude lie in.",
		Examples:  []Example{{`print geo_point_to_h3cell(-74.04450446039874, 40.689250859314974, 6)`, `862a1072fffffff`}},
		Overloads: cellOf(geo.H3Cell, h3Level),
	})
	register(Scalar{
		Name: "geo_h3cell_to_central_point", Family: geoFamily, Doc: "Returns the middle of an H3 cell as a GeoJSON point.",
		Examples:  []Example{{`print round(toreal(geo_h3cell_to_central_point("862a1072fffffff").coordinates[0]), 6)`, `-74.016008`}},
		Overloads: textToDyn(geo.H3Centre),
	})
	register(Scalar{
		Name: "geo_h3cell_to_polygon", Family: geoFamily, Doc: "Returns the outline of an H3 cell as a GeoJSON polygon.",
		Examples:  []Example{{`print array_length(geo_h3cell_to_polygon("862a1072fffffff").coordinates[0])`, `7`}},
		Overloads: textToDyn(geo.H3Polygon),
	})
	register(Scalar{
		Name: "geo_polygon_to_h3cells", Family: geoFamily, Doc: "Returns the H3 cells of resolution 6, or a given one, whose middles lie in a GeoJSON polygon or within a radius in metres of it.",
		Examples:  []Example{{`print geo_polygon_to_h3cells(dynamic({"type":"Polygon","coordinates":[[[-74.2,40.6],[-73.9,40.6],[-73.9,40.9],[-74.2,40.9],[-74.2,40.6]]]}), 5)`, `["852a100bfffffff","852a1073fffffff"]`}},
		Overloads: covers(geo.ParsePolygons, h3Level, (*geo.Polygons).H3Cells),
	})
}

func registerH3Family() {
	register(Scalar{
		Name: "geo_h3cell_level", Family: geoFamily, Doc: "Returns the resolution of an H3 cell.",
		Examples:  []Example{{`print geo_h3cell_level("862a1072fffffff")`, `6`}},
		Overloads: []Overload{Try1(func(s string) (Int, bool) { return asInt(geo.H3Level(s)) })},
	})
	register(Scalar{
		Name: "geo_h3cell_parent", Family: geoFamily, Doc: "Returns the H3 cell that an H3 cell is part of, of the next coarser or a given resolution.",
		Examples: []Example{{`print geo_h3cell_parent("862a1072fffffff")`, `852a1073fffffff`}},
		Overloads: []Overload{
			Try1(func(s string) (string, bool) { return geo.H3Parent(s, -1) }),
			Try2(func(s string, level int64) (string, bool) {
				if level < 0 {
					return "", false
				}
				return geo.H3Parent(s, level)
			}),
		},
	})
	register(Scalar{
		Name: "geo_h3cell_children", Family: geoFamily, Doc: "Returns the H3 cells that an H3 cell is made of, of the next finer or a given resolution.",
		Examples: []Example{{`print array_length(geo_h3cell_children("862a1072fffffff", 8))`, `49`}},
		Overloads: []Overload{
			Try1(func(s string) (Dyn, bool) { return tokens(geo.H3Children(s, -1)) }),
			Try2(func(s string, level int64) (Dyn, bool) {
				if level < 0 {
					return "", false
				}
				return tokens(geo.H3Children(s, level))
			}),
		},
	})
	register(Scalar{
		Name: "geo_h3cell_neighbors", Family: geoFamily, Doc: "Returns the H3 cells around an H3 cell.",
		Examples:  []Example{{`print array_length(geo_h3cell_neighbors("862a1072fffffff"))`, `6`}},
		Overloads: textToTokens(geo.H3Neighbors),
	})
	register(Scalar{
		Name: "geo_h3cell_rings", Family: geoFamily, Doc: "Returns the rings of H3 cells around an H3 cell, up to so many steps from it.",
		Examples: []Example{{`print geo_h3cell_rings("861f8894fffffff", 1)[0]`, `["861f8894fffffff"]`}},
		Overloads: []Overload{Try2(func(s string, distance int64) (Dyn, bool) {
			rings, ok := geo.H3Rings(s, distance)
			if !ok {
				return "", false
			}
			texts := make([]string, len(rings))
			for i, ring := range rings {
				texts[i] = string(appendTokens(nil, ring))
			}
			return joinElements(texts), true
		})},
	})
}
