package output

import (
	"fmt"
	"strings"
)

const (
	gap = "  " // between the columns of a grid
	// leastText is what a cell may be cut to before a page is rather shown as
	// records, leastHeader likewise for a column's name.
	leastText   = 16
	leastHeader = 20
	// mostText is how wide a cell gets where the terminal sets no limit to the
	// row but the value would still be hard to follow.
	mostText = 400
)

// grid is the layout of a page: which columns, how wide.
type grid struct {
	columns []int
	widths  []int
}

// layout finds widths that fit the page into the terminal. It fails where
// values would have to be cut too short; where mayCut is false, already where
// any would be cut.
func (t *tableWriter) layout(columns []int, mayCut bool) (grid, bool) {
	g := grid{columns: columns, widths: make([]int, len(columns))}
	least := make([]int, len(columns))
	total, leastTotal := 0, 0
	for k, c := range columns {
		header, cell := Width(Clean(t.cols[c].Name)), 1
		for _, row := range t.page {
			cell = max(cell, t.cellWidth(row[c]))
		}
		least[k] = max(cell, min(header, leastHeader))
		if breakable(t.cols[c].Type) {
			if t.o.Width == 0 {
				cell = min(cell, mostText)
			}
			least[k] = max(min(cell, leastText), min(header, leastHeader))
		}
		g.widths[k] = max(header, cell)
		total += g.widths[k]
		leastTotal += least[k]
	}
	room := t.o.Width - len(gap)*(len(columns)-1)
	switch {
	case t.o.Width == 0 || total <= room:
		return g, true
	case !mayCut || leastTotal > room:
		return g, false
	}
	g.shrink(least, room)
	return g, true
}

// shrink narrows the widest columns, all to the same width, until the sum is
// room; no column gets narrower than least.
func (g *grid) shrink(least []int, room int) {
	fits := func(limit int) (sum int) {
		for k, w := range g.widths {
			sum += max(least[k], min(w, limit))
		}
		return sum
	}
	limit := 1
	for fits(limit+1) <= room {
		limit++
	}
	left := room - fits(limit)
	for k, w := range g.widths {
		g.widths[k] = max(least[k], min(w, limit))
		if left > 0 && g.widths[k] < w { // what the last step did not use
			g.widths[k]++
			left--
		}
	}
}

func (t *tableWriter) cellWidth(s string) int {
	if s == nullCell {
		return len("null")
	}
	return Width(s)
}

func (t *tableWriter) showGrid(g grid) {
	header := make([]string, len(g.columns))
	rule := make([]string, len(g.columns))
	for k, c := range g.columns {
		header[k] = t.bold(cut(Clean(t.cols[c].Name), g.widths[k]))
		header[k] = t.padded(header[k], cut(Clean(t.cols[c].Name), g.widths[k]), g, k)
		rule[k] = strings.Repeat("─", g.widths[k])
	}
	t.line(header)
	fmt.Fprintln(t.w, t.dim(strings.Join(rule, gap)))
	cells := make([]string, len(g.columns))
	for _, row := range t.page {
		for k, c := range g.columns {
			s := cut(row[c], g.widths[k])
			shown := s
			if row[c] == nullCell {
				s, shown = "null", t.dim("null")
			}
			cells[k] = t.padded(shown, s, g, k)
		}
		t.line(cells)
	}
}

// padded fills up a cell of column k that is plain without its colours.
func (t *tableWriter) padded(cell, plain string, g grid, k int) string {
	blanks := strings.Repeat(" ", max(0, g.widths[k]-Width(plain)))
	if rightAligned(t.cols[g.columns[k]].Type) {
		return blanks + cell
	}
	return cell + blanks
}

// line writes cells without the blanks at the end of the line.
func (t *tableWriter) line(cells []string) {
	fmt.Fprintln(t.w, strings.TrimRight(strings.Join(cells, gap), " "))
}
