package output

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/table"
)

const bufferSize = 64 << 10

// buffered is the buffer of a text format on its way to w.
func buffered(w io.Writer, o Options) *bufio.Writer {
	if o.Terminal {
		w = terminalSafe(w)
	}
	return bufio.NewWriterSize(w, bufferSize)
}

// jsonWriter writes {"tables":[…]}.
type jsonWriter struct {
	w      *bufio.Writer
	cols   []table.Column
	tables int
	rows   int64 // of this table
	b      []byte
}

func newJSON(w io.Writer, o Options) Writer { return &jsonWriter{w: buffered(w, o)} }

func (j *jsonWriter) Begin(name string, cols []table.Column) error {
	b := j.b[:0]
	if j.tables == 0 {
		b = append(b, `{"tables":[`...)
	} else {
		b = append(b, ',')
	}
	j.tables++
	j.rows, j.cols = 0, cols
	b = append(b, `{"name":`...)
	b = appendJSONString(b, name)
	b = append(b, `,"columns":[`...)
	for i, c := range cols {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"name":`...)
		b = appendJSONString(b, c.Name)
		b = append(b, `,"type":"`...)
		b = append(b, c.Type.String()...)
		b = append(b, `"}`...)
	}
	return j.put(append(b, `],"rows":[`...))
}

func (j *jsonWriter) Write(rec arrow.Record) error {
	columns, err := columnsOf(rec, j.cols)
	if err != nil {
		return err
	}
	for i := range int(rec.NumRows()) {
		b := j.b[:0]
		if j.rows > 0 {
			b = append(b, ",\n"...)
		}
		j.rows++
		b = append(b, '[')
		for k := range columns {
			if k > 0 {
				b = append(b, ',')
			}
			b = columns[k].appendJSON(b, i)
		}
		if err := j.put(append(b, ']')); err != nil {
			return err
		}
	}
	return nil
}

func (j *jsonWriter) End() error { return j.put(append(j.b[:0], `]}`...)) }

func (j *jsonWriter) Close() error {
	end := "]}\n"
	if j.tables == 0 {
		end = `{"tables":[]}` + "\n"
	}
	if err := j.put(append(j.b[:0], end...)); err != nil {
		return err
	}
	return j.w.Flush()
}

// put writes b and keeps its memory.
func (j *jsonWriter) put(b []byte) error {
	j.b = b
	_, err := j.w.Write(b)
	return err
}

// jsonlWriter writes an object per row.
type jsonlWriter struct {
	w     *bufio.Writer
	cols  []table.Column
	names [][]byte // `"name":`
	b     []byte
}

func newJSONL(w io.Writer, o Options) Writer { return &jsonlWriter{w: buffered(w, o)} }

func (j *jsonlWriter) Begin(_ string, cols []table.Column) error {
	j.cols = cols
	j.names = make([][]byte, len(cols))
	for i, c := range cols {
		j.names[i] = append(appendJSONString(nil, c.Name), ':')
	}
	return nil
}

func (j *jsonlWriter) Write(rec arrow.Record) error {
	columns, err := columnsOf(rec, j.cols)
	if err != nil {
		return err
	}
	for i := range int(rec.NumRows()) {
		b := append(j.b[:0], '{')
		for k := range columns {
			if k > 0 {
				b = append(b, ',')
			}
			b = append(b, j.names[k]...)
			b = columns[k].appendJSON(b, i)
		}
		j.b = append(b, '}', '\n')
		if _, err := j.w.Write(j.b); err != nil {
			return err
		}
	}
	return nil
}

func (j *jsonlWriter) End() error   { return nil }
func (j *jsonlWriter) Close() error { return j.w.Flush() }

// appendJSON appends row i as a JSON value.
func (c *cells) appendJSON(b []byte, i int) []byte {
	if c.null(i) {
		return append(b, "null"...)
	}
	switch c.t {
	case table.Bool, table.Int, table.Long:
		return c.appendText(b, i)
	case table.Real:
		if f := c.floats.Value(i); math.IsNaN(f) || math.IsInf(f, 0) {
			break
		}
		return c.appendText(b, i)
	case table.Datetime, table.Timespan:
	case table.Dynamic:
		if s := c.str(i); json.Valid([]byte(s)) {
			return append(b, s...)
		}
		return appendJSONString(b, c.str(i))
	default:
		return appendJSONString(b, c.str(i))
	}
	b = append(b, '"')
	return append(c.appendText(b, i), '"')
}

const hexDigits = "0123456789abcdef"

// appendJSONString appends s in quotes. Bytes that are not UTF-8 become
// U+FFFD, since JSON has no way to say them.
func appendJSONString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(b, s[start:i]...)
				b = append(b, "\ufffd"...)
				start = i + 1
			}
			i += n
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
