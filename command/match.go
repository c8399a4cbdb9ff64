package command

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/internal/near"
	"tidemark/parser"
)

// Is reports whether a text is a management command rather than a query.
func Is(text string) bool {
	r := &reader{text: text}
	if t := r.next(); t.text != "." {
		return false
	}
	return r.pos < len(text) && isLetter(text[r.pos])
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// headWords are the words of a head, without the point.
func headWords(head string) []string { return strings.Fields(strings.TrimPrefix(head, ".")) }

func isPlaceholder(word string) bool { return word[0] >= 'A' && word[0] <= 'Z' || word[0] == '(' }

// match reads the head of a command and returns the names in it. Where it does
// not fit, depth is how many of its words do.
func (r *reader) match(c *Command) (names [][]name, depth int, ok bool) {
	for _, w := range headWords(c.Head) {
		switch {
		case w[0] == '(':
			list, err := r.names("a name")
			if err != nil {
				return nil, depth, false
			}
			names = append(names, list)
		case isPlaceholder(w):
			n, err := r.name("a name")
			if err != nil {
				return nil, depth, false
			}
			names = append(names, []name{n})
		default:
			if t := r.peek(); t.kind != wordKind || t.text != w {
				return nil, depth, false
			}
			r.next()
		}
		depth++
	}
	return names, depth, true
}

// find finds the command that a text begins with: the one with the longest
// head that fits.
func (r *reader) find() (*Command, [][]name, error) {
	r.next() // the point
	begin := r.pos
	var best *Command
	var names [][]name
	longest, after := -1, begin
	for _, c := range commands {
		try := &reader{text: r.text, pos: begin}
		if found, depth, ok := try.match(c); ok && depth > longest {
			best, names, longest, after = c, found, depth, try.pos
		}
	}
	if best == nil {
		return nil, nil, r.unknown(begin)
	}
	r.pos = after
	return best, names, nil
}

// unknown says what is meant, or what there is instead.
func (r *reader) unknown(begin int) error {
	deepest, stop := 0, begin
	var following []string
	for _, c := range commands {
		try := &reader{text: r.text, pos: begin}
		_, depth, _ := try.match(c)
		word := headWords(c.Head)[min(depth, len(headWords(c.Head))-1)]
		switch {
		case depth > deepest:
			deepest, stop, following = depth, try.stopped(begin, c, depth), []string{word}
		case depth == deepest && !slices.Contains(following, word):
			following = append(following, word)
		}
	}
	r.pos = stop
	t := r.peek()
	said := strings.Join(strings.Fields(r.text[begin-1:t.start]), " ")
	if t.kind == endKind {
		return r.fail(t.span(), "KS005", "", "expected %s after %s", oneOf(following), said)
	}
	if hint, ok := r.elsewhere(begin); ok {
		return r.fail(parser.Span{Start: begin - 1, End: t.end}, "TM031", hint, "there is no command %s here", join(said, t.text))
	}
	if t.kind == wordKind && strings.Contains(t.text, "-") && len(following) == 1 && isPlaceholder(following[0]) {
		return r.fail(t.span(), "KS005", "write ['"+t.text+"']", "expected a name, found %s", t.show())
	}
	hint := "after " + said + " comes " + oneOf(following)
	if deepest == 0 {
		hint = "the commands begin with ." + strings.Join(following, ", .")
	}
	if n := near.Closest(t.text, following); n != "" && t.kind == wordKind {
		hint = fmt.Sprintf("did you mean %s?", join(said, n))
	}
	return r.fail(t.span(), "TM031", hint, "there is no command %s", join(said, t.text))
}

// tooMuch says that more follows a command than belongs to it.
func (r *reader) tooMuch(c *Command) error {
	var more []string
	for _, o := range commands {
		if rest, ok := strings.CutPrefix(o.Head, c.Head+" "); ok {
			more = append(more, strings.Fields(rest)[0])
		}
	}
	t := r.peek()
	hint := ""
	if len(more) > 0 {
		hint = "what may follow is " + oneOf(more)
	}
	if n := near.Closest(t.text, more); n != "" && t.kind == wordKind {
		hint = fmt.Sprintf("did you mean %s?", n)
	}
	return r.fail(t.span(), "KS005", hint, "expected the end of the command, found %s", t.show())
}

// join puts a word after what was said before; the first follows the point.
func join(said, word string) string {
	if said == "." {
		return "." + word
	}
	return said + " " + word
}

// stopped is where the head of a command ends to fit.
func (r *reader) stopped(begin int, c *Command, depth int) int {
	part := &Command{Head: "." + strings.Join(headWords(c.Head)[:depth], " ")}
	try := &reader{text: r.text, pos: begin}
	try.match(part)
	return try.pos
}

// oneOf lists what may come.
func oneOf(words []string) string {
	var out []string
	for _, w := range words {
		switch {
		case w[0] == '(':
			w = "a list of names in brackets"
		case isPlaceholder(w):
			w = "a name"
		}
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	if n := len(out); n > 1 {
		return strings.Join(out[:n-1], ", ") + " or " + out[n-1]
	}
	return out[0]
}

// Follow returns the words that may follow those of a command so far, the
// first of which has the point. A word in capitals stands for a name.
func Follow(words []string) []string {
	var out []string
	for _, c := range commands {
		head := strings.Fields(c.Head)
		if len(head) <= len(words) || isPlaceholder(head[len(words)]) && head[len(words)][0] == '(' {
			continue
		}
		fits := true
		for i, w := range words {
			fits = fits && (head[i] == w || isPlaceholder(head[i]))
		}
		if next := head[len(words)]; fits && !slices.Contains(out, next) {
			out = append(out, next)
		}
	}
	return out
}

// elsewheres are Kusto's commands that there are not, by how they begin, and
// what does the same here.
var elsewheres = [][2]string{
	{"rename table", "make it under the new name with .set New <| Old, then .drop table Old"},
	{"rename", "names stay; make the thing anew under the other name"},
	{"drop column", "columns stay; .set New <| Old | project-away … makes a table without it"},
	{"alter column", "types of columns stay; .set New <| Old | extend … makes a table with another"},
	{"alter table T (", "it would drop columns; .alter-merge table adds them"},
	{"export", "tidemark query --format csv writes a result to its output"},
	{"ingest into", "tidemark ingest PATH… loads files; .ingest inline takes rows written out"},
	{"ingest async", "tidemark ingest PATH… loads files; .ingest inline takes rows written out"},
	{"delete table T records", "rows do not go one by one; .set-or-replace T <| T | where not(…) keeps the others"},
	{"purge", "rows do not go one by one; .set-or-replace T <| T | where not(…) keeps the others"},
	{"update", "rows are not changed; .set-or-replace T <| T | extend … writes the table anew"},
	{"show extents", ".show table T details counts them"},
	{"show table T extents", ".show table T details counts them"},
	{"show table T data statistics", ".show table T details has rows and bytes"},
	{"show queries", "there is no log of queries; tidemark query --stats measures one"},
	{"show commands", "there is no log of commands; .help lists what there is"},
	{"show operations", "commands are done when they answer"},
	{"show ingestion failures", "tidemark ingest says what it rejects"},
	{"show principal", "there are no users here: who can read the files can query"},
	{"add", "there are no users here: who can read the files can query"},
	{"create materialized-view", "a function made with (view=true) computes its rows when it is asked for them"},
	{"create external", "externaldata reads a file in a query"},
	{"create database", "a database is a directory; tidemark --db DIR names it"},
	{"drop database", "a database is a directory; delete that"},
	{"move", "there are no extents to work with; .append To <| From copies rows"},
	{"replace", ".set-or-replace T <| … replaces the rows of a table"},
	{"undo", "what was dropped is gone"},
	{"execute", "tidemark < FILE runs the commands in a file, separated by empty lines"},
	{"cancel", "Ctrl-C stops a query"},
}

// elsewhere is the hint on a command of Kusto's that there is not.
func (r *reader) elsewhere(begin int) (string, bool) {
	for _, e := range elsewheres {
		try := &reader{text: r.text, pos: begin}
		fits := true
		for _, w := range strings.Fields(e[0]) {
			if w == "T" {
				_, err := try.name("a name")
				fits = fits && err == nil
				continue
			}
			fits = fits && try.next().text == w
		}
		if fits {
			return e[1], true
		}
	}
	return "", false
}

func didYouMean(name string, candidates []string, otherwise string) string {
	if n := near.Closest(name, candidates); n != "" {
		return fmt.Sprintf("did you mean %s?", n)
	}
	return otherwise
}
