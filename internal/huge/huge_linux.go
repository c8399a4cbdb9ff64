package huge

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// advises reports that the system takes advice.
const advises = true

const madvHuge = 14

// advised has the pieces of the address space that were advised.
var advised = map[uintptr]bool{}

// adviseHeap advises the memory of the process that is private, may be written
// and is of no file: nearly all of that is the heap, and to the rest the advice
// does no harm. What has been touched already is left to the system: to have it
// moved at once costs more than it gains. Where the system declines, memory
// works as before.
func adviseHeap() {
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer f.Close()
	var fresh [][2]uintptr
	for lines := bufio.NewScanner(f); lines.Scan(); {
		a, b, ok := heapRange(lines.Text())
		for ; ok && a < b; a += piece {
			if advised[a] {
				continue
			}
			advised[a] = true
			if n := len(fresh); n > 0 && fresh[n-1][1] == a {
				fresh[n-1][1] += piece
			} else {
				fresh = append(fresh, [2]uintptr{a, a + piece})
			}
		}
	}
	for _, m := range fresh {
		syscall.Syscall(syscall.SYS_MADVISE, m[0], m[1]-m[0], madvHuge)
	}
}

// heapRange reads a line of /proc/self/maps, and gives the whole pieces of a
// range that may be of the heap:
//
//	c000000000-c004000000 rw-p 00000000 00:00 0    [anon: Go: heap]
func heapRange(line string) (a, b uintptr, ok bool) {
	f := strings.Fields(line)
	if len(f) < 5 || f[1] != "rw-p" || f[4] != "0" || len(f) > 5 && !strings.HasSuffix(line, "[anon: Go: heap]") {
		return 0, 0, false
	}
	from, to, _ := strings.Cut(f[0], "-")
	x, err := strconv.ParseUint(from, 16, 64)
	if err != nil {
		return 0, 0, false
	}
	y, err := strconv.ParseUint(to, 16, 64)
	if err != nil {
		return 0, 0, false
	}
	return uintptr((x + piece - 1) / piece * piece), uintptr(y / piece * piece), true
}
