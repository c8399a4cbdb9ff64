// Package output writes result tables as bytes: for people (table, markdown),
// for programs (json, jsonl, csv, tsv) and for other engines (arrow).
//
// A format is one entry in formats with its name, sentence of documentation,
// file extensions and constructor; the command line, the REPL and the help all
// read it. How a cell reads as text is decided once, in cell.go, and what may
// reach a terminal once, in clean.go.
package output

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/table"
)

// Writer writes result tables, one after the other: Begin, any number of
// Write, End, and again; Close after the last. It is used by one goroutine.
// What has been written may be held back until Close, which does not close the
// stream below. A Writer that is not closed leaves its output unfinished, so
// that half a result cannot be taken for a whole one.
type Writer interface {
	// Begin starts a table.
	Begin(name string, cols []table.Column) error
	// Write adds rows, in the layout of table.Type.Arrow. It keeps nothing of
	// the record.
	Write(rec arrow.Record) error
	// End finishes the table.
	End() error
	// Close finishes the output.
	Close() error
}

// Options say where the output goes. The zero value is a file.
type Options struct {
	Width      int  // columns of the terminal; 0 means as wide as it needs
	Color      bool // bold and dim text may be used
	Terminal   bool // control characters must not get through
	AllColumns bool // show columns and fields that are empty, too (table)
}

// Format describes a format.
type Format struct {
	Name       string
	Doc        string   // one sentence
	Extensions []string // with the dot
	Binary     bool     // not for a terminal
	New        func(w io.Writer, o Options) Writer
}

var formats = []*Format{
	{Name: "table", Doc: "Aligned columns, or a field a line where they do not fit.", Extensions: []string{".txt"}, New: newTable},
	{Name: "json", Doc: `One object, {"tables":[{"name":…,"columns":[…],"rows":[[…]]}]}.`, Extensions: []string{".json"}, New: newJSON},
	{Name: "jsonl", Doc: "A JSON object a row and line; several tables follow one another.", Extensions: []string{".jsonl", ".ndjson"}, New: newJSONL},
	{Name: "csv", Doc: "Comma-separated values (RFC 4180) with a header; null is empty.", Extensions: []string{".csv"}, New: newCSV},
	{Name: "tsv", Doc: "Like csv, with a tab between the values.", Extensions: []string{".tsv", ".tab"}, New: newTSV},
	{Name: "markdown", Doc: "A Markdown table, for issues and reports.", Extensions: []string{".md"}, New: newMarkdown},
}

// Formats returns all formats. The caller must not change the result.
func Formats() []*Format { return formats }

// Lookup returns the format named name, in any case, and whether there is one.
func Lookup(name string) (*Format, bool) {
	for _, f := range formats {
		if strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return nil, false
}

// ForFile returns the format that a file's extension stands for.
func ForFile(path string) (*Format, bool) {
	ext := strings.ToLower(filepath.Ext(path))
	for _, f := range formats {
		for _, e := range f.Extensions {
			if e == ext {
				return f, true
			}
		}
	}
	return nil, false
}

// Names returns the names of all formats.
func Names() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.Name
	}
	return names
}

// Table is a result table that is read record by record, until io.EOF.
type Table interface {
	Name() string
	Columns() []table.Column
	Next(ctx context.Context) (arrow.Record, error)
}

// Copy writes a table and returns the number of its rows.
func Copy(ctx context.Context, w Writer, t Table) (int64, error) {
	if err := w.Begin(t.Name(), t.Columns()); err != nil {
		return 0, err
	}
	var rows int64
	for {
		rec, err := t.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows, w.End()
		}
		if err != nil {
			return rows, err
		}
		rows += rec.NumRows()
		if err := w.Write(rec); err != nil {
			return rows, err
		}
	}
}
