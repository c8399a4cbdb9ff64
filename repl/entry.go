package repl

import (
	"errors"
	"io"
	"strings"

	management "tidemark/command"
	"tidemark/parser"
)

const (
	firstPrompt = "tidemark> "
	nextPrompt  = "     ...> "
)

// collector makes entries of lines. An entry ends
//   - with its first line, where that begins with a point: a command. One of
//     the database's goes on until it is complete; rows and queries after <|,
//     until an empty line;
//   - with a line that ends in a semicolon, once there is something to run;
//   - with an empty line, unless the query is not complete there: it ends in a
//     pipe, a bracket is open, only let statements have come. A second empty
//     line ends it all the same, so that its error is shown;
//   - with the text that was pasted or recalled, where that is complete.
//
// In text that is at hand, an empty line does not end a query that the next
// line goes on with a pipe.
type collector struct {
	read  func(prompt string) (string, error)
	live  bool     // somebody types; there is no looking ahead
	queue []string // lines that have been read already
	err   error    // to give once the queue is empty
	lines []string // of the entry under way
	blank int      // how many empty lines have just come
	idle  int      // how often Ctrl-C has come on an empty prompt
}

// next returns the next entry.
func (c *collector) next() (string, error) {
	c.lines, c.blank = nil, 0
	for {
		line, err := c.line()
		switch {
		case errors.Is(err, errInterrupt):
			c.interrupted(line)
			return "", err
		case errors.Is(err, io.EOF):
			if text := c.text(); hasCode(text) {
				return text, nil
			}
			return "", err
		case err != nil:
			return "", err
		}
		c.idle = 0
		if c.add(line) {
			return c.text(), nil
		}
	}
}

// interrupted forgets what was typed. line is what stood on the prompt.
func (c *collector) interrupted(line string) {
	if len(c.lines) == 0 && strings.TrimSpace(line) == "" {
		c.idle++
	} else {
		c.idle = 0
	}
	c.lines, c.queue = nil, nil
}

// line returns the next line, from the queue where there is one.
func (c *collector) line() (string, error) {
	if len(c.queue) == 0 {
		if c.err != nil {
			return "", c.err
		}
		prompt := firstPrompt
		if len(c.lines) > 0 {
			prompt = nextPrompt
		}
		text, err := c.read(prompt)
		if err != nil {
			return text, err
		}
		text = strings.ReplaceAll(text, "\r", "")
		if !strings.Contains(text, "\n") {
			return text, nil
		}
		// An empty line after a block ends it where it is complete.
		c.queue = append(strings.Split(strings.TrimRight(text, "\n"), "\n"), "")
	}
	line := c.queue[0]
	c.queue = c.queue[1:]
	return line, nil
}

// add takes a line in and reports whether it ends the entry.
func (c *collector) add(line string) bool {
	line = strings.TrimRight(line, " \t")
	if line == "" {
		if len(c.lines) == 0 {
			return false
		}
		c.blank++
		return c.endsHere()
	}
	if len(c.lines) == 0 && strings.HasPrefix(strings.TrimSpace(line), ".") {
		line = strings.TrimSpace(line)
		c.lines = []string{line}
		if _, _, ours := findCommand(line); ours || !managementCommand(line) {
			return true
		}
		return c.commandEnds()
	}
	if c.inCommand() {
		for ; c.blank > 0; c.blank-- {
			c.lines = append(c.lines, "")
		}
		c.lines = append(c.lines, line)
		return c.commandEnds()
	}
	for ; c.blank > 0; c.blank-- { // keep the lines' numbers as typed
		c.lines = append(c.lines, "")
	}
	c.lines = append(c.lines, line)
	text := c.text()
	return endsStatement(text) && !unfinished(text)
}

// inCommand reports whether what has come is a command of the database.
func (c *collector) inCommand() bool {
	return len(c.lines) > 0 && strings.HasPrefix(c.lines[0], ".")
}

