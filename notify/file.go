package notify

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"tidemark/internal/tree"
	"tidemark/rule"
)

func init() {
	register(&Kind{
		Name: "file",
		Doc:  "Appends each event as a line of JSON to a file.",
		setup: func(*tree.Node) ([]tree.Field, func(string, Env) (Target, error)) {
			t := &fileTarget{}
			return []tree.Field{
					{Name: "path", Doc: "The file.", Read: textField(&t.path)},
					{Name: "fsync", Doc: "true: wait until the line is on disk.", Read: boolField(&t.sync)},
				}, func(string, Env) (Target, error) {
					if t.path == "" {
						return nil, errors.New("it has no path")
					}
					return t, nil
				}
		},
	})
}

// fileTarget appends to a file. When somebody has moved the file away, as
// logrotate does, the next line goes into a new one.
type fileTarget struct {
	path string
	sync bool
	file *os.File
}

// Line is an event as a line of JSON, with its end.
func Line(e *rule.Event) []byte {
	b, err := json.Marshal(struct {
		*rule.Event
		Key          string `json:"key"`
		SeverityName string `json:"severityName"`
	}{e, e.Key(), e.Severity.String()})
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return append(b, '\n')
}

func (t *fileTarget) Send(_ context.Context, events []*rule.Event) (int, error) {
	return each(events, func(e *rule.Event) error { return t.write(Line(e)) })
}

func (t *fileTarget) write(line []byte) error {
	if err := t.reopen(); err != nil {
		return err
	}
	n, err := t.file.Write(line)
	if err != nil && n > 0 { // a disk that is full: no half lines
		if info, e := t.file.Stat(); e == nil {
			t.file.Truncate(info.Size() - int64(n))
		}
	}
	if err == nil && t.sync {
		err = t.file.Sync()
	}
	return err
}

// reopen opens the file where it is not open or is not the one of its name.
func (t *fileTarget) reopen() error {
	if t.file != nil {
		mine, err := t.file.Stat()
		now, e := os.Stat(t.path)
		if err == nil && e == nil && os.SameFile(mine, now) {
			return nil
		}
		t.file.Close()
		t.file = nil
	}
	if err := os.MkdirAll(filepath.Dir(t.path), 0o750); err != nil {
		return err
	}
	f, err := os.OpenFile(t.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	t.file = f
	return nil
}

func (t *fileTarget) Close() error {
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}
