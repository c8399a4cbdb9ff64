package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/dgraph-io/badger/v4"
)

// The rows of a large tail entry have a file of their own until they are
// sealed. In badger's tree they would be written three times, by its log, its
// memtable and its compactions, only to be deleted; as a file they are written
// once, and their space comes back at once.
//
// The file is synced before the entry is published. What is there without an
// entry was written by a process that ended before it published it: it is
// deleted on opening.
const (
	tailDir      = "tail"
	tailFileSize = 256 << 10 // bytes of rows that get a file
)

func (s *Store) tailFile(t uint32, id uint64) string {
	return filepath.Join(s.dir, tailDir, fmt.Sprintf("%08x-%016x.rows", t, id))
}

// writeTailFile stores the rows of an entry, which gets its id here.
func (s *Store) writeTailFile(t uint32, e *tailEntry, rows []byte) error {
	e.id = s.lastID.Add(1)
	if err := s.writable(); err != nil {
		return err
	}
	sum := checksum(tailDataKey(t, e.id, 0), rows)
	head := binary.LittleEndian.AppendUint64([]byte{envelopeVersion}, sum)
	path := s.tailFile(t, e.id)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		if err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), syncDir(s.dir)); err == nil {
			f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		}
	}
	if err != nil {
		return fmt.Errorf("store rows: %w", err)
	}
	_, err = f.Write(head)
	if err == nil {
		_, err = f.Write(rows)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(path)
		return fmt.Errorf("store rows: %w", err)
	}
	e.file, e.pieces = true, []piece{{size: len(rows), sum: sum}}
	e.bytes += int64(len(rows)) + envelope
	return nil
}

// readTailFile returns the rows of an entry that has a file.
func (s *Store) readTailFile(t uint32, e *tailEntry) ([]byte, error) {
	b, err := os.ReadFile(s.tailFile(t, e.id))
	if errors.Is(err, os.ErrNotExist) {
		return nil, corrupt("the file %s is missing", filepath.Base(s.tailFile(t, e.id)))
	}
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	rows, err := unwrap(tailDataKey(t, e.id, 0), b)
	if err == nil && (len(rows) != e.pieces[0].size || valueSum(b) != e.pieces[0].sum) {
		err = corrupt("the file of %d bytes is not the one that was written", len(b))
	}
	return rows, err
}

// removeTailFile gives the space of an entry's file back. Where that fails the
// file stays until the database is opened again.
func (s *Store) removeTailFile(t uint32, e *tailEntry) {
	if e.file {
		os.Remove(s.tailFile(t, e.id))
	}
}

// sweepTailFiles deletes the files that no entry has.
func (s *Store) sweepTailFiles() error {
	files, err := os.ReadDir(filepath.Join(s.dir, tailDir))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list rows: %w", err)
	}
	return s.db.View(func(txn *badger.Txn) error {
		for _, f := range files {
			var t uint32
			var id uint64
			if _, err := fmt.Sscanf(f.Name(), "%08x-%016x.rows", &t, &id); err != nil || filepath.Base(s.tailFile(t, id)) != f.Name() {
				continue // not ours
			}
			switch _, err := txn.Get(tailKey(t, id)); {
			case errors.Is(err, badger.ErrKeyNotFound):
				os.Remove(s.tailFile(t, id))
			case err != nil:
				return corrupt("read %q: %v", string(tailKey(t, id)), err)
			}
		}
		return nil
	})
}

// syncDir makes the names in a directory durable, where a system can.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && runtime.GOOS != "windows" && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
