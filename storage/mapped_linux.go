package storage

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// unmapWritten takes the full files of the value log out of this process's
// memory. Badger maps every file of the log and keeps it mapped, so that what
// a load has written would count as memory in use, up to the size of the
// database. The pages are shared with the file and stay in the system's cache:
// who reads them again finds them there. Where that cannot be done they stay,
// which costs memory and nothing else.
//
// The file that is being written is left alone: badger maps it anew when it is
// full. The others change only when they are deleted, which s.mapping excludes.
func (s *Store) unmapWritten() {
	s.mapping.Lock()
	defer s.mapping.Unlock()
	if s.unmapped {
		return
	}
	dir, err := filepath.Abs(filepath.Join(s.dir, dataDir))
	if err != nil {
		return
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer f.Close()
	type place struct {
		file string
		a, b uintptr
	}
	var written []place
	last := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		head, file, ok := strings.Cut(lines.Text(), dir+string(filepath.Separator))
		p := place{file: file}
		if !ok || filepath.Ext(file) != ".vlog" {
			continue
		}
		if _, err := fmt.Sscanf(head, "%x-%x ", &p.a, &p.b); err == nil {
			written, last = append(written, p), max(last, file)
		}
	}
	for _, p := range written {
		if p.file != last {
			syscall.Syscall(syscall.SYS_MADVISE, p.a, p.b-p.a, syscall.MADV_DONTNEED)
		}
	}
}
