package geo

import (
	"math"
	"testing"
)

// h3Cases are points with the cells they lie in, as the H3 library finds them,
// some in and next to pentagons.
var h3Cases = []struct {
	lng, lat             float64
	level                int64
	cell                 string
	centreLng, centreLat float64
	corners, within3     int // points of its outline; cells up to three steps away
}{
	{-74.04450446, 40.68925086, 0, "802bfffffffffff", -70.148995477, 39.992580194, 6, 34},
	{-74.04450446, 40.68925086, 1, "812a3ffffffffff", -70.148995477, 39.992580194, 6, 37},
	{-74.04450446, 40.68925086, 4, "842a107ffffffff", -74.190589891, 40.588350648, 6, 37},
	{-74.04450446, 40.68925086, 7, "872a1072bffffff", -74.030218323, 40.685283975, 6, 37},
	{-74.04450446, 40.68925086, 10, "8a2a1072b59ffff", -74.044431400, 40.689421844, 6, 37},
	{-74.04450446, 40.68925086, 15, "8f2a1072b59829e", -74.044499260, 40.689250516, 6, 37},
	{10.536199, 64.7, 0, "8009fffffffffff", 10.536199075, 64.700000128, 5, 31},
	{10.536199, 64.7, 1, "81083ffffffffff", 10.536199075, 64.700000128, 10, 31},
	{10.536199, 64.7, 4, "8408001ffffffff", 10.536199075, 64.700000128, 5, 31},
	{10.536199, 64.7, 7, "870800000ffffff", 10.536199075, 64.700000128, 10, 31},
	{10.536199, 64.7, 10, "8a0800000007fff", 10.536199075, 64.700000128, 5, 31},
	{10.536199, 64.7, 15, "8f0800000000000", 10.536199075, 64.700000128, 10, 31},
	{179.99, -16.5, 0, "809bfffffffffff", -173.641216768, -14.130272475, 6, 34},
	{179.99, -16.5, 1, "819b7ffffffffff", 179.803040659, -18.385478046, 7, 37},
	{179.99, -16.5, 4, "849b5ddffffffff", -179.900905739, -16.559160819, 6, 37},
	{179.99, -16.5, 7, "879b5dc46ffffff", 179.988256974, -16.502332618, 6, 37},
	{179.99, -16.5, 10, "8a9b5dc4608ffff", 179.990201623, -16.499805804, 6, 37},
	{179.99, -16.5, 15, "8f9b5dc4608d411", 179.989996614, -16.499997329, 6, 37},
	{2.35, 48.85, 0, "8019fffffffffff", -11.601625612, 52.675751125, 6, 34},
	{2.35, 48.85, 1, "811fbffffffffff", 6.917932608, 47.984657895, 7, 37},
	{2.35, 48.85, 4, "841fb47ffffffff", 2.184468767, 48.815375983, 6, 37},
	{2.35, 48.85, 7, "871fb4671ffffff", 2.347350654, 48.840823707, 6, 37},
	{2.35, 48.85, 10, "8a1fb466249ffff", 2.350192775, 48.850478429, 6, 37},
	{2.35, 48.85, 15, "8f1fb466249a72d", 2.350003164, 48.850003525, 6, 37},
	{-0.1, 89.9, 0, "8001fffffffffff", 38.023407008, 79.242398510, 6, 34},
	{-0.1, 89.9, 1, "81033ffffffffff", -110.584833587, 86.889885018, 6, 37},
	{-0.1, 89.9, 4, "8403263ffffffff", -50.396941350, 89.958596808, 6, 37},
	{-0.1, 89.9, 7, "870326352ffffff", 4.991866810, 89.900427378, 6, 37},
	{-0.1, 89.9, 10, "8a0326352287fff", -0.006342036, 89.900420224, 6, 37},
	{-0.1, 89.9, 15, "8f0326352281831", -0.101724629, 89.900002627, 6, 37},
	{58.157706, 10.447345, 0, "8063fffffffffff", 58.157705840, 10.447345188, 5, 31},
	{58.157706, 10.447345, 1, "81623ffffffffff", 58.157705840, 10.447345188, 10, 31},
	{58.157706, 10.447345, 4, "8462001ffffffff", 58.157705840, 10.447345188, 5, 31},
	{58.157706, 10.447345, 7, "876200000ffffff", 58.157705840, 10.447345188, 10, 31},
	{58.157706, 10.447345, 10, "8a6200000007fff", 58.157705840, 10.447345188, 5, 31},
	{58.157706, 10.447345, 15, "8f6200000000000", 58.157705840, 10.447345188, 10, 31},
	{-58.15, 2.3, 0, "805ffffffffffff", -55.499062349, 11.509775527, 6, 34},
	{-58.15, 2.3, 1, "815f3ffffffffff", -55.794660466, 3.839857557, 6, 37},
	{-58.15, 2.3, 4, "845f2c5ffffffff", -58.292348021, 2.251508848, 6, 37},
	{-58.15, 2.3, 7, "875f2c484ffffff", -58.156150989, 2.307475398, 6, 37},
	{-58.15, 2.3, 10, "8a5f2c484c37fff", -58.150205974, 2.299966112, 6, 37},
	{-58.15, 2.3, 15, "8f5f2c484c304a5", -58.149997185, 2.300002446, 6, 37},
	{139.69, 35.69, 0, "802ffffffffffff", 143.635751768, 39.547652537, 6, 34},
	{139.69, 35.69, 1, "812f7ffffffffff", 141.248808895, 32.201753781, 7, 37},
	{139.69, 35.69, 4, "842f5a3ffffffff", 139.681223706, 35.868823019, 6, 37},
	{139.69, 35.69, 7, "872f5a375ffffff", 139.699075675, 35.694664478, 6, 37},
	{139.69, 35.69, 10, "8a2f5a375acffff", 139.690085124, 35.690096728, 6, 37},
	{139.69, 35.69, 15, "8f2f5a375ac8aa3", 139.690003304, 35.690002946, 6, 37},
	{31.83, 11.64, 0, "806bfffffffffff", 26.174640840, 7.480115174, 6, 35},
	{31.83, 11.64, 1, "816b7ffffffffff", 30.703384287, 13.734784068, 6, 37},
	{31.83, 11.64, 4, "846b5d3ffffffff", 32.025043787, 11.620709693, 6, 37},
	{31.83, 11.64, 7, "876b5d3b3ffffff", 31.818164428, 11.634445394, 6, 37},
	{31.83, 11.64, 10, "8a6b5d3b3a6ffff", 31.829679787, 11.639914051, 6, 37},
	{31.83, 11.64, 15, "8f6b5d3b3a69d72", 31.829999181, 11.640004183, 6, 37},
}

