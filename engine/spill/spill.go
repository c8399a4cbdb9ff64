// Package spill keeps what does not fit into a query's memory in temporary
// files. A Space is where a query puts them, a File is one of them: frames of
// bytes, compressed and with a checksum, that are written once and read by
// their places.
//
// Where the system can, a file has no name: it is gone when the program ends,
// however it ends. Elsewhere Sweep removes those that were left behind.
package spill

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// prefix begins the names of all temporary files.
const prefix = "tidemark-spill-"

// reserve is the free space that temporary files leave on their disk: the
// database may be on it too, and a disk that is full does more harm than a
// query that fails.
const reserve = 256 << 20

// checkEvery is how many bytes are written between two looks at the free space.
const checkEvery = 64 << 20

// Space is where the temporary files of a query are. It may be used by many
// goroutines. A nil Space has room for nothing.
type Space struct {
	dirs []string

	mu     sync.Mutex
	dir    string // the one of dirs that files are made in
	files  map[*File]struct{}
	closed bool

	written atomic.Int64 // bytes, of all files so far
	checked atomic.Int64 // written, when the free space was looked at last
	free    func(dir string) (uint64, error)
}

// NewSpace returns a space in the first of these directories that files can be
// made in; none means that of the system. Nothing is made before it is needed.
func NewSpace(dirs ...string) *Space {
	if len(dirs) == 0 {
		dirs = []string{os.TempDir()}
	}
	return &Space{dirs: dirs, files: map[*File]struct{}{}, free: freeSpace}
}

// Written is how many bytes went to files so far.
func (s *Space) Written() int64 {
	if s == nil {
		return 0
	}
	return s.written.Load()
}

// SpaceError says that there is no room for temporary files.
type SpaceError struct {
	Dir     string
	Written int64 // bytes, by this query
	Err     error
}

func (e *SpaceError) Error() string {
	dir := e.Dir
	if dir == "" {
		dir = "the temporary directory"
	}
	return fmt.Sprintf("a query does not fit into its memory budget, and its temporary files (%d MiB so far) cannot be written to %s: %v; make room there, choose another directory with --temp-dir, or raise the budget with --memory",
		e.Written>>20, dir, e.Err)
}

func (e *SpaceError) Unwrap() error { return e.Err }

var (
	errFull   = errors.New("the disk is nearly full")
	errClosed = errors.New("the query has ended")
)

// Create makes an empty file.
func (s *Space) Create() (*File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, s.fail(errClosed)
	}
	f, err := s.create()
	if err != nil {
		return nil, s.fail(err)
	}
	file := &File{space: s, f: f}
	s.files[file] = struct{}{}
	return file, nil
}

// create takes the first directory that will do.
func (s *Space) create() (f *os.File, err error) {
	if s.dir != "" {
		return nameless(s.dir)
	}
	var errs []error
	for _, dir := range s.dirs {
		if f, err = nameless(dir); err == nil {
			s.dir = dir
			return f, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func (s *Space) fail(err error) error {
	return &SpaceError{Dir: s.dir, Written: s.Written(), Err: err}
}

// room checks, now and then, that the disk is not about to be full.
func (s *Space) room(n int64) error {
	written := s.written.Add(n)
	checked := s.checked.Load()
	if written-checked < checkEvery && checked > 0 || !s.checked.CompareAndSwap(checked, written) {
		return nil
	}
	free, err := s.free(s.dir)
	if err == nil && free < reserve {
		return errFull
	}
	return nil // where the free space is not known, writing will tell
}

// Close removes all files that are left.
func (s *Space) Close() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	s.closed = true
	files := s.files
	s.files = nil
	s.mu.Unlock()
	var errs []error
	for f := range files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// Sweep removes temporary files that a program left behind in a directory when
// it ended without warning. Those that are in use stay usable, or stay.
func Sweep(dir string) {
	names, _ := filepath.Glob(filepath.Join(dir, prefix+"*"))
	for _, name := range names {
		os.Remove(name) // one that is in use cannot be removed, or has its name no more need
	}
}
