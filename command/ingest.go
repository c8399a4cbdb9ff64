package command

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"tidemark/internal/dec"
	"tidemark/internal/dyn"
	"tidemark/parser"
	"tidemark/table"
)

func registerIngest() {
	register(&Command{
		Head: ".ingest inline into table T", Usage: ".ingest inline into table T [with (format=csv|tsv|psv|scsv, ignoreFirstRecord=true)] <| rows", Writes: true,
		Doc:     "Adds rows that are written out, the columns in the order of the table.",
		Example: ".ingest inline into table Host <|\n  web-01,2026-02-03\n  \"db, main\",2026-02-04",
		read:    readIngest,
	})
}

// separators are what fields are separated by in the formats.
var separators = map[string]rune{"csv": ',', "tsv": '\t', "psv": '|', "scsv": ';'}

// inline is rows written out.
type inline struct {
	into      name
	text      string // of the command
	rows      []inlineRow
	separator rune
	skip      bool // the first row
}

// inlineRow is some lines of the data.
type inlineRow struct {
	fields []string
	at     parser.Span
}

func readIngest(r *reader, names [][]name) action {
	props, err := r.properties("format ignoreFirstRecord")
	if err != nil {
		return nil
	}
	in := &inline{into: names[0][0], text: r.text, separator: ','}
	if f, ok := props["format"]; ok {
		if in.separator, ok = separators[strings.ToLower(f.value)]; !ok {
			r.fail(f.at, "TM035", "the formats are csv, tsv, psv and scsv; tidemark ingest knows more", "rows cannot be written out as %s", f.value)
			return nil
		}
	}
	if in.skip, err = r.flag(props, "ignoreFirstRecord"); err != nil {
		return nil
	}
	start := r.peek()
	switch {
	case r.accept("<|"):
		if strings.TrimSpace(r.text[r.pos:]) == "" {
			r.pos = len(r.text)
			r.unexpected("rows")
			return nil
		}
		r.open = true
		err = in.split(r, r.pos, r.text[r.pos:])
	case start.text == "[" || start.kind == quoteKind:
		r.open = true
		err = in.bracketed(r, start.start)
	default:
		err = r.unexpected("'<|'")
	}
	if err != nil {
		return nil
	}
	r.pos = len(r.text)
	if in.skip && len(in.rows) > 0 {
		in.rows = in.rows[1:]
	}
	return in.store
}

// bracketed reads rows that are written [a,b] line by line.
func (in *inline) bracketed(r *reader, begin int) error {
	for line := range strings.SplitAfterSeq(r.text[begin:], "\n") {
		row := strings.TrimSpace(line)
		if row == "" {
			begin += len(line)
			continue
		}
		at := begin + strings.Index(line, row)
		if len(row) < 2 || row[0] != '[' || row[len(row)-1] != ']' {
			return r.fail(parser.Span{Start: at, End: at + len(row)}, "TM035", "", "a row is written [value,…] on a line of its own")
		}
		if err := in.split(r, at+1, row[1:len(row)-1]); err != nil {
			return err
		}
		begin += len(line)
	}
	return nil
}

// split cuts data into rows and fields.
func (in *inline) split(r *reader, begin int, data string) error {
	lines := strings.SplitAfter(data, "\n")
	starts := make([]int, len(lines)+1)
	starts[0] = begin
	indent := indentOf(lines)
	var clean strings.Builder
	for i, l := range lines {
		starts[i+1] = starts[i] + len(l)
		if i == 0 {
			l = strings.TrimLeft(l, " ") // what follows <|
		}
		clean.WriteString(strings.TrimPrefix(l, indent))
	}
	c := csv.NewReader(strings.NewReader(clean.String()))
	c.Comma, c.FieldsPerRecord, c.LazyQuotes = in.separator, -1, true
	for {
		fields, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return r.fail(lineSpan(in.text, starts, bad.StartLine), "TM035", "", "this row cannot be read: %v", bad.Err)
		}
		line, _ := c.FieldPos(0)
		in.rows = append(in.rows, inlineRow{fields, lineSpan(in.text, starts, line)})
	}
}

// indentOf is the blanks that all lines but the first and empty ones begin with.
func indentOf(lines []string) string {
	indent, found := "", false
	for _, l := range lines[1:] {
		if strings.TrimSpace(l) == "" {
			continue
		}
		own := l[:len(l)-len(strings.TrimLeft(l, " "))]
		if !found || len(own) < len(indent) {
			indent, found = own, true
		}
	}
	return indent
}

// lineSpan is the place of line n, from 1, without its blanks.
func lineSpan(text string, starts []int, n int) parser.Span {
	from, to := starts[n-1], starts[n]
	line := text[from:to]
	body := strings.TrimSpace(line)
	from += strings.Index(line, body)
	return parser.Span{Start: from, End: from + len(body)}
}

func (in *inline) store(ctx context.Context, e *Env) (*answer, error) {
	src, err := e.tableNamed(in.into)
	if err != nil {
		return nil, err
	}
	cols := visible(src.Schema())
	var rows [][]any
	for _, r := range in.rows {
		row, err := r.values(in.into.text, cols)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	s, err := e.Write()
	if err != nil {
		return nil, err
	}
	if err := stored(s, in.into.text); err != nil {
		return nil, err
	}
	b := &table.Batch{}
	if len(rows) > 0 {
		b.Parts = []table.Part{{Table: in.into.text, Rows: record(cols, rows)}}
	}
	if err := s.Commit(ctx, b); err != nil {
		return nil, err
	}
	return loaded(int64(len(rows))), nil
}

// values are the fields of a row by the types of the columns. Columns that it
// lacks are empty.
func (r inlineRow) values(of string, cols []table.Column) ([]any, error) {
	if len(r.fields) > len(cols) {
		return nil, wrong(r.at, "TM035", "the columns are "+csl(cols), "this row has %s, and %s has %s",
			plural(len(r.fields), "field"), of, plural(len(cols), "column"))
	}
	row := make([]any, len(cols))
	for i, c := range cols {
		field := ""
		if i < len(r.fields) {
			field = r.fields[i]
		}
		v, ok := value(c.Type, field)
		if !ok {
			return nil, wrong(r.at, "TM035", "nothing was added", "%q is no %s, which the column %s holds", field, c.Type, c.Name)
		}
		row[i] = v
	}
	return row, nil
}

// value reads a field. An empty one is null, but for strings.
func value(t table.Type, s string) (v any, ok bool) {
	trimmed := strings.TrimSpace(s)
	if trimmed == "" && t != table.String {
		return nil, true
	}
	switch t {
	case table.Bool:
		return boxed(table.ParseBool(strings.ToLower(trimmed)))
	case table.Int:
		n, ok := table.ParseLong(trimmed)
		return n, ok && n == int64(int32(n))
	case table.Long:
		return boxed(table.ParseLong(trimmed))
	case table.Real:
		return boxed(table.ParseReal(trimmed))
	case table.Decimal:
		return boxed(dec.Parse(trimmed))
	case table.Datetime:
		d, ok := table.ParseTime(trimmed)
		return int64(d), ok
	case table.Timespan:
		d, ok := table.ParseDuration(trimmed)
		return int64(d), ok
	case table.Guid:
		return boxed(table.ParseGuid(trimmed))
	case table.Dynamic:
		if dyn.Valid([]byte(trimmed)) {
			return string(dyn.AppendCompact(nil, []byte(trimmed))), true
		}
		return string(dyn.AppendString(nil, s)), true // a text is a value, too
	}
	return s, true
}

func boxed[T any](v T, ok bool) (any, bool) { return v, ok }
