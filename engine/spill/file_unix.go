//go:build linux || darwin || freebsd

package spill

import (
	"os"

	"golang.org/x/sys/unix"
)

// nameless makes a file and takes its name away: it lives until it is closed,
// or until the program has ended.
func nameless(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, prefix)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func discard(f *os.File) error { return f.Close() }

// freeSpace is the number of bytes that an ordinary user can still write to
// the file system of dir.
func freeSpace(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return uint64(max(int64(st.Bavail), 0)) * uint64(st.Bsize), nil
}
