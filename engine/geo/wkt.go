package geo

import (
	"strconv"
	"strings"
)

// FromWKT converts well-known text such as POINT(1 2) to GeoJSON. Third and
// fourth dimensions are dropped.
func FromWKT(text string) (string, bool) {
	r := &wktReader{rest: text}
	shape, ok := r.shape(0)
	r.blanks()
	return shape, ok && r.rest == ""
}

type wktReader struct{ rest string }

func (r *wktReader) blanks() { r.rest = strings.TrimLeft(r.rest, " \t\r\n") }

// take reads a character if it is next.
func (r *wktReader) take(c byte) bool {
	r.blanks()
	if r.rest == "" || r.rest[0] != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// run reads the characters up to the first not wanted.
func (r *wktReader) run(want func(c rune) bool) string {
	r.blanks()
	n := strings.IndexFunc(r.rest, func(c rune) bool { return !want(c) })
	if n < 0 {
		n = len(r.rest)
	}
	text := r.rest[:n]
	r.rest = r.rest[n:]
	return text
}

func (r *wktReader) word() string {
	return strings.ToUpper(r.run(func(c rune) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }))
}

func (r *wktReader) shape(depth int) (string, bool) {
	const maxDepth = 16
	name := r.word()
	switch before := *r; r.word() {
	case "Z", "M", "ZM":
	case "":
	default:
		*r = before // EMPTY, which no shape below takes
	}
	switch name {
	case "POINT":
		p, ok := wktList(r, (*wktReader).position)
		return pointJSON(append(p, position{})[0]), ok && len(p) == 1
	case "LINESTRING":
		line, ok := r.line()
		return linesJSON([][]position{line}), ok && len(line) > 1
	case "POLYGON":
		rings, ok := r.rings()
		return polygonsJSON([][][]position{rings}), ok
	case "MULTIPOINT":
		points, ok := wktList(r, (*wktReader).bracketed)
		return shapeJSON("MultiPoint", func(b []byte) []byte { return appendPositions(b, points) }), ok
	case "MULTILINESTRING":
		lines, ok := wktList(r, (*wktReader).line)
		return shapeJSON(multiLineType, func(b []byte) []byte { return appendLists(b, lines) }), ok
	case "MULTIPOLYGON":
		polygons, ok := wktList(r, (*wktReader).rings)
		return shapeJSON(multiPolygonType, func(b []byte) []byte { return appendList(b, polygons, appendRings) }), ok
	case "GEOMETRYCOLLECTION":
		if depth == maxDepth {
			return "", false
		}
		shapes, ok := wktList(r, func(r *wktReader) (string, bool) { return r.shape(depth + 1) })
		return `{"type":"GeometryCollection","geometries":[` + strings.Join(shapes, ",") + "]}", ok
	}
	return "", false
}

// wktList reads items in brackets, parted by commas.
func wktList[T any](r *wktReader, item func(*wktReader) (T, bool)) ([]T, bool) {
	if !r.take('(') {
		return nil, false
	}
	var out []T
	for {
		v, ok := item(r)
		if !ok {
			return nil, false
		}
		out = append(out, v)
		if !r.take(',') {
			return out, r.take(')')
		}
	}
}

func (r *wktReader) position() (position, bool) {
	var numbers []float64
	for {
		text := r.run(func(c rune) bool { return '0' <= c && c <= '9' || strings.ContainsRune("+-.eE", c) })
		if text == "" {
			break
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return position{}, false
		}
		numbers = append(numbers, v)
	}
	if len(numbers) < 2 || len(numbers) > 4 {
		return position{}, false
	}
	return position{numbers[0], numbers[1]}, validPoint(numbers[0], numbers[1])
}

// bracketed reads a position that may stand in brackets of its own.
func (r *wktReader) bracketed() (position, bool) {
	inside := r.take('(')
	p, ok := r.position()
	return p, ok && (!inside || r.take(')'))
}

func (r *wktReader) line() ([]position, bool) { return wktList(r, (*wktReader).position) }

// rings reads closed rings and returns them open.
func (r *wktReader) rings() ([][]position, bool) {
	rings, ok := wktList(r, (*wktReader).line)
	for i, ring := range rings {
		n := len(ring) - 1
		if n < 3 || ring[0] != ring[n] {
			return nil, false
		}
		rings[i] = ring[:n]
	}
	return rings, ok
}
