// Package house has tests about the code itself: which package may import
// which, how long files and functions get, that the documentation tells the
// truth. It has nothing that runs.
package house
