package geo

import (
	"strconv"

	"tidemark/internal/dyn"
)

// The types of GeoJSON that are read.
const (
	lineType         = "LineString"
	multiLineType    = "MultiLineString"
	polygonType      = "Polygon"
	multiPolygonType = "MultiPolygon"
)

var parsers dyn.Pool

// readShape reads the type and the coordinates of GeoJSON text; use gets them
// while they are valid.
func readShape(text string, use func(kind string, coordinates *dyn.Value) bool) bool {
	p := parsers.Get()
	defer parsers.Put(p)
	v, err := p.Parse(text)
	if err != nil || v.Type() != dyn.Obj {
		return false
	}
	c := v.Get("coordinates")
	return c != nil && use(string(v.GetStringBytes("type")), c)
}

// readPositions reads an array of coordinates, all of which have to be valid.
func readPositions(v *dyn.Value) ([]position, bool) {
	if v.Type() != dyn.Array {
		return nil, false
	}
	items := v.GetArray()
	out := make([]position, len(items))
	for i, item := range items {
		if item.Type() != dyn.Array {
			return nil, false
		}
		numbers := item.GetArray()
		if len(numbers) < 2 {
			return nil, false
		}
		lng, err1 := numbers[0].Float64()
		lat, err2 := numbers[1].Float64()
		if err1 != nil || err2 != nil || !validPoint(lng, lat) {
			return nil, false
		}
		out[i] = position{lng, lat}
	}
	return out, true
}

// readLists reads an array of arrays of coordinates: lines, or rings.
func readLists(v *dyn.Value) ([][]position, bool) {
	if v.Type() != dyn.Array {
		return nil, false
	}
	items := v.GetArray()
	out := make([][]position, len(items))
	for i, item := range items {
		var ok bool
		if out[i], ok = readPositions(item); !ok {
			return nil, false
		}
	}
	return out, len(out) > 0
}

// readLines reads a line or several.
func readLines(text string) (lines [][]position, ok bool) {
	ok = readShape(text, func(kind string, c *dyn.Value) bool {
		var valid bool
		switch kind {
		case lineType:
			var one []position
			one, valid = readPositions(c)
			lines = [][]position{one}
		case multiLineType:
			lines, valid = readLists(c)
		}
		return valid
	})
	return lines, ok
}

// readPolygons reads the rings of a polygon or of several.
func readPolygons(text string) (polygons [][][]position, ok bool) {
	ok = readShape(text, func(kind string, c *dyn.Value) bool {
		switch kind {
		case polygonType:
			rings, valid := readLists(c)
			polygons = [][][]position{rings}
			return valid
		case multiPolygonType:
			for _, item := range c.GetArray() {
				rings, valid := readLists(item)
				if !valid {
					return false
				}
				polygons = append(polygons, rings)
			}
			return len(polygons) > 0
		}
		return false
	})
	return polygons, ok
}

// SplitArray returns the elements of a JSON array as texts.
func SplitArray(text string) ([]string, bool) {
	p := parsers.Get()
	defer parsers.Put(p)
	v, err := p.Parse(text)
	if err != nil || v.Type() != dyn.Array {
		return nil, false
	}
	items := v.GetArray()
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = string(item.MarshalTo(nil))
	}
	return out, true
}

// The writers append coordinates nested as deep as their type.

func appendPosition(b []byte, p position) []byte {
	b = append(b, '[')
	b = strconv.AppendFloat(b, p[0]+0, 'f', -1, 64) // adding 0 makes -0 a 0
	b = append(b, ',')
	b = strconv.AppendFloat(b, p[1]+0, 'f', -1, 64)
	return append(b, ']')
}

func appendList[T any](b []byte, items []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, item)
	}
	return append(b, ']')
}

func appendPositions(b []byte, line []position) []byte { return appendList(b, line, appendPosition) }

func appendLists(b []byte, lists [][]position) []byte { return appendList(b, lists, appendPositions) }

// appendClosed is appendPositions for a ring: its first position comes again
// at the end.
func appendClosed(b []byte, ring []position) []byte {
	return appendPositions(b, append(ring[:len(ring):len(ring)], ring[0]))
}

func appendRings(b []byte, rings [][]position) []byte { return appendList(b, rings, appendClosed) }

func shapeJSON(kind string, appendCoordinates func([]byte) []byte) string {
	b := append([]byte(`{"type":"`), kind...)
	b = append(b, `","coordinates":`...)
	return string(append(appendCoordinates(b), '}'))
}

func pointJSON(p position) string {
	return shapeJSON("Point", func(b []byte) []byte { return appendPosition(b, p) })
}

// ringJSON is a polygon of one ring, given open.
func ringJSON(ring []position) string { return polygonsJSON([][][]position{{ring}}) }

// linesJSON is a line, or several where there are not one.
func linesJSON(lines [][]position) string {
	if len(lines) == 1 {
		return shapeJSON(lineType, func(b []byte) []byte { return appendPositions(b, lines[0]) })
	}
	return shapeJSON(multiLineType, func(b []byte) []byte { return appendLists(b, lines) })
}

// pointsJSON is a point, or several where there are not one.
func pointsJSON(points []position) string {
	if len(points) == 1 {
		return pointJSON(points[0])
	}
	return shapeJSON("MultiPoint", func(b []byte) []byte { return appendPositions(b, points) })
}

// polygonsJSON is a polygon, or several where there are not one. Rings are
// open.
func polygonsJSON(polygons [][][]position) string {
	if len(polygons) == 1 {
		return shapeJSON(polygonType, func(b []byte) []byte { return appendRings(b, polygons[0]) })
	}
	return shapeJSON(multiPolygonType, func(b []byte) []byte { return appendList(b, polygons, appendRings) })
}

// collectionJSON is the geometry alone where there is one, else a collection.
func collectionJSON(geometries []string) string {
	if len(geometries) == 1 {
		return geometries[0]
	}
	b := []byte(`{"type":"GeometryCollection","geometries":`)
	b = appendList(b, geometries, func(b []byte, g string) []byte { return append(b, g...) })
	return string(append(b, '}'))
}
