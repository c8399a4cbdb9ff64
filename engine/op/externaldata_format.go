package op

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/table"
)

// externalFormat is a format that externaldata reads.
type externalFormat struct {
	holds table.Type // what values are before they are converted: string, or dynamic for JSON
	open  func(r *bufio.Reader) recordReader
}

// recordReader appends the next record to the builders of its columns, or
// returns io.EOF. Without columns it skips the record.
type recordReader func(cols []externalColumn, into []*vec.Builder) error

var externalFormats = map[string]externalFormat{
	"csv":       {table.String, quoted(',')},
	"scsv":      {table.String, quoted(';')},
	"psv":       {table.String, quoted('|')},
	"sohsv":     {table.String, quoted(1)},
	"tsv":       {table.String, unquoted},
	"tsve":      {table.String, escaped},
	"txt":       {table.String, readLines},
	"raw":       {table.String, wholeFile},
	"json":      {table.Dynamic, jsonValues},
	"multijson": {table.Dynamic, jsonValues},
}

// openExternal opens a file, unpacks it and skips its byte order mark.
func openExternal(name string) (*bufio.Reader, io.Closer, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	r := bufio.NewReaderSize(f, 1<<16)
	switch head, _ := r.Peek(4); {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(r)
		if err != nil {
			f.Close()
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		r = bufio.NewReaderSize(z, 1<<16)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) && strings.HasSuffix(strings.ToLower(name), ".zip"):
		inner, err := onlyFile(f)
		if err != nil {
			f.Close()
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		r = bufio.NewReaderSize(inner, 1<<16)
	}
	if head, _ := r.Peek(3); bytes.Equal(head, []byte("\xef\xbb\xbf")) {
		r.Discard(3)
	}
	return r, f, nil
}

// onlyFile opens the file in a zip archive.
func onlyFile(f *os.File) (io.Reader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, err
	}
	if len(z.File) != 1 {
		return nil, fmt.Errorf("the archive holds %d files, not one", len(z.File))
	}
	return z.File[0].Open()
}

// fillFields appends the fields that columns stand for; those that the record does
// not have are null.
func fillFields(fields []string, cols []externalColumn, into []*vec.Builder) {
	for i, c := range cols {
		if c.place >= 0 && c.place < len(fields) {
			into[i].Str(fields[c.place])
		} else {
			into[i].Str("")
		}
	}
}

// quoted reads fields that may stand in quotes.
func quoted(comma rune) func(*bufio.Reader) recordReader {
	return func(r *bufio.Reader) recordReader {
		c := csv.NewReader(r)
		c.Comma, c.LazyQuotes, c.FieldsPerRecord, c.ReuseRecord = comma, true, -1, true
		return func(cols []externalColumn, into []*vec.Builder) error {
			fields, err := c.Read()
			if err != nil {
				return err
			}
			fillFields(fields, cols, into)
			return nil
		}
	}
}

// readLine reads a line of any length.
func readLine(r *bufio.Reader) (string, error) {
	text, err := r.ReadString('\n')
	if err != nil && (text == "" || !errors.Is(err, io.EOF)) {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), nil
}

func unquoted(r *bufio.Reader) recordReader { return tabbed(r, func(s string) string { return s }) }

var tabEscapes = strings.NewReplacer(`\t`, "\t", `\n`, "\n", `\r`, "\r", `\\`, `\`)

func escaped(r *bufio.Reader) recordReader { return tabbed(r, tabEscapes.Replace) }

// tabbed reads lines whose fields are parted by tabs.
func tabbed(r *bufio.Reader, decode func(string) string) recordReader {
	return func(cols []externalColumn, into []*vec.Builder) error {
		text, err := readLine(r)
		if err != nil {
			return err
		}
		fields := strings.Split(text, "\t")
		for i, f := range fields {
			fields[i] = decode(f)
		}
		fillFields(fields, cols, into)
		return nil
	}
}

// readLines gives each line as one field.
func readLines(r *bufio.Reader) recordReader {
	return func(cols []externalColumn, into []*vec.Builder) error {
		text, err := readLine(r)
		if err != nil {
			return err
		}
		fillFields([]string{text}, cols, into)
		return nil
	}
}

// wholeFile gives the file as one field.
func wholeFile(r *bufio.Reader) recordReader {
	done := false
	return func(cols []externalColumn, into []*vec.Builder) error {
		if done {
			return io.EOF
		}
		done = true
		text, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		fillFields([]string{string(text)}, cols, into)
		return nil
	}
}

// jsonValues gives each JSON value of a file, or each element where they are in
// arrays.
func jsonValues(r *bufio.Reader) recordReader {
	d := json.NewDecoder(r)
	within := false
	return func(cols []externalColumn, into []*vec.Builder) error {
		for {
			if within && !d.More() {
				if _, err := d.Token(); err != nil {
					return err
				}
				within = false
			}
			if !within && startsArray(d, r) {
				if _, err := d.Token(); err != nil {
					return err
				}
				within = true
				continue
			}
			var raw json.RawMessage
			if err := d.Decode(&raw); err != nil {
				return err
			}
			return fillMembers(raw, cols, into)
		}
	}
}

// startsArray looks at the next value without reading it.
func startsArray(d *json.Decoder, r *bufio.Reader) bool {
	for _, from := range []io.Reader{d.Buffered(), r} {
		b, isFile := from.(*bufio.Reader)
		if !isFile {
			b = bufio.NewReader(from)
		}
		for n := 1; ; n++ {
			head, err := b.Peek(n)
			if err != nil {
				break
			}
			if c := head[n-1]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				return c == '['
			}
		}
	}
	return false
}

func fillMembers(raw []byte, cols []externalColumn, into []*vec.Builder) error {
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return err
	}
	record := fn.Dyn(compact.String())
	for i, c := range cols {
		v, ok := record, c.path != nil
		for _, part := range c.path {
			if !ok {
				break
			}
			if place, isPlace := strings.CutPrefix(part, "#"); isPlace {
				var at int64
				fmt.Sscan(place, &at)
				v, ok = fn.Element(v, at)
			} else {
				v, ok = fn.Member(v, part)
			}
		}
		if ok && v != "null" {
			into[i].Str(string(v))
		} else {
			into[i].Null()
		}
	}
	return nil
}