// commandEnds decides after a line of a command of the database.
func (c *collector) commandEnds() bool {
	text := c.text()
	if !management.Ends(text) {
		// A query after <| ends as queries do; rows may end with anything.
		return endsStatement(text) && !takesRows(text) && !management.Incomplete(text)
	}
	return !c.goesOn()
}

// takesRows reports whether what follows <| is rows, in which any sign may
// stand.
func takesRows(text string) bool { return strings.HasPrefix(text, ".ingest") }

// endsHere decides at an empty line.
func (c *collector) endsHere() bool {
	text := c.text()
	if c.inCommand() {
		return c.blank > 1 || !management.Incomplete(text) && (takesRows(text) || !c.goesOn())
	}
	if !hasCode(text) { // comments alone are nothing to run
		if c.live {
			c.lines, c.blank = nil, 0
		}
		return false
	}
	if unfinished(text) {
		return c.blank > 1 && !onlyLets(text) && !openText(text)
	}
	return !c.goesOn()
}

// goesOn reports whether the next line begins with a pipe, where it is at hand.
func (c *collector) goesOn() bool {
	for i := 0; ; i++ {
		if i == len(c.queue) {
			if c.live || c.err != nil {
				return false
			}
			text, err := c.read("")
			if err != nil {
				c.err = err
				return false
			}
			c.queue = append(c.queue, strings.TrimRight(text, "\r"))
		}
		if line := strings.TrimSpace(c.queue[i]); line != "" {
			return strings.HasPrefix(line, "|")
		}
	}
}

func (c *collector) text() string { return strings.Join(c.lines, "\n") }

// unfinished reports whether a query needs more text to mean anything.
func unfinished(text string) bool {
	depth, last := scan(text)
	if depth > 0 || last == '|' {
		return true
	}
	q, errs := parser.Parse(text)
	return parser.Incomplete(errs) || !errs.Fatal() && !asks(q)
}

// onlyLets reports whether text is statements that prepare a query which has
// not come yet.
func onlyLets(text string) bool {
	q, errs := parser.Parse(text)
	return !errs.Fatal() && !asks(q)
}

// openText reports whether text ends within a string of several lines.
func openText(text string) bool {
	depth, last := scan(text)
	return depth > 0 && last == '`'
}

// asks reports whether there is a query or command among the statements.
func asks(q *parser.Query) bool {
	for _, s := range q.Statements {
		switch s.(type) {
		case *parser.ExprStatement, *parser.Command:
			return true
		}
	}
	return false
}

// hasCode reports whether text is more than blanks and comments.
func hasCode(text string) bool {
	_, last := scan(text)
	return last != 0
}

// endsStatement reports whether the last sign of text is a semicolon.
func endsStatement(text string) bool {
	_, last := scan(text)
	return last == ';'
}

// scan walks over text and returns how many brackets are open and the last
// byte that is neither blank nor in a comment; a string counts as its quote.
func scan(text string) (depth int, last byte) {
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; {
		case ch == ' ' || ch == '\t' || ch == '\n':
		case ch == '/' && strings.HasPrefix(text[i:], "//"):
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return depth, last
			}
			i += end
		case strings.HasPrefix(text[i:], "```"):
			end := strings.Index(text[i+3:], "```")
			if end < 0 {
				return depth + 1, '`' // it may go on over lines
			}
			i, last = i+end+5, '`'
		case ch == '"' || ch == '\'':
			i, last = stringEnd(text, i, last == '@'), ch
		default:
			switch ch {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				depth--
			}
			last = ch
		}
	}
	return depth, last
}

// stringEnd returns where the string that begins at i ends, at the latest at
// the end of its line.
func stringEnd(text string, i int, verbatim bool) int {
	quote := text[i]
	for i++; i < len(text); i++ {
		switch {
		case text[i] == '\n' || text[i] == quote:
			return i
		case text[i] == '\\' && !verbatim:
			i++
		}
	}
	return i
}
