package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/storage"
	"tidemark/table"
)

// Parsed is a command that has been read and can be run.
type Parsed struct {
	*Command
	text string
	do   action
	pipe int  // where the query that reads the answer begins, or -1
	open bool // it ends with text of any length: rows, or a query
}

// Parse reads a command.
func Parse(text string) (*Parsed, parser.Errors) {
	r := &reader{text: text}
	c, names, err := r.find()
	if err != nil {
		return nil, r.errs
	}
	p := &Parsed{Command: c, text: text, pipe: -1}
	p.do = c.read(r, names)
	if r.errs.Fatal() {
		return nil, r.errs
	}
	p.open = r.open
	at := r.peek()
	r.accept(";")
	switch t := r.peek(); {
	case t.kind == endKind:
	case t.text == "|" && at == t:
		p.pipe = t.start
		_, errs := parser.Parse(p.query())
		r.errs = append(r.errs, errs...)
	default:
		r.tooMuch(c)
	}
	return p, r.errs
}

// Ends reports whether a prompt that has read text need not wait for more: it
// is a whole command that takes no text of any length, or it is wrong.
func Ends(text string) bool {
	p, errs := Parse(text)
	if !errs.Fatal() {
		return !p.open
	}
	return !stopsEarly(text, errs)
}

// Incomplete reports whether all that is wrong with a command is that it stops
// too early.
func Incomplete(text string) bool {
	_, errs := Parse(text)
	return errs.Fatal() && stopsEarly(text, errs)
}

func stopsEarly(text string, errs parser.Errors) bool {
	end := len(strings.TrimRight(text, " \t\r\n"))
	for _, e := range errs {
		at := text[min(e.Span.Start, len(text)):]
		fenced := e.Code == "KS001" && (strings.Contains(at, "```") || strings.Contains(at, "~~~"))
		if e.Span.Start >= end || fenced {
			return true
		}
	}
	return false
}

// Writes reports whether a text is a command that changes the database. One
// that is wrong does not get that far.
func Writes(text string) bool {
	if !Is(text) {
		return false
	}
	p, errs := Parse(text)
	return !errs.Fatal() && p.Writes
}

// answerTable is the name of the answer for the query that reads it. It is
// shorter than any command.
const answerTable = "__command"

// query is the query that reads the answer. Its places are those of the text.
func (p *Parsed) query() string {
	if p.pipe < 0 {
		return answerTable
	}
	return answerTable + strings.Repeat(" ", p.pipe-len(answerTable)) + p.text[p.pipe:]
}

// Run runs the command. The result must be closed.
func (p *Parsed) Run(ctx context.Context, e *Env) (*engine.Result, error) {
	if p.Writes && e.ReadOnly {
		return nil, fmt.Errorf("%s: %w", strings.Join(strings.Fields(p.Head), " "), storage.ErrReadOnly)
	}
	a, err := p.do(ctx, e)
	if err != nil {
		return nil, err
	}
	res, err := e.Query(ctx, p.query(), withAnswer{e.Catalog, a.source()})
	if err != nil {
		return nil, err
	}
	res.Warnings = append(a.warnings, res.Warnings...)
	return res, nil
}

// withAnswer is a catalog in which an answer is a table, too.
type withAnswer struct {
	Catalog
	answer table.Source
}

func (c withAnswer) Table(name string) (table.Source, bool) {
	if name == answerTable {
		return c.answer, true
	}
	return c.Catalog.Table(name)
}

func (c withAnswer) Function(name string) (*table.Function, bool) {
	if name == answerTable {
		return nil, false
	}
	return c.Catalog.Function(name)
}

func (a *answer) source() table.Source {
	return table.NewMemory(answerTable, table.MustSchema(a.cols...), append(a.records, record(a.cols, a.rows))...)
}

// record makes rows into a record in the layout of table.Type.Arrow.
func record(cols []table.Column, rows [][]any) arrow.Record {
	arrays := make([]arrow.Array, len(cols))
	for i, c := range cols {
		b := vec.NewBuilder(c.Type, len(rows))
		for _, row := range rows {
			b.Value(row[i])
		}
		arrays[i] = b.Done()
	}
	return recordOf(cols, arrays, len(rows))
}

func recordOf(cols []table.Column, arrays []arrow.Array, n int) arrow.Record {
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		fields[i] = arrow.Field{Name: c.Name, Type: arrays[i].DataType(), Nullable: true}
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), arrays, int64(n))
}

// wrong is an error at a place in the command.
func wrong(at parser.Span, code, hint, format string, args ...any) error {
	return parser.Errors{{Span: at, Code: code, Hint: hint, Msg: fmt.Sprintf(format, args...)}}
}
