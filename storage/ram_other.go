//go:build !linux && !darwin

package storage

// memoryOfMachine is not known on this system.
func memoryOfMachine() int64 { return 0 }
