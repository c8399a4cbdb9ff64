package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The files that lie beside are what the program writes.
func TestUpToDate(t *testing.T) {
	for name, data := range files() {
		was, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(was) != string(data) {
			t.Errorf("%s differs: run go generate ./examples/data", name)
		}
	}
}
