package geo

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func lines(t *testing.T, text string) *Lines {
	t.Helper()
	l, ok := ParseLines(text)
	if !ok {
		t.Fatalf("%s is not valid", text)
	}
	return l
}

func polygons(t *testing.T, text string) *Polygons {
	t.Helper()
	p, ok := ParsePolygons(text)
	if !ok {
		t.Fatalf("%s is not valid", text)
	}
	return p
}

// sameShape compares GeoJSON up to the rounding of its numbers.
func sameShape(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && sameJSON(x, y)
}

func sameJSON(a, b any) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && math.Abs(a-b) < 1e-9
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !sameJSON(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k := range a {
			if !sameJSON(a[k], b[k]) {
				return false
			}
		}
		return true
	}
	return a == b
}

const (
	// Along the equator edges are straight on the map too.
	equator = `{"type":"LineString","coordinates":[[0,0],[1,0],[2,0]]}`
	north   = `{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,4],[0,0]]]}`
	south   = `{"type":"Polygon","coordinates":[[[1,0],[1,-3],[3,-3],[3,0],[1,0]]]}`
	holed   = `{"type":"Polygon","coordinates":[[[0,-3],[6,-3],[6,3],[0,3],[0,-3]],[[2,-1],[2,1],[4,1],[4,-1],[2,-1]]]}`
	empty   = `{"type":"GeometryCollection","geometries":[]}`
)

func TestIntersections(t *testing.T) {
	for _, c := range []struct{ name, got, want string }{
		{"lines across", IntersectLines(lines(t, equator), lines(t, `{"type":"LineString","coordinates":[[0.5,-1],[0.5,1]]}`)),
			`{"type":"Point","coordinates":[0.5,0]}`},
		{"a line's end", IntersectLines(lines(t, equator), lines(t, `{"type":"LineString","coordinates":[[0.5,0],[0.5,1]]}`)),
			`{"type":"Point","coordinates":[0.5,0]}`},
		{"lines along", IntersectLines(lines(t, equator), lines(t, `{"type":"LineString","coordinates":[[3,0],[1.5,0]]}`)),
			`{"type":"LineString","coordinates":[[1.5,0],[2,0]]}`},
		{"lines apart", IntersectLines(lines(t, equator), lines(t, `{"type":"LineString","coordinates":[[0,1],[1,1]]}`)), empty},
		{"a line through a hole", IntersectLinesPolygons(lines(t, `{"type":"LineString","coordinates":[[1,0],[5,0]]}`), polygons(t, holed)),
			`{"type":"MultiLineString","coordinates":[[[1,0],[2,0]],[[4,0],[5,0]]]}`},
		{"a line on a border", IntersectLinesPolygons(lines(t, equator), polygons(t, north)),
			`{"type":"LineString","coordinates":[[0,0],[1,0],[2,0]]}`},
		{"a line at a corner", IntersectLinesPolygons(lines(t, `{"type":"LineString","coordinates":[[-1,0],[0,0]]}`), polygons(t, north)),
			`{"type":"Point","coordinates":[0,0]}`},
		{"polygons with part of a border", IntersectPolygons(polygons(t, north), polygons(t, south)),
			`{"type":"LineString","coordinates":[[1,0],[3,0]]}`},
		{"polygons apart", IntersectPolygons(polygons(t, south), polygons(t, `{"type":"Polygon","coordinates":[[[9,9],[10,9],[10,10],[9,9]]]}`)), empty},
		{"a polygon inside another", IntersectPolygons(polygons(t, holed), polygons(t, `{"type":"Polygon","coordinates":[[[1,0],[1.5,0],[1.5,1],[1,0]]]}`)),
			`{"type":"Polygon","coordinates":[[[1,0],[1.5,0],[1.5,1],[1,0]]]}`},
		{"a polygon in the hole", IntersectPolygons(polygons(t, holed), polygons(t, `{"type":"Polygon","coordinates":[[[2.5,0],[3,0],[3,0.5],[2.5,0]]]}`)), empty},
	} {
		if !sameShape(c.got, c.want) {
			t.Errorf("%s: %s, want %s", c.name, c.got, c.want)
		}
	}
}

func TestIntersects(t *testing.T) {
	touching := lines(t, `{"type":"LineString","coordinates":[[0.5,0],[0.5,1]]}`)
	if !IntersectsLines(lines(t, equator), touching) || IntersectsLines(touching, lines(t, `{"type":"LineString","coordinates":[[3,3],[4,4]]}`)) {
		t.Error("lines")
	}
	inHole := lines(t, `{"type":"LineString","coordinates":[[2.5,0],[3,0.5]]}`)
	if IntersectsLinesPolygons(inHole, polygons(t, holed)) || !IntersectsLinesPolygons(inHole, polygons(t, north)) {
		t.Error("lines and polygons")
	}
	if !IntersectsPolygons(polygons(t, north), polygons(t, south)) || !IntersectsPolygons(polygons(t, holed), polygons(t, south)) {
		t.Error("polygons")
	}
}

