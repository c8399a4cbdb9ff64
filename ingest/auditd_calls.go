package ingest

import (
	"strconv"
	"strings"
)

// auditCall is a system call that changes files.
type auditCall struct {
	name    string
	numbers [3]int // x86_64, aarch64, i386; -1 where there is none
	fields  string // what it changes of a file that is there
	at      bool   // its first argument is the folder that names are relative to
	mode    int    // which argument is the new mode, or -1
	owner   int    // which argument is the new owner, the next one the group, or -1
	flags   int    // which argument are the flags of open, or -1
}

// auditArchs are the values of arch, in the order of auditCall.numbers.
var auditArchs = map[string]int{"c000003e": 0, "c00000b7": 1, "40000003": 2}

func plainCall(name string, x86, arm, i386 int, fields string) *auditCall {
	return &auditCall{name: name, numbers: [3]int{x86, arm, i386}, fields: fields, at: strings.HasSuffix(strings.TrimRight(name, "2"), "at"), mode: -1, owner: -1, flags: -1}
}

func openCall(name string, x86, arm, i386, flags int) *auditCall {
	c := plainCall(name, x86, arm, i386, "")
	c.flags = flags
	return c
}

func modeCall(name string, x86, arm, i386, mode int) *auditCall {
	c := plainCall(name, x86, arm, i386, "Acls")
	c.mode = mode
	return c
}

func ownerCall(name string, x86, arm, i386, owner int) *auditCall {
	c := plainCall(name, x86, arm, i386, "Acls")
	c.owner = owner
	return c
}

// auditCalls are the system calls that change files, with their numbers from
// the kernel's tables.
var auditCalls = []*auditCall{
	openCall("open", 2, -1, 5, 1), openCall("openat", 257, 56, 295, 2), openCall("openat2", 437, 437, 437, -1), openCall("open_by_handle_at", 304, 265, 342, 2),
	plainCall("creat", 85, -1, 8, ""),
	plainCall("mkdir", 83, -1, 39, ""), plainCall("mkdirat", 258, 34, 296, ""),
	plainCall("mknod", 133, -1, 14, ""), plainCall("mknodat", 259, 33, 297, ""),
	plainCall("link", 86, -1, 9, ""), plainCall("linkat", 265, 37, 303, ""),
	plainCall("symlink", 88, -1, 83, ""), plainCall("symlinkat", 266, 36, 304, ""),
	plainCall("unlink", 87, -1, 10, ""), plainCall("unlinkat", 263, 35, 301, ""), plainCall("rmdir", 84, -1, 40, ""),
	plainCall("rename", 82, -1, 38, ""), plainCall("renameat", 264, 38, 302, ""), plainCall("renameat2", 316, 276, 353, ""),
	plainCall("truncate", 76, 45, 92, "Size"), plainCall("ftruncate", 77, 46, 93, "Size"),
	plainCall("truncate64", -1, -1, 193, "Size"), plainCall("ftruncate64", -1, -1, 194, "Size"), plainCall("fallocate", 285, 47, 324, "Size"),
	modeCall("chmod", 90, -1, 15, 1), modeCall("fchmod", 91, 52, 94, 1), modeCall("fchmodat", 268, 53, 306, 2), modeCall("fchmodat2", 452, 452, 452, 2),
	ownerCall("chown", 92, -1, 182, 1), ownerCall("fchown", 93, 55, 95, 1), ownerCall("lchown", 94, -1, 16, 1), ownerCall("fchownat", 260, 54, 298, 2),
	ownerCall("chown32", -1, -1, 212, 1), ownerCall("fchown32", -1, -1, 207, 1), ownerCall("lchown32", -1, -1, 198, 1),
	plainCall("setxattr", 188, 5, 226, "Acls"), plainCall("lsetxattr", 189, 6, 227, "Acls"), plainCall("fsetxattr", 190, 7, 228, "Acls"),
	plainCall("removexattr", 197, 14, 235, "Acls"), plainCall("lremovexattr", 198, 15, 236, "Acls"), plainCall("fremovexattr", 199, 16, 237, "Acls"),
	plainCall("utime", 132, -1, 30, "DateModified"), plainCall("utimes", 235, -1, 271, "DateModified"), plainCall("futimesat", 261, -1, 299, "DateModified"), plainCall("utimensat", 280, 88, 320, "DateModified"),
	plainCall("execve", 59, 221, 11, ""), plainCall("execveat", 322, 281, 358, ""),
}

var auditCallNames, auditCallNumbers = func() (map[string]*auditCall, [3]map[int]*auditCall) {
	names := map[string]*auditCall{}
	numbers := [3]map[int]*auditCall{{}, {}, {}}
	for _, c := range auditCalls {
		names[c.name] = c
		for arch, n := range c.numbers {
			if n >= 0 {
				numbers[arch][n] = c
			}
		}
	}
	return names, numbers
}()

// auditCallOf finds a system call by its name, or by number and architecture.
// Of one that is not known the kinds of the paths must do.
func auditCallOf(name, arch, number string) *auditCall {
	if c := auditCallNames[name]; c != nil {
		return c
	}
	if i, ok := auditArchs[arch]; ok && name == "" {
		if n, err := strconv.Atoi(number); err == nil && auditCallNumbers[i][n] != nil {
			return auditCallNumbers[i][n]
		}
	}
	return plainCall(first(name, number), -1, -1, -1, "")
}

func (c *auditCall) is(names ...string) bool { return contains(names, c.name) }

// reads reports whether a call opens a file only to read it.
func (c *auditCall) reads(e *auditEvent) bool {
	const access, create, trunc = 0o3, 0o100, 0o1000
	flags, ok := e.argument(c.flags)
	return ok && flags&access == 0 && flags&(create|trunc) == 0
}
