package geo

import (
	"cmp"
	"slices"

	"github.com/golang/geo/s2"
)

// rings joins pieces into closed rings that do not meet themselves. As s2 does
// it, a ring ends with its highest id, so that one equal to a given ring starts
// where that does, and rings come in the order of their first ids.
func (o *overlay) rings(pieces []piece) [][]piece {
	leaving := map[int][]int{} // by vertex the pieces that start there
	for i, p := range pieces {
		leaving[p.from] = append(leaving[p.from], i)
	}
	used := make([]bool, len(pieces))
	var out [][]piece
	for i := range pieces {
		if used[i] {
			continue
		}
		for _, ring := range o.walk(pieces, leaving, used, i) {
			// Two pieces are a there and back, left by rounding.
			if len(ring) > 2 {
				out = append(out, endHighest(ring))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b []piece) int { return cmp.Compare(a[0].id, b[0].id) })
	return out
}

// walk follows pieces from one on, turning left as far as it goes, and cuts a
// ring off whenever it comes to where it has been.
func (o *overlay) walk(pieces []piece, leaving map[int][]int, used []bool, start int) [][]piece {
	var rings [][]piece
	var path []piece
	at := map[int]int{} // by vertex its place on the path
	for next := start; next >= 0; {
		p := pieces[next]
		used[next] = true
		at[p.from] = len(path)
		path = append(path, p)
		if back, ok := at[p.to]; ok {
			ring := slices.Clone(path[back:])
			rings = append(rings, ring)
			for _, q := range ring {
				delete(at, q.from)
			}
			if path = path[:back]; len(path) == 0 {
				break
			}
			p = path[back-1] // which ends where the ring did
		}
		next = o.leftmost(pieces, leaving[p.to], used, p)
	}
	return rings
}

// leftmost picks from the unused of the candidates, all of which start where
// last ends, the first clockwise from the way back; -1 if there is none.
func (o *overlay) leftmost(pieces []piece, candidates []int, used []bool, last piece) int {
	best := -1
	points := o.vertices.points
	centre, back := points[last.to], points[last.from]
	for _, c := range candidates {
		switch {
		case used[c]:
		case best < 0:
			best = c
		case pieces[best].to == last.from: // straight back is the last resort
			best = c
		case pieces[c].to == last.from:
		case s2.OrderedCCW(points[pieces[best].to], points[pieces[c].to], back, centre):
			best = c
		}
	}
	return best
}

// endHighest turns a ring so that the pieces of its highest id come last.
func endHighest(ring []piece) []piece {
	n := len(ring)
	last := 0
	for i, p := range ring {
		if p.id > ring[last].id {
			last = i
		}
	}
	// They may start at the ring's end and go on at its start.
	for k := 1; k < n && ring[(last+1)%n].id == ring[last].id; k++ {
		last = (last + 1) % n
	}
	return append(slices.Clone(ring[last+1:]), ring[:last+1]...)
}

// chains joins pieces that follow each other into lines. A line that was cut
// open where it closes is joined there.
func chains(pieces []piece) [][]int {
	var out [][]int
	for _, p := range pieces {
		if n := len(out); n > 0 && out[n-1][len(out[n-1])-1] == p.from {
			out[n-1] = append(out[n-1], p.to)
		} else {
			out = append(out, []int{p.from, p.to})
		}
	}
	if n := len(out); n > 1 && out[n-1][len(out[n-1])-1] == out[0][0] {
		out[0] = append(out[n-1], out[0][1:]...)
		out = out[:n-1]
	}
	return out
}

func (o *overlay) positions(numbers []int) []position {
	out := make([]position, len(numbers))
	for i, n := range numbers {
		out[i] = toPosition(o.vertices.points[n])
	}
	return out
}

func (o *overlay) linePositions(lines [][]int) [][]position {
	out := make([][]position, len(lines))
	for i, line := range lines {
		out[i] = o.positions(line)
	}
	return out
}
