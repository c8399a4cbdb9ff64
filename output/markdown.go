package output

import (
	"bufio"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/table"
)

// markdownWriter writes tables as GitHub and most others read them.
type markdownWriter struct {
	w      *bufio.Writer
	cols   []table.Column
	tables int
	b      []byte
	cell   []byte
}

func newMarkdown(w io.Writer, o Options) Writer { return &markdownWriter{w: buffered(w, o)} }

func (m *markdownWriter) Begin(name string, cols []table.Column) error {
	m.cols = cols
	b := m.b[:0]
	if m.tables > 0 {
		b = append(b, "\n### "...)
		b = appendMarkdown(b, []byte(name))
		b = append(b, "\n\n"...)
	}
	m.tables++
	b = append(b, '|')
	for _, c := range cols {
		b = append(b, ' ')
		b = appendMarkdown(b, []byte(c.Name))
		b = append(b, " |"...)
	}
	b = append(b, "\n|"...)
	for _, c := range cols {
		if rightAligned(c.Type) {
			b = append(b, " ---: |"...)
		} else {
			b = append(b, " --- |"...)
		}
	}
	return m.put(b)
}

func (m *markdownWriter) Write(rec arrow.Record) error {
	columns, err := columnsOf(rec, m.cols)
	if err != nil {
		return err
	}
	for i := range int(rec.NumRows()) {
		b := append(m.b[:0], '|')
		for k := range columns {
			m.cell = columns[k].appendText(m.cell[:0], i)
			b = append(b, ' ')
			b = appendMarkdown(b, m.cell)
			b = append(b, " |"...)
		}
		if err := m.put(b); err != nil {
			return err
		}
	}
	return nil
}

func (m *markdownWriter) End() error   { return nil }
func (m *markdownWriter) Close() error { return m.w.Flush() }

func (m *markdownWriter) put(line []byte) error {
	m.b = append(line, '\n')
	_, err := m.w.Write(m.b)
	return err
}

// appendMarkdown appends s so that it reads as it is: nothing in it is
// formatting, HTML or the end of the cell.
func appendMarkdown(b, s []byte) []byte {
	for i, c := range s {
		switch c {
		case '\\', '|', '`', '*', '_', '[', ']', '~', '$':
			b = append(b, '\\', c)
		case '&':
			b = append(b, "&amp;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '\n':
			b = append(b, "<br>"...)
		case '\r':
			if i+1 == len(s) || s[i+1] != '\n' {
				b = append(b, "<br>"...)
			}
		default:
			b = append(b, c)
		}
	}
	return b
}
