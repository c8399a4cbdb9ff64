package output

import (
	"fmt"
	"strings"
)

// recordLines is how many lines a field of a record may take.
const recordLines = 4

// showRecords shows a row as a block with a field a line. Fields that are
// empty are left out.
func (t *tableWriter) showRecords(columns []int) {
	names := 0
	for _, c := range columns {
		names = max(names, Width(Clean(t.cols[c].Name)))
	}
	names = min(names, max(10, t.o.Width/3))
	width := max(20, t.o.Width-names-len(gap))
	first := t.rows - int64(len(t.page))
	for i, row := range t.page {
		if i > 0 {
			fmt.Fprintln(t.w)
		}
		title := "── row " + Count(first+int64(i)+1) + " "
		fmt.Fprintln(t.w, t.dim(title+strings.Repeat("─", max(2, min(t.o.Width, 60)-Width(title)))))
		for _, c := range columns {
			value := row[c]
			if !t.o.AllColumns && (value == "" || value == nullCell) {
				t.skipped = true
				continue
			}
			t.field(Clean(t.cols[c].Name), value, names, width)
		}
	}
}

// field shows one field; its value goes over several lines where it is long.
func (t *tableWriter) field(name, value string, names, width int) {
	name = cut(name, names)
	label := t.bold(name) + strings.Repeat(" ", max(0, names-Width(name)))
	if value == nullCell {
		fmt.Fprintln(t.w, label+gap+t.dim("null"))
		return
	}
	for n := 1; ; n++ {
		part := value
		if Width(value) > width {
			part = breakLine(value, width)
			if n == recordLines {
				part = cut(value, width)
				value = part
			}
		}
		if part == "" { // one character wider than the room
			part = value
		}
		fmt.Fprintln(t.w, strings.TrimRight(label+gap+part, " "))
		value = strings.TrimPrefix(value[len(part):], " ")
		if value == "" {
			return
		}
		label = strings.Repeat(" ", names)
	}
}

// breakLine is what of value goes on a line of width columns: up to a blank
// near its end, else as much as fits.
func breakLine(value string, width int) string {
	line := prefix(value, width)
	if strings.HasPrefix(value[len(line):], " ") {
		return line
	}
	if i := strings.LastIndexByte(line, ' '); i > len(line)*2/3 {
		return line[:i]
	}
	return line
}
