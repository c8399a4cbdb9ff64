package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"

	"tidemark/internal/dyn"
)

// values is the splitter of JSON that is not a value a line: objects one after
// another, pretty-printed or not, an array of them, an array inside an envelope
// {"records":[...]}, and the response of the query API
// {"tables":[{"columns":[...],"rows":[[...]]}]}. Envelopes are streamed: they
// can be as long as they like.
type values struct {
	state jsonState
	head  *shape
}

// shape says what the records of a chunk are.
type shape struct {
	agent   string   // AgentFormat
	columns []string // of rows that are arrays, else nil
}

type jsonState uint8

const (
	atTop    jsonState = iota // between values
	inArray                   // inside an array whose elements are the records
	inTables                  // between the tables of a query response
	inTable                   // inside such a table, before a member
	inRows                    // inside its rows
)

func (v *values) header() any { return v.head }

// keptValues is where values was, as it is kept.
type keptValues struct {
	State   jsonState `json:"state"`
	Agent   string    `json:"agent"`
	Columns []string  `json:"columns"`
}

// save keeps in which envelope the text is.
func (v *values) save() []byte {
	if v.state == atTop {
		return nil
	}
	b, _ := json.Marshal(keptValues{v.state, v.head.agent, v.head.columns}) // cannot fail
	return b
}

func (v *values) restore(state []byte) error {
	if state == nil {
		return nil
	}
	var k keptValues
	if err := json.Unmarshal(state, &k); err != nil {
		return fmt.Errorf("read the position of a file: %w", err)
	}
	v.state, v.head = k.State, &shape{agent: k.Agent, columns: k.Columns}
	return nil
}

var plainShape = &shape{agent: "azure.jsonl"}

func (v *values) split(text []byte, eof bool) (int, []byte, error) {
	i := skipSpace(text, 0)
	if i == len(text) {
		return i, nil, nil
	}
	switch v.state {
	case inArray, inRows:
		return v.element(text, i, eof)
	case inTables:
		return v.between(text, i)
	case inTable:
		return v.member(text, i, eof)
	}
	switch text[i] {
	case '[':
		v.state, v.head = inArray, plainShape
		return i + 1, nil, nil
	case ',', ']', '}': // the end of an envelope
		return i + 1, nil, nil
	case '{':
		return v.object(text, i, eof)
	}
	return v.other(text, i, eof)
}

// object takes the object at i, or goes into it where it is an envelope.
func (v *values) object(text []byte, i int, eof bool) (int, []byte, error) {
	key, at, ok := memberKey(text, skipSpace(text, i+1))
	if !ok && !eof {
		return 0, nil, nil
	}
	if at < len(text) && text[at] == '[' {
		switch key {
		case "records":
			v.state, v.head = inArray, &shape{agent: "azure.eventhub"}
			return at + 1, nil, nil
		case "tables":
			v.state = inTables
			return at + 1, nil, nil
		}
	}
	v.head = plainShape
	return v.value(text, i, eof)
}

// other takes what stands between the values at the top: members of an
// envelope after its records, or what is not JSON.
func (v *values) other(text []byte, i int, eof bool) (int, []byte, error) {
	if key, at, ok := memberKey(text, i); ok && key != "" {
		end, ok := scanValue(text, at)
		if !ok && !eof {
			return 0, nil, nil
		}
		return end, nil, nil
	}
	end := bytes.IndexByte(text[i:], '\n')
	if end < 0 {
		if !eof {
			return 0, nil, nil
		}
		end = len(text) - i
	}
	return i + end, text[i : i+end], reject(BadSyntax, "not valid JSON")
}

// element takes the next element of the array of records.
func (v *values) element(text []byte, i int, eof bool) (int, []byte, error) {
	switch text[i] {
	case ',':
		return i + 1, nil, nil
	case ']':
		if v.state == inRows {
			v.state = inTable
		} else {
			v.state = atTop
		}
		return i + 1, nil, nil
	case '}', ':': // not an element: the array has been left without its end
		v.state = atTop
		return i + 1, text[i : i+1], reject(BadSyntax, "not valid JSON")
	}
	return v.value(text, i, eof)
}

