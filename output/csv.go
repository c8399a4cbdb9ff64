package output

import (
	"bufio"
	"bytes"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/table"
)

// csvWriter writes values between separators, a line per row. Lines end in a
// line feed alone, which every reader of RFC 4180 takes and Unix tools need.
// An empty line stands between tables.
type csvWriter struct {
	w      *bufio.Writer
	comma  byte
	cols   []table.Column
	tables int
	b      []byte // a line
	cell   []byte
}

func newCSV(w io.Writer, o Options) Writer { return &csvWriter{w: buffered(w, o), comma: ','} }
func newTSV(w io.Writer, o Options) Writer { return &csvWriter{w: buffered(w, o), comma: '\t'} }

func (c *csvWriter) Begin(_ string, cols []table.Column) error {
	c.cols = cols
	b := c.b[:0]
	if c.tables > 0 {
		b = append(b, '\n')
	}
	c.tables++
	for i, col := range cols {
		b = c.appendField(b, i, []byte(col.Name))
	}
	return c.put(b)
}

func (c *csvWriter) Write(rec arrow.Record) error {
	columns, err := columnsOf(rec, c.cols)
	if err != nil {
		return err
	}
	for i := range int(rec.NumRows()) {
		b := c.b[:0]
		for k := range columns {
			c.cell = columns[k].appendText(c.cell[:0], i)
			b = c.appendField(b, k, c.cell)
		}
		if err := c.put(b); err != nil {
			return err
		}
	}
	return nil
}

func (c *csvWriter) End() error   { return nil }
func (c *csvWriter) Close() error { return c.w.Flush() }

func (c *csvWriter) put(line []byte) error {
	c.b = append(line, '\n')
	_, err := c.w.Write(c.b)
	return err
}

// appendField appends field i of a line, in quotes where it needs them. An
// empty field that is alone on its line does: readers skip empty lines.
func (c *csvWriter) appendField(b []byte, i int, s []byte) []byte {
	if i > 0 {
		b = append(b, c.comma)
	}
	quote := len(s) == 0 && len(c.cols) == 1
	if n := len(s); n > 0 {
		quote = s[0] == ' ' || s[n-1] == ' ' || bytes.IndexByte(s, c.comma) >= 0 || bytes.ContainsAny(s, "\"\r\n")
	}
	if !quote {
		return append(b, s...)
	}
	b = append(b, '"')
	for _, x := range s {
		if x == '"' {
			b = append(b, '"')
		}
		b = append(b, x)
	}
	return append(b, '"')
}
