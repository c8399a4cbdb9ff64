//go:build unix

package ingest

import (
	"fmt"
	"io/fs"
	"syscall"
)

// fileID is what a file keeps when it is renamed.
func fileID(path string, info fs.FileInfo) string {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf("%x-%x", s.Dev, s.Ino)
	}
	return path
}
