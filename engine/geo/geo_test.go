package geo

import (
	"math"
	"testing"
)

func near9(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b)) }

func TestMeasures(t *testing.T) {
	nan := math.NaN()
	number := func(v float64, ok bool) float64 {
		if !ok {
			return nan
		}
		return v
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"sphere", number(Distance(-122.407628, 47.578557, -118.275287, 34.019056)), 1546754.3519738077},
		{"the same point", number(Distance(1, 1, 1, 1)), 0},
		{"out of range", number(Distance(300, 1, 1, 1)), nan},
		{"not a number", number(Distance(nan, 1, 1, 1)), nan},
		{"spheroid, a quarter of the equator", number(SpheroidDistance(0, 0, 90, 0)), 10018754.171394622},
		{"spheroid, pole to pole", number(SpheroidDistance(0, 90, 10, -90)), 20003931.458625443},
		{"spheroid, around a pole", number(SpheroidDistance(0, 0, 180, 0)), 20003931.458625443},
		{"spheroid, almost opposite", number(SpheroidDistance(0, 0, 179.5, 0.5)), 19936288.578965314},
		{"spheroid, the same point", number(SpheroidDistance(5, 5, 5, 5)), 0},
		{"east", number(Azimuth(0, 0, 1, 0)), math.Pi / 2},
		{"south", number(Azimuth(0, 0, 0, -1)), math.Pi},
		{"west", number(Azimuth(0, 0, -1, 0)), 3 * math.Pi / 2},
		{"no direction", number(Azimuth(1, 1, 1, 1)), nan},
		{"opposite", number(Azimuth(0, 90, 0, -90)), nan},
		{"angle", number(Angle(0, 10, 0, 5, 3, -10)), 2.9449384340688204},
		{"no angle", number(Angle(0, 10, 0, 10, 3, -10)), nan},
	} {
		if !near9(c.got, c.want) && !(math.IsNaN(c.got) && math.IsNaN(c.want)) {
			t.Errorf("%s: %.17g, want %.17g", c.name, c.got, c.want)
		}
	}
}

func TestGeohash(t *testing.T) {
	for _, c := range []struct {
		lng, lat float64
		digits   int64
		want     string
	}{
		{-80.195829, 25.802215, 8, "dhwfz15h"},
		{180, 90, 3, "zzz"},
		{-180, -90, 3, "000"},
		{0, 0, 18, "s00000000000000000"},
		{1, 1, 0, ""},
		{1, 1, 19, ""},
		{200, 1, 8, ""},
	} {
		if got, _ := Geohash(c.lng, c.lat, c.digits); got != c.want {
			t.Errorf("geohash of %g, %g: %s, want %s", c.lng, c.lat, got, c.want)
		}
	}
	for hash, want := range map[string]int{"sunny": 8, "0": 5, "zzz": 5, "u": 5, "s": 8, "a": 0, "": 0} {
		if got, ok := GeohashNeighbors(hash); len(got) != want || ok != (want > 0) {
			t.Errorf("neighbours of %q: %v", hash, got)
		}
	}
}

