package storage

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Badger maps every file of its value log into memory and keeps it mapped.
// Left to itself that has two costs. Whoever touches a page that is not in the
// system's cache waits for what lies around it, up to the read-ahead of the
// disk, which may be megabytes of columns that nobody asked for. And what has
// been touched counts as memory of this process, up to the size of the
// database. So the maps are marked as read at random, values are asked for
// whole, and are let go once they are copied: the pages stay in the system's
// cache, and who reads them again finds them there. Where advice cannot be
// given all is read as well, only not as fast.

// addresses is where a file of the value log is in memory.
type addresses struct {
	file string
	a, b uintptr
}

// advise gives the system advice on memory.
func (m addresses) advise(advice int) {
	syscall.Syscall(syscall.SYS_MADVISE, m.a, m.b-m.a, uintptr(advice))
}

// mappedLogs lists the files of the value log that are mapped, and names the
// newest of them. s.mapping must be held.
func (s *Store) mappedLogs() (logs []addresses, newest string) {
	dir, err := filepath.Abs(filepath.Join(s.dir, dataDir))
	if err != nil {
		return nil, ""
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return nil, ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		head, file, ok := strings.Cut(lines.Text(), dir+string(filepath.Separator))
		m := addresses{file: file}
		if !ok || filepath.Ext(file) != ".vlog" {
			continue
		}
		if _, err := fmt.Sscanf(head, "%x-%x ", &m.a, &m.b); err == nil {
			logs, newest = append(logs, m), max(newest, file)
		}
	}
	return logs, newest
}

// readRandomly marks what is mapped of the value log as read at random.
func (s *Store) readRandomly() {
	s.mapping.Lock()
	defer s.mapping.Unlock()
	logs, _ := s.mappedLogs()
	for _, m := range logs {
		m.advise(syscall.MADV_RANDOM)
	}
}

// unmapWritten takes the full files of the value log out of this process's
// memory, and has them read at random from now on.
//
// The file that is being written is left alone: badger maps it anew when it is
// full. The others change only when they are deleted, which s.mapping excludes.
func (s *Store) unmapWritten() {
	s.mapping.Lock()
	defer s.mapping.Unlock()
	if s.unmapped {
		return
	}
	logs, newest := s.mappedLogs()
	for _, m := range logs {
		if m.file != newest {
			m.advise(syscall.MADV_DONTNEED)
			m.advise(syscall.MADV_RANDOM)
		}
	}
}

// pagesOf is the pages that a value lies in.
func pagesOf(v []byte) addresses {
	page := uintptr(os.Getpagesize())
	a := uintptr(unsafe.Pointer(unsafe.SliceData(v)))
	return addresses{a: a &^ (page - 1), b: (a + uintptr(len(v)) + page - 1) &^ (page - 1)}
}

// placeFinder tells of values in which file of the value log they are, and
// where, as far as files that are mapped now have them.
func (s *Store) placeFinder() func(v []byte) place {
	s.mapping.Lock()
	logs, _ := s.mappedLogs()
	s.mapping.Unlock()
	return func(v []byte) place {
		a := uintptr(unsafe.Pointer(unsafe.SliceData(v)))
		for _, m := range logs {
			if a < m.a || a >= m.b {
				continue
			}
			n, err := strconv.ParseUint(strings.TrimSuffix(m.file, ".vlog"), 10, 32)
			if at := a - m.a; err == nil && uint64(at) <= math.MaxUint32 {
				return place{uint32(n), uint32(at)}
			}
		}
		return place{}
	}
}

// fetchStep is how much the system is asked to read in one call. More than the
// largest read of the disk or the read-ahead it does not read.
const fetchStep = 1 << 20

// fetchFiles has stretches of files of the value log brought into the system's
// cache. A file that is gone was rewritten, and what it had is elsewhere.
func (s *Store) fetchFiles(all []stretch) {
	for len(all) > 0 {
		n := slices.IndexFunc(all, func(x stretch) bool { return x.file != all[0].file })
		if n < 0 {
			n = len(all)
		}
		f, err := os.Open(filepath.Join(s.dir, dataDir, fmt.Sprintf("%06d.vlog", all[0].file)))
		if err == nil {
			for _, x := range all[:n] {
				for ; x.a < x.b; x.a += fetchStep {
					unix.Fadvise(int(f.Fd()), x.a, min(fetchStep, x.b-x.a), unix.FADV_WILLNEED)
				}
			}
			f.Close()
		}
		all = all[n:]
	}
}

// willRead has a value of the value log read from disk, all of it at once, and
// so many bytes of the file behind it.
func willRead(v []byte, behind int) {
	m := pagesOf(v)
	m.b += uintptr(max(behind, 0))
	m.advise(syscall.MADV_WILLNEED)
}

// wasRead takes a value of the value log out of this process's memory. It must
// be one of these: of other memory the contents would be lost.
func wasRead(v []byte) { pagesOf(v).advise(syscall.MADV_DONTNEED) }
