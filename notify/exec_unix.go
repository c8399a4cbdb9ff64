//go:build unix

package notify

import (
	"os/exec"
	"syscall"
)

// ownGroup lets a program that takes too long be ended together with all that
// it started.
func ownGroup(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
}