// value takes the value at i as a record.
func (v *values) value(text []byte, i int, eof bool) (int, []byte, error) {
	end, ok := scanValue(text, i)
	if ok || eof && end > i {
		return end, text[i:end], nil // what is cut off, the decoder will reject
	}
	if !eof {
		return 0, nil, nil
	}
	return len(text), text[i:], reject(BadSyntax, "not valid JSON")
}

// between goes into the next table of a query response.
func (v *values) between(text []byte, i int) (int, []byte, error) {
	switch text[i] {
	case '{':
		v.state, v.head = inTable, &shape{agent: "azure.query"}
	case ']':
		v.state = atTop
	}
	return i + 1, nil, nil
}

// member reads the next member of a table of a query response.
func (v *values) member(text []byte, i int, eof bool) (int, []byte, error) {
	switch text[i] {
	case ',':
		return i + 1, nil, nil
	case '}':
		v.state = inTables
		return i + 1, nil, nil
	}
	key, at, ok := memberKey(text, i)
	if !ok {
		if !eof {
			return 0, nil, nil
		}
		return len(text), text[i:], reject(BadSyntax, "not valid JSON")
	}
	if at == i { // no name where one must be: the table has been left without its end
		v.state = atTop
		return i + 1, text[i : i+1], reject(BadSyntax, "not valid JSON")
	}
	if key == "rows" && text[at] == '[' {
		v.state = inRows
		return at + 1, nil, nil
	}
	end, ok := scanValue(text, at)
	if !ok && !eof {
		return 0, nil, nil
	}
	if key == "columns" {
		v.head = &shape{agent: "azure.query", columns: columnNames(text[at:end])}
	}
	return end, nil, nil
}

// columnNames reads [{"name":"a","type":"string"},...].
func columnNames(text []byte) []string {
	var outer, inner dyn.Splitter
	columns, _ := outer.Array(text, nil)
	names := []string{}
	for _, c := range columns {
		members, _ := inner.Object(c.Text, nil)
		name := ""
		for _, m := range members {
			if k := string(m.Key); k == "name" || k == "ColumnName" {
				name = string(m.Text)
			}
		}
		names = append(names, name)
	}
	return names
}

// memberKey reads the name at i and the colon behind it and returns the place
// of the value, which is inside text. It reports false where there is no
// name, or the text ends before the value.
func memberKey(text []byte, i int) (string, int, bool) {
	if i >= len(text) || text[i] != '"' {
		return "", i, i < len(text)
	}
	end, ok := scanValue(text, i)
	if !ok {
		return "", i, false
	}
	at := skipSpace(text, end)
	if at >= len(text) || text[at] != ':' {
		return "", i, at < len(text)
	}
	if at = skipSpace(text, at+1); at >= len(text) {
		return "", i, false
	}
	return string(text[i+1 : end-1]), at, true
}

func skipSpace(text []byte, i int) int {
	for i < len(text) && blank[text[i]] {
		i++
	}
	return i
}

// scanValue returns the end of the value at i and whether the text holds all
// of it. It only counts brackets: whether the value is right is left to those
// who read it.
func scanValue(text []byte, i int) (int, bool) {
	depth := 0
	for i < len(text) {
		switch c := text[i]; c {
		case '"':
			end := scanString(text, i)
			if end < 0 {
				return len(text), false
			}
			if i = end; depth == 0 {
				return i, true
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				return i + 1 + min(depth, 0), true
			}
		default:
			if depth == 0 { // a number or a word
				end := bytes.IndexAny(text[i:], ",:{}[]\" \t\r\n")
				if end < 0 {
					return len(text), false
				}
				return i + max(end, 1), true
			}
		}
		i++
	}
	return len(text), false
}

// scanString returns the end of the string at i, or -1.
func scanString(text []byte, i int) int {
	for i++; ; {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			return -1
		}
		slashes := 0
		for k := i + n - 1; k >= i && text[k] == '\\'; k-- {
			slashes++
		}
		if i += n + 1; slashes%2 == 0 {
			return i
		}
		if i >= len(text) {
			return -1
		}
	}
}
