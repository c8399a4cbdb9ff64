//go:build linux || darwin || freebsd

package storage

import "golang.org/x/sys/unix"

// freeSpace is the number of bytes that an ordinary user can still write to
// the file system of dir.
func freeSpace(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return uint64(max(int64(st.Bavail), 0)) * uint64(st.Bsize), nil
}
