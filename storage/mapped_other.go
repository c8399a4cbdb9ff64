//go:build !linux

package storage

// What of mapped files stays in memory, and how much of them is read at a
// time, is left to the system.

func (s *Store) readRandomly() {}

func (s *Store) unmapWritten() {}

func (s *Store) placeFinder() func([]byte) place { return nil }

func (s *Store) fetchFiles([]stretch) {}

func willRead([]byte, int) {}

func wasRead([]byte) {}
