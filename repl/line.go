package repl

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/chzyer/readline"
)

// editor reads lines with readline. No other file knows it, so that it can be
// replaced: it edits single lines only, and it counts the width of some wide
// characters wrongly (github.com/chzyer/readline/issues/184).
type editor struct {
	rl      *readline.Instance
	history *history
	paste   bool
}

// completion says what the text before the cursor may go on with: the word
// that is there so far and the words it may become.
type completion func(line string) (prefix string, words []string)

func newEditor(historyFile string, complete completion) (*editor, error) {
	e := &editor{history: openHistory(historyFile)}
	cfg := &readline.Config{
		HistoryLimit:           historyLimit,
		DisableAutoSaveHistory: true, // entries are saved, not lines
		HistorySearchFold:      true,
		AutoComplete:           completer(complete),
		Painter:                painter{},
		InterruptPrompt:        "^C",
		EOFPrompt:              "\n",
	}
	if runtime.GOOS != "windows" { // there the console is read in another way
		cfg.Stdin = newPasteReader(readline.NewCancelableStdin(os.Stdin))
		e.paste = true
	}
	rl, err := readline.NewEx(cfg)
	if err != nil {
		return nil, fmt.Errorf("prepare the prompt: %w", err)
	}
	e.rl = rl
	for _, entry := range e.history.entries {
		if err := rl.SaveHistory(packLines(entry)); err != nil {
			return nil, fmt.Errorf("prepare the history: %w", err)
		}
	}
	return e, nil
}

func (e *editor) Read(prompt string) (string, error) {
	if e.paste { // ask the terminal to mark what is pasted
		io.WriteString(os.Stdout, "\x1b[?2004h")
		defer io.WriteString(os.Stdout, "\x1b[?2004l")
	}
	e.rl.SetPrompt(prompt)
	line, err := e.rl.Readline()
	if errors.Is(err, readline.ErrInterrupt) {
		err = errInterrupt
	}
	return unpackLines(line), err
}

func (e *editor) Remember(entry string) error {
	saved, ok := e.history.add(entry)
	if !ok {
		return nil
	}
	if err := e.rl.SaveHistory(packLines(saved)); err != nil {
		return err
	}
	return e.history.store(saved)
}

// Close must not be called while Read waits: readline would hang.
func (e *editor) Close() error { return e.rl.Close() }

// painter shows the stand-ins for line ends and tabs within a line.
type painter struct{}

func (painter) Paint(line []rune, _ int) []rune {
	out := make([]rune, len(line))
	for i, r := range line {
		switch r {
		case lineMark:
			r = '↵'
		case tabMark:
			r = ' '
		}
		out[i] = r
	}
	return out
}

// completer fits a completion to readline, which wants the rest of each word.
type completer completion

func (c completer) Do(line []rune, pos int) ([][]rune, int) {
	prefix, words := c(unpackLines(string(line[:pos])))
	n := len([]rune(prefix))
	var rest [][]rune
	for _, w := range words {
		rest = append(rest, []rune(w)[n:])
	}
	return rest, n
}
