package op

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// external is externaldata: the rows of files. It reads files of the machine
// that the query runs on, with the rights of the program that runs it; other
// storage cannot be reached.
type external struct {
	cols   []externalColumn
	files  []string
	format externalFormat
	skip   bool // the first record of each file
}

// externalColumn is a column and where its values are in a record.
type externalColumn struct {
	table.Column
	place int      // of the field, in formats that have fields in order
	path  []string // of the member, in JSON
}

// scheme tells the addresses that are not paths; one letter is a drive.
var scheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]+)://`)

func (b *Binder) externaldata(e *parser.Externaldata) Node {
	cols, ok := b.columnDecls(e.Columns)
	if !ok {
		return nil
	}
	if b.isSet("request_external_data_disabled") {
		b.fail(e.Span(), "TM018", "", "set request_external_data_disabled forbids externaldata")
		return nil
	}
	n := &external{}
	for i, c := range cols {
		n.cols = append(n.cols, externalColumn{Column: c, place: i, path: []string{c.Name}})
	}
	for _, x := range e.URIs {
		file, ok := b.externalFile(x)
		if !ok {
			return nil
		}
		n.files = append(n.files, file)
	}
	format := ""
	for _, o := range e.Options {
		switch strings.ToLower(o.Name) {
		case "format":
			format = strings.ToLower(o.Word())
		case "ignorefirstrecord":
			n.skip = strings.EqualFold(o.Word(), "true")
		case "ingestionmapping":
			if err := n.mapping(o.Word()); err != nil {
				b.fail(o.Value.Span(), "TM015", `such as '[{"Column":"a","Properties":{"Path":"$.x.y"}}]'`, "the mapping cannot be read: %s", err)
				return nil
			}
		}
	}
	if format == "" && len(n.files) > 0 {
		format = formatOf(n.files[0])
	}
	if n.format, ok = externalFormats[format]; !ok {
		names := make([]string, 0, len(externalFormats))
		for name := range externalFormats {
			names = append(names, name)
		}
		slices.Sort(names)
		b.fail(e.Span(), "TM014", "the formats are "+strings.Join(names, ", "), "externaldata cannot read the format %s", format)
		return nil
	}
	return n
}

// externalFile is the path that an address stands for.
func (b *Binder) externalFile(x parser.Expr) (string, bool) {
	k := b.constant(x)
	if k == nil {
		return "", false
	}
	file, ok := k.Value().(string)
	if !ok || k.T != table.String {
		b.fail(x.Span(), "KS141", "", "the path of a file is expected here")
		return "", false
	}
	m := scheme.FindStringSubmatch(file)
	switch {
	case m == nil:
		return file, true
	case strings.EqualFold(m[1], "file"):
		file = file[len(m[0]):]
		if len(file) > 2 && file[0] == '/' && file[2] == ':' { // file:///C:/x
			file = file[1:]
		}
		return strings.TrimPrefix(file, "localhost"), true
	}
	const hint, text = "fetch the file and name it by its path", "externaldata reads files of this machine, and cannot reach %s addresses"
	if b.early == nil { // checked, not run: the query is right, only not here
		b.warn(x.Span(), "TM005", hint, text, strings.ToLower(m[1]))
		return file, true
	}
	b.fail(x.Span(), "TM005", hint, text, strings.ToLower(m[1]))
	return "", false
}

