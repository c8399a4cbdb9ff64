package ingest

import (
	"slices"
	"strings"
	"time"

	"tidemark/internal/near"
	"tidemark/internal/tree"
	"tidemark/table"
)

// Mapping says how records of a format that Tidemark does not know become
// rows. See ReadMapping.
type Mapping struct{ name, text string }

// ReadMapping reads a mapping from YAML. docs/formats.md says what may be in
// it. The error says what is wrong and where; what has to do with the table or
// the records is found when a load begins.
func ReadMapping(name, text string) (*Mapping, error) {
	if _, err := parseMapping(name, text); err != nil {
		return nil, err
	}
	return &Mapping{name, text}, nil
}

// mapping is a Mapping that has been read for one load, whose faults go into a
// file of its own.
type mapping struct {
	file    *tree.File
	root    *tree.Node
	name    string // AgentFormat of the rows
	table   string
	tableAt *tree.Node // nil where the mapping names none
	input   string     // json or csv; empty is told from the content
	comma   rune       // between the fields of CSV
	header  []string   // the names of the fields of CSV that has no header line
	source  []*sourceColumn
	columns []*mapped
	query   *tree.Node
	drop    bool // what no column takes
}

// sourceColumn is a declared column of the table source.
type sourceColumn struct {
	node *tree.Node // its name
	typ  table.Type
}

// mapped is a column of the table and what goes into it.
type mapped struct {
	node     *tree.Node // the column's name
	pathAt   *tree.Node
	path     path
	constant *string
	timeAt   *tree.Node
	time     *timeFormat
	zone     *time.Location
	words    map[string]string // what a text stands for; "*" for all others
	absent   *string           // the value where the record has none
}

func parseMapping(name, text string) (*mapping, error) {
	m := &mapping{file: &tree.File{Name: name, Text: text}, name: "mapping", comma: ','}
	docs := m.file.Documents()
	switch {
	case m.file.Errs.Fatal():
	case len(docs) != 1:
		m.file.Fail(m.file.Start(), "", "a mapping is one document, and this file has %d", len(docs))
	default:
		m.root = docs[0]
		m.root.Fields("a mapping", m.fields())
		m.check()
	}
	return m, m.file.Err()
}

func (m *mapping) fields() []tree.Field {
	return []tree.Field{
		{Name: "name", Doc: "AgentFormat of the rows.", Read: func(n *tree.Node) { n.String(&m.name) }},
		{Name: "table", Doc: "Where the rows go.", Read: func(n *tree.Node) { n.String(&m.table); m.tableAt = n }},
		{Name: "input", Doc: "What the records are: json or csv.", Read: func(n *tree.Node) { n.Word(&m.input, "json", "csv") }},
		{Name: "separator", Doc: "What separates the fields of CSV, if it is no comma.", Read: m.readSeparator},
		{Name: "header", Doc: "Names of the fields of CSV that has no header line.", Read: func(n *tree.Node) { n.Strings(&m.header) }},
		{Name: "source", Doc: "Columns of the table source, with their types.", Read: m.readSource},
		{Name: "columns", Doc: "Columns of the table, and what goes into them.", Read: m.readColumns},
		{Name: "transformKql", Doc: "Query over the table source that gives the rows.", Read: func(n *tree.Node) { m.query = n }},
		{Name: "rest", Doc: "What becomes of fields that no column takes: keep or drop.", Read: func(n *tree.Node) {
			word := ""
			n.Word(&word, "keep", "drop")
			m.drop = word == "drop"
		}},
	}
}

// check finds what does not go together.
func (m *mapping) check() {
	switch {
	case m.columns == nil && m.query == nil && !m.file.Errs.Fatal():
		m.root.Fail("columns says where each column comes from, transformKql is a query over the table source", "the mapping has neither columns nor transformKql")
	case m.columns != nil && m.query != nil:
		m.query.Fail("leave one out", "a mapping has either columns or transformKql")
	case m.source != nil && m.query == nil:
		m.source[0].node.Fail("", "the columns of source are for transformKql, which the mapping does not have")
	case m.query != nil && m.query.Kind != tree.Text:
		m.query.Fail("", "a query is expected here, and this is %s", m.query.Kind)
	}
	if m.input == "json" && m.header != nil {
		m.root.Get("header").Fail("", "records of JSON have no header")
	}
}

