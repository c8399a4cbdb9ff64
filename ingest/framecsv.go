package ingest

import (
	"bytes"
	"errors"
)

// csvRecords is the splitter of CSV: it finds the line ends that are not inside
// quotes. The first record is the header.
type csvRecords struct {
	parse func(record []byte) (any, error) // of the header
	head  any
	fail  error
}

func (c *csvRecords) header() any { return c.head }

func (c *csvRecords) split(text []byte, eof bool) (int, []byte, error) {
	end, ok := csvEnd(text)
	if !ok && !eof && len(text) <= MaxRecord {
		return 0, nil, nil
	}
	if end < 0 { // a quote is not closed: give up its line, not the rest of the file
		n := bytes.IndexByte(text, '\n') + 1
		if n == 0 {
			n = len(text)
		}
		return n, text[:n], reject(BadSyntax, "%v", errQuoteOpen)
	}
	advance, record := end, text[:end]
	record = bytes.TrimRight(record, "\r\n")
	if len(record) == 0 {
		return advance, nil, nil
	}
	if c.head == nil {
		if c.head, c.fail = c.parse(record); c.fail != nil {
			c.head = c.fail // decoders report it
		}
		return advance, nil, nil
	}
	return advance, record, nil
}

// save keeps whether the header has been passed over. What it says is read
// again.
func (c *csvRecords) save() []byte {
	if c.head != nil {
		return []byte{1}
	}
	return nil
}

func (c *csvRecords) restore(state []byte) error {
	if len(state) > 0 {
		c.head, c.fail = c.parse(nil)
	}
	return c.fail
}

// csvEnd returns the end of the first record, and whether a line end was
// found. It is negative where a quote is still open at the end of the text.
func csvEnd(text []byte) (int, bool) {
	line := bytes.IndexByte(text, '\n')
	if line >= 0 && bytes.IndexByte(text[:line], '"') < 0 {
		return line + 1, true
	}
	start := true // of a field
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n':
			return i + 1, true
		case c == ',':
			start = true
		case c == '"' && start:
			end := quotedEnd(text, i)
			if end < 0 {
				return -1, false
			}
			i, start = end-1, false
		case c == '"', text[max(i-1, 0)] == '"' && c != '\r':
			// A quote out of place: the record is wrong and ends with the line.
			if line = bytes.IndexByte(text[i:], '\n'); line >= 0 {
				return i + line + 1, true
			}
			return len(text), false
		default:
			start = false
		}
	}
	return len(text), false
}

// quotedEnd returns the place behind the quote that closes the field at i, or
// -1.
func quotedEnd(text []byte, i int) int {
	for i++; i < len(text); i++ {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			return -1
		}
		if i += n + 1; i >= len(text) || text[i] != '"' {
			return i
		}
	}
	return -1
}

var (
	errQuoteOpen = errors.New("a quoted field is not closed")
	errQuoteBare = errors.New(`a quote stands inside a field: the field must be quoted and the quote doubled`)
)

// csvFields appends the fields of a record, by RFC 4180 as encoding/csv reads
// it without LazyQuotes. Fields share memory with record and scratch.
func csvFields(record []byte, fields [][]byte, scratch []byte) ([][]byte, []byte, error) {
	plain := bytes.IndexByte(record, '"') < 0
	for {
		if plain || len(record) == 0 || record[0] != '"' {
			field := record
			end := bytes.IndexByte(record, ',')
			if end >= 0 {
				field = record[:end]
			}
			if !plain && bytes.IndexByte(field, '"') >= 0 {
				return fields, scratch, errQuoteBare
			}
			fields = append(fields, field)
			if end < 0 {
				return fields, scratch, nil
			}
			record = record[end+1:]
			continue
		}
		end := quotedEnd(record, 0)
		if end < 0 {
			return fields, scratch, errQuoteOpen
		}
		var field []byte
		field, scratch = unquote(record[1:end-1], scratch)
		fields = append(fields, field)
		if record = record[end:]; len(record) == 0 {
			return fields, scratch, nil
		}
		if record[0] != ',' {
			return fields, scratch, errQuoteBare
		}
		record = record[1:]
	}
}

// unquote undoes doubled quotes, and makes CRLF inside a field LF.
func unquote(text, scratch []byte) ([]byte, []byte) {
	if bytes.IndexByte(text, '"') < 0 && bytes.IndexByte(text, '\r') < 0 {
		return text, scratch
	}
	start := len(scratch)
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '"' {
			i++
		} else if c == '\r' && i+1 < len(text) && text[i+1] == '\n' {
			continue
		}
		scratch = append(scratch, c)
	}
	return scratch[start:len(scratch):len(scratch)], scratch
}
