package op

// ManyGroups makes rows wait from so few groups on, and gives what puts it back.
func ManyGroups(n int) (back func()) {
	was := manyGroups
	manyGroups = n
	return func() { manyGroups = was }
}
