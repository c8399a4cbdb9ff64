package output

import (
	"bufio"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/table"
)

// pageRows is how many rows are laid out together. Widths are taken from one
// page at a time, so that a large result begins to show at once and needs
// little memory; each page has its own header.
const pageRows = 1000

// tableWriter shows a table to people. A page of rows whose columns fit the
// terminal is shown as lines (grid.go), else as records, a field a line
// (records.go). Columns that are empty in a whole page make way where they
// would cost the page its fit; a note says so. Datetimes are shown without T, Z
// and zeros at the end; null is the word null, dim where the terminal can,
// since an empty cell is an empty string.
type tableWriter struct {
	w      *bufio.Writer
	o      Options
	tables int

	cols  []table.Column
	page  [][]string // cells of the rows that are not shown yet
	rows  int64      // of this table
	pages int
	// omitted are the columns that no page has shown.
	omitted map[int]bool
	// skipped says that records left empty fields out, unnamed that the columns
	// of a table without rows are too many to name.
	skipped, unnamed bool
}

func newTable(w io.Writer, o Options) Writer {
	return &tableWriter{w: bufio.NewWriterSize(w, bufferSize), o: o}
}

// nullCell stands for null in a page. No text is the same: text is clean.
const nullCell = "\x00"

func (t *tableWriter) Begin(name string, cols []table.Column) error {
	if t.tables > 0 {
		fmt.Fprintln(t.w)
	}
	if t.tables > 0 || name != "" && name != "PrimaryResult" {
		fmt.Fprintln(t.w, t.bold(Clean(name)))
	}
	t.tables++
	t.cols = cols
	t.page, t.rows, t.pages, t.skipped, t.unnamed = nil, 0, 0, false, false
	t.omitted = make(map[int]bool)
	for i := range cols {
		t.omitted[i] = true
	}
	return nil
}

func (t *tableWriter) Write(rec arrow.Record) error {
	columns, err := columnsOf(rec, t.cols)
	if err != nil {
		return err
	}
	for i := range int(rec.NumRows()) {
		row := make([]string, len(columns))
		for k := range columns {
			row[k] = columns[k].show(i)
		}
		t.page = append(t.page, row)
		t.rows++
		if len(t.page) == pageRows {
			t.showPage()
			if err := t.w.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tableWriter) End() error {
	if len(t.page) > 0 || t.rows == 0 {
		t.showPage()
	}
	fmt.Fprintln(t.w, t.dim("("+Plural(t.rows, "row")+t.note()+")"))
	return t.w.Flush()
}

func (t *tableWriter) Close() error { return t.w.Flush() }

// note tells what is not shown.
func (t *tableWriter) note() string {
	n := 0
	for i := range t.cols {
		if t.omitted[i] {
			n++
		}
	}
	switch {
	case t.rows == 0 && t.unnamed:
		return " of " + Plural(int64(len(t.cols)), "column")
	case t.rows == 0:
		return ""
	case n > 0 && n < len(t.cols):
		return "; " + Plural(int64(n), "empty column") + " not shown"
	case t.skipped:
		return "; empty fields not shown"
	}
	return ""
}

// showPage chooses how to show the rows held and shows them.
func (t *tableWriter) showPage() {
	if t.pages > 0 {
		fmt.Fprintln(t.w)
	}
	t.pages++
	all := make([]int, len(t.cols))
	for i := range all {
		all[i] = i
	}
	if len(t.cols) == 0 {
		t.page = t.page[:0]
		return
	}
	shown := all
	g, ok := t.layout(all, len(t.page) == 0 || t.o.AllColumns)
	if !ok && !t.o.AllColumns && len(t.page) > 0 {
		shown = t.filled(all)
		g, ok = t.layout(shown, len(t.page) > 1) // one row is better whole
	}
	for _, c := range shown {
		t.omitted[c] = false
	}
	switch {
	case ok:
		t.showGrid(g)
	case len(t.page) > 0:
		t.showRecords(shown)
	case t.o.AllColumns:
		t.showNames()
	default: // a page of names would hide that there is nothing
		t.unnamed = true
	}
	t.page = t.page[:0]
}

// filled returns those of columns that hold something in the page.
func (t *tableWriter) filled(columns []int) []int {
	var out []int
	for _, c := range columns {
		for _, row := range t.page {
			if row[c] != "" && row[c] != nullCell {
				out = append(out, c)
				break
			}
		}
	}
	return out
}

// showNames lists the columns of a table without rows that is too wide.
func (t *tableWriter) showNames() {
	line := ""
	for i, c := range t.cols {
		name := Clean(c.Name)
		if i < len(t.cols)-1 {
			name += ","
		}
		if line != "" && Width(line)+1+Width(name) > t.o.Width {
			fmt.Fprintln(t.w, t.bold(line))
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += name
	}
	fmt.Fprintln(t.w, t.bold(line))
}

// show is row i as people read it, clean.
func (c *cells) show(i int) string {
	if c.null(i) {
		return nullCell
	}
	switch c.t {
	case table.Datetime:
		return ShortTime(table.Time(c.ints.Value(i)))
	case table.String, table.Guid, table.Decimal, table.Dynamic:
		return Clean(c.str(i))
	}
	return string(c.appendText(nil, i))
}

// rightAligned reports whether values are compared by their ends.
func rightAligned(t table.Type) bool { return t.IsNumeric() || t == table.Timespan }

// breakable reports whether a value may be cut and still says something.
func breakable(t table.Type) bool { return t == table.String || t == table.Dynamic }

func (t *tableWriter) bold(s string) string {
	if !t.o.Color || s == "" {
		return s
	}
	return "\x1b[1m" + s + "\x1b[0m"
}

func (t *tableWriter) dim(s string) string {
	if !t.o.Color {
		return s
	}
	return "\x1b[2m" + s + "\x1b[0m"
}
