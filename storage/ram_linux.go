package storage

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// MemoryOfMachine is how much memory this process may use, in bytes: that of
// the machine, or of the container that it runs in; 0 where it is not known.
func MemoryOfMachine() int64 {
	var info syscall.Sysinfo_t
	if syscall.Sysinfo(&info) != nil {
		return 0
	}
	total := int64(info.Totalram) * int64(info.Unit)
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		b, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && n > 0 { // "max": no limit
			total = min(total, n)
		}
	}
	return total
}