func TestUnions(t *testing.T) {
	got, ok := UnionPolygons([]string{north, south})
	want := `{"type":"Polygon","coordinates":[[[1,0],[1,-3],[3,-3],[3,0],[4,0],[4,4],[0,4],[0,0],[1,0]]]}`
	p, valid := ParsePolygons(got)
	if !ok || !valid || len(p.parts) != 1 || math.Abs(p.Area()-polygons(t, want).Area()) > 1 {
		t.Errorf("union of neighbours: %s", got)
	}
	if p := polygons(t, holed); p.union().NumLoops() != 2 || p.Perimeter() < 3_500_000 {
		t.Errorf("a hole was lost: %g", p.Perimeter())
	}
	got, _ = UnionLines([]string{equator, `{"type":"LineString","coordinates":[[2,0],[1,0],[1,1]]}`})
	if want := `{"type":"MultiLineString","coordinates":[[[0,0],[1,0],[2,0]],[[1,0],[1,1]]]}`; got != want {
		t.Errorf("union of lines: %s", got)
	}
	for _, texts := range [][]string{nil, {north, `{"type":"Polygon"}`}} {
		if got, ok := UnionPolygons(texts); ok {
			t.Errorf("union of %v: %s", texts, got)
		}
	}
}

func TestDensify(t *testing.T) {
	for _, c := range []struct {
		line      string
		tolerance float64
		crossing  bool
		points    int // 0 where there is no result
	}{
		{`[[50,50],[51,51]]`, 10, false, 9},
		{`[[50,50],[50,70]]`, 10, false, 2},
		{equatorPoints, 10, false, 3},
		{`[[50,50],[51,51]]`, 0, false, 0},
		{`[[50,50],[51,51]]`, 10001, false, 0},
		{`[[179,50],[-179,50]]`, 10000, true, 2},
		{`[[179,0],[-179,0]]`, 10000, false, 3},
	} {
		l := lines(t, `{"type":"LineString","coordinates":`+c.line+`}`)
		got, ok := l.Densify(c.tolerance, c.crossing)
		n := 0
		if ok {
			n = len(lines(t, got).positions[0])
		}
		if n != c.points {
			t.Errorf("%s by %g: %d points: %s", c.line, c.tolerance, n, got)
		}
	}
}

const equatorPoints = `[[0,0],[1,0],[2,0]]`

func TestSimplify(t *testing.T) {
	for _, c := range []struct {
		line      string
		tolerance float64
		want      string
	}{
		{equatorPoints, 10, `[[0,0],[2,0]]`},
		{`[[0,0],[1,0.1],[2,0]]`, 10, `[[0,0],[1,0.1],[2,0]]`},
		{`[[0,0],[1,0.1],[2,0]]`, 20000, `[[0,0],[2,0]]`},
		{`[[0,0],[1,1],[1.0001,1],[2,0]]`, 100, `[[0,0],[1,1],[2,0]]`},
		{`[[1.1,1.1],[1.2,1.2]]`, 100000, ``},
		{equatorPoints, -1, ``},
	} {
		l := lines(t, `{"type":"LineString","coordinates":`+c.line+`}`)
		got, ok := l.Simplify(c.tolerance)
		if !ok {
			got = ""
		}
		if want := `{"type":"LineString","coordinates":` + c.want + `}`; got != want && ok || ok != (c.want != "") {
			t.Errorf("%s by %g: %s, want %s", c.line, c.tolerance, got, c.want)
		}
	}
	// Both sides of a common border with a small bend lose the bend alike.
	left := `{"type":"Polygon","coordinates":[[[0,0],[1,0],[1.0001,0.5],[1,1],[0,1],[0,0]]]}`
	right := `{"type":"Polygon","coordinates":[[[1,0],[2,0],[2,1],[1,1],[1.0001,0.5],[1,0]]]}`
	got, ok := SimplifyPolygons([]string{left, right}, 1000)
	if !ok || strings.Contains(got, "1.0001") || len(polygons(t, got).parts) != 2 {
		t.Errorf("common border: %s", got)
	}
	if u := polygons(t, got).union(); u.NumLoops() != 1 {
		t.Errorf("the common border came apart: %s", got)
	}
}

func TestS2Covering(t *testing.T) {
	p := polygons(t, `{"type":"Polygon","coordinates":[[[0,0],[0,50],[100,50],[0,0]]]}`)
	for _, c := range []struct {
		level  int64
		radius float64
		want   int // 0 where there is no result
	}{{5, 0, 286}, {0, 0, 2}, {30, 0, 0}, {31, 0, 0}, {-1, 0, 0}, {5, -1, 0}} {
		if got, ok := p.S2Cells(c.level, c.radius); ok != (c.want > 0) || ok && len(got) != c.want {
			t.Errorf("level %d, radius %g: %d cells", c.level, c.radius, len(got))
		}
	}
	// A radius reaches the cells of points that far away.
	line := lines(t, equator)
	cells, ok := line.S2Cells(12, 5000)
	if !ok {
		t.Fatal("no cells")
	}
	found := map[string]bool{}
	for _, c := range cells {
		found[c] = true
	}
	for _, lng := range []float64{0, 0.37, 1.5, 2} {
		if c, _ := S2Cell(lng, 0.0449, 12); !found[c] {
			t.Errorf("the cell at %g is missing", lng)
		}
	}
}
