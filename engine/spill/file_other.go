//go:build !linux && !darwin && !freebsd

package spill

import (
	"errors"
	"os"
)

// nameless makes a file that discard removes: here a file that is open keeps
// its name.
func nameless(dir string) (*os.File, error) { return os.CreateTemp(dir, prefix) }

func discard(f *os.File) error { return errors.Join(f.Close(), os.Remove(f.Name())) }

func freeSpace(string) (uint64, error) { return 0, errors.ErrUnsupported }
