package repl

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// historyLimit is how many entries are kept.
const historyLimit = 2000

// history keeps entries in a file that only its owner can read, an entry a
// line, quoted. Queries name hosts, paths and accounts.
type history struct {
	path    string
	entries []string
}

// openHistory reads the history; one that cannot be read is empty.
func openHistory(path string) *history {
	h := &history{path: path}
	if path == "" {
		return h
	}
	f, err := os.Open(path)
	if err != nil {
		return h
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if entry, err := strconv.Unquote(lines.Text()); err == nil {
			h.entries = append(h.entries, entry)
		}
	}
	total := len(h.entries)
	h.entries = h.entries[max(0, total-historyLimit):]
	if total > 2*historyLimit {
		h.rewrite()
	}
	return h
}

// add takes an entry in as it will be recalled, and reports whether it is to
// be kept: what begins with a blank is not, nor what was just entered. A query
// gets its semicolon, so that it runs at once when it is recalled.
func (h *history) add(entry string) (string, bool) {
	if strings.HasPrefix(entry, " ") || strings.TrimSpace(entry) == "" {
		return "", false
	}
	if !strings.HasPrefix(entry, ".") && !endsStatement(entry) && endsStatement(entry+";") {
		entry += ";"
	}
	if n := len(h.entries); n > 0 && h.entries[n-1] == entry {
		return "", false
	}
	h.entries = append(h.entries, entry)
	return entry, true
}

// store appends an entry to the file.
func (h *history) store(entry string) error {
	if h.path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(h.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(strconv.Quote(entry) + "\n")
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// rewrite shortens the file. If that fails it stays long, which does no harm.
func (h *history) rewrite() {
	var b strings.Builder
	for _, e := range h.entries {
		b.WriteString(strconv.Quote(e) + "\n")
	}
	temp := h.path + ".new"
	if os.WriteFile(temp, []byte(b.String()), 0o600) == nil {
		os.Rename(temp, h.path)
	}
}