// formatOf tells the format by a file's name.
func formatOf(file string) string {
	name := strings.ToLower(strings.ReplaceAll(file, `\`, "/"))
	for _, packed := range []string{".gz", ".zip"} {
		name = strings.TrimSuffix(name, packed)
	}
	switch ext := strings.TrimPrefix(path.Ext(name), "."); ext {
	case "json", "jsonl", "ndjson":
		return "multijson"
	case "log":
		return "txt"
	case "":
		return "csv"
	default:
		if _, ok := externalFormats[ext]; ok || slices.Contains([]string{"parquet", "orc", "avro"}, ext) {
			return ext
		}
	}
	return "csv"
}

// mapping places the columns as an ingestion mapping says.
func (n *external) mapping(text string) error {
	var list []struct {
		Column     string
		Name       string
		Path       string
		Ordinal    any
		Properties struct {
			Path    string
			Ordinal any
		}
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return err
	}
	mapped := map[string]bool{}
	for _, m := range list {
		if m.Column == "" {
			m.Column = m.Name
		}
		i := slices.IndexFunc(n.cols, func(c externalColumn) bool { return c.Name == m.Column })
		if i < 0 {
			return fmt.Errorf("there is no column %s", m.Column)
		}
		mapped[m.Column] = true
		if m.Properties.Path == "" {
			m.Properties.Path = m.Path
		}
		if m.Properties.Ordinal == nil {
			m.Properties.Ordinal = m.Ordinal
		}
		if m.Properties.Path != "" {
			n.cols[i].path = jsonPath(m.Properties.Path)
		}
		if m.Properties.Ordinal != nil {
			if _, err := fmt.Sscan(fmt.Sprint(m.Properties.Ordinal), &n.cols[i].place); err != nil {
				return fmt.Errorf("%v is not the place of a field", m.Properties.Ordinal)
			}
		}
	}
	for i, c := range n.cols {
		if !mapped[c.Name] {
			n.cols[i].place, n.cols[i].path = -1, nil
		}
	}
	return nil
}

var pathPart = regexp.MustCompile(`\.([^.\[]+)|\[['"]([^'"]*)['"]\]|\[(\d+)\]`)

// jsonPath splits $.a['b c'][0].
func jsonPath(p string) []string {
	out := []string{}
	for _, m := range pathPart.FindAllStringSubmatch(strings.TrimPrefix(p, "$"), -1) {
		if m[3] != "" {
			out = append(out, "#"+m[3])
		} else {
			out = append(out, m[1]+m[2])
		}
	}
	return out
}

func (n *external) Columns() []table.Column {
	out := make([]table.Column, len(n.cols))
	for i, c := range n.cols {
		out[i] = c.Column
	}
	return out
}

func (n *external) Inputs() []Node         { return nil }
func (n *external) WithInputs([]Node) Node { return n }
func (n *external) String() string         { return "externaldata " + strings.Join(n.files, ", ") }

func (n *external) Prune(need []bool) Node {
	return &external{cols: pick(n.cols, need), files: n.files, format: n.format, skip: n.skip}
}

func (n *external) Open(_ context.Context, env *Env) (Stream, error) {
	s := &externalStream{node: n, rows: env.Rows}
	for _, c := range n.cols {
		from := n.format.holds
		if c.Type == from {
			s.convert = append(s.convert, nil)
			continue
		}
		k, _ := fn.Converter(from, c.Type)
		s.convert = append(s.convert, k)
	}
	return s, nil
}

type externalStream struct {
	node    *external
	rows    int
	convert []fn.Kernel // from what the format holds; nil where that is it
	at      int         // of the files
	file    io.Closer
	reader  recordReader
}

func (s *externalStream) Close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}

func (s *externalStream) Next(ctx context.Context) (*vec.Batch, error) {
	from := s.node.format.holds
	texts := make([]*vec.Builder, len(s.node.cols))
	for i := range texts {
		texts[i] = vec.NewBuilder(from, s.rows)
	}
	n := 0
	for n < s.rows {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		more, err := s.record(texts)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		n++
	}
	if n == 0 {
		return nil, io.EOF
	}
	out := &vec.Batch{N: n}
	for i, t := range texts {
		col := vec.Column{Arr: t.Done()}
		if k := s.convert[i]; k != nil {
			col = k(&fn.Args{N: n, Cols: []vec.Column{{Arr: col.Flat(n)}}, Types: []table.Type{from}})
		}
		out.Cols = append(out.Cols, col)
	}
	return out, nil
}

// record reads the next record of the files into the builders.
func (s *externalStream) record(into []*vec.Builder) (bool, error) {
	for {
		if s.reader == nil {
			if s.at >= len(s.node.files) {
				return false, nil
			}
			if err := s.open(s.node.files[s.at]); err != nil {
				return false, fmt.Errorf("externaldata: %w", err)
			}
			s.at++
		}
		err := s.reader(s.node.cols, into)
		if err == nil {
			return true, nil
		}
		s.reader = nil
		if err != io.EOF {
			return false, fmt.Errorf("externaldata: %s: %w", s.node.files[s.at-1], err)
		}
		if err := s.Close(); err != nil {
			return false, fmt.Errorf("externaldata: %w", err)
		}
	}
}

// open begins a file.
func (s *externalStream) open(name string) error {
	r, closer, err := openExternal(name)
	if err != nil {
		return err
	}
	s.file, s.reader = closer, s.node.format.open(r)
	if s.node.skip {
		dropped := make([]*vec.Builder, 0)
		if err := s.reader(nil, dropped); err != nil && err != io.EOF {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