// TestValid lists shapes and whether they are.
func TestValid(t *testing.T) {
	for text, want := range map[string]bool{
		`{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,0]]]}`:                                      true,
		`{"type":"Polygon","coordinates":[[[0,0],[10,10],[10,0],[0,0]]]}`:                                      true, // either way round
		`{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[1,2],[2,2],[1,1]]]}`:         true,
		`{"type":"MultiPolygon","coordinates":[[[[0,0],[9,0],[9,9],[0,0]]],[[[1,1],[8,1],[2,8],[1,1]]]]}`:      true,
		`{"type":"Polygon","coordinates":[[[0,0],[10,10],[10,10],[0,0]]]}`:                                     false,
		`{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10]]]}`:                                            false, // open
		`{"type":"Polygon","coordinates":[[[0,0],[10,0],[0,10],[10,10],[0,0]]]}`:                               false, // crosses itself
		`{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[11,11],[11,12],[12,12],[11,11]]]}`: false,
		`{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[1,12],[12,12],[1,1]]]}`:      false,
		`{"type":"Polygon","coordinates":[]}`:                                                                  false,
		`{"type":"Polygon"}`:                                                                                   false,
		`{"type":"Polygon","coordinates":[[[0,0],["10",0],[10,10],[0,0]]]}`:                                    false,
		`{"type":"Polygon","coordinates":[[[0,0],[10],[10,10],[0,0]]]}`:                                        false,
		`{"type":"Point","coordinates":[0,0]}`:                                                                 false,
		`[]`:                                                                                                   false,
		`null`:                                                                                                 false,
		`{"type":"MultiPolygon","coordinates":{"a":1}}`:                                                        false,
		`{"type":"LineString","coordinates":[[0,0],[1,1]]}`:                                                    false,
		`{"type":"Polygon","coordinates":[[[0,0],[180,0],[10,10],[0,0]]]}`:                                     false, // half around
		`{"type":"Polygon","coordinates":[[[0,0],[1e400,0],[10,10],[0,0]]]}`:                                   false,
	} {
		if _, ok := ParsePolygons(text); ok != want {
			t.Errorf("%s: valid is %v", text, ok)
		}
	}
	for text, want := range map[string]bool{
		`{"type":"LineString","coordinates":[[0,0],[1,1]]}`:                      true,
		`{"type":"LineString","coordinates":[[0,0],[0,0],[1,1]]}`:                true,
		`{"type":"LineString","coordinates":[[0,0],[0,0]]}`:                      false,
		`{"type":"LineString","coordinates":[[0,0]]}`:                            false,
		`{"type":"LineString","coordinates":[[0,0],[180,0]]}`:                    false,
		`{"type":"MultiLineString","coordinates":[[[0,0],[1,1]],[[2,2]]]}`:       false,
		`{"type":"MultiLineString","coordinates":[[[0,0],[1,1]],[[2,2],[3,3]]]}`: true,
		`{"type":"LineString"}`:                                                  false,
		`1`:                                                                      false,
	} {
		if _, ok := ParseLines(text); ok != want {
			t.Errorf("%s: valid is %v", text, ok)
		}
	}
}

func TestWKT(t *testing.T) {
	for text, want := range map[string]string{
		"POINT (7.5 47)":           `{"type":"Point","coordinates":[7.5,47]}`,
		" point z(1 2 3) ":         `{"type":"Point","coordinates":[1,2]}`,
		"LINESTRING(0 0,-1.5e0 1)": `{"type":"LineString","coordinates":[[0,0],[-1.5,1]]}`,
		"POLYGON((0 0,1 0,1 1,0 0),(0.2 0.1,0.3 0.1,0.3 0.2,0.2 0.1))": `{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]],[[0.2,0.1],[0.3,0.1],[0.3,0.2],[0.2,0.1]]]}`,
		"MULTIPOINT((10 40),(40 30))":                                  `{"type":"MultiPoint","coordinates":[[10,40],[40,30]]}`,
		"MULTIPOINT(10 40,40 30)":                                      `{"type":"MultiPoint","coordinates":[[10,40],[40,30]]}`,
		"MULTILINESTRING((0 0,1 1),(2 2,3 3))":                         `{"type":"MultiLineString","coordinates":[[[0,0],[1,1]],[[2,2],[3,3]]]}`,
		"MULTIPOLYGON(((0 0,1 0,1 1,0 0)))":                            `{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}`,
		"GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(1 2,3 4))":           `{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"LineString","coordinates":[[1,2],[3,4]]}]}`,
		"": "", "POINT EMPTY": "", "POINT(1 2": "", "POINT(1)": "", "POINT(1 2) x": "", "POINT(200 2)": "",
		"POLYGON((0 0,1 0,1 1))": "", "CIRCLE(1 2)": "", "LINESTRING(1 2)": "", "POINT(1 2,3 4)": "", "POINT(1-2 3)": "",
	} {
		got, ok := FromWKT(text)
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
