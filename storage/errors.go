package storage

import (
	"errors"
	"fmt"
)

// Errors that callers tell apart with errors.Is.
var (
	// ErrNotExist: the directory holds no database (and Options.Create is not set).
	ErrNotExist = errors.New("database does not exist")
	// ErrLocked: another process has the database open. The error text names it.
	ErrLocked = errors.New("database is in use")
	// ErrCorrupt: stored bytes are not what was written. The error is a *CorruptError.
	ErrCorrupt = errors.New("database is damaged")
	// ErrVersion: the database was written by another version of the format.
	ErrVersion = errors.New("database has another format version")
	// ErrNoTable: there is no table of that name.
	ErrNoTable = errors.New("no such table")
	// ErrTableExists: there is a table of that name already.
	ErrTableExists = errors.New("table exists already")
	// ErrDiskSpace: the disk has less free space than the reserve.
	ErrDiskSpace = errors.New("too little free disk space")
	// ErrFailed: an earlier write failed; the database must be reopened before
	// anything more is written to it.
	ErrFailed = errors.New("an earlier write failed: reopen the database to write again")
	// ErrReadOnly: the database was opened for reading.
	ErrReadOnly = errors.New("database is open for reading only")
	// ErrUnclean: the process that had the database open ended without closing
	// it; it must be opened for writing once before it can be read.
	ErrUnclean = errors.New("database was not closed")
	// ErrClosed: the store has been closed.
	ErrClosed = errors.New("database is closed")
)

// CorruptError says which stored bytes are damaged. errors.Is(err, ErrCorrupt)
// holds for it.
type CorruptError struct {
	Table  string // empty when the damage is outside of tables
	Extent uint64 // the extent or tail entry; 0 when it is neither
	Column string // empty when it is not one column's chunk
	Detail string
}

// Error names the place and what is wrong with it.
func (e *CorruptError) Error() string {
	s := ErrCorrupt.Error()
	if e.Table != "" {
		s += fmt.Sprintf(": table %q", e.Table)
	}
	if e.Extent != 0 {
		s += fmt.Sprintf(", extent %d", e.Extent)
	}
	if e.Column != "" {
		s += fmt.Sprintf(", column %q", e.Column)
	}
	return s + ": " + e.Detail
}

// Is reports whether target is ErrCorrupt.
func (e *CorruptError) Is(target error) bool { return target == ErrCorrupt }

// at adds the place to a damage that was found by code that does not know it.
// Other errors pass unchanged.
func at(err error, table string, extent uint64, column string) error {
	var c *CorruptError
	if !errors.As(err, &c) {
		return err
	}
	n := *c
	if n.Table == "" {
		n.Table = table
	}
	if n.Extent == 0 {
		n.Extent = extent
	}
	if n.Column == "" {
		n.Column = column
	}
	return &n
}

func corrupt(format string, args ...any) error {
	return &CorruptError{Detail: fmt.Sprintf(format, args...)}
}
