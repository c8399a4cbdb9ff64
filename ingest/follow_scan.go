package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// scanned is a file that a scan has found.
type scanned struct {
	id, path string
	source   int
	info     fs.FileInfo
}

// scan lists the files that the sources name, those first that were written
// longest ago.
func (f *follower) scan() []scanned {
	var out []scanned
	for i, s := range f.sources {
		for _, path := range s.Paths {
			found := false
			add := func(path string, info fs.FileInfo) {
				found = true
				if info.Mode().IsRegular() {
					out = append(out, scanned{fileID(path, info), path, i, info})
				}
			}
			err := f.expand(path, add)
			if err == nil && !found && !isGlob(path) {
				err = fs.ErrNotExist
			}
			if err != nil && !f.missing[path] {
				f.o.Report(path, err)
			}
			f.missing[path] = err != nil
		}
	}
	slices.SortStableFunc(out, func(a, b scanned) int { return a.info.ModTime().Compare(b.info.ModTime()) })
	return out
}

func isGlob(path string) bool { return strings.ContainsAny(path, "*?[") }

// expand calls add for the files that a path stands for. What vanishes
// meanwhile is passed over.
func (f *follower) expand(path string, add func(string, fs.FileInfo)) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		add(path, info) // an empty folder is all right
		return f.folder(path, add)
	case err == nil:
		add(path, info)
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	matches, err := filepath.Glob(path)
	if err != nil {
		return fmt.Errorf("not a glob: %w", err)
	}
	for _, m := range matches {
		info, err := os.Stat(m)
		switch {
		case err != nil:
		case info.IsDir():
			err = f.folder(m, add)
		default:
			add(m, info)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (f *follower) folder(root string, add func(string, fs.FileInfo)) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != root:
			return nil
		case err != nil:
			return err
		case path != root && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		if info, err := os.Stat(path); err == nil {
			add(path, info)
		}
		return nil
	})
}

// errUnfinished says that a file is being written: there is nothing to load
// before it has grown, or has not for long.
var errUnfinished = errors.New("the file is being written")

// follow does a task.
func (l *Loader) follow(ctx context.Context, t *task) {
	t.stats = newStats()
	if t.file == nil {
		if t.file, t.err = os.Open(t.mode.Source); t.err != nil {
			t.file = nil
			return
		}
		info, err := t.file.Stat()
		if err != nil || fileID(t.mode.Source, info) != t.id {
			t.file.Close()
			t.file, t.err = nil, errReplaced // another file has the path by now
			return
		}
	}
	t.stats, t.end, t.err = l.loadFile(ctx, t.file, t.mode)
	t.stats.RowsDuplicate -= t.before()
	if ctx.Err() != nil {
		t.err = nil
	}
}

// before is how many rows an earlier load had stored, which is nothing to tell
// each time that a file has grown.
func (t *task) before() int64 {
	if t.stats.Before == nil {
		return 0
	}
	return t.stats.Before.Rows
}

// left reports whether a file that was loaded to an ending may have text that
// was not.
func (e *fileEnd) left(end ending) bool {
	if e.plain {
		return e.offset < e.size
	}
	return end != endFinal
}

// unfinished reports whether a text that is not known yet is taken to be one in
// the making: a packed file without its end, or the beginning of a copy of a
// text that has been loaded from another file.
func (l *Loader) unfinished(p *place) (bool, error) {
	if p.file.plain {
		return p.longer || l.copies(p), nil
	}
	r, done, err := p.file.text(0, nil)
	if err != nil {
		return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF), err
	}
	defer done()
	_, err = io.Copy(io.Discard, r)
	p.file.read.Store(0)
	return err != nil, nil
}

// recent is the beginning of a text that has been followed.
type recent struct {
	scope, id string
	head      []byte
	trail     *trail
	n         int64
}

const maxRecent = 1024

// remember notes what the text of p begins with.
func (l *Loader) remember(p *place) {
	if !p.grows || p.trail == nil || p.trail.n == 0 {
		return
	}
	l.recent = slices.DeleteFunc(l.recent, func(r recent) bool {
		return r.scope == p.scope && r.id == p.file.id && r.trail.begins(p.probe.trail)
	})
	if len(l.recent) >= maxRecent {
		l.recent = slices.Delete(l.recent, 0, len(l.recent)-maxRecent+1)
	}
	head := slices.Clone(p.probe.prefix[:min(len(p.probe.prefix), headBytes)])
	l.recent = append(l.recent, recent{p.scope, p.file.id, head, p.probe.trail, p.trail.n})
}

// copies reports whether a file has nothing but the beginning of a longer text
// that was followed in another file.
func (l *Loader) copies(p *place) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	size := p.file.size()
	head := p.probe.prefix[:min(len(p.probe.prefix), headBytes)]
	return slices.ContainsFunc(l.recent, func(r recent) bool {
		return r.scope == p.scope && r.id != p.file.id && r.n > size && strings.HasPrefix(string(r.head), string(head)) && r.trail.begins(p.probe.trail)
	})
}
