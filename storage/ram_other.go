//go:build !linux && !darwin

package storage

// MemoryOfMachine is not known on this system.
func MemoryOfMachine() int64 { return 0 }
