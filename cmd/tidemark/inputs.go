package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tidemark/output"
)

// input is one thing to load.
type input struct {
	name string // for messages
	path string // empty for standard input
	size int64
}

// findInputs lists the files that paths stand for: themselves, and for a
// folder the files in and below it, in the order of their names, without
// hidden files and folders.
func findInputs(paths []string) ([]input, error) {
	var out []input
	stdin := false
	for _, p := range paths {
		if p == "-" {
			if stdin {
				return nil, usagef("standard input can be read only once")
			}
			stdin = true
			out = append(out, input{name: "standard input"})
			continue
		}
		found, err := filesBelow(p)
		if err != nil {
			return nil, fileError(err)
		}
		out = append(out, found...)
	}
	return out, nil
}

func filesBelow(root string) ([]input, error) {
	info, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []input{{root, root, info.Size()}}, nil
	}
	var out []input
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != root && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() { // links to files count, too
			out = append(out, input{path, path, info.Size()})
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: no files in this folder", root)
	}
	return out, err
}

// meter shows on a terminal how far a load is.
type meter struct {
	w     io.Writer
	on    bool
	files int
	total int64 // bytes; 0 where they are not known
	done  int64 // bytes of the inputs before

	at    int // which of the files
	drawn bool
	last  time.Time
}

// meterWidth is how much of a line is written; terminals are wider.
const meterWidth = 79

func newMeter(e *env, inputs []input) *meter {
	m := &meter{w: e.err, on: isTerminal(e.err) && e.getenv("TERM") != "dumb", files: len(inputs)}
	for _, in := range inputs {
		if in.path == "" {
			m.total = 0
			break
		}
		m.total += in.size
	}
	return m
}

// begin says that the next input is being read.
func (m *meter) begin() { m.at++ }

// end says how much of the input has been read.
func (m *meter) end(read int64) { m.done += read }

// show draws the line anew, a few times a second.
func (m *meter) show(rows, rejected, read int64) {
	if !m.on || time.Since(m.last) < 200*time.Millisecond {
		return
	}
	m.last, m.drawn = time.Now(), true
	read += m.done
	line := fmt.Sprintf("%s, %s", output.Plural(rows, "row"), output.Bytes(read))
	if m.total > 0 {
		line += fmt.Sprintf(" of %s (%d %%)", output.Bytes(m.total), min(100, read*100/m.total))
	}
	if m.files > 1 {
		line += fmt.Sprintf(", file %d of %d", m.at, m.files)
	}
	if rejected > 0 {
		line += fmt.Sprintf(", %s rejected", output.Count(rejected))
	}
	fmt.Fprintf(m.w, "\r%-*s", meterWidth, line)
}

// clear removes the line.
func (m *meter) clear() {
	if m.drawn {
		fmt.Fprintf(m.w, "\r%*s\r", meterWidth, "")
		m.drawn = false
	}
}
