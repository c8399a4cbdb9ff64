package output

import (
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/ipc"

	"tidemark/table"
)

func init() {
	formats = append(formats, &Format{Name: "arrow", Doc: "An Arrow IPC stream per table, with standard Arrow types.",
		Extensions: []string{".arrows", ".arrow"}, Binary: true, New: newArrow})
}

// arrowWriter writes an IPC stream per table, one behind the other: a reader
// that has come to the end of one begins the next at the byte that follows.
type arrowWriter struct {
	w    io.Writer
	cols []table.Column
	ipc  *ipc.Writer
}

func newArrow(w io.Writer, _ Options) Writer { return &arrowWriter{w: w} }

func (a *arrowWriter) Begin(_ string, cols []table.Column) error {
	a.cols = cols
	a.ipc = ipc.NewWriter(a.w, ipc.WithSchema(table.ExportSchema(cols)))
	return nil
}

func (a *arrowWriter) Write(rec arrow.Record) error {
	if rec.NumRows() == 0 { // arrow v15 cannot write an empty slice of strings
		return nil
	}
	return table.InHalves(rec, a.write)
}

func (a *arrowWriter) write(rec arrow.Record) error {
	out, err := table.Export(rec, a.cols)
	if err != nil {
		return err
	}
	if err := a.ipc.Write(out); err != nil {
		return fmt.Errorf("write arrow: %w", err)
	}
	return nil
}

func (a *arrowWriter) End() error { return a.ipc.Close() }

func (a *arrowWriter) Close() error { return nil }