func TestH3Cells(t *testing.T) {
	for _, c := range h3Cases {
		got, ok := H3Cell(c.lng, c.lat, c.level)
		if got != c.cell || !ok {
			t.Errorf("cell of %g, %g, %d: %s, want %s", c.lng, c.lat, c.level, got, c.cell)
			continue
		}
		cell, ok := parseH3(got)
		if !ok {
			t.Errorf("%s is not valid", got)
			continue
		}
		if at := toPosition(cell.centre()); math.Abs(at[0]-c.centreLng) > 1e-6 || math.Abs(at[1]-c.centreLat) > 1e-8 {
			t.Errorf("%s: centre %v, want %v, %v", got, at, c.centreLng, c.centreLat)
		}
		if n := len(cell.boundary()); n != c.corners {
			t.Errorf("%s: %d corners, want %d", got, n, c.corners)
		}
		sum := 0
		for _, ring := range cell.rings(3) {
			sum += len(ring)
		}
		if sum != c.within3 {
			t.Errorf("%s: %d cells within 3 steps, want %d", got, sum, c.within3)
		}
	}
}

// TestH3RoundTrip checks that the centre of each cell down to a resolution
// lies in it, and that its outline surrounds it.
func TestH3RoundTrip(t *testing.T) {
	const resolution = 2
	count := 0
	for base := range baseCells {
		newH3(base).children(resolution, func(c h3) {
			count++
			if got := h3At(c.centre(), resolution); got != c {
				t.Errorf("the centre of %s is in %s", c, got)
			}
			if !polygonOf(c.boundary()).ContainsPoint(c.centre()) {
				t.Errorf("%s does not contain its centre", c)
			}
			if n := len(c.around()); n != 6 && !(n == 5 && c.isPentagon()) {
				t.Errorf("%s has %d neighbours", c, n)
			}
		})
	}
	if want := 2 + 120*49; count != want {
		t.Errorf("%d cells, want %d", count, want)
	}
}

func TestH3Family(t *testing.T) {
	for _, c := range []struct {
		cell      string
		level     int64
		want      string
		ok        bool
		children  int
		childrens bool
	}{
		{"862a1072fffffff", -1, "852a1073fffffff", true, 7, true},
		{"862a1072fffffff", 1, "812a3ffffffffff", true, 0, false},
		{"862a1072fffffff", 8, "", false, 49, true},
		{"862a1072fffffff", 15, "", false, 0, false},
		{"8009fffffffffff", 1, "", false, 6, true}, // a pentagon
		{"8009fffffffffff", -1, "", false, 6, true},
		{"123", -1, "", false, 0, false},
		{"962a1072fffffff", -1, "", false, 0, false},
		{"", -1, "", false, 0, false},
	} {
		if got, ok := H3Parent(c.cell, c.level); got != c.want || ok != c.ok {
			t.Errorf("parent of %s at %d: %s, %v", c.cell, c.level, got, ok)
		}
		if got, ok := H3Children(c.cell, c.level); len(got) != c.children || ok != c.childrens {
			t.Errorf("children of %s at %d: %d, %v", c.cell, c.level, len(got), ok)
		}
	}
}

func TestH3CellsOfPolygons(t *testing.T) {
	for _, c := range []struct {
		polygon string
		level   int64
		want    int
	}{
		{`{"type":"Polygon","coordinates":[[[-74.2,40.6],[-73.9,40.6],[-73.9,40.9],[-74.2,40.9],[-74.2,40.6]]]}`, 5, 2},
		{`{"type":"Polygon","coordinates":[[[-74.2,40.6],[-73.9,40.6],[-73.9,40.9],[-74.2,40.9],[-74.2,40.6]]]}`, 9, 7959},
		{`{"type":"Polygon","coordinates":[[[170,-10],[-170,-10],[-170,10],[170,10],[170,-10]]]}`, 4, 3497},
		{`{"type":"Polygon","coordinates":[[[0,40],[10,40],[10,50],[0,50],[0,40]],[[2,42],[2,48],[8,48],[8,42],[2,42]]]}`, 5, 2298},
	} {
		p, ok := ParsePolygons(c.polygon)
		if !ok {
			t.Fatalf("%s is not valid", c.polygon)
		}
		if got, ok := p.H3Cells(c.level, 0); len(got) != c.want || !ok {
			t.Errorf("%s: %d cells of level %d, want %d", c.polygon, len(got), c.level, c.want)
		}
		if got, ok := p.H3Cells(15, 0); ok {
			t.Errorf("%s: %d cells of level 15", c.polygon, len(got))
		}
	}
}