func (m *mapping) readSeparator(n *tree.Node) {
	var s string
	n.String(&s)
	if s == `\t` || s == "tab" {
		s = "\t"
	}
	r := []rune(s)
	if len(r) != 1 || r[0] == '"' || r[0] == '\n' || r[0] == '\r' {
		n.Fail(`such as ";", "|" or tab`, "a separator is one character, and no quote")
		return
	}
	m.comma = r[0]
}

func (m *mapping) readSource(n *tree.Node) {
	if n.Kind != tree.Map {
		n.Fail("time: datetime", "source must be a mapping of columns to their types, and this is %s", n.Kind)
		return
	}
	for i, k := range n.Keys {
		var word string
		n.Items[i].String(&word)
		t, ok := table.TypeNamed(word)
		if !ok {
			n.Items[i].Fail(didYouMean(word, typeWords), "there is no type %q", word)
		}
		if slices.ContainsFunc(m.source, func(c *sourceColumn) bool { return c.node.Text == k.Text }) {
			k.Fail("", "the column %q is there twice", k.Text)
		}
		m.source = append(m.source, &sourceColumn{k, t})
	}
}

var typeWords = []string{"bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic"}

func (m *mapping) readColumns(n *tree.Node) {
	if n.Kind != tree.Map {
		n.Fail("Computer: host.name", "columns must be a mapping of columns to what goes into them, and this is %s", n.Kind)
		return
	}
	m.columns = []*mapped{}
	for i, k := range n.Keys {
		if slices.ContainsFunc(m.columns, func(c *mapped) bool { return c.node.Text == k.Text }) {
			k.Fail("", "the column %q is there twice", k.Text)
		}
		c := &mapped{node: k}
		c.read(n.Items[i])
		m.columns = append(m.columns, c)
	}
}

// read reads what goes into a column: a path alone, or a mapping.
func (c *mapped) read(n *tree.Node) {
	if n.Kind != tree.Map {
		c.readPath(n)
		return
	}
	text := func(into **string) func(*tree.Node) {
		return func(n *tree.Node) {
			var s string
			n.String(&s)
			*into = &s
		}
	}
	n.Fields("a column", []tree.Field{
		{Name: "path", Doc: "Where in the record the value is.", Read: c.readPath},
		{Name: "value", Doc: "A value that is the same in all rows.", Read: text(&c.constant)},
		{Name: "time", Doc: "How a time is written.", Read: c.readTime},
		{Name: "zone", Doc: "Zone of times that do not say theirs.", Read: func(n *tree.Node) {
			var name string
			n.String(&name)
			zone, err := time.LoadLocation(name)
			if err != nil {
				n.Fail("such as UTC or Europe/Berlin", "there is no time zone %q", name)
			}
			c.zone = zone
		}},
		{Name: "map", Doc: `What texts stand for; "*" for all others.`, Read: c.readWords},
		{Name: "default", Doc: "The value where the record has none.", Read: text(&c.absent)},
	})
	switch {
	case c.path == nil && c.constant == nil && !n.File().Errs.Fatal():
		n.Fail("", "the column %s has neither a path nor a value", c.node.Text)
	case c.constant != nil && (c.path != nil || c.time != nil || c.words != nil || c.absent != nil):
		n.Fail("", "a value that is the same in all rows stands alone")
	}
}

func (c *mapped) readPath(n *tree.Node) {
	var text string
	n.String(&text)
	var err error
	if c.path, err = parsePath(text); err != nil {
		n.Fail(`host.name, files[0].path, ['a key with.dots']`, "%q is no path: %v", text, err)
	}
	c.pathAt = n
}

func (c *mapped) readTime(n *tree.Node) {
	var text string
	n.String(&text)
	var err error
	if c.time, err = parseTimeFormat(text); err != nil {
		n.Fail(strings.Join(timeUnits, ", ")+", or a pattern such as yyyy-MM-dd HH:mm:ss.fff", "%v", err)
	}
	c.timeAt = n
}

func (c *mapped) readWords(n *tree.Node) {
	if n.Kind != tree.Map {
		n.Fail("create: Added", "map must be a mapping of texts to what they stand for, and this is %s", n.Kind)
		return
	}
	c.words = map[string]string{}
	for i, k := range n.Keys {
		var to string
		n.Items[i].String(&to)
		c.words[k.Text] = to
	}
}

// didYouMean is a hint with the name that was likely meant.
func didYouMean(name string, candidates []string) string {
	if n := near.Closest(name, candidates); n != "" {
		return "did you mean " + n + "?"
	}
	if len(candidates) > 40 {
		candidates = append(slices.Clone(candidates[:40]), "…")
	}
	return "there are " + strings.Join(candidates, ", ")
}
