package storage

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Files of a database directory.
const (
	metaFile  = "TIDEMARK.json" // format version, sizes fixed at creation
	ownerFile = "OWNER.json"    // who has the database open
	dataDir   = "data"          // badger's files
)

// meta is what TIDEMARK.json holds.
type meta struct {
	Format  int       `json:"format"`
	Created time.Time `json:"created"`
	Badger  sizes     `json:"badger"`
}

// owner is what OWNER.json holds. The lock is badger's; this only names who
// has it, so a file that was left behind does no harm.
type owner struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Program string    `json:"program"`
	Since   time.Time `json:"since"`
}

// openMeta reads TIDEMARK.json, or makes the database when asked to.
func openMeta(dir string, o Options) (meta, error) {
	var m meta
	b, err := os.ReadFile(filepath.Join(dir, metaFile))
	if errors.Is(err, fs.ErrNotExist) {
		if !o.Create || o.ReadOnly {
			return m, fmt.Errorf("%w: %s", ErrNotExist, dir)
		}
		return createMeta(dir, o)
	}
	if err != nil {
		return m, fmt.Errorf("open database: %w", err)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, corrupt("%s is not valid: %v", metaFile, err)
	}
	if m.Format < oldestVersion || m.Format > formatVersion {
		return m, fmt.Errorf("%w: %s is of version %d, this program reads %d to %d", ErrVersion, dir, m.Format, oldestVersion, formatVersion)
	}
	if m.Badger.MemTableSize <= 0 || m.Badger.ValueLogFileSize <= 0 || m.Badger.ValueThreshold <= 0 || m.Badger.BlockSize <= 0 {
		return m, corrupt("%s lacks sizes", metaFile)
	}
	return m, nil
}

// upgrade marks a database of an older version as one of ours, before anything
// is written to it that older programs cannot read.
func (m meta) upgrade(dir string) error {
	if m.Format == formatVersion {
		return nil
	}
	m.Format = formatVersion
	if err := m.write(dir); err != nil {
		return fmt.Errorf("raise the format version of %s: %w", dir, err)
	}
	return nil
}

func (m meta) write(dir string) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(dir, metaFile, append(b, '\n'))
}

func createMeta(dir string, o Options) (meta, error) {
	m := meta{Format: formatVersion, Created: o.Now().UTC(), Badger: defaultSizes}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return m, fmt.Errorf("create database: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return m, fmt.Errorf("create database: %w", err)
	}
	for _, e := range entries {
		// Somebody's files, or a database that has lost its description.
		if !strings.HasPrefix(e.Name(), metaFile) {
			return m, fmt.Errorf("create database: %s is not empty and holds no %s", dir, metaFile)
		}
	}
	if err := m.write(dir); err != nil {
		return m, fmt.Errorf("create database: %w", err)
	}
	return m, nil
}

// writeFile puts a file in place, whole or not at all, and on disk.
func writeFile(dir, name string, b []byte) error {
	f, err := os.CreateTemp(dir, name+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	return syncDir(dir)
}

// writeOwner says who has the database open. It is for messages only, hence
// neither synced nor fatal.
func writeOwner(dir string, now time.Time) {
	host, _ := os.Hostname()
	b, err := json.Marshal(owner{PID: os.Getpid(), Host: host, Program: filepath.Base(os.Args[0]), Since: now.UTC()})
	if err == nil {
		os.WriteFile(filepath.Join(dir, ownerFile), append(b, '\n'), 0o600)
	}
}

func removeOwner(dir string) { os.Remove(filepath.Join(dir, ownerFile)) }

// lockedError names who has the database.
func lockedError(dir string) error {
	const advice = "only one process can open it: ask that one, or end it"
	var o owner
	b, err := os.ReadFile(filepath.Join(dir, ownerFile))
	if err != nil || json.Unmarshal(b, &o) != nil {
		return fmt.Errorf("%w: %s is open in another process; %s", ErrLocked, dir, advice)
	}
	return fmt.Errorf("%w: %s is open in %s, process %d on %s, since %s; %s",
		ErrLocked, dir, o.Program, o.PID, o.Host, o.Since.Format(time.RFC3339), advice)
}

// isLocked reports whether badger failed to open because of its lock; its
// error has no type.
func isLocked(err error) bool {
	return strings.Contains(err.Error(), "Cannot acquire directory lock") ||
		strings.Contains(err.Error(), "Cannot create lock file")
}
