package repl

import (
	"context"
	"slices"
	"strings"

	management "tidemark/command"
	"tidemark/output"
	"tidemark/service"
)

// complete is the completion of the prompt. What fits depends on what is left
// of the cursor: operators after a pipe, tables at the beginning of a
// statement, elsewhere columns of the tables that the query names, functions,
// words and tables.
func (s *session) complete(line string) (prefix string, words []string) {
	if strings.HasPrefix(line, ".") && len(s.entry.lines) == 0 {
		return s.completeCommand(line)
	}
	start := len(line)
	for start > 0 && isWord(line[start-1]) {
		start--
	}
	prefix = line[start:]
	before := s.entry.text() + "\n" + line[:start]
	var all []string
	switch _, last := scan(before); last {
	case '|':
		all = s.operators()
	case 0, ';':
		all = slices.Concat(s.tableNames(), []string{"let "}, s.operators())
	default:
		all = slices.Concat(s.columnNames(before), s.calls(before), infixes, s.tableNames())
	}
	return prefix, matching(prefix, all)
}

// infixes are words that stand between names.
var infixes = []string{
	"by ", "on ", "asc", "desc", "and ", "or ", "between (", "contains ", "has ", "has_any (", "has_all (", "startswith ",
	"endswith ", "matches regex ", "in (", "kind=",
}

func (s *session) completeCommand(line string) (string, []string) {
	name, arg, found := strings.Cut(line, " ")
	var all []string
	switch {
	case !found:
		for _, c := range commands {
			all = append(all, c.name)
		}
		return line, matching(line, append(all, management.Follow(nil)...))
	case managementCommand(line):
		return s.completeManagement(line)
	case name == ".schema":
		all = s.tableNames()
	case name == ".mode":
		all = output.Names()
	case name == ".help":
		for _, k := range kinds {
			all = append(all, s.namesOf(k)...)
		}
	}
	return arg, matching(arg, all)
}

// completeManagement completes a command of the database.
func (s *session) completeManagement(line string) (string, []string) {
	at := strings.LastIndexByte(line, ' ') + 1
	var all []string
	for _, w := range management.Follow(strings.Fields(line[:at])) {
		switch w {
		case "T":
			all = append(all, s.tableNames()...)
		case "F":
			all = append(all, s.functionNames()...)
		case "D":
		default:
			all = append(all, w+" ")
		}
	}
	return line[at:], matching(line[at:], all)
}

func matching(prefix string, all []string) []string {
	var out []string
	for _, w := range all {
		if strings.HasPrefix(w, prefix) && w != prefix && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

func isWord(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func (s *session) namesOf(k Kind) []string {
	if s.Library == nil {
		return nil
	}
	return s.Library.Names(k)
}

func (s *session) tableNames() []string {
	var out []string
	s.db.use(func(db service.Database) error { // completion has nobody to tell of an error
		infos, err := db.Tables(context.Background())
		for _, t := range infos {
			out = append(out, t.Name)
		}
		return err
	})
	return out
}

// functionNames are the functions that are kept in the database.
func (s *session) functionNames() []string {
	var out []string
	s.db.use(func(db service.Database) error { // as above
		var err error
		out, err = db.Functions(context.Background())
		return err
	})
	return out
}

// operators are operators with the blank that follows them.
func (s *session) operators() []string {
	var out []string
	for _, o := range s.namesOf(Operator) {
		out = append(out, o+" ")
	}
	return out
}

// calls are functions with their bracket, and aggregations or plugins where the
// operator under way takes them.
func (s *session) calls(text string) []string {
	all := slices.Concat(s.namesOf(Function), s.functionNames())
	stage := strings.TrimSpace(text[strings.LastIndexByte(text, '|')+1:])
	if strings.HasPrefix(stage, "summarize") || strings.HasPrefix(stage, "make-series") {
		all = slices.Concat(s.namesOf(Aggregation), all)
	}
	if strings.HasPrefix(stage, "evaluate") {
		all = slices.Concat(s.namesOf(Plugin), all)
	}
	out := make([]string, len(all))
	for i, f := range all {
		out[i] = f + "("
	}
	return out
}

// columnNames are the columns of the tables that text names.
func (s *session) columnNames(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool { return r > 127 || !isWord(byte(r)) })
	var out []string
	for _, t := range s.tableNames() {
		if !slices.Contains(words, t) {
			continue
		}
		s.db.use(func(db service.Database) error {
			schema, err := db.Schema(context.Background(), t)
			if err == nil {
				out = append(out, schema.Names()...)
			}
			return err
		})
	}
	return out
}
