//go:build !linux

package storage

// unmapWritten does nothing: which pages of mapped files stay in memory is
// left to the system.
func (s *Store) unmapWritten() {}
